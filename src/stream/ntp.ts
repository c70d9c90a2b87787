/** NTP timestamps as RTCP carries them (RFC 3550 section 4): seconds since 1900 and a 32-bit fraction. */

const UNIX_TO_NTP_SECONDS = 2_208_988_800;
const FRACTION = 2 ** 32;

/** @param unixMs milliseconds since 1970 */
export function ntpSeconds(unixMs: number): number {
  return (Math.floor(unixMs / 1000) + UNIX_TO_NTP_SECONDS) >>> 0;
}

/** @param unixMs milliseconds since 1970 */
export function ntpFraction(unixMs: number): number {
  const milliseconds = unixMs - Math.floor(unixMs / 1000) * 1000;
  return Math.min(FRACTION - 1, Math.floor((milliseconds / 1000) * FRACTION));
}

/** @returns milliseconds since 1970 */
export function ntpToUnixMs(seconds: number, fraction: number): number {
  return (seconds - UNIX_TO_NTP_SECONDS) * 1000 + (fraction / FRACTION) * 1000;
}

/** The middle 32 bits: 16 bits of seconds and 16 of fraction, the unit of LSR and DLSR. */
export function compactNtp(seconds: number, fraction: number): number {
  return (((seconds & 0xffff) << 16) | (fraction >>> 16)) >>> 0;
}

/**
 * The round trip that an answer to a report of ours tells (RFC 3550 6.4.1, RFC 3611 4.5): arrival minus the time that we
 * wrote, minus the time that the other side kept it.
 * @param unixMs arrival since 1970, by the clock of our reports
 * @param last the compact time of our report, @param delay how long they kept it; both 1/65536 s
 * @returns milliseconds, NaN when it answers nothing of ours
 */
export function roundTripOf(unixMs: number, last: number, delay: number): number {
  if (last === 0) return Number.NaN;
  const arrival = compactNtp(ntpSeconds(unixMs), ntpFraction(unixMs));
  const elapsed = (arrival - last - delay) >>> 0;
  // A value in the upper half is a negative time.
  return elapsed < 0x80000000 ? compactToMs(elapsed) : Number.NaN;
}

/** Milliseconds of a difference in 1/65536 s. */
export function compactToMs(value: number): number {
  return (value / 65536) * 1000;
}

/** 1/65536 s of a span in milliseconds, 32 bits. */
export function msToCompact(ms: number): number {
  return Math.max(0, Math.min(0xffffffff, Math.round((ms / 1000) * 65536))) >>> 0;
}
