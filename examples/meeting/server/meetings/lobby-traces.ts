/** What a change of a lobby leaves behind: entries of the audit log, and the state in the participants' records. */
import type { Lobby, LobbyChange, LobbyOperation } from 'sluss/gateway';
import type { AuditDetails, AuditInput, ParticipantRecord } from '../store/records.js';

const ACTIONS: Record<LobbyOperation, string | null> = {
  add: null,
  identify: 'participant.identified',
  wait: 'participant.waiting',
  admit: 'participant.admitted',
  admitAll: 'participant.admitted',
  deny: 'participant.denied',
  remove: 'participant.removed',
  leave: 'participant.left',
  mute: 'participant.muted',
  lock: 'meeting.locked',
  unlock: 'meeting.unlocked',
  notice: 'meeting.notice',
  end: 'meeting.ended',
  joinedRoom: 'participant.entered',
  leftRoom: 'participant.exited',
};

/** Reasons that people type are not written down: nobody knows what they hold. */
export function auditEntries(lobby: Lobby, organisationId: string, change: LobbyChange): AuditInput[] {
  const action = ACTIONS[change.operation];
  if (action === null) return [];
  const { meetingId } = lobby.settings;
  const entry = (actor: string, details: AuditDetails): AuditInput => ({
    organisationId,
    at: change.at,
    action,
    actor,
    meetingId,
    details,
  });
  if (change.participantIds.length === 0) {
    const actor = change.by === null ? 'system' : `participant:${change.by}`;
    return [entry(actor, change.operation === 'end' ? { admitted: lobby.admittedCount } : {})];
  }
  return change.participantIds.map((id) => {
    const participant = lobby.participant(id);
    const { verified, role = '' } = participant ?? {};
    const actor = actorOf(change, id);
    const admittedAtOnce = change.operation === 'wait' && participant?.state === 'admitted';
    const details: AuditDetails = {
      participant: id,
      role,
      provider: verified?.provider ?? null,
      assurance: verified?.assurance ?? null,
      matchesInvitation: verified?.matchesInvitation === true && participant?.invitedIdentity !== null,
      ...(change.source === undefined ? {} : { source: change.source }),
    };
    const made = entry(actor, details);
    return admittedAtOnce ? { ...made, action: 'participant.admitted' } : made;
  });
}

/** People come and go by themselves; what is done to them without a host, the service does. */
function actorOf({ operation, by }: LobbyChange, id: string): string {
  if (by !== null) return `participant:${by}`;
  return operation === 'deny' || operation === 'remove' || operation === 'mute'
    ? 'system'
    : `participant:${id}`;
}

/** What of the participant's record follows from the lobby; null: nothing. */
export function recordChange(
  lobby: Lobby,
  id: string,
  record: ParticipantRecord,
  now: number,
): Partial<ParticipantRecord> | null {
  const participant = lobby.participant(id);
  if (!participant) return null;
  const { state } = participant;
  const change: Partial<ParticipantRecord> = {};
  if (state !== record.state) {
    change.state = state;
    if (state === 'left' || state === 'denied') change.leftAt = now;
    if (state === 'admitted') change.leftAt = null;
  }
  const admittedAt = participant.admittedAt ?? record.admittedAt;
  if (admittedAt !== record.admittedAt) change.admittedAt = admittedAt;
  return Object.keys(change).length === 0 ? null : change;
}
