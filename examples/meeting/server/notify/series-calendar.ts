/**
 * How a series stands in calendars: one event with a weekly rule, without the meetings that are off (EXDATE), and with those
 * that lie elsewhere as exceptions (RECURRENCE-ID). Pure. Instants are milliseconds since 1970.
 */
import { addDays, wallTime } from '../portal/stockholm-time.js';

const WEEK_MS = 7 * 24 * 60 * 60_000;

export interface Occurrence {
  /** Its start by the rule. */
  slotAt: number;
  startsAt: number;
  endsAt: number;
  /** Was or will be held, with this person. */
  isOn: boolean;
}

/** The event; without `rule` only one meeting is left. */
export interface SeriesCalendar {
  startsAt: number;
  endsAt: number;
  rule: WeeklyRule | null;
}

export interface WeeklyRule {
  everyWeeks: number;
  count: number;
  /** Starts by the rule of those that are off. */
  except: number[];
  moved: { slotAt: number; startsAt: number; endsAt: number }[];
}

/** From the first to the last that is on; null: none is. */
export function seriesCalendar(occurrences: readonly Occurrence[]): SeriesCalendar | null {
  const sorted = [...occurrences].sort((a, b) => a.slotAt - b.slotAt);
  const on = sorted.filter(({ isOn }) => isOn);
  const first = on.at(0);
  const last = on.at(-1);
  if (first === undefined || last === undefined) return null;
  const weekOf = ({ slotAt }: Occurrence): number =>
    Math.round((wallTime(slotAt) - wallTime(first.slotAt)) / WEEK_MS);
  // Those that are off count too: the rule stays what it was.
  const everyWeeks = sorted.map(weekOf).reduce(greatestCommonDivisor, 0);
  if (first === last || everyWeeks === 0)
    return { startsAt: first.startsAt, endsAt: first.endsAt, rule: null };
  const length = first.endsAt - first.startsAt;
  const rule: WeeklyRule = { everyWeeks, count: weekOf(last) / everyWeeks + 1, except: [], moved: [] };
  const byWeek = new Map(on.map((occurrence) => [weekOf(occurrence), occurrence]));
  for (let index = 0; index < rule.count; index++) {
    const slotAt = addDays(first.slotAt, index * everyWeeks * 7);
    const occurrence = byWeek.get(index * everyWeeks);
    if (occurrence === undefined) rule.except.push(slotAt);
    else {
      const { startsAt, endsAt } = occurrence;
      if (startsAt !== slotAt || endsAt - startsAt !== length) rule.moved.push({ slotAt, startsAt, endsAt });
    }
  }
  return { startsAt: first.slotAt, endsAt: first.slotAt + length, rule };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : greatestCommonDivisor(b, a % b);
}
