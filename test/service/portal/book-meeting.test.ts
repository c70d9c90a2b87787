/** The rules of booking, changing and cancelling, without a store. */
import t from 'tap';
import { Refusal } from '../../../examples/meeting/server/http/refusal.js';
import {
  planBooking,
  planCancellation,
  planChange,
  type BookingContext,
  type ChangeableMeeting,
} from '../../../examples/meeting/server/portal/book-meeting.js';
import { booking, meetingChange } from '../../../examples/meeting/server/portal/parse-booking.js';
import type { BookMeetingRequest } from '../../../examples/meeting/shared/api.js';
import { aBooking, aGuest } from './requests.js';

const MINUTE = 60_000;
const NOW = Date.parse('2027-03-01T08:00:00Z');
const context: BookingContext = {
  now: NOW,
  room: { id: 'room-1', name: 'Samtalsrummet', capacity: 5 },
  meetingType: {
    id: 'type-1',
    name: 'Utredningssamtal',
    approvedClass: { confidentiality: 3, integrity: 3, availability: 2 },
    minimumAssurance: 'substantial',
    endToEndEncryption: 'required',
  },
  booked: [],
  channels: { email: true, sms: true },
  paymentEnabled: false,
};

function plan(change: Partial<BookMeetingRequest>, around: Partial<BookingContext> = {}): string[] {
  const spans = planBooking(booking(aBooking(change), ''), { ...context, ...around });
  return spans.map(({ startsAt }) => new Date(startsAt).toISOString());
}

function refusedField(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    for (const text of Object.values(error.localized)) if (text.length < 20) throw new Error('no clear text');
    return error.options.field ?? error.code;
  }
  return 'allowed';
}

t.test('a meeting that is allowed', async (t) => {
  t.strictSame(plan({}), ['2027-03-22T08:00:00.000Z']);
});

t.test('suitability is judged first', async (t) => {
  const { assessment } = aBooking();
  t.equal(
    refusedField(() => plan({ assessment: { ...assessment, concernsProtectionOfChild: true } })),
    'assessment.concernsProtectionOfChild',
  );
  try {
    plan({ assessment: { ...assessment, concernsProtectionOfChild: true } });
    t.fail('refused');
  } catch (error) {
    t.match((error as Refusal).localized.sv, /^Skyddsbedömningar som gäller barn ska inte göras digitalt/);
  }
  t.equal(
    refusedField(() => plan({ assessment: { ...assessment, suitsThePerson: false } })),
    'assessment.suitsThePerson',
  );
});

t.test('information that needs more protection than is approved needs a decided deviation', async (t) => {
  const higher = { informationClass: { confidentiality: 4, integrity: 1, availability: 1 } as const };
  const { assessment } = aBooking();
  const deviation = { reason: 'Personen bor utomlands.', decidedBy: 'Förvaltningschef B. Berg' };
  t.equal(
    refusedField(() => plan(higher)),
    'assessment.deviation',
  );
  t.equal(plan({ ...higher, assessment: { ...assessment, deviation } }).length, 1);
  t.equal(
    refusedField(() => plan({ informationClass: { confidentiality: 1, integrity: 1, availability: 3 } })),
    'assessment.deviation',
    'each aspect counts',
  );
});

t.test('assurance and encryption are at least what the meeting type demands', async (t) => {
  t.equal(
    refusedField(() => plan({ minimumAssurance: 'low' })),
    'minimumAssurance',
  );
  t.equal(plan({ minimumAssurance: 'high' }).length, 1);
  t.equal(
    refusedField(() => plan({ endToEndEncryption: 'off' })),
    'endToEndEncryption',
  );
  const lax = {
    ...context.meetingType,
    endToEndEncryption: 'off' as const,
    minimumAssurance: 'low' as const,
  };
  t.equal(plan({ minimumAssurance: 'low', endToEndEncryption: 'off' }, { meetingType: lax }).length, 1);
});

