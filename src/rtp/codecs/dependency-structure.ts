/**
 * Template dependency structure of the dependency descriptor (AV1 RTP specification, appendix A.8):
 * what the frames of a coded video sequence look like. It comes with a key frame and holds until the next.
 * Hot path: all tables are allocated once, for the largest structure that the syntax can express.
 */
import type { BitReader } from './bit-reader.js';

export const MAX_TEMPLATES = 64;
export const MAX_DECODE_TARGETS = 32;
/** At most one for each decode target. */
export const MAX_CHAINS = MAX_DECODE_TARGETS;
/** A difference in a template is 1-16, so more than 16 of them would say one twice. */
export const MAX_TEMPLATE_FDIFFS = 16;
const MAX_SPATIAL_LAYERS = 4;
const MAX_TEMPORAL_LAYERS = 8;

/** What a frame means to a decode target. */
export const DecodeTargetIndication = { NotPresent: 0, Discardable: 1, Switch: 2, Required: 3 } as const;

export class DependencyStructure {
  /** 0 until a structure was received. */
  templateCount = 0;
  templateIdOffset = 0;
  decodeTargetCount = 0;
  /** 0 when the structure does without chains. */
  chainCount = 0;
  /** The highest that a template names. */
  maxSpatialLayer = 0;
  maxTemporalLayer = 0;
  /** By template. */
  readonly spatialLayers = new Uint8Array(MAX_TEMPLATES);
  readonly temporalLayers = new Uint8Array(MAX_TEMPLATES);
  /** Row by row: template x MAX_DECODE_TARGETS + decode target. */
  readonly dtis = new Uint8Array(MAX_TEMPLATES * MAX_DECODE_TARGETS);
  readonly fdiffCounts = new Uint8Array(MAX_TEMPLATES);
  /** Row by row: template x MAX_TEMPLATE_FDIFFS + i. */
  readonly fdiffs = new Uint8Array(MAX_TEMPLATES * MAX_TEMPLATE_FDIFFS);
  /** Row by row: template x MAX_CHAINS + chain. */
  readonly chainFdiffs = new Uint8Array(MAX_TEMPLATES * MAX_CHAINS);
  /** By decode target: the chain that protects it. */
  readonly protectedBy = new Uint8Array(MAX_DECODE_TARGETS);
  /** By decode target: the highest layers in it. */
  readonly decodeTargetSpatialLayers = new Uint8Array(MAX_DECODE_TARGETS);
  readonly decodeTargetTemporalLayers = new Uint8Array(MAX_DECODE_TARGETS);
  hasResolutions = false;
  /** Pixels by spatial layer, up to `maxSpatialLayer`, when `hasResolutions`. */
  readonly widths = new Uint32Array(MAX_SPATIAL_LAYERS);
  readonly heights = new Uint32Array(MAX_SPATIAL_LAYERS);

  /** The last bitmask of the stream: bit i for decode target i. All ones when a structure comes without one. */
  activeDecodeTargets = 0;
  /** Frame that brought the structure, and frame that brought the bitmask; -1 before the first. */
  structureFrameNumber = -1;
  activeFrameNumber = -1;

  reset(): void {
    this.templateCount = 0;
    this.decodeTargetCount = 0;
    this.chainCount = 0;
    this.activeDecodeTargets = 0;
    this.structureFrameNumber = -1;
    this.activeFrameNumber = -1;
  }

  /** False when it is malformed or beyond the limits; the tables are then in no defined state. */
  parse(reader: BitReader): boolean {
    this.templateIdOffset = reader.bits(6);
    this.decodeTargetCount = reader.bits(5) + 1;
    if (!this.parseLayers(reader)) return false;
    this.parseDtis(reader);
    if (!this.parseFdiffs(reader)) return false;
    this.parseChains(reader);
    this.deriveDecodeTargetLayers();
    this.hasResolutions = reader.flag();
    if (this.hasResolutions) {
      for (let layer = 0; layer <= this.maxSpatialLayer; layer++) {
        this.widths[layer] = reader.bits(16) + 1;
        this.heights[layer] = reader.bits(16) + 1;
      }
    }
    this.activeDecodeTargets = 2 ** this.decodeTargetCount - 1;
    return !reader.overrun;
  }

