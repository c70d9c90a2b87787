/**
 * RTP payload for redundant audio data (RFC 2198): older frames travel again in front of the present one.
 * Hot path: once per packet and receiver without RED; allocates nothing and reads nothing outside its window.
 */

/** True for the MIME type of it; the frames inside are of another codec, which is negotiated beside it. */
export function isRed(codec: { mimeType: string }): boolean {
  return /^audio\/red$/i.test(codec.mimeType);
}

/** More redundant blocks than any sender uses (libwebrtc: 9). */
export const MAX_RED_BLOCKS = 16;

/** Follow bit, payload type, 14 bits of timestamp offset, 10 bits of length. */
const BLOCK_HEADER_LENGTH = 4;
const FOLLOW = 0x80;

/** A reusable view over one RED payload. */
export class RedPayload {
  /** The primary block: the frame that the packet's own timestamp is about. Its offset counts from the buffer's start. */
  primaryPayloadType = 0;
  primaryOffset = 0;
  primaryLength = 0;
  /** Redundant blocks, oldest first as a rule. */
  blockCount = 0;
  readonly blockPayloadTypes = new Uint8Array(MAX_RED_BLOCKS);
  /** How much older than the packet, in units of the RTP timestamp. */
  readonly blockTimestampOffsets = new Uint16Array(MAX_RED_BLOCKS);
  readonly blockOffsets = new Int32Array(MAX_RED_BLOCKS);
  readonly blockLengths = new Uint16Array(MAX_RED_BLOCKS);

  /** @returns false when it is not a RED payload or has no primary data; the fields are then those of no packet */
  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    if (offset < 0 || offset + length > bytes.length) return false;
    const end = offset + length;
    let at = offset;
    let count = 0;
    let redundant = 0;
    while (at < end && (bytes[at] & FOLLOW) !== 0) {
      if (count === MAX_RED_BLOCKS || at + BLOCK_HEADER_LENGTH > end) return false;
      const blockLength = ((bytes[at + 2] & 0x03) << 8) | bytes[at + 3];
      this.blockPayloadTypes[count] = bytes[at] & 0x7f;
      this.blockTimestampOffsets[count] = (bytes[at + 1] << 6) | (bytes[at + 2] >> 2);
      this.blockLengths[count] = blockLength;
      this.blockOffsets[count] = redundant;
      redundant += blockLength;
      count += 1;
      at += BLOCK_HEADER_LENGTH;
    }
    if (at >= end) return false;
    const data = at + 1;
    if (data + redundant >= end) return false;
    for (let block = 0; block < count; block++) this.blockOffsets[block] += data;
    this.blockCount = count;
    this.primaryPayloadType = bytes[at] & 0x7f;
    this.primaryOffset = data + redundant;
    this.primaryLength = end - this.primaryOffset;
    return true;
  }
}

/** No payload type: see `mapRedPayloadTypes`. */
export const NO_PAYLOAD_TYPE = 0xff;

/**
 * Rewrites the payload types of all blocks in place.
 *
 * @param mapping 128 entries; `NO_PAYLOAD_TYPE` for what may not occur
 * @returns false, and leaves the payload as it was, when it is malformed or has a block of such a type
 */
export function mapRedPayloadTypes(
  bytes: Uint8Array,
  offset: number,
  length: number,
  mapping: Uint8Array,
): boolean {
  const end = Math.min(offset + length, bytes.length);
  let at = offset;
  let redundant = 0;
  while (at < end && (bytes[at] & FOLLOW) !== 0) {
    if (at + BLOCK_HEADER_LENGTH > end || mapping[bytes[at] & 0x7f] === NO_PAYLOAD_TYPE) return false;
    redundant += ((bytes[at + 2] & 0x03) << 8) | bytes[at + 3];
    at += BLOCK_HEADER_LENGTH;
  }
  if (at >= end || mapping[bytes[at]] === NO_PAYLOAD_TYPE || at + 1 + redundant >= end) return false;
  if (at - offset > MAX_RED_BLOCKS * BLOCK_HEADER_LENGTH) return false;
  for (let header = offset; header < at; header += BLOCK_HEADER_LENGTH) {
    bytes[header] = FOLLOW | mapping[bytes[header] & 0x7f];
  }
  bytes[at] = mapping[bytes[at]];
  return true;
}
