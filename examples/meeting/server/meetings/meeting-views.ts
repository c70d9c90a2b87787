/** What the page sees of a meeting that is going on. */
import type { Lobby, LobbyParticipant } from 'sluss/gateway';
import type {
  LobbyPerson,
  LobbyView,
  MeetingRole,
  ParticipantView,
  VerifiedPerson,
} from '../../shared/api.js';
import type { MeetingRecord, OrganisationRecord } from '../store/records.js';

export interface MeetingFacts {
  meeting: MeetingRecord;
  organisation: OrganisationRecord;
  lobby: Lobby;
}

export function participantView(
  { meeting, organisation, lobby }: MeetingFacts,
  participant: LobbyParticipant,
): ParticipantView {
  return {
    participantId: participant.id,
    meetingId: meeting.id,
    title: meeting.title,
    message: meeting.message,
    displayName: participant.displayName,
    role: participant.role as MeetingRole,
    state: participant.state,
    queuePlace: lobby.queuePlace(participant.id),
    hostPresent: lobby.hostPresent,
    meetingStatus: meeting.status,
    reason: participant.reason ?? lobby.ended?.reason ?? null,
    notice: lobby.notice,
    endToEndEncryption: meeting.endToEndEncryption,
    informationClass: meeting.informationClass,
    startsAt: new Date(meeting.startsAt).toISOString(),
    durationMinutes: meeting.durationMinutes,
    support: organisation.support,
    organisation: organisation.name,
  };
}

/** Those who wait first, in their order; without those whose invitation was taken back. */
export function lobbyView(
  { meeting, lobby }: MeetingFacts,
  verifiedPerson: (proof: NonNullable<LobbyParticipant['verified']>) => VerifiedPerson,
  isRevoked: (participantId: string) => boolean,
): LobbyView {
  const waiting = lobby.waiting();
  const others = lobby.participants().filter(({ id, state }) => state !== 'waiting' && !isRevoked(id));
  return {
    meetingId: meeting.id,
    title: meeting.title,
    status: meeting.status,
    capacity: lobby.settings.capacity,
    locked: lobby.locked,
    people: [...waiting, ...others].map((participant) => person(participant, verifiedPerson)),
    notice: lobby.notice,
  };
}

function person(
  { id, displayName, role, state, present, waitingSince, verified, invitedIdentity }: LobbyParticipant,
  verifiedPerson: (proof: NonNullable<LobbyParticipant['verified']>) => VerifiedPerson,
): LobbyPerson {
  return {
    participantId: id,
    displayName,
    role: role as MeetingRole,
    state,
    present,
    waitingSince: waitingSince === null ? null : new Date(waitingSince).toISOString(),
    verified: verified && verifiedPerson(verified),
    matchesInvitation: invitedIdentity !== null && verified?.matchesInvitation === true,
  };
}
