/**
 * The four bytes that start every RTCP packet. Hot path: allocates nothing.
 */
import { writeU16, writeU32 } from '../bytes.js';

/** Four bytes of header and the sender's SSRC and the media SSRC: the start of every feedback packet. */
export const FEEDBACK_HEADER_LENGTH = 12;
/** Reports, sources and chunks are counted in five bits. */
export const MAX_COUNT = 31;

/** True when the window lies in the buffer, is long enough and holds this packet type. */
export function isPacket(
  bytes: Uint8Array,
  offset: number,
  length: number,
  packetType: number,
  minimumLength: number,
): boolean {
  return (
    offset >= 0 &&
    length >= minimumLength &&
    offset + length <= bytes.length &&
    bytes[offset] >> 6 === 2 &&
    bytes[offset + 1] === packetType
  );
}

/** As `isPacket`, and the five-bit field holds this feedback message type. */
export function isFeedback(
  bytes: Uint8Array,
  offset: number,
  length: number,
  packetType: number,
  format: number,
  minimumLength: number,
): boolean {
  return isPacket(bytes, offset, length, packetType, minimumLength) && (bytes[offset] & 0x1f) === format;
}

/** `length` in bytes, a multiple of four, header included. */
export function writeHeader(
  out: Uint8Array,
  offset: number,
  packetType: number,
  count: number,
  length: number,
): void {
  out[offset] = 0x80 | count;
  out[offset + 1] = packetType;
  writeU16(out, offset + 2, (length >> 2) - 1);
}

export function writeFeedbackHeader(
  out: Uint8Array,
  offset: number,
  packetType: number,
  format: number,
  length: number,
  senderSsrc: number,
  mediaSsrc: number,
): void {
  writeHeader(out, offset, packetType, format, length);
  writeU32(out, offset + 4, senderSsrc);
  writeU32(out, offset + 8, mediaSsrc);
}
