/**
 * VP9 payload descriptor (RFC 9628 4.2). Hot path: allocates nothing.
 */
import { readU16 } from '../bytes.js';

const MAX_SPATIAL_LAYERS = 8;
const MAX_REFERENCES = 3;

export class Vp9Descriptor {
  /** Bytes up to the VP9 payload. */
  descriptorLength = 0;
  /** P: depends on an earlier picture. */
  interPicturePredicted = false;
  /** F: references are listed in each packet instead of following the scalability structure. */
  flexibleMode = false;
  /** B and E: first and last packet of the frame of one spatial layer. */
  startOfFrame = false;
  endOfFrame = false;
  /** Z: no frame of a higher spatial layer in this picture depends on this one. */
  notReferenceForUpperLayers = false;
  /** -1 when there is none. */
  pictureId = -1;
  /** 7 or 15 bits, 0 when there is none. */
  pictureIdLength = 0;
  pictureIdOffset = -1;
  /** False: no layer indices, the two layers below are 0. */
  hasLayers = false;
  temporalLayer = 0;
  spatialLayer = 0;
  /** U: from this frame on a receiver may switch up to this temporal layer. */
  switchingUp = false;
  /** D: depends on the next lower spatial layer of the same picture. */
  interLayerDependency = false;
  /** 8 bits, -1 when there is none (flexible mode). */
  tl0PicIdx = -1;
  tl0PicIdxOffset = -1;
  /** True in the first packet of a frame that needs no other frame. */
  keyFrame = false;

  /** V: the scalability structure is here; the fields below are 0 without it. */
  hasStructure = false;
  spatialLayerCount = 0;
  hasResolutions = false;
  /** Pixels by spatial layer, valid below `spatialLayerCount` when `hasResolutions`. */
  readonly widths = new Uint16Array(MAX_SPATIAL_LAYERS);
  readonly heights = new Uint16Array(MAX_SPATIAL_LAYERS);
  /** Pictures in the repeating group that the structure describes. */
  pictureGroupSize = 0;

  /** False when the descriptor is cut short or malformed, or nothing stands behind it. */
  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.reset();
    if (length < 1 || offset < 0 || offset + length > bytes.length) return false;
    const end = offset + length;
    const first = bytes[offset];
    const predicted = (first & 0x40) !== 0;
    const flexible = (first & 0x10) !== 0;
    let at = offset + 1;
    if ((first & 0x80) !== 0) at = this.parsePictureId(bytes, at, end);
    if (at >= 0 && (first & 0x20) !== 0) at = this.parseLayers(bytes, at, end, flexible);
    if (at >= 0 && flexible && predicted) at = skipReferences(bytes, at, end);
    if (at >= 0 && (first & 0x02) !== 0) at = this.parseStructure(bytes, at, end);
    if (at < 0 || at >= end) return false;
    this.interPicturePredicted = predicted;
    this.flexibleMode = flexible;
    this.startOfFrame = (first & 0x08) !== 0;
    this.endOfFrame = (first & 0x04) !== 0;
    this.notReferenceForUpperLayers = (first & 0x01) !== 0;
    this.descriptorLength = at - offset;
    this.keyFrame = this.startOfFrame && !predicted && this.spatialLayer === 0 && !this.interLayerDependency;
    return true;
  }

  private parsePictureId(bytes: Uint8Array, at: number, end: number): number {
    if (at >= end) return -1;
    const long = (bytes[at] & 0x80) !== 0;
    if (long && at + 2 > end) return -1;
    this.pictureId = long ? readU16(bytes, at) & 0x7fff : bytes[at];
    this.pictureIdLength = long ? 15 : 7;
    this.pictureIdOffset = at;
    return at + (long ? 2 : 1);
  }

  private parseLayers(bytes: Uint8Array, at: number, end: number, flexible: boolean): number {
    if (at + (flexible ? 1 : 2) > end) return -1;
    const layers = bytes[at];
    this.hasLayers = true;
    this.temporalLayer = layers >> 5;
    this.switchingUp = (layers & 0x10) !== 0;
    this.spatialLayer = (layers >> 1) & 0x07;
    this.interLayerDependency = (layers & 0x01) !== 0;
    if (flexible) return at + 1;
    this.tl0PicIdx = bytes[at + 1];
    this.tl0PicIdxOffset = at + 1;
    return at + 2;
  }

  private parseStructure(bytes: Uint8Array, start: number, end: number): number {
    if (start >= end) return -1;
    const head = bytes[start];
    const layers = (head >> 5) + 1;
    const resolutions = (head & 0x10) !== 0;
    let at = start + 1;
    if (resolutions) {
      if (at + layers * 4 > end) return -1;
      for (let layer = 0; layer < layers; layer++, at += 4) {
        this.widths[layer] = readU16(bytes, at);
        this.heights[layer] = readU16(bytes, at + 2);
      }
    }
    let groupSize = 0;
    if ((head & 0x08) !== 0) {
      if (at >= end) return -1;
      groupSize = bytes[at++];
      for (let i = 0; i < groupSize; i++) {
        if (at >= end) return -1;
        at += 1 + ((bytes[at] >> 2) & 0x03);
      }
      if (at > end) return -1;
    }
    this.hasStructure = true;
    this.spatialLayerCount = layers;
    this.hasResolutions = resolutions;
    this.pictureGroupSize = groupSize;
    return at;
  }

  private reset(): void {
    this.descriptorLength = 0;
    this.interPicturePredicted = false;
    this.flexibleMode = false;
    this.startOfFrame = false;
    this.endOfFrame = false;
    this.notReferenceForUpperLayers = false;
    this.pictureId = -1;
    this.pictureIdLength = 0;
    this.pictureIdOffset = -1;
    this.hasLayers = false;
    this.temporalLayer = 0;
    this.spatialLayer = 0;
    this.switchingUp = false;
    this.interLayerDependency = false;
    this.tl0PicIdx = -1;
    this.tl0PicIdxOffset = -1;
    this.keyFrame = false;
    this.hasStructure = false;
    this.spatialLayerCount = 0;
    this.hasResolutions = false;
    this.pictureGroupSize = 0;
  }
}

/** One to three reference differences; the low bit of each says that another follows. */
function skipReferences(bytes: Uint8Array, start: number, end: number): number {
  for (let i = 0; i < MAX_REFERENCES; i++) {
    if (start + i >= end) return -1;
    if ((bytes[start + i] & 0x01) === 0) return start + i + 1;
  }
  return -1;
}
