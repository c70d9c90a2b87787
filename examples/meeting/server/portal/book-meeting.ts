/**
 * What may be booked, changed and cancelled. Pure: what is booked already and the time are arguments, and the answer is
 * what shall stand in the store. Everything that is not allowed is a `Refusal`.
 */
import { reaches } from 'sluss/gateway';
import type { MeetingStatus, MeetingTypeView, RoomView } from '../../shared/api.js';
import { encryptionReaches, exceededAspects } from './information-class.js';
import type { Booking, MeetingChange } from './parse-booking.js';
import { badField, conflict } from './refusals.js';
import { addDays, dateText, moveAlike, timeText } from './stockholm-time.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A booking made while the hour strikes. */
const LATE_MS = 5 * MINUTE_MS;
const FURTHEST_MS = 2 * 366 * DAY_MS;

/** From start to end, half open. */
export interface Span {
  startsAt: number;
  endsAt: number;
}

/** A meeting as far as the rules look at it. */
export interface BookedMeeting extends Span {
  id: string;
  status: MeetingStatus;
}

export interface BookingContext {
  now: number;
  room: RoomView;
  meetingType: MeetingTypeView;
  /** What the room is booked for, at least around the asked-for times. */
  booked: readonly BookedMeeting[];
  channels: Channels;
  paymentEnabled: boolean;
}

/** The ways that the service has to send an invitation. */
export interface Channels {
  email: boolean;
  sms: boolean;
}

/** The times of the meetings to book: of each occurrence of a series. They are `occurrences` that may be held. */
export function planBooking(booking: Booking, context: BookingContext): Span[] {
  judgeAssessment(booking);
  judgeMeetingType(booking, context.meetingType);
  judgeInvitees(booking.invitees, 0, context.room, context.channels);
  if (booking.payment !== undefined && !context.paymentEnabled) {
    throw badField(
      'payment',
      'Betalning är inte påslagen i den här tjänsten. Ta bort beloppet.',
      'Payment is not turned on in this service. Remove the amount.',
    );
  }
  const spans = occurrences(booking);
  for (const span of spans) {
    judgeTime(span, context.now);
    judgeOverlap(span, context.booked);
  }
  return spans;
}

/** Each meeting of a series lies at the same time of day, also when summer time begins or ends between. */
export function occurrences(booking: Booking): Span[] {
  const { everyWeeks, count } = booking.series ?? { everyWeeks: 1, count: 1 };
  return Array.from({ length: count }, (_, index) => {
    const startsAt = addDays(booking.startsAt, index * everyWeeks * 7);
    return { startsAt, endsAt: startsAt + booking.durationMinutes * MINUTE_MS };
  });
}

function judgeAssessment({ assessment }: Booking): void {
  if (assessment.concernsProtectionOfChild) {
    throw badField(
      'assessment.concernsProtectionOfChild',
      'Skyddsbedömningar som gäller barn ska inte göras digitalt. Boka ett fysiskt möte i stället.',
      'Protection assessments of children are not to be held digitally. Arrange a meeting in person instead.',
    );
  }
  if (!assessment.suitsThePerson) {
    throw badField(
      'assessment.suitsThePerson',
      'Mötet bedöms inte passa personens behov och situation att hållas digitalt. Boka ett fysiskt möte i stället.',
      'The meeting is judged not to fit the person’s needs and situation digitally. Arrange a meeting in person instead.',
    );
  }
}

function judgeMeetingType(booking: Booking, type: MeetingTypeView): void {
  const exceeded = exceededAspects(booking.informationClass, type.approvedClass);
  if (exceeded.length > 0 && booking.assessment.deviation === null) {
    throw badField(
      'assessment.deviation',
      'Informationen kräver högre skydd än vad mötestypen är godkänd för. Sänk klassen, välj en annan mötestyp, ' +
        'eller dokumentera ett beslut om avsteg och vem som har fattat det.',
      'The information needs more protection than the meeting type is approved for. Lower the class, choose another ' +
        'meeting type, or document a decision to deviate and who took it.',
    );
  }
  if (!reaches(booking.minimumAssurance, type.minimumAssurance)) {
    throw badField(
      'minimumAssurance',
      'Mötestypen kräver en högre tillitsnivå. Välj minst den nivå som mötestypen anger.',
      'The meeting type demands a higher level of assurance. Choose at least the level that it states.',
    );
  }
  if (!encryptionReaches(booking.endToEndEncryption, type.endToEndEncryption)) {
    throw badField(
      'endToEndEncryption',
      'Mötestypen kräver starkare kryptering. Välj minst det som mötestypen anger.',
      'The meeting type demands stronger encryption. Choose at least what it states.',
    );
  }
}

function judgeInvitees(
  invitees: MeetingChange['invitees'],
  alreadyInvited: number,
  room: RoomView,
  channels: Channels,
): void {
  // One place is the organiser's own.
  if (alreadyInvited + invitees.length + 1 > room.capacity) {
    throw badField(
      'invitees',
      `Rummet tar ${room.capacity} personer med dig själv inräknad. Välj ett större rum eller bjud in färre.`,
      `The room takes ${room.capacity} people, yourself included. Choose a larger room or invite fewer.`,
    );
  }
  for (const [index, { via }] of invitees.entries()) {
    if ((via === 'email' && !channels.email) || (via === 'sms' && !channels.sms)) {
      throw badField(
        `invitees[${index}].via`,
        'Tjänsten kan inte skicka på det sättet. Välj ett annat sätt, till exempel en länk att kopiera.',
        'The service cannot send that way. Choose another, such as a link to copy.',
      );
    }
  }
}

