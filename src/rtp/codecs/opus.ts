/**
 * Opus payload (RFC 7587, RFC 6716 3.1). Hot path: allocates nothing.
 */

/** At most a table of contents byte and one more: nothing is coded, the encoder keeps the stream alive (DTX). */
const MAX_DTX_LENGTH = 2;

/** True for a packet of discontinuous transmission. Never true when end-to-end encryption adds a trailer. */
export function isOpusDtx(payloadLength: number): boolean {
  return payloadLength > 0 && payloadLength <= MAX_DTX_LENGTH;
}
