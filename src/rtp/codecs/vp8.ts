/**
 * VP8 payload descriptor (RFC 7741 4.2) and the first bytes of the frame behind it. Hot path: allocates nothing.
 */
import { readU16, writeU16 } from '../bytes.js';

export class Vp8Descriptor {
  /** Bytes up to the VP8 payload. */
  descriptorLength = 0;
  /** The N bit: no other frame depends on this one. */
  nonReference = false;
  /** The S bit. */
  startOfPartition = false;
  partitionId = 0;
  /** -1 when there is none. */
  pictureId = -1;
  /** 7 or 15 bits, 0 when there is none; and where it stands, for `writeVp8PictureId`. */
  pictureIdLength = 0;
  pictureIdOffset = -1;
  /** 8 bits, -1 when there is none; and where it stands, for `writeVp8Tl0PicIdx`. */
  tl0PicIdx = -1;
  tl0PicIdxOffset = -1;
  /** 0-3, -1 when there is none. */
  temporalLayer = -1;
  /** The Y bit: depends on the base layer only, so that a receiver may switch up here. */
  layerSync = false;
  /** 5 bits, -1 when there is none. */
  keyIdx = -1;
  /** True only in the first packet of a key frame. */
  keyFrame = false;
  /** Pixels, in the first packet of a key frame; 0 otherwise. */
  width = 0;
  height = 0;

  /** False when the descriptor is cut short or nothing stands behind it. */
  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.reset();
    if (length < 1 || offset < 0 || offset + length > bytes.length) return false;
    const end = offset + length;
    const first = bytes[offset];
    let at = offset + 1;
    if ((first & 0x80) !== 0) {
      at = this.parseExtension(bytes, at, end);
      if (at < 0) return false;
    }
    if (at >= end) return false;
    this.nonReference = (first & 0x20) !== 0;
    this.startOfPartition = (first & 0x10) !== 0;
    this.partitionId = first & 0x07;
    this.descriptorLength = at - offset;
    if (this.startOfPartition && this.partitionId === 0 && (bytes[at] & 0x01) === 0) {
      this.keyFrame = true;
      this.readSize(bytes, at, end);
    }
    return true;
  }

  /** The offset behind the optional fields, or -1. */
  private parseExtension(bytes: Uint8Array, start: number, end: number): number {
    if (start >= end) return -1;
    const flags = bytes[start];
    let at = start + 1;
    if ((flags & 0x80) !== 0) {
      if (at >= end) return -1;
      const long = (bytes[at] & 0x80) !== 0;
      if (long && at + 2 > end) return -1;
      this.pictureId = long ? readU16(bytes, at) & 0x7fff : bytes[at];
      this.pictureIdLength = long ? 15 : 7;
      this.pictureIdOffset = at;
      at += long ? 2 : 1;
    }
    if ((flags & 0x40) !== 0) {
      if (at >= end) return -1;
      this.tl0PicIdx = bytes[at];
      this.tl0PicIdxOffset = at++;
    }
    if ((flags & 0x30) !== 0) {
      if (at >= end) return -1;
      const layers = bytes[at++];
      if ((flags & 0x20) !== 0) {
        this.temporalLayer = layers >> 6;
        this.layerSync = (layers & 0x20) !== 0;
      }
      if ((flags & 0x10) !== 0) this.keyIdx = layers & 0x1f;
    }
    return at;
  }

  /** Frame tag (3 bytes), start code 9d 01 2a, then width and height, little endian, 14 bits each (RFC 6386 9.1). */
  private readSize(bytes: Uint8Array, at: number, end: number): void {
    if (at + 10 > end || bytes[at + 3] !== 0x9d || bytes[at + 4] !== 0x01 || bytes[at + 5] !== 0x2a) return;
    this.width = ((bytes[at + 7] << 8) | bytes[at + 6]) & 0x3fff;
    this.height = ((bytes[at + 9] << 8) | bytes[at + 8]) & 0x3fff;
  }

  private reset(): void {
    this.descriptorLength = 0;
    this.nonReference = false;
    this.startOfPartition = false;
    this.partitionId = 0;
    this.pictureId = -1;
    this.pictureIdLength = 0;
    this.pictureIdOffset = -1;
    this.tl0PicIdx = -1;
    this.tl0PicIdxOffset = -1;
    this.temporalLayer = -1;
    this.layerSync = false;
    this.keyIdx = -1;
    this.keyFrame = false;
    this.width = 0;
    this.height = 0;
  }
}

/** Overwrites a picture id in place, in the form that stands there: `bitLength` 7 or 15. */
export function writeVp8PictureId(bytes: Uint8Array, offset: number, bitLength: number, value: number): void {
  if (bitLength === 15) writeU16(bytes, offset, 0x8000 | (value & 0x7fff));
  else bytes[offset] = value & 0x7f;
}

/** Overwrites TL0PICIDX in place. */
export function writeVp8Tl0PicIdx(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
}
