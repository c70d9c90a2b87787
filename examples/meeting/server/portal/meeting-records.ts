/** What the meeting desk reads from the store and writes to it, record by record. */
import { randomUUID } from 'node:crypto';
import { refusal } from '../http/refusal.js';
import type {
  AuditDetails,
  InvitationRecord,
  MeetingRecord,
  RoomRecord,
  StoreGroups,
} from '../store/store.js';
import type { BookedMeeting, ChangeableMeeting, Span } from './book-meeting.js';
import type { Booking, MeetingChange } from './parse-booking.js';
import type { Agent } from './portal-parts.js';
import { badField, conflict } from './refusals.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** No meeting is longer: see parse-booking.ts. */
const LONGEST_MS = 8 * HOUR_MS;

/** A meeting of somebody else is as unknown as none: nobody learns that it exists. */
export async function ownMeeting(tx: StoreGroups, agent: Agent, meetingId: string): Promise<MeetingRecord> {
  const meeting = await tx.meetings.get(meetingId);
  const own =
    meeting !== null &&
    meeting.organisationId === agent.organisation.id &&
    meeting.organiserId === agent.organiser.id;
  if (!own) throw refusal('not-found');
  return meeting;
}

export async function ownRoom(tx: StoreGroups, agent: Agent, roomId: string): Promise<RoomRecord> {
  const room = await tx.rooms.get(roomId);
  const own = room !== null && room.active && room.organisationId === agent.organisation.id;
  if (!own || room.organiserId !== agent.organiser.id) {
    throw badField(
      'roomId',
      'Rummet är inte ditt eller finns inte längre. Välj ett av dina rum.',
      'The room is not yours or is no longer there. Choose one of your rooms.',
    );
  }
  return room;
}

/** `meeting` itself is one of them. */
export async function seriesOf(
  tx: StoreGroups,
  meeting: MeetingRecord,
  whole: boolean,
): Promise<MeetingRecord[]> {
  if (!whole || meeting.seriesId === null) return [meeting];
  const series = await tx.meetings.list({
    seriesId: meeting.seriesId,
    organisationId: meeting.organisationId,
  });
  return series.map((one) => (one.id === meeting.id ? meeting : one));
}

export async function bookedDuring(
  tx: StoreGroups,
  roomId: string,
  spans: readonly Span[],
): Promise<BookedMeeting[]> {
  const found = new Map<string, BookedMeeting>();
  for (const { startsAt, endsAt } of spans) {
    const near = await tx.meetings.list({
      roomId,
      status: ['planned', 'open'],
      from: startsAt - LONGEST_MS,
      to: endsAt,
    });
    for (const meeting of near) found.set(meeting.id, toBooked(meeting));
  }
  return [...found.values()];
}

/** Where the changed meetings may come to lie: a day around each, for the hours that summer time moves. */
export function reachOf(
  change: MeetingChange,
  asked: ChangeableMeeting,
  all: readonly ChangeableMeeting[],
): Span[] {
  const shift = (change.startsAt ?? asked.startsAt) - asked.startsAt;
  return all.map(({ startsAt }) => ({
    startsAt: startsAt + shift - 2 * HOUR_MS,
    endsAt: startsAt + shift + LONGEST_MS + 2 * HOUR_MS,
  }));
}

export function toBooked({ id, status, startsAt, durationMinutes }: MeetingRecord): BookedMeeting {
  return { id, status, startsAt, endsAt: startsAt + durationMinutes * MINUTE_MS };
}

export function toChangeable(
  record: MeetingRecord,
  invitations: readonly InvitationRecord[],
): ChangeableMeeting {
  const { title, message } = record;
  const invited = invitations.filter(({ meetingId }) => meetingId === record.id).length;
  return { ...toBooked(record), title, message, invited };
}

export function newMeeting(
  { organisation, organiser }: Agent,
  booking: Booking,
  { startsAt }: Span,
  seriesId: string | null,
  now: number,
): Omit<MeetingRecord, 'version'> {
  const { invitees: _invitees, series: _series, payment, assessment, ...rest } = booking;
  return {
    ...rest,
    id: randomUUID(),
    organisationId: organisation.id,
    organiserId: organiser.id,
    seriesId,
    startsAt,
    slotAt: seriesId === null ? null : startsAt,
    status: 'planned',
    assessment: { ...assessment, assessedBy: organiser.name, assessedAt: now },
    payment: payment ?? null,
    createdAt: now,
    endedAt: null,
  };
}

/** The decision, without its words: those stand with the meeting and go with it. */
export function bookingDetails(meeting: MeetingRecord, booking: Booking): AuditDetails {
  return {
    kind: meeting.kind,
    meetingType: meeting.meetingTypeId,
    startsAt: meeting.startsAt,
    durationMinutes: meeting.durationMinutes,
    minimumAssurance: meeting.minimumAssurance,
    endToEndEncryption: meeting.endToEndEncryption,
    confidentiality: meeting.informationClass.confidentiality,
    integrity: meeting.informationClass.integrity,
    availability: meeting.informationClass.availability,
    suitable: meeting.assessment.suitsThePerson,
    deviation: meeting.assessment.deviation !== null,
    invited: booking.invitees.length,
    series: meeting.seriesId,
  };
}

export function isLive({ revokedAt }: InvitationRecord): boolean {
  return revokedAt === null;
}

/** An invitation to this meeting that still lets somebody in; throws `not-found`, or `conflict` when the meeting is over. */
export async function liveInvitation(
  tx: StoreGroups,
  meeting: MeetingRecord,
  invitationId: string,
): Promise<InvitationRecord> {
  const invitation = await tx.invitations.get(invitationId);
  if (invitation === null || invitation.meetingId !== meeting.id || !isLive(invitation)) {
    throw refusal('not-found');
  }
  if (meeting.status !== 'planned' && meeting.status !== 'open') {
    throw conflict(
      'Mötet är avslutat eller avbokat. Inbjudan gäller inte längre.',
      'The meeting has ended or is cancelled. The invitation is not valid any more.',
    );
  }
  return invitation;
}

/** How many messages tell of it: whoever is in a series hears of all of it at once. */
export function messagesFor(invitees: readonly { via: string }[]): number {
  return invitees.filter(({ via }) => via !== 'link').length;
}
