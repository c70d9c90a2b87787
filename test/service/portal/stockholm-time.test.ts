/** Wall time in Sweden, over both changes of the clock. */
import fc from 'fast-check';
import t from 'tap';
import {
  addDays,
  dateText,
  fromWallTime,
  moveAlike,
  timeText,
  wallTime,
} from '../../../examples/meeting/server/portal/stockholm-time.js';

const HOUR = 3_600_000;

t.test('the same hour every week, when summer time begins and when it ends', async (t) => {
  // 2027: summer time from 28 March to 31 October.
  const spring = Date.parse('2027-03-22T08:00:00Z'); // Monday 09:00 in Sweden
  t.equal(new Date(addDays(spring, 7)).toISOString(), '2027-03-29T07:00:00.000Z');
  const autumn = Date.parse('2027-10-25T07:00:00Z');
  t.equal(new Date(addDays(autumn, 7)).toISOString(), '2027-11-01T08:00:00.000Z');
  t.equal(new Date(addDays(autumn, 28)).toISOString(), '2027-11-22T08:00:00.000Z');
});

t.test(
  'an hour that does not exist is read with the offset before, one that comes twice is the first',
  async (t) => {
    t.equal(
      fromWallTime(Date.UTC(2027, 2, 28, 2, 30)),
      Date.parse('2027-03-28T01:30:00Z'),
      '02:30 becomes 03:30',
    );
    t.equal(fromWallTime(Date.UTC(2027, 9, 31, 2, 30)), Date.parse('2027-10-31T00:30:00Z'));
  },
);

t.test('moving alike keeps days and the time of day', async (t) => {
  const from = Date.parse('2027-03-22T08:00:00Z');
  const to = Date.parse('2027-03-23T12:30:00Z'); // a day later, 13:30
  const next = addDays(from, 7);
  t.equal(
    new Date(moveAlike(next, from, to)).toISOString(),
    '2027-03-30T11:30:00.000Z',
    '13:30 in summer time',
  );
  t.equal(moveAlike(next, from, from), next);
});

t.test('there and back', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        const instant = seconds * 1000;
        const back = fromWallTime(wallTime(instant));
        // Only the hour that comes twice has two instants.
        if (back !== instant && back !== instant - HOUR) throw new Error(`${instant} became ${back}`);
        if (![HOUR, 2 * HOUR].includes(wallTime(instant) - instant)) throw new Error(`offset at ${instant}`);
      }),
      { numRuns: 300 },
    ),
  );
});

t.test('texts', async (t) => {
  const instant = Date.parse('2026-11-23T08:00:00Z');
  t.equal(dateText(instant, 'sv'), 'måndag 23 november 2026');
  t.match(dateText(instant, 'en'), /^Monday,? 23 November 2026$/);
  t.equal(timeText(instant, 45), '09:00\u201309:45');
});
