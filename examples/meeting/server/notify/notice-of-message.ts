/** What an outbox message stands for at this moment: a late one tells the newest time, and nothing of it lies in the database. */
import type { ServiceContext } from '../service-context.js';
import type { InvitationRecord, MeetingRecord, OutboxRecord, Store } from '../store/store.js';
import type { NoticeEvent } from './invitation-mail.js';
import type { Notice, NoticeKind } from './invitation-texts.js';
import { invitationLink } from './invitation-token.js';
import { seriesCalendar } from './series-calendar.js';

/** What is written in the outbox. No more than this: time, link and words are those of the moment at which it is sent. */
export interface NoticeContent {
  kind: NoticeKind;
  /** About all meetings of the series to which the person is invited. */
  series?: true;
  /** With `series`: of these meetings it tells that they are cancelled. */
  meetings?: readonly string[];
}

export interface FoundNotice {
  notice: Notice;
  event: NoticeEvent;
}

type Context = Pick<ServiceContext, 'store' | 'secret' | 'publicUrl'>;

const KINDS: readonly NoticeKind[] = ['invitation', 'update', 'cancellation'];
const MINUTE_MS = 60_000;

/** Null: there is nothing left to tell. */
export async function noticeOf(
  context: Context,
  message: OutboxRecord,
  now: number,
): Promise<FoundNotice | null> {
  const { store } = context;
  const content = message.content as NoticeContent | null;
  const kind = KINDS.find((one) => one === content?.kind);
  if (kind === undefined || message.invitationId === null) throw new Error('a message of an unknown kind');
  const invitation = await store.invitations.get(message.invitationId);
  if (invitation === null) return null;
  // Nothing says what a cancellation does.
  if (kind !== 'cancellation' && (await isOvertaken(store, message, invitation))) return null;
  const places = await placesOf(store, invitation);
  const own = places.find(({ invitation: { id } }) => id === invitation.id);
  if (own === undefined) return null;
  const told = toldOf(places, own, kind, content, now);
  const first = told.at(0);
  if (first === undefined) return null;
  const { organisationId, minimumAssurance } = first.meeting;
  const organisation = await store.organisations.get(organisationId);
  if (organisation === null) throw new Error(`the organisation of meeting ${first.meeting.id} is missing`);
  return {
    event: eventOf(places, own, kind, content?.series === true),
    notice: {
      kind,
      language: invitation.language,
      organisation: organisation.name,
      startsAt: first.meeting.startsAt,
      durationMinutes: first.meeting.durationMinutes,
      link: invitationLink(context.publicUrl(), context.secret, invitation.seriesId ?? invitation.id),
      minimumAssurance,
      support: organisation.support,
      ...(told.length > 1 ? { times: told.map(({ meeting }) => meeting) } : {}),
    },
  };
}

interface Place {
  invitation: InvitationRecord;
  meeting: MeetingRecord;
}

/** The invitation with its meeting, and those to the other meetings of its series; by time. */
async function placesOf({ invitations, meetings }: Store, invitation: InvitationRecord): Promise<Place[]> {
  const { seriesId } = invitation;
  const all = seriesId === null ? [invitation] : await invitations.listSeries({ seriesId });
  const places: Place[] = [];
  for (const one of all) {
    const meeting = await meetings.get(one.meetingId);
    if (meeting !== null) places.push({ invitation: one, meeting });
  }
  return places.sort((a, b) => a.meeting.startsAt - b.meeting.startsAt);
}

function toldOf(
  places: readonly Place[],
  own: Place,
  kind: NoticeKind,
  content: NoticeContent | null,
  now: number,
): Place[] {
  if (content?.series !== true) return kind === 'cancellation' || isToCome(own) ? [own] : [];
  if (kind === 'cancellation') return places.filter(({ meeting }) => content.meetings?.includes(meeting.id));
  return places.filter((place) => isToCome(place) && endOf(place.meeting) > now);
}

/** One meeting of a series is an exception of it; the series itself is always told whole. */
function eventOf(places: readonly Place[], own: Place, kind: NoticeKind, aboutSeries: boolean): NoticeEvent {
  const { invitation, meeting } = own;
  const { seriesId, sequence } = invitation;
  const isCancelled = kind === 'cancellation';
  const one = {
    id: seriesId ?? invitation.id,
    sequence,
    startsAt: meeting.startsAt,
    endsAt: endOf(meeting),
  };
  if (seriesId === null) return { ...one, method: isCancelled ? 'CANCEL' : 'REQUEST' };
  const calendar = seriesCalendar(
    places.map((place) => ({
      slotAt: slotOf(place.meeting),
      startsAt: place.meeting.startsAt,
      endsAt: endOf(place.meeting),
      isOn: place.invitation.revokedAt === null && place.meeting.status !== 'cancelled',
    })),
  );
  if (calendar === null) return { ...one, method: 'CANCEL' };
  if (!aboutSeries && isCancelled) return { ...one, method: 'CANCEL', slotAt: slotOf(meeting) };
  if (!aboutSeries && calendar.rule !== null) return { ...one, method: 'REQUEST', slotAt: slotOf(meeting) };
  return { id: seriesId, sequence, method: 'REQUEST', ...calendar };
}

/** A later message to the same person waits: it says all that this one would. */
async function isOvertaken(
  { outbox }: Store,
  message: OutboxRecord,
  { id: invitationId }: InvitationRecord,
): Promise<boolean> {
  if (message.meetingId === null) return false;
  const all = await outbox.list({ meetingId: message.meetingId });
  const later = all.slice(all.findIndex(({ id }) => id === message.id) + 1);
  const isOfSeries = (one: OutboxRecord): boolean => (one.content as NoticeContent | null)?.series === true;
  return later.some(
    (other) =>
      other.invitationId === invitationId &&
      other.state === 'queued' &&
      // What is told of one meeting says nothing of the others.
      (isOfSeries(other) || !isOfSeries(message)),
  );
}

function isToCome({ invitation, meeting }: Place): boolean {
  return invitation.revokedAt === null && (meeting.status === 'planned' || meeting.status === 'open');
}

function slotOf({ slotAt, startsAt }: MeetingRecord): number {
  return slotAt ?? startsAt;
}

function endOf({ startsAt, durationMinutes }: MeetingRecord): number {
  return startsAt + durationMinutes * MINUTE_MS;
}
