/**
 * Wall time in Sweden: what a booked hour means when summer time begins or ends. Instants are milliseconds since 1970.
 */
import type { Language } from '../../shared/api.js';

export const TIME_ZONE = 'Europe/Stockholm';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: TIME_ZONE,
  hourCycle: 'h23',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** The clock on the wall, written down as if it were UTC: good for arithmetic on days and hours. */
export function wallTime(instant: number): number {
  const read: Record<string, number> = {};
  for (const { type, value } of parts.formatToParts(instant)) read[type] = Number(value);
  const whole = Date.UTC(read.year, read.month - 1, read.day, read.hour, read.minute, read.second);
  // The formatter drops the milliseconds.
  return whole + (((instant % 1000) + 1000) % 1000);
}

/**
 * The instant at which the wall shows this. An hour that summer time leaves out is read with the offset before the
 * change (RFC 5545 section 3.3.5: 02:30 becomes 03:30); one that comes twice is the first.
 */
export function fromWallTime(wall: number): number {
  const offsetAt = (instant: number): number => wallTime(instant) - instant;
  // The offsets of the day before and after cover every change near.
  const before = offsetAt(wall - DAY_MS);
  const after = offsetAt(wall + DAY_MS);
  const first = wall - before;
  if (wallTime(first) === wall) return first;
  const second = wall - after;
  return wallTime(second) === wall ? second : first;
}

/** The same time of day so many days later. */
export function addDays(instant: number, days: number): number {
  return fromWallTime(wallTime(instant) + days * DAY_MS);
}

/** Moves `instant` as `from` was moved to `to`: by as many days and hours on the wall. */
export function moveAlike(instant: number, from: number, to: number): number {
  return fromWallTime(wallTime(instant) + wallTime(to) - wallTime(from));
}

const LOCALES: Record<Language, string> = { sv: 'sv-SE', en: 'en-GB' };

/** `måndag 23 november 2026` */
export function dateText(instant: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], {
    timeZone: TIME_ZONE,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(instant);
}

/** `09:00-09:45`, with a dash between. */
export function timeText(instant: number, durationMinutes: number): string {
  return `${clock(instant)}\u2013${clock(instant + durationMinutes * MINUTE_MS)}`;
}

function clock(instant: number): string {
  return new Date(wallTime(instant)).toISOString().slice(11, 16);
}
