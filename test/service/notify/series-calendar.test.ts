/** A series as one event of calendars, also across the change to summer time. */
import fc from 'fast-check';
import t from 'tap';
import { seriesCalendar, type Occurrence } from '../../../examples/meeting/server/notify/series-calendar.js';
import { addDays } from '../../../examples/meeting/server/portal/stockholm-time.js';

const MINUTE = 60_000;
const FIRST = Date.parse('2027-03-22T08:00:00Z');

function weekly(count: number, everyWeeks = 1): Occurrence[] {
  return Array.from({ length: count }, (_, index) => {
    const slotAt = addDays(FIRST, index * everyWeeks * 7);
    return { slotAt, startsAt: slotAt, endsAt: slotAt + 45 * MINUTE, isOn: true };
  });
}

t.test('as it was booked', async (t) => {
  t.strictSame(seriesCalendar(weekly(5, 2)), {
    startsAt: FIRST,
    endsAt: FIRST + 45 * MINUTE,
    rule: { everyWeeks: 2, count: 5, except: [], moved: [] },
  });
});

t.test('one off, one elsewhere, one longer', async (t) => {
  const series = weekly(5);
  series[1].isOn = false;
  series[2] = {
    ...series[2],
    startsAt: series[2].startsAt + 90 * MINUTE,
    endsAt: series[2].endsAt + 90 * MINUTE,
  };
  series[3] = { ...series[3], endsAt: series[3].endsAt + 15 * MINUTE };
  t.match(seriesCalendar(series)?.rule, {
    count: 5,
    except: [series[1].slotAt],
    moved: [
      { slotAt: series[2].slotAt, startsAt: series[2].startsAt },
      { slotAt: series[3].slotAt, endsAt: series[3].endsAt },
    ],
  });
});

t.test('what is off at the ends is not in the rule; one or none left is none', async (t) => {
  const series = weekly(6, 2);
  for (const index of [0, 4, 5]) series[index].isOn = false;
  t.match(seriesCalendar(series), {
    startsAt: series[1].slotAt,
    rule: { everyWeeks: 2, count: 3, except: [] },
  });
  for (const index of [1, 3]) series[index].isOn = false;
  t.strictSame(seriesCalendar(series), {
    startsAt: series[2].startsAt,
    endsAt: series[2].endsAt,
    rule: null,
  });
  series[2].isOn = false;
  t.equal(seriesCalendar(series), null);
});

t.test('whatever is off or moved, the rule gives what is on, and nothing else', async (t) => {
  const occurrence = fc.record({ isOn: fc.boolean(), minutes: fc.integer({ min: -300, max: 300 }) });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(
        fc.array(occurrence, { minLength: 1, maxLength: 30 }),
        fc.constantFrom(1, 2, 4),
        (drawn, weeks) => {
          const series = weekly(drawn.length, weeks).map((one, index) => ({
            ...one,
            startsAt: one.startsAt + drawn[index].minutes * MINUTE,
            endsAt: one.endsAt + drawn[index].minutes * MINUTE,
            isOn: drawn[index].isOn,
          }));
          const expected = series
            .filter(({ isOn }) => isOn)
            .map(({ startsAt, endsAt }) => [startsAt, endsAt]);
          if (JSON.stringify(expanded(series)) !== JSON.stringify(expected)) throw new Error('not the same');
        },
      ),
    ),
  );
});

/** As a calendar reads it. */
function expanded(series: readonly Occurrence[]): [startsAt: number, endsAt: number][] {
  const calendar = seriesCalendar(series);
  if (calendar === null) return [];
  const { startsAt, endsAt, rule } = calendar;
  if (rule === null) return [[startsAt, endsAt]];
  return Array.from({ length: rule.count }, (_, index) => addDays(startsAt, index * rule.everyWeeks * 7))
    .filter((slotAt) => !rule.except.includes(slotAt))
    .map((slotAt) => {
      const moved = rule.moved.find((one) => one.slotAt === slotAt);
      return moved ? [moved.startsAt, moved.endsAt] : [slotAt, slotAt + endsAt - startsAt];
    });
}
