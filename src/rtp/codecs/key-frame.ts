/**
 * What a payload says of its frame, in the words that all codecs share (`FrameInfo`).
 * Answered from bytes that stay clear under end-to-end encryption. Hot path: `inspect` allocates nothing.
 */
import { Av1AggregationHeader } from './av1.js';
import { FrameFacts } from './frame-facts.js';
import { type FrameInfo } from './frame-info.js';
import { H264Payload } from './h264.js';
import { Vp8Descriptor } from './vp8.js';
import { Vp9Descriptor } from './vp9.js';

export interface PayloadInspector extends FrameInfo {
  /**
   * The window of an RTP payload and the marker bit. False: malformed; the fields then describe an ordinary frame of the
   * only layer, in one packet.
   */
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

class Vp8Inspector extends FrameFacts implements PayloadInspector {
  private readonly descriptor = new Vp8Descriptor();

  inspect(bytes: Uint8Array, offset: number, length: number, marker: boolean): boolean {
    this.forget();
    const { descriptor } = this;
    if (!descriptor.parse(bytes, offset, length)) return false;
    this.keyFrame = descriptor.keyFrame;
    this.startOfFrame = descriptor.startOfPartition && descriptor.partitionId === 0;
    this.endOfFrame = marker;
    this.temporalLayer = descriptor.temporalLayer > 0 ? descriptor.temporalLayer : 0;
    this.switchingPoint = this.temporalLayer === 0 || descriptor.layerSync;
    this.interPicture = !descriptor.keyFrame;
    this.pictureId = descriptor.pictureId;
    this.tl0PicIdx = descriptor.tl0PicIdx;
    return true;
  }
}

class Vp9Inspector extends FrameFacts implements PayloadInspector {
  private readonly descriptor = new Vp9Descriptor();

  inspect(bytes: Uint8Array, offset: number, length: number, _marker: boolean): boolean {
    this.forget();
    const { descriptor } = this;
    if (!descriptor.parse(bytes, offset, length)) return false;
    this.keyFrame = descriptor.keyFrame;
    this.startOfFrame = descriptor.startOfFrame;
    this.endOfFrame = descriptor.endOfFrame;
    this.spatialLayer = descriptor.spatialLayer;
    this.temporalLayer = descriptor.temporalLayer;
    this.switchingPoint = descriptor.temporalLayer === 0 || descriptor.switchingUp;
    this.interPicture = descriptor.interPicturePredicted;
    this.interLayer = descriptor.interLayerDependency;
    this.notForUpper = descriptor.notReferenceForUpperLayers;
    this.pictureId = descriptor.pictureId;
    this.tl0PicIdx = descriptor.tl0PicIdx;
    return true;
  }
}

class H264Inspector extends FrameFacts implements PayloadInspector {
  private readonly payload = new H264Payload();

  inspect(bytes: Uint8Array, offset: number, length: number, marker: boolean): boolean {
    this.forget();
    const { payload } = this;
    if (!payload.parse(bytes, offset, length)) return false;
    this.keyFrame = payload.keyFrame;
    this.startOfFrame = payload.startOfPicture;
    this.endOfFrame = marker;
    this.interPicture = !payload.keyFrame;
    return true;
  }
}

class Av1Inspector extends FrameFacts implements PayloadInspector {
  private readonly header = new Av1AggregationHeader();

  inspect(bytes: Uint8Array, offset: number, length: number, marker: boolean): boolean {
    this.forget();
    const { header } = this;
    if (!header.parse(bytes, offset, length)) return false;
    this.keyFrame = header.newSequence;
    this.startOfFrame = !header.continuesObu;
    this.endOfFrame = marker;
    this.interPicture = !header.newSequence;
    return true;
  }
}

class OpaqueInspector extends FrameFacts implements PayloadInspector {
  inspect(_bytes: Uint8Array, _offset: number, _length: number, _marker: boolean): boolean {
    return true;
  }
}