t.test('everybody fits in, the organiser too', async (t) => {
  const four = Array.from({ length: 4 }, () => aGuest());
  t.equal(plan({ invitees: four }).length, 1);
  t.equal(
    refusedField(() => plan({ invitees: [...four, aGuest()] })),
    'invitees',
  );
});

t.test('invitations go out only in ways that the service has', async (t) => {
  const sms = aGuest({ via: 'sms', phone: '0701234567' });
  const none = { channels: { email: false, sms: false } };
  t.equal(
    refusedField(() => plan({ invitees: [aGuest({ via: 'link' }), sms] }, none)),
    'invitees[1].via',
  );
  t.equal(
    refusedField(() => plan({}, none)),
    'invitees[0].via',
  );
  t.equal(plan({ invitees: [aGuest({ via: 'link' })] }, none).length, 1);
});

t.test('payment only where it is on', async (t) => {
  const payment = { amount: 200, currency: 'SEK' } as const;
  t.equal(
    refusedField(() => plan({ payment })),
    'payment',
  );
  t.equal(plan({ payment }, { paymentEnabled: true }).length, 1);
});

t.test('not in the past, not in years', async (t) => {
  t.equal(
    refusedField(() => plan({ startsAt: '2027-03-01T07:54:00Z' })),
    'startsAt',
  );
  t.equal(plan({ startsAt: '2027-03-01T07:56:00Z' }).length, 1, 'booked while the hour strikes');
  t.equal(
    refusedField(() => plan({ startsAt: '2029-04-01T08:00:00Z' })),
    'startsAt',
  );
});

t.test('the room is free', async (t) => {
  const start = Date.parse('2027-03-22T08:00:00Z');
  const other = (from: number, to: number, status: 'planned' | 'cancelled' = 'planned') => ({
    booked: [{ id: 'x', status, startsAt: start + from * MINUTE, endsAt: start + to * MINUTE }],
  });
  t.equal(
    refusedField(() => plan({}, other(-30, 1))),
    'startsAt',
  );
  t.equal(
    refusedField(() => plan({}, other(44, 90))),
    'startsAt',
  );
  t.equal(
    refusedField(() => plan({}, other(10, 20))),
    'startsAt',
  );
  t.equal(plan({}, other(-30, 0)).length, 1, 'one may end when the next begins');
  t.equal(plan({}, other(45, 90)).length, 1);
  t.equal(plan({}, other(0, 45, 'cancelled')).length, 1);
});

t.test('series: every week, second and fourth week, at the same time of day', async (t) => {
  t.strictSame(plan({ series: { everyWeeks: 1, count: 3 } }), [
    '2027-03-22T08:00:00.000Z',
    '2027-03-29T07:00:00.000Z',
    '2027-04-05T07:00:00.000Z',
  ]);
  t.strictSame(plan({ series: { everyWeeks: 2, count: 2 } })[1], '2027-04-05T07:00:00.000Z');
  t.strictSame(plan({ series: { everyWeeks: 4, count: 2 } })[1], '2027-04-19T07:00:00.000Z');
  const late = Date.parse('2027-04-05T07:00:00Z');
  t.equal(
    refusedField(() =>
      plan(
        { series: { everyWeeks: 1, count: 3 } },
        { booked: [{ id: 'x', status: 'planned', startsAt: late, endsAt: late + MINUTE }] },
      ),
    ),
    'startsAt',
    'the whole series, or none of it',
  );
});

function aMeeting(startsAt: string, change: Partial<ChangeableMeeting> = {}): ChangeableMeeting {
  const start = Date.parse(startsAt);
  return {
    id: startsAt,
    status: 'planned',
    startsAt: start,
    endsAt: start + 45 * MINUTE,
    title: 'Uppföljning',
    message: '',
    invited: 1,
    ...change,
  };
}