function judgeTime(span: Span, now: number): void {
  if (span.startsAt < now - LATE_MS) {
    throw badField(
      'startsAt',
      'Tiden har redan varit. Välj en senare tid.',
      'That time has passed. Choose a later one.',
    );
  }
  if (span.startsAt > now + FURTHEST_MS) {
    throw badField(
      'startsAt',
      'Möten kan bokas högst två år framåt. Välj en tidigare tid.',
      'Meetings can be booked two years ahead at most. Choose an earlier time.',
    );
  }
}

function judgeOverlap(span: Span, booked: readonly BookedMeeting[]): void {
  const other = booked.find(
    ({ status, startsAt, endsAt }) =>
      (status === 'planned' || status === 'open') && startsAt < span.endsAt && span.startsAt < endsAt,
  );
  if (other === undefined) return;
  const minutes = (other.endsAt - other.startsAt) / MINUTE_MS;
  const when = (language: 'sv' | 'en'): string =>
    `${dateText(other.startsAt, language)} ${timeText(other.startsAt, minutes)}`;
  throw conflict(
    `Rummet är redan bokat ${when('sv')}. Välj en annan tid eller ett annat rum.`,
    `The room is already booked ${when('en')}. Choose another time or another room.`,
    'startsAt',
  );
}

export interface ChangeContext {
  now: number;
  room: RoomView;
  booked: readonly BookedMeeting[];
  channels: Channels;
}

/** A meeting that can be changed, with how many are invited (besides the organiser). */
export interface ChangeableMeeting extends BookedMeeting {
  title: string;
  message: string;
  invited: number;
}

/**
 * When a meeting starts by the rule of its series, after the change. A whole series that is moved takes its rule along, also
 * under those that have been: what calendars know them by stays a rule.
 */
export function movedSlot(
  slotAt: number | null,
  change: MeetingChange,
  meeting: Pick<Span, 'startsAt'>,
): number | null {
  if (slotAt === null || !change.wholeSeries || change.startsAt === undefined) return slotAt;
  return moveAlike(slotAt, meeting.startsAt, change.startsAt);
}

/** What a meeting becomes. */
export interface ChangedMeeting extends Span {
  id: string;
  title: string;
  message: string;
  /** Those invited hear of a new time; of anything else they need no news. */
  timeChanged: boolean;
}

/**
 * `meeting` as asked for; with `wholeSeries`, all of `series` that have not begun move alike: by as many days, to the
 * same time of day.
 */
export function planChange(
  change: MeetingChange,
  meeting: ChangeableMeeting,
  series: readonly ChangeableMeeting[],
  context: ChangeContext,
): ChangedMeeting[] {
  refuseClosed(meeting);
  const asked = change.wholeSeries ? series.filter(({ status }) => status === 'planned') : [meeting];
  const moved = new Set(asked.map(({ id }) => id));
  const others = context.booked.filter(({ id }) => !moved.has(id));
  const target = change.startsAt ?? meeting.startsAt;
  const results = asked.map((one) => changed(one, change, moveAlike(one.startsAt, meeting.startsAt, target)));
  for (const [index, one] of asked.entries()) {
    const result = results[index];
    judgeInvitees(change.invitees, one.invited, context.room, context.channels);
    if (!result.timeChanged) continue;
    if (one.status !== 'planned') {
      throw conflict(
        'Mötet har börjat och kan inte flyttas.',
        'The meeting has begun and cannot be moved.',
        'startsAt',
      );
    }
    if (result.startsAt !== one.startsAt) judgeTime(result, context.now);
    const alongside = results.filter((other) => other !== result);
    judgeOverlap(result, [
      ...others,
      ...alongside.map((other) => ({ ...other, status: 'planned' as const })),
    ]);
  }
  return results;
}

function changed(one: ChangeableMeeting, change: MeetingChange, startsAt: number): ChangedMeeting {
  const length =
    change.durationMinutes === undefined ? one.endsAt - one.startsAt : change.durationMinutes * MINUTE_MS;
  const endsAt = startsAt + length;
  return {
    id: one.id,
    startsAt,
    endsAt,
    title: change.title ?? one.title,
    message: change.message ?? one.message,
    timeChanged: startsAt !== one.startsAt || endsAt !== one.endsAt,
  };
}

/** The meetings that a cancellation takes: this one, or all of its series that have not begun. */
export function planCancellation<T extends BookedMeeting>(
  meeting: T,
  series: readonly T[],
  wholeSeries: boolean,
): T[] {
  refuseClosed(meeting);
  const taken = wholeSeries ? series.filter(({ status }) => status === 'planned') : [meeting];
  if (taken.some(({ status }) => status === 'open')) {
    throw conflict(
      'Mötet pågår. Avsluta det för alla inifrån mötet i stället.',
      'The meeting is under way. End it for all from inside the meeting instead.',
    );
  }
  return taken;
}

function refuseClosed({ status }: BookedMeeting): void {
  if (status === 'ended')
    throw conflict('Mötet är avslutat och kan inte ändras.', 'The meeting has ended and cannot be changed.');
  if (status === 'cancelled')
    throw conflict(
      'Mötet är avbokat och kan inte ändras.',
      'The meeting is cancelled and cannot be changed.',
    );
}
