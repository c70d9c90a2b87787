/**
 * Streams with temporal and spatial layers, as encoders make them, with what refers to what: the bits of each packet and,
 * apart from them, the truth that a filter is judged by.
 */
import { DependencyDescriptor } from '#src/rtp/codecs/dependency-descriptor.js';
import { describeFrame } from '#src/rtp/codecs/dependency-frame.js';
import { DependencyStructure } from '#src/rtp/codecs/dependency-structure.js';
import { createPayloadInspector } from '#src/rtp/codecs/key-frame.js';
import { ForwardedPacket } from '#src/router/forwarded-packet.js';
import { descriptorBytes, L1T3, L3T3, type StructureSpec } from '../rtp/codecs/dependency-bits.js';

export type Coding = 'vp8' | 'vp9' | 'vp9-flexible' | 'av1';
/** `full`: layers build on each other in each picture; `key`: in key pictures only. */
export type Dependencies = 'full' | 'key';

export interface LayeredFrame {
  id: number;
  picture: number;
  timestamp: number;
  spatial: number;
  temporal: number;
  key: boolean;
  /** Frames that this one cannot be decoded without. */
  references: LayeredFrame[];
}

export interface LayeredPacket {
  frame: LayeredFrame;
  sequenceNumber: number;
  first: boolean;
  last: boolean;
  marker: boolean;
  payload: Uint8Array;
  /** Data of the dependency descriptor; null for codings without one. */
  descriptor: Uint8Array | null;
}

export interface LayeredStreamOptions {
  coding: Coding;
  spatialLayers: number;
  dependencies?: Dependencies;
  packetsPerFrame?: number;
  firstFrameNumber?: number;
  /** Template ids move on with each key frame, as libwebrtc does it; false: they stay. */
  renumber?: boolean;
}

/** A group of four pictures: layers 0 2 1 2. */
const TEMPORAL = [0, 2, 1, 2];
const PICTURE_TICKS = 3000;

/** L3T3_KEY: as L3T3, but after the key picture the spatial layers are independent (AV1 RTP specification A.10.2). */
export const L3T3_KEY: StructureSpec = {
  idOffset: 20,
  protectedBy: [2, 2, 2, 1, 1, 1, 0, 0, 0],
  templates: [
    { spatial: 0, temporal: 0, dtis: 'SSSSSSSSS', fdiffs: [], chains: [0, 0, 0] },
    { spatial: 0, temporal: 0, dtis: '------SSS', fdiffs: [12], chains: [12, 11, 10] },
    { spatial: 0, temporal: 1, dtis: '------SD-', fdiffs: [6], chains: [6, 5, 4] },
    { spatial: 0, temporal: 2, dtis: '------D--', fdiffs: [3], chains: [3, 2, 1] },
    { spatial: 1, temporal: 0, dtis: 'SSSSSS---', fdiffs: [1], chains: [1, 1, 1] },
    { spatial: 1, temporal: 0, dtis: '---SSS---', fdiffs: [12], chains: [1, 12, 11] },
    { spatial: 1, temporal: 1, dtis: '---SD----', fdiffs: [6], chains: [7, 6, 5] },
    { spatial: 1, temporal: 2, dtis: '---D-----', fdiffs: [3], chains: [4, 3, 2] },
    { spatial: 2, temporal: 0, dtis: 'SSS------', fdiffs: [1], chains: [2, 1, 1] },
    { spatial: 2, temporal: 0, dtis: 'SSS------', fdiffs: [12], chains: [2, 1, 12] },
    { spatial: 2, temporal: 1, dtis: 'SD-------', fdiffs: [6], chains: [8, 7, 6] },
    { spatial: 2, temporal: 2, dtis: 'D--------', fdiffs: [3], chains: [5, 4, 3] },
  ],
};

export class LayeredStream {
  readonly mimeType: string;
  readonly frames: LayeredFrame[] = [];
  private readonly coding: Coding;
  private readonly spatialLayers: number;
  private readonly dependencies: Dependencies;
  private readonly packetsPerFrame: number;
  private structure: StructureSpec;
  private readonly renumber: boolean;
  private pictures = 0;
  private sequenceNumber = 60_000;
  private inGroup = 0;
  private group = 0;
  private tl0PicIdx = 250;
  private sent = 0;
  /** By spatial layer and temporal layer, the last frame; undefined when it cannot be referred to. */
  private last: (LayeredFrame | undefined)[][] = [];
  /** By chain, the last frame of it. */
  private chains: (LayeredFrame | undefined)[] = [];
  private readonly firstFrameNumber: number;

  constructor(options: LayeredStreamOptions) {
    this.coding = options.coding;
    this.spatialLayers = options.spatialLayers;
    this.dependencies = options.dependencies ?? 'full';
    this.packetsPerFrame = options.packetsPerFrame ?? 1;
    this.firstFrameNumber = options.firstFrameNumber ?? 65_500;
    this.mimeType = { vp8: 'video/VP8', vp9: 'video/VP9', 'vp9-flexible': 'video/VP9', av1: 'video/AV1' }[
      options.coding
    ];
    this.renumber = options.renumber ?? true;
    this.structure = options.spatialLayers === 1 ? L1T3 : this.dependencies === 'full' ? L3T3 : L3T3_KEY;
  }