t.test('a change moves one meeting, or the series alike', async (t) => {
  const series = [
    aMeeting('2027-03-15T08:00:00Z', { status: 'ended' }),
    aMeeting('2027-03-22T08:00:00Z'),
    aMeeting('2027-03-29T07:00:00Z'),
  ];
  const change = (wholeSeries: boolean) =>
    meetingChange({ startsAt: '2027-03-23T12:00:00Z', durationMinutes: 60, wholeSeries }, '');
  t.strictSame(
    planChange(change(false), series[1], series, { ...context, booked: series }).map((one) => [
      new Date(one.startsAt).toISOString(),
      (one.endsAt - one.startsAt) / MINUTE,
      one.timeChanged,
    ]),
    [['2027-03-23T12:00:00.000Z', 60, true]],
  );
  t.strictSame(
    planChange(change(true), series[1], series, { ...context, booked: series }).map((one) =>
      new Date(one.startsAt).toISOString(),
    ),
    ['2027-03-23T12:00:00.000Z', '2027-03-30T11:00:00.000Z'],
    'what has been stays, and 13:00 stays 13:00',
  );
});

t.test('what a change may not do', async (t) => {
  const meeting = aMeeting('2027-03-22T08:00:00Z');
  const next = aMeeting('2027-03-22T09:00:00Z');
  const booked = { ...context, booked: [meeting, next] };
  const asked = (change: object, one = meeting) =>
    refusedField(() => planChange(meetingChange(change, ''), one, [one], booked));
  t.equal(asked({ durationMinutes: 61 }), 'startsAt', 'into the next meeting');
  t.equal(asked({ durationMinutes: 60 }), 'allowed');
  t.equal(asked({ startsAt: '2027-02-22T08:00:00Z' }), 'startsAt', 'into the past');
  t.equal(asked({ invitees: Array.from({ length: 4 }, () => aGuest()) }), 'invitees', 'more than fit in');
  t.equal(asked({ title: 'Ny' }, { ...meeting, status: 'cancelled' }), 'conflict');
  t.equal(asked({ title: 'Ny' }, { ...meeting, status: 'ended' }), 'conflict');
  const open = { ...meeting, status: 'open' as const };
  t.equal(asked({ startsAt: '2027-03-23T08:00:00Z' }, open), 'startsAt', 'it has begun');
  t.equal(asked({ invitees: [aGuest()] }, open), 'allowed', 'an interpreter is called in');
});

t.test('a change of words tells nobody', async (t) => {
  const meeting = aMeeting('2027-03-22T08:00:00Z');
  const [changed] = planChange(
    meetingChange({ title: 'Ny', message: 'Hej' }, ''),
    meeting,
    [meeting],
    context,
  );
  t.match(changed, { title: 'Ny', message: 'Hej', timeChanged: false });
});

t.test('a series that becomes longer must not run into itself', async (t) => {
  const first = aMeeting('2027-03-22T08:00:00Z');
  const second = aMeeting('2027-03-22T09:00:00Z', { endsAt: Date.parse('2027-03-22T10:30:00Z') });
  t.equal(
    refusedField(() =>
      planChange(
        meetingChange({ durationMinutes: 90, wholeSeries: true }, ''),
        first,
        [first, second],
        context,
      ),
    ),
    'startsAt',
  );
});

t.test('cancelling', async (t) => {
  const series = [
    aMeeting('2027-03-15T08:00:00Z', { status: 'ended' }),
    aMeeting('2027-03-22T08:00:00Z'),
    aMeeting('2027-03-29T07:00:00Z'),
  ];
  t.strictSame(planCancellation(series[1], series, false), [series[1]]);
  t.strictSame(planCancellation(series[1], series, true), [series[1], series[2]]);
  t.equal(
    refusedField(() => planCancellation(series[0], series, true)),
    'conflict',
  );
  const open = { ...series[1], status: 'open' as const };
  t.equal(
    refusedField(() => planCancellation(open, [open], false)),
    'conflict',
  );
});
