import { Vp8Descriptor } from '#src/rtp/codecs/vp8.js';
import { DependencyDescriptor } from '#src/rtp/codecs/dependency-descriptor.js';
import { DependencyStructure } from '#src/rtp/codecs/dependency-structure.js';
import type { RtpPacket } from '#src/rtp/rtp-packet.js';
import { type MediaTag, readTag } from './media-tag.js';
import { DEPENDENCY_ID } from './parameters.js';
import { type CompleteFrame, Unwrapper } from './vp8-references.js';

const KEPT = 2048;

interface MediaPacket {
  first: boolean;
  last: boolean;
  marker: boolean;
  tag: MediaTag;
  frame: CompleteFrame;
}

/** Puts frames together from packets without a gap between their first and their last. */
export class FrameAssembly {
  /** Things that must not be: what they are, in words. */
  readonly faults: string[] = [];
  /** The bitmask of active decode targets in force, -1 before the first. */
  activeDecodeTargets = -1;
  private readonly packets = new Map<number, MediaPacket>();
  private readonly done = new Set<number>();
  private readonly ids: Unwrapper;
  private readonly vp8 = new Vp8Descriptor();
  private readonly descriptor = new DependencyDescriptor();
  private readonly structure = new DependencyStructure();

  constructor(
    private readonly byDescriptor: boolean,
    private readonly complete: (frame: CompleteFrame) => void,
  ) {
    this.ids = new Unwrapper(byDescriptor ? 16 : 15);
  }

  /** @param sequence not wrapped */
  add(sequence: number, packet: RtpPacket): void {
    const payload = packet.bytes.subarray(packet.payloadOffset, packet.payloadOffset + packet.payloadLength);
    const media = this.byDescriptor ? this.readDescriptor(packet, payload) : this.readVp8(packet, payload);
    if (media === null) return;
    this.packets.set(sequence, media);
    this.packets.delete(sequence - KEPT);
    this.done.delete(sequence - KEPT);
    this.assemble(sequence);
  }

  private assemble(sequence: number): void {
    let first = sequence;
    while (this.packets.has(first) && !this.packets.get(first)!.first) first--;
    let last = sequence;
    while (this.packets.has(last) && !this.packets.get(last)!.last) last++;
    const packets: MediaPacket[] = [];
    for (let at = first; at <= last; at++) {
      const packet = this.packets.get(at);
      if (packet === undefined) return;
      packets.push(packet);
    }
    if (this.done.has(first)) return;
    this.done.add(first);
    this.check(packets);
    this.complete({ ...packets[0].frame, firstSequence: first, last: packets.at(-1)!.marker });
  }

  private check(packets: readonly MediaPacket[]): void {
    const [{ tag, frame }] = packets;
    const name = `frame ${frame.id} (${tag.frame} of layer ${tag.layer})`;
    if (packets.length !== tag.count)
      this.faults.push(`${name} has ${packets.length} of ${tag.count} packets`);
    for (const [index, packet] of packets.entries()) {
      const other = packet.tag;
      if (other.layer !== tag.layer || other.frame !== tag.frame || other.index !== index)
        this.faults.push(`${name} has a packet ${other.index} of ${other.frame} of layer ${other.layer}`);
      if (packet.frame.timestamp !== frame.timestamp) this.faults.push(`${name} has two timestamps`);
      if (packet.frame.id !== frame.id) this.faults.push(`${name} has two ids`);
    }
  }

  private readVp8(packet: RtpPacket, payload: Uint8Array): MediaPacket | null {
    const { vp8 } = this;
    if (!vp8.parse(payload, 0, payload.length)) {
      this.faults.push('a payload is not VP8');
      return null;
    }
    const tag = readTag(payload);
    const first = vp8.startOfPartition && vp8.partitionId === 0;
    const frame: CompleteFrame = {
      id: this.ids.unwrap(vp8.pictureId),
      firstSequence: -1,
      key: vp8.keyFrame,
      timestamp: packet.timestamp,
      temporalLayer: vp8.temporalLayer,
      tl0PicIdx: vp8.tl0PicIdx,
      layerSync: vp8.layerSync,
      last: true,
      references: [],
      layer: tag.layer,
      sourceFrame: tag.frame,
    };
    return { first, last: packet.marker, marker: packet.marker, tag, frame };
  }

  private readDescriptor(packet: RtpPacket, payload: Uint8Array): MediaPacket | null {
    const { descriptor, structure } = this;
    const at = packet.findExtension(DEPENDENCY_ID);
    if (at < 0) {
      this.faults.push('a packet without dependency descriptor');
      return null;
    }
    // Packets that come before the structure they refer to cannot be read, here as in libwebrtc.
    if (!descriptor.parse(packet.bytes, at, packet.extensionDataLength, structure)) return null;
    if (descriptor.activeDecodeTargetsPresent) this.activeDecodeTargets = descriptor.activeDecodeTargets;
    const tag = readTag(payload);
    const id = this.ids.unwrap(descriptor.frameNumber);
    const frame: CompleteFrame = {
      id,
      firstSequence: -1,
      key: descriptor.fdiffCount === 0,
      timestamp: packet.timestamp,
      temporalLayer: descriptor.temporalLayer,
      tl0PicIdx: -1,
      layerSync: false,
      last: packet.marker,
      references: Array.from(descriptor.fdiffs.subarray(0, descriptor.fdiffCount), (diff) => id - diff),
      layer: tag.layer,
      sourceFrame: tag.frame,
    };
    return {
      first: descriptor.startOfFrame,
      last: descriptor.endOfFrame,
      marker: packet.marker,
      tag,
      frame,
    };
  }
}
