// Hot path: admit() and rewrite() run once per VP8 packet and receiver. Nothing is allocated.
import { readU16, writeU16 } from '../rtp/bytes.js';
import { CounterShift } from './counter-shift.js';
import { type PictureMunger } from './picture-munger.js';

/** Pictures whose number is remembered, for late packets and retransmissions; a power of two. Some 8 s of video. */
const HISTORY = 256;
const MASK = HISTORY - 1;
/** Values of a picture id of 15 and of 7 bits. */
const LONG = 0x8000;
const SHORT = 0x80;

/** Where the numbers stand in a VP8 payload descriptor (RFC 7741 section 4.2). */
export class Vp8Fields {
  /** Offsets in the array, -1 for what is not there. */
  pictureIdAt = -1;
  tl0At = -1;
  /** The picture id has 15 bits, not 7. */
  long = false;

  locate(bytes: Uint8Array, offset: number, length: number): void {
    this.pictureIdAt = -1;
    this.tl0At = -1;
    if (length < 3 || (bytes[offset] & 0x80) === 0) return;
    const flags = bytes[offset + 1];
    const hasPictureId = (flags & 0x80) !== 0;
    this.long = hasPictureId && (bytes[offset + 2] & 0x80) !== 0;
    const tl0At = offset + 2 + (hasPictureId ? (this.long ? 2 : 1) : 0);
    const hasTl0 = (flags & 0x40) !== 0;
    const descriptorEnd = tl0At + (hasTl0 ? 1 : 0) + ((flags & 0x30) !== 0 ? 1 : 0);
    // At least one byte stands behind a descriptor.
    if (descriptorEnd >= offset + length) return;
    if (hasPictureId) this.pictureIdAt = offset + 2;
    if (hasTl0) this.tl0At = tl0At;
  }

  readPictureId(bytes: Uint8Array): number {
    return this.long ? readU16(bytes, this.pictureIdAt) & 0x7fff : bytes[this.pictureIdAt];
  }
}

/**
 * Keeps a receiver's picture id and TL0PICIDX continuous (RFC 7741 section 4.2) across a switch of simulcast layers, and
 * the picture id also across pictures that we leave out.
 *
 * A receiver such as libwebrtc's holds back a frame of a higher temporal layer while a picture id between it and its
 * reference is missing. Left out on purpose, that picture would be waited for in vain: so the ids behind it move up, as in
 * LiveKit and mediasoup. A picture that was lost on its way to us keeps its number, and a late one finds it again.
 */
export class Vp8Munger implements PictureMunger {
  readonly follows = true;
  /** Which picture has this outgoing id, as `keyOf` says, by outgoing id modulo HISTORY. */
  private readonly pictures = new Int32Array(HISTORY).fill(-1);
  private readonly tl0 = new CounterShift(8);
  private era = -1;
  /** Values of the picture id as the present source writes it; 0 until its first picture. */
  private modulus = 0;
  private highestInput = 0;
  /** Not wrapped; -1 before the first picture. */
  private highestOutput = -1;
  private readonly fields = new Vp8Fields();

  sync(era: number): void {
    this.era = era;
    this.modulus = 0;
    this.tl0.sync(era);
  }

  admit(bytes: Uint8Array, offset: number, length: number): void {
    const { fields } = this;
    fields.locate(bytes, offset, length);
    if (fields.pictureIdAt >= 0) this.admitPicture(fields.readPictureId(bytes), fields.long ? LONG : SHORT);
    if (fields.tl0At >= 0) this.tl0.admit(bytes[fields.tl0At]);
  }

  get pictureShift(): number {
    return this.highestOutput - this.highestInput;
  }

  get tl0Shift(): number {
    return this.tl0.output(0, this.era);
  }

  follow(pictureId: number, tl0PicIdx: number): void {
    if (pictureId >= 0) this.admitPicture(pictureId, this.modulus);
    if (tl0PicIdx >= 0) this.tl0.admit(tl0PicIdx);
  }

  drop(pictureId: number): void {
    if (pictureId < 0 || this.modulus === 0) return;
    const ahead = this.ahead(pictureId);
    if (ahead <= 0) return;
    this.skip(ahead - 1);
    this.highestInput = pictureId;
  }

  rewrite(bytes: Uint8Array, offset: number, length: number, era: number): void {
    this.fields.locate(bytes, offset, length);
    const { pictureIdAt, long, tl0At } = this.fields;
    if (pictureIdAt >= 0) {
      const output = this.output(this.fields.readPictureId(bytes), era);
      if (long) writeU16(bytes, pictureIdAt, 0x8000 | (output & 0x7fff));
      else bytes[pictureIdAt] = output & 0x7f;
    }
    if (tl0At >= 0) bytes[tl0At] = this.tl0.output(bytes[tl0At], era);
  }

  private admitPicture(input: number, modulus: number): void {
    if (this.modulus === 0) {
      this.modulus = modulus;
      this.highestOutput = this.highestOutput < 0 ? input : this.highestOutput + 1;
      this.place(input);
      return;
    }
    const ahead = this.ahead(input);
    if (ahead > 0) {
      this.skip(ahead - 1);
      this.highestOutput += 1;
      this.place(input);
    } else if (ahead < -HISTORY) {
      // Too far behind for a late packet: the sender counts anew.
      this.highestOutput += 1;
      this.place(input);
    }
  }

  private place(input: number): void {
    this.highestInput = input;
    this.pictures[this.highestOutput & MASK] = keyOf(input, this.era);
  }

  /** Pictures that have not come yet keep their place. */
  private skip(missing: number): void {
    for (let index = Math.max(0, missing - HISTORY); index < missing; index++) {
      const input = (this.highestInput + 1 + index) & (this.modulus - 1);
      this.pictures[(this.highestOutput + 1 + index) & MASK] = keyOf(input, this.era);
    }
    this.highestOutput += missing;
  }

  /** How far a picture is ahead of the newest one, on the circle of the present source. */
  private ahead(input: number): number {
    const distance = (input - this.highestInput) & (this.modulus - 1);
    return distance < this.modulus / 2 ? distance : distance - this.modulus;
  }

  /** The outgoing id, not wrapped. The picture written last is nearly always the one asked for. */
  private output(input: number, era: number): number {
    const key = keyOf(input, era);
    for (let back = 0; back < HISTORY; back++) {
      if (this.pictures[(this.highestOutput - back) & MASK] === key) return this.highestOutput - back;
    }
    return input;
  }
}

/** Of the era, 16 bits: no picture is remembered through as many. */
function keyOf(input: number, era: number): number {
  return ((era & 0xffff) << 15) | input;
}
