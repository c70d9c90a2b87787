/**
 * Dependency descriptor header extension (AV1 RTP specification, appendix A). Hot path: allocates nothing.
 * One `DependencyDescriptor` serves many streams; each stream keeps its own `DependencyStructure`.
 */
import { readU16 } from '../bytes.js';
import { seqDiff } from '../sequence.js';
import { BitReader } from './bit-reader.js';
import {
  DependencyStructure,
  MAX_CHAINS,
  MAX_DECODE_TARGETS,
  MAX_TEMPLATE_FDIFFS,
} from './dependency-structure.js';

const MANDATORY_LENGTH = 3;
const MAX_FRAME_FDIFFS = 32;
/** A structure this many frames behind the one in use is a late packet; from farther away the stream has started anew. */
const LATE_FRAMES = 256;

export class DependencyDescriptor {
  startOfFrame = false;
  endOfFrame = false;
  templateId = 0;
  frameNumber = 0;
  spatialLayer = 0;
  temporalLayer = 0;
  /** The packet carries a template structure. */
  structurePresent = false;
  /** A coded video sequence starts here: the first packet of a frame that brings a structure and needs no other frame. */
  keyFrame = false;
  /** The packet carries a bitmask; `activeDecodeTargets` is else the one in force. */
  activeDecodeTargetsPresent = false;
  /** Bit i for decode target i. */
  activeDecodeTargets = 0;
  /** Entries in `dtis`. */
  decodeTargetCount = 0;
  /** Entries in `chainFdiffs`. */
  chainCount = 0;
  /** Entries in `fdiffs`; 0 for a frame that needs no other. */
  fdiffCount = 0;
  /** By decode target, a `DecodeTargetIndication`. */
  readonly dtis = new Uint8Array(MAX_DECODE_TARGETS);
  /** Frame numbers back to the frames that this one refers to. */
  readonly fdiffs = new Uint16Array(MAX_FRAME_FDIFFS);
  /** By chain, frame numbers back to the frame before in it; 0 when no earlier frame is needed. */
  readonly chainFdiffs = new Uint8Array(MAX_CHAINS);
  /** Pixels of this frame's spatial layer, 0 when the structure does not say. */
  width = 0;
  height = 0;

  private readonly reader = new BitReader();
  private readonly received = new DependencyStructure();

  /**
   * The window of the element's data. A structure or bitmask in it goes into `structure`, unless it is late.
   * False when it is malformed, or refers to a structure that we do not have; `structure` is then unchanged.
   */
  parse(bytes: Uint8Array, offset: number, length: number, structure: DependencyStructure): boolean {
    this.structurePresent = false;
    this.keyFrame = false;
    this.activeDecodeTargetsPresent = false;
    if (length < MANDATORY_LENGTH || offset < 0 || offset + length > bytes.length) return false;
    this.startOfFrame = (bytes[offset] & 0x80) !== 0;
    this.endOfFrame = (bytes[offset] & 0x40) !== 0;
    this.templateId = bytes[offset] & 0x3f;
    this.frameNumber = readU16(bytes, offset + 1);

    const reader = this.reader;
    reader.begin(bytes, offset + MANDATORY_LENGTH, length - MANDATORY_LENGTH);
    const flags = length > MANDATORY_LENGTH ? reader.bits(5) : 0;
    const structurePresent = (flags & 0x10) !== 0;
    const activePresent = (flags & 0x08) !== 0;
    if (structurePresent && !this.received.parse(reader)) return false;
    const current = structurePresent ? this.received : structure;
    const template = current.templateIndex(this.templateId);
    if (template < 0) return false;
    const active = activePresent ? reader.bits(current.decodeTargetCount) : current.activeDecodeTargets;

    this.readDtis(current, template, (flags & 0x04) !== 0);
    if (!this.readFdiffs(current, template, (flags & 0x02) !== 0)) return false;
    this.readChains(current, template, (flags & 0x01) !== 0);
    if (reader.overrun) return false;

    this.spatialLayer = current.spatialLayers[template];
    this.temporalLayer = current.temporalLayers[template];
    this.width = current.hasResolutions ? current.widths[this.spatialLayer] : 0;
    this.height = current.hasResolutions ? current.heights[this.spatialLayer] : 0;
    this.structurePresent = structurePresent;
    this.keyFrame = structurePresent && this.startOfFrame && this.fdiffCount === 0;
    this.activeDecodeTargetsPresent = activePresent;
    this.activeDecodeTargets = active;
    if (structurePresent) this.keepStructure(structure, active);
    else if (activePresent) this.keepActive(structure, active);
    return true;
  }

  private readDtis(current: DependencyStructure, template: number, custom: boolean): void {
    const row = template * MAX_DECODE_TARGETS;
    this.decodeTargetCount = current.decodeTargetCount;
    for (let target = 0; target < current.decodeTargetCount; target++) {
      this.dtis[target] = custom ? this.reader.bits(2) : current.dtis[row + target];
    }
  }

  private readFdiffs(current: DependencyStructure, template: number, custom: boolean): boolean {
    let count = 0;
    if (custom) {
      for (let size = this.reader.bits(2); size !== 0; size = this.reader.bits(2)) {
        if (count === MAX_FRAME_FDIFFS) return false;
        this.fdiffs[count++] = this.reader.bits(size * 4) + 1;
      }
    } else {
      const row = template * MAX_TEMPLATE_FDIFFS;
      while (count < current.fdiffCounts[template]) {
        this.fdiffs[count] = current.fdiffs[row + count];
        count++;
      }
    }
    this.fdiffCount = count;
    return true;
  }

  private readChains(current: DependencyStructure, template: number, custom: boolean): void {
    const row = template * MAX_CHAINS;
    this.chainCount = current.chainCount;
    for (let chain = 0; chain < current.chainCount; chain++) {
      this.chainFdiffs[chain] = custom ? this.reader.bits(8) : current.chainFdiffs[row + chain];
    }
  }

  private keepStructure(structure: DependencyStructure, active: number): void {
    if (isLate(this.frameNumber, structure.structureFrameNumber)) return;
    // The bitmask of a later frame may have overtaken the structure: it holds on, or one from between would be taken for newer.
    const overtaken =
      isLate(this.frameNumber, structure.activeFrameNumber) &&
      this.received.decodeTargetCount === structure.decodeTargetCount;
    this.received.activeDecodeTargets = overtaken ? structure.activeDecodeTargets : active;
    this.received.activeFrameNumber = overtaken ? structure.activeFrameNumber : this.frameNumber;
    this.received.structureFrameNumber = this.frameNumber;
    structure.copyFrom(this.received);
  }

  private keepActive(structure: DependencyStructure, active: number): void {
    if (isLate(this.frameNumber, structure.activeFrameNumber)) return;
    structure.activeDecodeTargets = active;
    structure.activeFrameNumber = this.frameNumber;
  }
}

function isLate(frameNumber: number, reference: number): boolean {
  if (reference < 0) return false;
  const distance = seqDiff(frameNumber, reference);
  return distance < 0 && distance >= -LATE_FRAMES;
}