  /** Temporal layer of the next picture, unless it is a key picture. */
  get nextTemporal(): number {
    return TEMPORAL[this.inGroup];
  }

  /**
   * The next picture, in packets.
   * @param layers spatial layers that the encoder sends at present; a layer comes (back) in a picture of temporal layer 0,
   * where layers do not build on each other in a key picture, which the encoder then makes unasked
   */
  picture(wantsKey: boolean, layers = this.spatialLayers): LayeredPacket[] {
    const key = wantsKey || (this.dependencies === 'key' && layers > this.sent);
    if (key) {
      this.inGroup = 0;
      this.last = [];
      this.group = 0;
      const { idOffset, templates } = this.structure;
      if (this.renumber) this.structure = { ...this.structure, idOffset: (idOffset + templates.length) % 64 };
    }
    const temporal = TEMPORAL[this.inGroup];
    if (temporal === 0) this.tl0PicIdx = (this.tl0PicIdx + 1) & 0xff;
    const before = this.sent;
    const possible = key || temporal === 0 ? layers : Math.min(layers, before);
    this.sent = possible;
    const active = key || possible !== before;
    const packets: LayeredPacket[] = [];
    let lower: LayeredFrame | undefined;
    for (let spatial = 0; spatial < possible; spatial++) {
      const frame = this.frame(spatial, temporal, key, lower);
      packets.push(...this.packetsOf(frame, spatial === possible - 1, active && spatial === 0));
      lower = frame;
    }
    for (let spatial = possible; spatial < this.spatialLayers; spatial++) this.last[spatial] = [];
    this.pictures += 1;
    this.inGroup = (this.inGroup + 1) % TEMPORAL.length;
    if (this.inGroup === 0) this.group += 1;
    return packets;
  }

  private frame(
    spatial: number,
    temporal: number,
    key: boolean,
    lower: LayeredFrame | undefined,
  ): LayeredFrame {
    const last = (this.last[spatial] ??= []);
    const references: (LayeredFrame | undefined)[] = [];
    if (!key) {
      if (temporal === 0) references.push(last[0]);
      else if (temporal === 1) references.push(last[0], this.synced ? undefined : last[1]);
      else if (this.inGroup === 1) references.push(last[0]);
      // The second picture of layer 2 refers to layer 1, and in VP8 to the first one of layer 2 too.
      else references.push(last[1], this.coding === 'vp8' ? last[2] : undefined);
    }
    if (key || this.dependencies === 'full' || last[0] === undefined) references.push(lower);
    const frame: LayeredFrame = {
      id: this.frames.length,
      picture: this.pictures,
      timestamp: (4_294_900_000 + this.pictures * PICTURE_TICKS) >>> 0,
      spatial,
      temporal,
      key,
      references: references.filter((reference) => reference !== undefined),
    };
    this.frames.push(frame);
    last[temporal] = frame;
    return frame;
  }

  /** In VP8 the picture of layer 1 needs no earlier one of its layer in every other group; in the others never. */
  private get synced(): boolean {
    return this.coding !== 'vp8' || this.group % 2 === 0;
  }

  private packetsOf(frame: LayeredFrame, top: boolean, active: boolean): LayeredPacket[] {
    const descriptors = this.coding === 'av1' ? this.descriptors(frame, active) : null;
    return Array.from({ length: this.packetsPerFrame }, (_, index) => {
      const first = index === 0;
      const last = index === this.packetsPerFrame - 1;
      const sequenceNumber = this.sequenceNumber;
      this.sequenceNumber = (sequenceNumber + 1) & 0xffff;
      const payload = this.payload(frame, first, last, top);
      const descriptor = descriptors?.(first, last) ?? null;
      return { frame, sequenceNumber, first, last, marker: last && top, payload, descriptor };
    });
  }

  private payload(frame: LayeredFrame, first: boolean, last: boolean, top: boolean): Uint8Array {
    if (this.coding === 'vp8') return this.vp8Payload(frame, first);
    if (this.coding === 'av1') return Uint8Array.from([(first ? 0 : 0x80) | 0x10, 0xee, 0xee]);
    return this.vp9Payload(frame, first, last, top);
  }

  private vp8Payload(frame: LayeredFrame, first: boolean): Uint8Array {
    const pictureId = (32_700 + frame.picture) & 0x7fff;
    // Y: in every picture of which the receiver of the base layer has all references.
    const sync = frame.temporal > 0 && frame.references.every((reference) => reference.temporal === 0);
    return Uint8Array.from([
      0x80 | (first ? 0x10 : 0),
      0xe0,
      0x80 | (pictureId >> 8),
      pictureId & 0xff,
      this.tl0PicIdx,
      (frame.temporal << 6) | (sync ? 0x20 : 0),
      frame.key ? 0x10 : 0x11,
      0,
      0,
    ]);
  }

