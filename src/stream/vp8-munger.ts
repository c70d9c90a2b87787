// Hot path: apply() runs once per VP8 packet and receiver. It allocates nothing.
import { readU16, writeU16 } from '../rtp/bytes.js';

/**
 * Keeps a receiver's picture id (15 bits) and TL0PICIDX (8 bits) continuous across a switch of simulcast layers
 * (RFC 7741 section 4.2): a decoder takes a picture id that goes backwards for an old frame.
 * The offsets of an era are two numbers, so a retransmission can be written with those of its own time.
 */
export class Vp8Munger {
  pictureIdOffset = 0;
  tl0PicIdxOffset = 0;
  private lastPictureId = -1;
  private lastTl0PicIdx = -1;

  /** The source changes; `pictureId` and `tl0PicIdx` are those of its first packet, -1 when absent. */
  sync(pictureId: number, tl0PicIdx: number): void {
    if (this.lastPictureId >= 0 && pictureId >= 0) {
      this.pictureIdOffset = (this.lastPictureId + 1 - pictureId) & 0x7fff;
    }
    if (this.lastTl0PicIdx >= 0 && tl0PicIdx >= 0)
      this.tl0PicIdxOffset = (this.lastTl0PicIdx + 1 - tl0PicIdx) & 0xff;
  }

  /** Remembers what was sent last, before offsets. */
  sent(pictureId: number, tl0PicIdx: number): void {
    if (pictureId >= 0) {
      const output = (pictureId + this.pictureIdOffset) & 0x7fff;
      // A reordered packet of an older picture must not pull the reference back.
      if (this.lastPictureId < 0 || ((output - this.lastPictureId) & 0x7fff) < 0x4000)
        this.lastPictureId = output;
    }
    if (tl0PicIdx >= 0) {
      const output = (tl0PicIdx + this.tl0PicIdxOffset) & 0xff;
      if (this.lastTl0PicIdx < 0 || ((output - this.lastTl0PicIdx) & 0xff) < 0x80)
        this.lastTl0PicIdx = output;
    }
  }
}

/**
 * Adds the offsets in a VP8 payload descriptor, in place. A seven-bit picture id wraps at 128, as it stands.
 * The descriptor was parsed before; bounds are known to hold.
 */
export function shiftVp8Descriptor(
  bytes: Uint8Array,
  payloadOffset: number,
  pictureIdOffset: number,
  tl0PicIdxOffset: number,
): void {
  if ((bytes[payloadOffset] & 0x80) === 0) return;
  const flags = bytes[payloadOffset + 1];
  let position = payloadOffset + 2;
  if ((flags & 0x80) !== 0) {
    if ((bytes[position] & 0x80) !== 0) {
      const pictureId = (readU16(bytes, position) + pictureIdOffset) & 0x7fff;
      writeU16(bytes, position, 0x8000 | pictureId);
      position += 2;
    } else {
      bytes[position] = (bytes[position] + pictureIdOffset) & 0x7f;
      position += 1;
    }
  }
  if ((flags & 0x40) !== 0) bytes[position] = (bytes[position] + tl0PicIdxOffset) & 0xff;
}
