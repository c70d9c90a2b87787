/**
 * One question for every codec: does a key frame start in this payload, and which layer is it?
 * Answered from bytes that stay clear under end-to-end encryption. Hot path: `inspect` allocates nothing.
 */
import { Av1AggregationHeader } from './av1.js';
import { H264Payload } from './h264.js';
import { Vp8Descriptor } from './vp8.js';
import { Vp9Descriptor } from './vp9.js';

export interface PayloadInspector {
  /** True in the first packet of a key frame (VP9: of its lowest spatial layer). */
  keyFrame: boolean;
  /** 0 when the payload does not tell. */
  spatialLayer: number;
  /** 0 when the payload does not tell. */
  temporalLayer: number;
  /** VP8 and VP9 PictureID, -1 when absent. */
  pictureId: number;
  /** VP8 and VP9 TL0PICIDX, -1 when absent. */
  tl0PicIdx: number;
  /** The window of an RTP payload and the marker bit. False: malformed, and the three answers are false, 0, 0. */
  inspect(bytes: Uint8Array, offset: number, length: number, marker: boolean): boolean;
}

/** True for codecs that a receiver can only start at a key frame, by `video/VP8` etc. (case-insensitive). */
export function canBeKeyFrame(mimeType: string): boolean {
  const lower = mimeType.toLowerCase();
  return lower === 'video/vp8' || lower === 'video/vp9' || lower === 'video/h264' || lower === 'video/av1';
}

/** Codecs that we do not look into get an inspector that never finds a key frame nor a fault. */
export function createPayloadInspector(mimeType: string): PayloadInspector {
  switch (mimeType.toLowerCase()) {
    case 'video/vp8':
      return new Vp8Inspector();
    case 'video/vp9':
      return new Vp9Inspector();
    case 'video/h264':
      return new H264Inspector();
    case 'video/av1':
      return new Av1Inspector();
    default:
      return new OpaqueInspector();
  }
}

class Vp8Inspector implements PayloadInspector {
  keyFrame = false;
  spatialLayer = 0;
  temporalLayer = 0;
  pictureId = -1;
  tl0PicIdx = -1;
  private readonly descriptor = new Vp8Descriptor();

  inspect(bytes: Uint8Array, offset: number, length: number, _marker: boolean): boolean {
    const ok = this.descriptor.parse(bytes, offset, length);
    this.keyFrame = ok && this.descriptor.keyFrame;
    this.temporalLayer = ok && this.descriptor.temporalLayer > 0 ? this.descriptor.temporalLayer : 0;
    this.pictureId = ok ? this.descriptor.pictureId : -1;
    this.tl0PicIdx = ok ? this.descriptor.tl0PicIdx : -1;
    return ok;
  }
}

class Vp9Inspector implements PayloadInspector {
  keyFrame = false;
  spatialLayer = 0;
  temporalLayer = 0;
  pictureId = -1;
  tl0PicIdx = -1;
  private readonly descriptor = new Vp9Descriptor();

  inspect(bytes: Uint8Array, offset: number, length: number, _marker: boolean): boolean {
    const ok = this.descriptor.parse(bytes, offset, length);
    this.keyFrame = ok && this.descriptor.keyFrame;
    this.spatialLayer = ok ? this.descriptor.spatialLayer : 0;
    this.temporalLayer = ok ? this.descriptor.temporalLayer : 0;
    this.pictureId = ok ? this.descriptor.pictureId : -1;
    this.tl0PicIdx = ok ? this.descriptor.tl0PicIdx : -1;
    return ok;
  }
}

class H264Inspector implements PayloadInspector {
  keyFrame = false;
  spatialLayer = 0;
  temporalLayer = 0;
  pictureId = -1;
  tl0PicIdx = -1;
  private readonly payload = new H264Payload();

  inspect(bytes: Uint8Array, offset: number, length: number, _marker: boolean): boolean {
    const ok = this.payload.parse(bytes, offset, length);
    this.keyFrame = ok && this.payload.keyFrame;
    return ok;
  }
}

class Av1Inspector implements PayloadInspector {
  keyFrame = false;
  spatialLayer = 0;
  temporalLayer = 0;
  pictureId = -1;
  tl0PicIdx = -1;
  private readonly header = new Av1AggregationHeader();

  inspect(bytes: Uint8Array, offset: number, length: number, _marker: boolean): boolean {
    const ok = this.header.parse(bytes, offset, length);
    this.keyFrame = ok && this.header.newSequence;
    return ok;
  }
}

class OpaqueInspector implements PayloadInspector {
  keyFrame = false;
  spatialLayer = 0;
  temporalLayer = 0;
  pictureId = -1;
  tl0PicIdx = -1;

  inspect(_bytes: Uint8Array, _offset: number, _length: number, _marker: boolean): boolean {
    return true;
  }
}
