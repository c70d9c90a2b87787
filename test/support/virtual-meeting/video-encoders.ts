import type { Random } from '../netem/random.js';
import { LayeredStream } from '../layered-stream.js';
import { TAG_BYTES, writeTag } from './media-tag.js';

export interface EncodedPacket {
  payload: Uint8Array;
  marker: boolean;
  /** Data of the dependency descriptor. */
  descriptor: Uint8Array | null;
}

/** Makes the pictures of one RTP stream. */
export interface VideoEncoder {
  readonly mimeType: string;
  readonly framesPerSecond: number;
  encode(key: boolean): EncodedPacket[];
}

const FRAMES_PER_SECOND = 25;
const MAX_PAYLOAD = 1150;
const MIN_PAYLOAD = 40;
/** Layers 0 2 1 2, as libwebrtc encodes them; the lowest one has the largest pictures. */
const TEMPORAL = [0, 2, 1, 2];
const WEIGHT = [1.6, 0.8, 0.8];

/** One simulcast layer of VP8 with three temporal layers. */
export class Vp8Encoder implements VideoEncoder {
  readonly mimeType = 'video/VP8';
  private pictureId: number;
  private tl0PicIdx: number;
  private inGroup = 0;
  private groups = 0;
  private frames = 0;

  constructor(
    readonly layer: number,
    /** Of RTP payload. */
    public bps: number,
    private readonly random: Random,
    /** So much larger than other frames is a key frame. */
    private readonly keyFrameFactor = 6,
    readonly framesPerSecond = FRAMES_PER_SECOND,
  ) {
    this.pictureId = Math.floor(random.between(0, 0x8000));
    this.tl0PicIdx = Math.floor(random.between(0, 0x100));
  }

  encode(key: boolean): EncodedPacket[] {
    if (key) this.inGroup = 0;
    const temporal = TEMPORAL[this.inGroup];
    this.pictureId = (this.pictureId + 1) & 0x7fff;
    if (temporal === 0) this.tl0PicIdx = (this.tl0PicIdx + 1) & 0xff;
    const average = this.bps / 8 / this.framesPerSecond;
    const factor = key ? this.keyFrameFactor : WEIGHT[temporal] * this.random.between(0.8, 1.2);
    const packets = this.packets(Math.round(average * factor), key, temporal);
    this.frames += 1;
    this.inGroup = (this.inGroup + 1) % TEMPORAL.length;
    if (this.inGroup === 0) this.groups += 1;
    return packets;
  }

  private packets(bytes: number, key: boolean, temporal: number): EncodedPacket[] {
    const count = Math.max(1, Math.ceil(bytes / MAX_PAYLOAD));
    const size = Math.max(MIN_PAYLOAD, Math.ceil(bytes / count));
    return Array.from({ length: count }, (_, index) => {
      const payload = new Uint8Array(size);
      payload[0] = 0x80 | (index === 0 ? 0x10 : 0);
      payload[1] = 0xe0;
      payload[2] = 0x80 | (this.pictureId >> 8);
      payload[3] = this.pictureId & 0xff;
      payload[4] = this.tl0PicIdx;
      payload[5] = (temporal << 6) | (this.refersToBaseOnly(temporal) ? 0x20 : 0);
      payload[6] = key ? 0x10 : 0x11;
      writeTag(payload, { layer: this.layer, frame: this.frames, index, count });
      return { payload, marker: index === count - 1, descriptor: null };
    });
  }

  /** The Y bit. */
  private refersToBaseOnly(temporal: number): boolean {
    return temporal === 1 ? this.groups % 2 === 0 : temporal === 2 && this.inGroup === 1;
  }
}

/** AV1 with a dependency descriptor: L1T3 for one simulcast layer, or L3T3_KEY. */
export class Av1Encoder implements VideoEncoder {
  readonly mimeType = 'video/AV1';
  readonly framesPerSecond = FRAMES_PER_SECOND;
  private readonly stream: LayeredStream;
  private readonly frames: number[] = [];

  /**
   * @param bps of RTP payload by spatial layer
   * @param layer of simulcast; the layers of SVC are counted from it
   */
  constructor(
    private readonly bps: readonly number[],
    private readonly layer: number,
    firstFrameNumber: number,
    private readonly packetsPerFrame = 3,
  ) {
    this.stream = new LayeredStream({
      coding: 'av1',
      spatialLayers: bps.length,
      dependencies: 'key',
      packetsPerFrame,
      firstFrameNumber,
    });
  }

  encode(key: boolean): EncodedPacket[] {
    const seen = new Map<number, number>();
    return this.stream.picture(key).map((packet) => {
      const { spatial, temporal } = packet.frame;
      const average = this.bps[spatial] / 8 / this.framesPerSecond / this.packetsPerFrame;
      const size = Math.round(average * (packet.frame.key ? 4 : WEIGHT[temporal]));
      const payload = new Uint8Array(Math.min(MAX_PAYLOAD, Math.max(MIN_PAYLOAD, size)) + TAG_BYTES);
      payload.set(packet.payload);
      const index = seen.get(spatial) ?? 0;
      if (index === 0) this.frames[spatial] = (this.frames[spatial] ?? -1) + 1;
      seen.set(spatial, index + 1);
      const { frames, packetsPerFrame: count } = this;
      writeTag(payload, { layer: this.layer + spatial, frame: frames[spatial], index, count });
      return { payload, marker: packet.marker, descriptor: packet.descriptor };
    });
  }
}