  private vp9Payload(frame: LayeredFrame, first: boolean, last: boolean, top: boolean): Uint8Array {
    const flexible = this.coding === 'vp9-flexible';
    const pictureId = (32_700 + frame.picture) & 0x7fff;
    const earlier = frame.references.filter((reference) => reference.picture !== frame.picture);
    const interLayer = earlier.length < frame.references.length;
    const forUpper = !top && (frame.key || this.dependencies === 'full');
    const flags =
      0xa0 |
      (earlier.length > 0 ? 0x40 : 0) |
      (flexible ? 0x10 : 0) |
      (first ? 0x08 : 0) |
      (last ? 0x04 : 0) |
      (forUpper ? 0 : 0x01);
    const layers = (frame.temporal << 5) | 0x10 | (frame.spatial << 1) | (interLayer ? 1 : 0);
    const differences = earlier.map(
      (reference, index) => ((frame.picture - reference.picture) << 1) | (index < earlier.length - 1 ? 1 : 0),
    );
    return Uint8Array.from([
      flags,
      0x80 | (pictureId >> 8),
      pictureId & 0xff,
      layers,
      ...(flexible ? differences : [this.tl0PicIdx]),
      0xee,
    ]);
  }

  private descriptors(frame: LayeredFrame, active: boolean): (first: boolean, last: boolean) => Uint8Array {
    const { structure } = this;
    const fdiffs = frame.references.map((reference) => frame.id - reference.id);
    const chains = this.chainsOf(frame);
    const intraLayer = frame.references.some((reference) => reference.spatial === frame.spatial);
    const index = structure.templates.findIndex(
      (one) =>
        one.spatial === frame.spatial &&
        one.temporal === frame.temporal &&
        // The first template of a layer is that of its beginning.
        (frame.temporal > 0 || one.fdiffs.some((diff) => diff > 2) === intraLayer),
    );
    const template = structure.templates[index];
    const same = (a: number[], b: number[]): boolean => JSON.stringify(a) === JSON.stringify(b);
    const mask = this.activeMask();
    return (first, last) =>
      descriptorBytes({
        start: first,
        end: last,
        templateId: (structure.idOffset + index) % 64,
        frameNumber: (this.firstFrameNumber + frame.id) & 0xffff,
        structure: first && frame.key && frame.spatial === 0 ? structure : undefined,
        active: first && active ? [mask, template.dtis.length] : undefined,
        fdiffs: same(template.fdiffs, fdiffs) ? undefined : fdiffs,
        chains: same(template.chains, chains) ? undefined : chains,
      });
  }

  /** Decode targets, highest first, of the spatial layers that are sent. */
  private activeMask(): number {
    const targets = this.structure.templates[0].dtis.length;
    const off = (this.spatialLayers - this.sent) * 3;
    return ((2 ** targets - 1) >> off) << off;
  }

  private chainsOf(frame: LayeredFrame): number[] {
    if (frame.key && frame.spatial === 0) this.chains = [];
    const diffs = Array.from({ length: this.spatialLayers }, (_, chain) => {
      const before = this.chains[chain];
      return before === undefined ? 0 : frame.id - before.id;
    });
    for (let chain = 0; chain < this.spatialLayers; chain++) {
      const part =
        frame.key || this.dependencies === 'full' ? frame.spatial <= chain : frame.spatial === chain;
      if (frame.temporal === 0 && part) this.chains[chain] = frame;
    }
    return diffs;
  }
}

/** Reads packets as a producer does: by the descriptor when there is one, else by the payload. */
export class PacketReader {
  readonly forwarded = new ForwardedPacket();
  private readonly structure = new DependencyStructure();
  private readonly descriptor = new DependencyDescriptor();
  private readonly inspector;

  constructor(mimeType: string) {
    this.inspector = createPayloadInspector(mimeType);
  }

  read(packet: LayeredPacket): ForwardedPacket {
    const { forwarded, inspector } = this;
    const { payload, descriptor } = packet;
    inspector.inspect(payload, 0, payload.length, packet.marker);
    for (const name of [
      'keyFrame',
      'startOfFrame',
      'endOfFrame',
      'spatialLayer',
      'temporalLayer',
      'switchingPoint',
      'interPicture',
      'interLayer',
      'notForUpper',
      'pictureId',
      'tl0PicIdx',
    ] as const) {
      (forwarded as Record<typeof name, unknown>)[name] = inspector[name];
    }
    forwarded.sequenceNumber = packet.sequenceNumber;
    forwarded.timestamp = packet.frame.timestamp;
    forwarded.marker = packet.marker;
    forwarded.dependency = null;
    forwarded.structure = null;
    if (descriptor === null) return forwarded;
    forwarded.keyFrame = false;
    if (!this.descriptor.parse(descriptor, 0, descriptor.length, this.structure)) return forwarded;
    describeFrame(this.descriptor, this.structure, forwarded);
    forwarded.dependency = this.descriptor;
    forwarded.structure = this.structure;
    return forwarded;
  }
}
