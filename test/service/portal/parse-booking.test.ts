/** Requests from JSON: what comes out is typed and in its normal form, what is wrong is named. */
import fc from 'fast-check';
import t from 'tap';
import { Refusal } from '../../../examples/meeting/server/http/refusal.js';
import { booking, meetingChange } from '../../../examples/meeting/server/portal/parse-booking.js';
import { aBooking, aGuest } from './requests.js';

function fieldOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal && error.code === 'bad-request') return error.options.field;
    throw error;
  }
  return 'nothing was wrong';
}

t.test('a right one', async (t) => {
  const parsed = booking(
    {
      ...aBooking({
        startsAt: '2027-03-22T09:00:30.250+01:00',
        invitees: [
          aGuest({ email: ' Kim@Example.org ', phone: '070-123 45 67', personalNumber: '19800101-2387' }),
          aGuest({ via: 'sms', phone: '070-123 45 67', email: 'kim@example.org' }),
          aGuest({ via: 'link', email: 'kim@example.org' }),
        ],
      }),
      extra: 'x',
    },
    '',
  );
  t.equal(parsed.startsAt, Date.parse('2027-03-22T08:00:00Z'), 'whole minutes');
  t.strictSame(
    parsed.invitees.map(({ email, phone, personalNumber }) => [email, phone, personalNumber]),
    [
      ['kim@example.org', null, '198001012387'],
      [null, '+46701234567', null],
      [null, null, null],
    ],
    'only what the invitation is sent to is kept',
  );
  t.notOk('extra' in parsed);
  t.notOk('series' in parsed);
});

t.test('each wrong field is named', async (t) => {
  const broken: [string, unknown][] = [
    ['title', aBooking({ title: '  ' })],
    ['title', aBooking({ title: 'a\nb' })],
    ['kind', aBooking({ kind: 'party' as 'group' })],
    ['startsAt', aBooking({ startsAt: '2027-03-22 08:00' })],
    ['durationMinutes', aBooking({ durationMinutes: 481 })],
    ['minimumAssurance', aBooking({ minimumAssurance: 'none' as 'low' })],
    ['endToEndEncryption', aBooking({ endToEndEncryption: 'preferred' as 'off' })],
    [
      'informationClass.integrity',
      aBooking({ informationClass: { confidentiality: 1, integrity: 5 as 4, availability: 1 } }),
    ],
    ['assessment', { ...aBooking(), assessment: undefined }],
    ['assessment.justification', aBooking({ assessment: { ...aBooking().assessment, justification: ' ' } })],
    [
      'assessment.deviation.decidedBy',
      aBooking({ assessment: { ...aBooking().assessment, deviation: { reason: 'x', decidedBy: '' } } }),
    ],
    ['invitees[1].email', aBooking({ invitees: [aGuest(), aGuest({ email: 'a@b.se, c@d.se' })] })],
    ['invitees[0].email', aBooking({ invitees: [aGuest({ email: 'a@b.se\r\nBcc: c@d.se' })] })],
    ...['a@b.se,x', 'a@b.se>', 'a@b.<script', 'a@b.se;x', 'a@b.se"', 'a@b.se\u0000'].map(
      (email): [string, unknown] => ['invitees[0].email', aBooking({ invitees: [aGuest({ email })] })],
    ),
    ['invitees[0].phone', aBooking({ invitees: [aGuest({ via: 'sms' })] })],
    ['invitees[0].personalNumber', aBooking({ invitees: [aGuest({ personalNumber: '198001012389' })] })],
    ['series.count', aBooking({ series: { everyWeeks: 1, count: 53 } })],
    ['series.everyWeeks', aBooking({ series: { everyWeeks: 3 as 2, count: 2 } })],
    ['payment.amount', aBooking({ payment: { amount: 0.5, currency: 'SEK' } })],
    ['body', null],
  ];
  for (const [field, body] of broken)
    t.equal(
      fieldOf(() => booking(body, '')),
      field,
    );
});

t.test('a refusal does not repeat a personal number', async (t) => {
  try {
    booking(aBooking({ invitees: [aGuest({ personalNumber: '198001012389' })] }), '');
    t.fail('refused');
  } catch (error) {
    t.notMatch(JSON.stringify((error as Refusal).toBody()), /2389/);
  }
});

t.test('a change', async (t) => {
  t.strictSame(meetingChange({}, ''), { invitees: [], wholeSeries: false });
  t.strictSame(meetingChange({ startsAt: '2027-03-22T08:00:00Z', wholeSeries: true, message: '' }, ''), {
    startsAt: Date.parse('2027-03-22T08:00:00Z'),
    message: '',
    invitees: [],
    wholeSeries: true,
  });
});

t.test('anything at all gives a refusal or a booking', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.object({ maxDepth: 3 }), fc.constantFrom(...Object.keys(aBooking())), (odd, key) => {
        try {
          booking({ ...aBooking(), [key]: odd }, '');
          booking(odd, '');
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      }),
      { numRuns: 300 },
    ),
  );
});