  /** Template index of a frame, or -1 when the id belongs to another structure. */
  templateIndex(templateId: number): number {
    const index = (templateId + MAX_TEMPLATES - this.templateIdOffset) % MAX_TEMPLATES;
    return index < this.templateCount ? index : -1;
  }

  copyFrom(other: DependencyStructure): void {
    this.templateCount = other.templateCount;
    this.templateIdOffset = other.templateIdOffset;
    this.decodeTargetCount = other.decodeTargetCount;
    this.chainCount = other.chainCount;
    this.maxSpatialLayer = other.maxSpatialLayer;
    this.maxTemporalLayer = other.maxTemporalLayer;
    this.spatialLayers.set(other.spatialLayers);
    this.temporalLayers.set(other.temporalLayers);
    this.dtis.set(other.dtis);
    this.fdiffCounts.set(other.fdiffCounts);
    this.fdiffs.set(other.fdiffs);
    this.chainFdiffs.set(other.chainFdiffs);
    this.protectedBy.set(other.protectedBy);
    this.decodeTargetSpatialLayers.set(other.decodeTargetSpatialLayers);
    this.decodeTargetTemporalLayers.set(other.decodeTargetTemporalLayers);
    this.hasResolutions = other.hasResolutions;
    this.widths.set(other.widths);
    this.heights.set(other.heights);
    this.activeDecodeTargets = other.activeDecodeTargets;
    this.structureFrameNumber = other.structureFrameNumber;
    this.activeFrameNumber = other.activeFrameNumber;
  }

  private parseLayers(reader: BitReader): boolean {
    let spatial = 0;
    let temporal = 0;
    this.templateCount = 0;
    this.maxTemporalLayer = 0;
    for (;;) {
      if (this.templateCount === MAX_TEMPLATES || reader.overrun) return false;
      this.spatialLayers[this.templateCount] = spatial;
      this.temporalLayers[this.templateCount] = temporal;
      this.templateCount++;
      if (temporal > this.maxTemporalLayer) this.maxTemporalLayer = temporal;
      const next = reader.bits(2);
      if (next === 3) break;
      if (next === 1) {
        temporal++;
      } else if (next === 2) {
        temporal = 0;
        spatial++;
      }
      if (spatial >= MAX_SPATIAL_LAYERS || temporal >= MAX_TEMPORAL_LAYERS) return false;
    }
    this.maxSpatialLayer = spatial;
    return true;
  }

  private parseDtis(reader: BitReader): void {
    for (let template = 0; template < this.templateCount; template++) {
      const row = template * MAX_DECODE_TARGETS;
      for (let target = 0; target < this.decodeTargetCount; target++)
        this.dtis[row + target] = reader.bits(2);
    }
  }

  private parseFdiffs(reader: BitReader): boolean {
    for (let template = 0; template < this.templateCount; template++) {
      const row = template * MAX_TEMPLATE_FDIFFS;
      let count = 0;
      while (reader.flag()) {
        if (count === MAX_TEMPLATE_FDIFFS) return false;
        this.fdiffs[row + count++] = reader.bits(4) + 1;
      }
      this.fdiffCounts[template] = count;
    }
    return true;
  }

  private parseChains(reader: BitReader): void {
    this.chainCount = reader.nonSymmetric(this.decodeTargetCount + 1);
    if (this.chainCount === 0) return;
    for (let target = 0; target < this.decodeTargetCount; target++) {
      this.protectedBy[target] = reader.nonSymmetric(this.chainCount);
    }
    for (let template = 0; template < this.templateCount; template++) {
      const row = template * MAX_CHAINS;
      for (let chain = 0; chain < this.chainCount; chain++) this.chainFdiffs[row + chain] = reader.bits(4);
    }
  }

  private deriveDecodeTargetLayers(): void {
    for (let target = 0; target < this.decodeTargetCount; target++) {
      let spatial = 0;
      let temporal = 0;
      for (let template = 0; template < this.templateCount; template++) {
        if (this.dtis[template * MAX_DECODE_TARGETS + target] === DecodeTargetIndication.NotPresent) continue;
        spatial = Math.max(spatial, this.spatialLayers[template]);
        temporal = Math.max(temporal, this.temporalLayers[template]);
      }
      this.decodeTargetSpatialLayers[target] = spatial;
      this.decodeTargetTemporalLayers[target] = temporal;
    }
  }
}
