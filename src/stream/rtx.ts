// Retransmission payload format (RFC 4588): the original sequence number, two bytes, stands before the original payload.
import { readU16, writeU16, writeU32 } from '../rtp/bytes.js';
import { type RtpPacket } from '../rtp/rtp-packet.js';

/**
 * Turns a parsed RTX packet back into the original, in place: the payload moves up over the two bytes.
 * @returns the new length of the datagram, or -1 when there is no original inside (padding used as a probe)
 */
export function restoreFromRtx(packet: RtpPacket, payloadType: number, ssrc: number): number {
  if (packet.payloadLength < 2) return -1;
  const { bytes, offset, payloadOffset, payloadLength } = packet;
  const originalSequence = readU16(bytes, payloadOffset);
  bytes.copyWithin(payloadOffset, payloadOffset + 2, payloadOffset + payloadLength);
  // The padding, if any, belonged to the RTX packet.
  bytes[offset] &= ~0x20;
  bytes[offset + 1] = (bytes[offset + 1] & 0x80) | payloadType;
  writeU16(bytes, offset + 2, originalSequence);
  writeU32(bytes, offset + 8, ssrc);
  return payloadOffset - offset + payloadLength - 2;
}

/**
 * Writes a retransmission of a packet that lies in the same array.
 * @returns its length
 */
export function writeRtx(
  bytes: Uint8Array,
  target: number,
  source: number,
  sourceLength: number,
  headerLength: number,
  originalSequence: number,
): number {
  bytes.copyWithin(target, source, source + headerLength);
  writeU16(bytes, target + headerLength, originalSequence);
  bytes.copyWithin(target + headerLength + 2, source + headerLength, source + sourceLength);
  return sourceLength + 2;
}
