import { refusal } from './http/refusal.js';
import { tokenHash } from './notify/invitation-token.js';
import type { ServiceContext } from './service-context.js';
import type { InvitationRecord, MeetingRecord, OrganisationRecord } from './store/records.js';
import type { Store } from './store/store.js';

export interface FoundInvitation {
  invitation: InvitationRecord;
  meeting: MeetingRecord;
  organisation: OrganisationRecord;
}

/** Whose link it is; that of a series leads to the meeting that is next or under way. Throws `not-found`, or `gone` when it or its meeting is over. */
export async function findInvitation(
  { store }: Pick<ServiceContext, 'store'>,
  token: string,
): Promise<FoundInvitation> {
  if (!/^[\w-]{20,64}$/.test(token)) throw refusal('not-found');
  const hash = tokenHash(token);
  const invitation = (await store.invitations.findByTokenHash(hash)) ?? (await nextOfSeries(store, hash));
  if (!invitation) throw refusal('not-found');
  const meeting = await store.meetings.get(invitation.meetingId);
  const organisation = meeting && (await store.organisations.get(meeting.organisationId));
  if (!meeting || !organisation) throw refusal('not-found');
  const isOver = meeting.status === 'ended' || meeting.status === 'cancelled';
  if (isOver || invitation.revokedAt !== null || !organisation.active) throw refusal('gone');
  return { invitation, meeting, organisation };
}

/** When none is left: one that is over. */
async function nextOfSeries(store: Store, hash: string): Promise<InvitationRecord | null> {
  const invitations = await store.invitations.listSeries({ tokenHash: hash });
  let next: { invitation: InvitationRecord; startsAt: number } | null = null;
  for (const invitation of invitations) {
    const meeting = invitation.revokedAt === null ? await store.meetings.get(invitation.meetingId) : null;
    if (meeting?.status !== 'planned' && meeting?.status !== 'open') continue;
    if (next === null || meeting.startsAt < next.startsAt) next = { invitation, startsAt: meeting.startsAt };
  }
  return next?.invitation ?? invitations.at(-1) ?? null;
}
