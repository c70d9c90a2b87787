import { writeU16, writeU32 } from '../rtp/bytes.js';
import { writeEmptyHeader } from './canonical-packet.js';

/** A padding count is one byte (RFC 3550 5.1). */
const MAX_PADDING = 255;

/**
 * Writes a packet without payload, only padding behind the canonical header; the receiver's header elements are still to be
 * filled in.
 * @param size bytes wished for, header included; at least one byte of padding is written
 * @returns the length
 */
export function writePaddingPacket(
  bytes: Uint8Array,
  offset: number,
  payloadType: number,
  sequenceNumber: number,
  timestamp: number,
  ssrc: number,
  size: number,
): number {
  const headerLength = writeEmptyHeader(bytes, offset, payloadType);
  const count = Math.max(1, Math.min(MAX_PADDING, size - headerLength));
  bytes[offset] |= 0x20;
  writeU16(bytes, offset + 2, sequenceNumber);
  writeU32(bytes, offset + 4, timestamp);
  writeU32(bytes, offset + 8, ssrc);
  const end = offset + headerLength + count;
  bytes.fill(0, offset + headerLength, end - 1);
  bytes[end - 1] = count;
  return headerLength + count;
}
