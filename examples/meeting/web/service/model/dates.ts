import type { Language } from '../../../shared/api.js';
import { language } from '../texts/texts.js';

/** The service's clock: meetings are held in Sweden, wherever the reader's own clock stands. */
const ZONE = 'Europe/Stockholm';

const locales: Record<Language, string> = { sv: 'sv-SE', en: 'en-GB' };

/** `tisdag 3 mars 2026` */
export function dayText(iso: string): string {
  return format(iso, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** `tis 3 mars` */
export function shortDayText(iso: string): string {
  return format(iso, { weekday: 'short', day: 'numeric', month: 'short' });
}

/** `14:05` */
export function clockText(iso: string): string {
  return format(iso, { hour: '2-digit', minute: '2-digit', hour12: false });
}

/** `2026-03-03 14:05:09` */
export function momentText(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE', { timeZone: ZONE });
}

export function endOf(iso: string, durationMinutes: number): string {
  return new Date(Date.parse(iso) + durationMinutes * 60_000).toISOString();
}

/** `2026-03-03`, the day there and then in Sweden. */
export function dayOf(at: Date): string {
  return at.toLocaleDateString('sv-SE', { timeZone: ZONE });
}

/** A day and a clock time in Sweden as ISO 8601 in UTC; null when they are none. */
export function momentOf(day: string, clock: string): string | null {
  const asUtc = Date.parse(`${day}T${clock}:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !/^\d{2}:\d{2}$/.test(clock) || Number.isNaN(asUtc)) return null;
  // Twice: on the days when the clock is moved the first guess may lie on the other side.
  const guess = asUtc - offsetMs(asUtc);
  return new Date(asUtc - offsetMs(guess)).toISOString();
}

/** When a day begins in Sweden; undefined for none. */
export function startOfDay(day: string): string | undefined {
  return momentOf(day, '00:00') ?? undefined;
}

/** When it is over. */
export function endOfDay(day: string): string | undefined {
  const begin = momentOf(day, '00:00');
  return begin === null
    ? undefined
    : (momentOf(dayOf(new Date(Date.parse(begin) + 26 * 3_600_000)), '00:00') ?? undefined);
}

/** The same clock time so many weeks later, also when summer time lies between. */
export function weeksLater(iso: string, weeks: number): string {
  const day = dayOf(new Date(Date.parse(dayOf(new Date(iso))) + weeks * 7 * 86_400_000));
  return momentOf(day, clockOf(iso)) ?? iso;
}

/** `14:05`, for an input. */
export function clockOf(iso: string): string {
  return new Date(iso).toLocaleTimeString('sv-SE', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' });
}

export function moneyText({ amount, currency }: { amount: number; currency: string }): string {
  const digits = Number.isInteger(amount) ? 0 : 2;
  return amount.toLocaleString(locales[language.value], {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
  });
}

function format(iso: string, options: Intl.DateTimeFormatOptions): string {
  return new Date(iso).toLocaleString(locales[language.value], { timeZone: ZONE, ...options });
}

/** How far Sweden's clock is ahead of UTC. */
function offsetMs(at: number): number {
  const there = new Date(at).toLocaleString('sv-SE', { timeZone: ZONE }).replace(' ', 'T');
  return Date.parse(`${there}Z`) - Math.floor(at / 1000) * 1000;
}
