import { type DependencyDescriptor } from '../rtp/codecs/dependency-descriptor.js';
import { type DependencyStructure } from '../rtp/codecs/dependency-structure.js';
import { type FrameInfo } from '../rtp/codecs/frame-info.js';

/** A packet on its way through the fan-out: where it lies in the arena and what is known of it. One object, reused. */
export class ForwardedPacket implements FrameInfo {
  /** In the arena, in canonical form. */
  offset = 0;
  length = 0;
  headerLength = 0;
  /** It stays where it is for a while; else only until the fan-out is over. */
  kept = false;
  encodingIndex = 0;
  /** As received. */
  sequenceNumber = 0;
  timestamp = 0;
  marker = false;
  /** The router's. */
  payloadType = 0;
  keyFrame = false;
  startOfFrame = true;
  endOfFrame = true;
  spatialLayer = 0;
  temporalLayer = 0;
  switchingPoint = true;
  interPicture = true;
  interLayer = false;
  notForUpper = false;
  pictureId = -1;
  tl0PicIdx = -1;
  /** Opus in DTX: says only that there is nothing to hear. */
  silence = false;
  /** See StreamLog, which sets what follows: no packet of its stream was newer; it only continues the one before it. */
  newest = false;
  continues = false;
  /** Where a VP8 picture id (of 15 or 7 bits) and TL0PICIDX stand, from the start of the packet; -1 when there is none. */
  pictureIdAt = -1;
  longPictureId = false;
  tl0At = -1;
  /** abs-send-time of those that go out at once. */
  absSendTime = 0;
  /** The dependency descriptor of the packet, null when it has none (or one that cannot be read). */
  dependency: DependencyDescriptor | null = null;
  /** What it refers to: the structure of the stream; valid when `dependency` is. */
  structure: DependencyStructure | null = null;
}
