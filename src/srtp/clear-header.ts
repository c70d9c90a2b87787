/**
 * The parts of a packet that SRTP leaves readable. The padding of an RTP packet is encrypted, so the RTP parser,
 * which checks it, cannot be used before decryption. Hot path: allocates nothing.
 */
import { readU16 } from '../rtp/bytes.js';

/** The fixed RTP header, in bytes. */
export const RTP_FIXED_HEADER = 12;
/** The part of a compound RTCP packet that is never encrypted, in bytes. */
export const RTCP_CLEAR_HEADER = 8;

/**
 * The length of an RTP header with its CSRCs and its extension, which is also where encryption begins.
 * @returns -1 when the version is not 2 or the header does not fit in `length` (at least 12).
 */
export function rtpHeaderLength(bytes: Uint8Array, offset: number, length: number): number {
  const first = bytes[offset];
  if (first >> 6 !== 2) return -1;
  let headerLength = RTP_FIXED_HEADER + ((first & 0x0f) << 2);
  if ((first & 0x10) !== 0) {
    if (headerLength + 4 > length) return -1;
    headerLength += 4 + (readU16(bytes, offset + headerLength + 2) << 2);
  }
  return headerLength > length ? -1 : headerLength;
}
