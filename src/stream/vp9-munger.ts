// Hot path: admit() and rewrite() run once per VP9 packet and receiver. Nothing is allocated.
import { readU16, writeU16 } from '../rtp/bytes.js';
import { CounterShift } from './counter-shift.js';
import { type PictureMunger } from './picture-munger.js';

/**
 * Keeps a receiver's picture id (7 or 15 bits) and TL0PICIDX continuous (RFC 9628 section 4.2) across a switch of streams.
 *
 * Pictures that we leave out keep their numbers, and the receiver sees the gap: references are told as differences of
 * picture ids (P_DIFF), and the place in the picture group follows from the id. Closing the gap would make both wrong.
 */
export class Vp9Munger implements PictureMunger {
  readonly follows = false;
  readonly pictureShift = 0;
  readonly tl0Shift = 0;
  private readonly shortIds = new CounterShift(7);
  private readonly longIds = new CounterShift(15);
  private readonly tl0 = new CounterShift(8);
  /** Found by locate(): where the fields stand, -1 for one that is not there. */
  private shortAt = -1;
  private longAt = -1;
  private tl0At = -1;

  sync(era: number): void {
    this.shortIds.sync(era);
    this.longIds.sync(era);
    this.tl0.sync(era);
  }

  admit(bytes: Uint8Array, offset: number, length: number): void {
    this.locate(bytes, offset, length);
    if (this.shortAt >= 0) this.shortIds.admit(bytes[this.shortAt]);
    if (this.longAt >= 0) this.longIds.admit(readU16(bytes, this.longAt) & 0x7fff);
    if (this.tl0At >= 0) this.tl0.admit(bytes[this.tl0At]);
  }

  drop(): void {
    // The gap stays: see above.
  }

  follow(): void {
    throw new Error('VP9 packets are numbered one by one');
  }

  rewrite(bytes: Uint8Array, offset: number, length: number, era: number): void {
    this.locate(bytes, offset, length);
    const { shortAt, longAt, tl0At } = this;
    if (shortAt >= 0) bytes[shortAt] = this.shortIds.output(bytes[shortAt], era);
    if (longAt >= 0) {
      writeU16(bytes, longAt, 0x8000 | this.longIds.output(readU16(bytes, longAt) & 0x7fff, era));
    }
    if (tl0At >= 0) bytes[tl0At] = this.tl0.output(bytes[tl0At], era);
  }

  private locate(bytes: Uint8Array, offset: number, length: number): void {
    this.shortAt = -1;
    this.longAt = -1;
    this.tl0At = -1;
    if (length < 2) return;
    const flags = bytes[offset];
    const hasPictureId = (flags & 0x80) !== 0;
    const long = hasPictureId && (bytes[offset + 1] & 0x80) !== 0;
    const layersAt = offset + 1 + (hasPictureId ? (long ? 2 : 1) : 0);
    // Layer indices with TL0PICIDX: L set, and not the flexible mode.
    const hasTl0 = (flags & 0x30) === 0x20;
    // At least one byte stands behind these fields.
    if (layersAt + (hasTl0 ? 2 : 0) >= offset + length) return;
    if (long) this.longAt = offset + 1;
    else if (hasPictureId) this.shortAt = offset + 1;
    if (hasTl0) this.tl0At = layersAt + 1;
  }
}
