/** The 48-bit SRTP packet index (RFC 3711 3.3.1): rollover counter << 16 | sequence number. */

/** One more than the highest index: after it the master key must not be used any more (RFC 3711 9.2). */
export const RTP_INDEX_LIMIT = 2 ** 48;
/** The same for SRTCP, whose index has 31 bits. */
export const RTCP_INDEX_LIMIT = 2 ** 31;

/**
 * The index of a packet, guessed as the one nearest to the highest index so far (RFC 3711 appendix A).
 *
 * There the rollover counter may go below zero and wrap; no such packet can exist, so here it stays at zero, as
 * in libsrtp: a sequence number far ahead in the first cycle counts as a step forward.
 * @param highest the highest index so far.
 */
export function estimateIndex(highest: number, sequenceNumber: number): number {
  const last = highest & 0xffff;
  const cycle = highest - last;
  if (last < 0x8000) {
    if (sequenceNumber - last > 0x8000 && cycle > 0) return cycle - 0x10000 + sequenceNumber;
  } else if (last - 0x8000 > sequenceNumber) {
    return cycle + 0x10000 + sequenceNumber;
  }
  return cycle + sequenceNumber;
}

/** The upper 32 bits of an index. */
export function rolloverCounter(index: number): number {
  return Math.floor(index / 0x10000);
}
