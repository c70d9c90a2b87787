// Hot path: admits() runs once per packet and receiver. It allocates nothing.
import { BaseLayerWatch } from './base-layer-watch.js';
import { type ForwardedPacket } from './forwarded-packet.js';
import { type LayerFilter } from './layer-filter.js';
import { Age, PictureLog } from './picture-log.js';
import { nextTemporalLayer } from './temporal-filter.js';

const MAX_SPATIAL_LAYER = 7;
const ALL_LAYERS = 0xff;
/** Pictures in a row without the layer that is shown, until it counts as gone: an encoder also drops single frames. */
const GONE_AFTER = 3;

/**
 * VP9 with spatial layers in one stream (RFC 9628): full SVC, k-SVC (layers depend on each other in key pictures only) and
 * layers that are independent of each other. One layer is shown; of those below it only what it needs is sent.
 *
 * Up at a frame that needs nothing which was left out: in a key picture, or where the layer begins without an earlier
 * picture (P = 0). Down at once while the lower layer was sent all along, as in full SVC; else by a key frame, and until
 * it comes only temporal layer 0 is sent.
 */
export class Vp9Filter implements LayerFilter {
  readonly steady = null;
  spatialLayer = 0;
  temporalLayer = 0;
  readonly decodeTargets = -1;
  private targetSpatial = 0;
  private targetTemporal = 0;
  /** Bit i: no frame of spatial layer i was left out since it began, so that what refers to its last ones can be decoded. */
  private alive = ALL_LAYERS;
  /** Bit i: layer i came in the newest picture so far, and in the one before it. */
  private present = 0;
  private presentBefore = 0;
  /** The newest picture ended, as its sender says, below the layer that is shown. */
  private endedBelow = false;
  /** Upper layers do without the lower ones between key pictures: only then may a lower layer be left out. */
  private independent = false;
  private keyPicture = false;
  private goneFor = 0;
  /** Of the packet that was admitted last: the layer that is shown of its picture. */
  private shown = 0;
  private readonly log = new PictureLog();
  private readonly base = new BaseLayerWatch();

  get needsKeyFrame(): boolean {
    const { spatialLayer, targetSpatial, goneFor } = this;
    if (this.base.broken || goneFor >= GONE_AFTER) return true;
    if (targetSpatial < spatialLayer) return true;
    const above = layersUpTo(targetSpatial) & ~layersUpTo(spatialLayer);
    return ((this.present | this.presentBefore) & above) !== 0;
  }

  setTarget(spatialLayer: number, temporalLayer: number): void {
    this.targetSpatial = Math.min(MAX_SPATIAL_LAYER, Math.max(0, spatialLayer));
    this.targetTemporal = Math.max(0, temporalLayer);
  }

  begin(packet: ForwardedPacket): void {
    this.log.clear();
    this.present = 0;
    this.presentBefore = 0;
    this.keyPicture = false;
    this.independent = false;
    this.startOver(packet);
  }

  admits(packet: ForwardedPacket): boolean {
    const { log } = this;
    const age = log.ageOf(packet.timestamp);
    if (age === Age.Older) return this.admitsLate(packet);
    const entry = age === Age.Newer ? this.newPicture(packet) : log.newest;
    const layer = 1 << packet.spatialLayer;
    if (packet.marker) this.endedBelow = packet.spatialLayer < this.spatialLayer;
    if (((log.forwardedOf(entry) | log.skippedOf(entry)) & layer) === 0) this.newFrame(packet, entry);
    if (packet.keyFrame && age === Age.Newest) this.beginningCame(entry);
    this.shown = log.spatialLayerOf(entry);
    return (log.forwardedOf(entry) & layer) !== 0;
  }

  marker(packet: ForwardedPacket): boolean {
    return packet.marker || (packet.endOfFrame && packet.spatialLayer === this.shown);
  }

  private newPicture(packet: ForwardedPacket): number {
    this.countAbsence();
    this.presentBefore = this.present;
    this.present = 0;
    this.keyPicture = packet.keyFrame;
    if (packet.keyFrame) {
      this.startOver(packet);
    } else {
      this.base.newPicture(packet);
      this.stepDown();
      const target = this.targetSpatial < this.spatialLayer ? 0 : this.targetTemporal;
      this.temporalLayer = nextTemporalLayer(packet, this.temporalLayer, target);
    }
    const admitted = packet.temporalLayer <= this.temporalLayer;
    return this.log.add(packet.timestamp, admitted, this.temporalLayer, this.spatialLayer);
  }

  /** A key picture: what is wished for holds at once. */
  private startOver(packet: ForwardedPacket): void {
    this.base.begin(packet);
    this.spatialLayer = this.targetSpatial;
    this.temporalLayer = this.targetTemporal;
    this.alive = ALL_LAYERS;
    this.goneFor = 0;
    this.endedBelow = false;
  }

  /** The first packet that comes of a frame of the newest picture decides for all of it. */
  private newFrame(packet: ForwardedPacket, entry: number): void {
    const { log } = this;
    const layer = 1 << packet.spatialLayer;
    this.present |= layer;
    if (packet.spatialLayer === this.spatialLayer) this.goneFor = 0;
    if (packet.spatialLayer > 0 && packet.interPicture) this.independent = !packet.interLayer;
    if (!log.isAdmitted(entry)) {
      log.skip(entry, layer);
    } else if (this.forwardsFrame(packet, entry)) {
      log.forward(entry, layer);
      log.setSpatialLayer(entry, this.spatialLayer);
      if (!packet.interPicture) this.alive |= layer;
    } else {
      log.skip(entry, layer);
      this.alive &= ~layer;
    }
  }

  private forwardsFrame(packet: ForwardedPacket, entry: number): boolean {
    const { spatialLayer } = packet;
    const above = spatialLayer > this.spatialLayer;
    if (packet.interPicture && (this.alive & (1 << spatialLayer)) === 0) return false;
    if (packet.interLayer && !this.hasLower(spatialLayer, entry, above)) return false;
    if (above) {
      // Upward in a picture of temporal layer 0, so that nothing of the layer's other pictures is missed.
      if (spatialLayer > this.targetSpatial || packet.temporalLayer > 0) return false;
      this.spatialLayer = spatialLayer;
      return true;
    }
    if (spatialLayer < this.spatialLayer && spatialLayer >= this.targetSpatial && !packet.interPicture) {
      this.spatialLayer = spatialLayer;
      return true;
    }
    return spatialLayer === this.spatialLayer || this.isNeeded(packet);
  }

  /**
   * A frame below the layer that is shown. That nothing above refers to it does not mean that it is not shown: the sender may
   * have dropped what is above, which is only known at the end of the picture. So key pictures are always sent whole.
   */
  private isNeeded(packet: ForwardedPacket): boolean {
    return !packet.notForUpper || !packet.interPicture || !this.independent;
  }

  /** The frame below in the same picture: one that did not come may still be repaired, but is no ground to switch upon. */
  private hasLower(spatialLayer: number, entry: number, certain: boolean): boolean {
    const lower = 1 << (spatialLayer - 1);
    return certain ? (this.log.forwardedOf(entry) & lower) !== 0 : (this.log.skippedOf(entry) & lower) === 0;
  }

  private stepDown(): void {
    for (let layer = this.targetSpatial; layer < this.spatialLayer; layer++) {
      if ((this.alive & (1 << layer)) === 0) continue;
      this.spatialLayer = layer;
      return;
    }
  }

  /** A sender that drops its highest layer marks the end of its pictures below it. */
  private countAbsence(): void {
    if (!this.endedBelow || (this.present & (1 << this.spatialLayer)) !== 0) return;
    this.endedBelow = false;
    this.goneFor = this.keyPicture ? GONE_AFTER : this.goneFor + 1;
    if (this.goneFor < GONE_AFTER) return;
    for (let layer = this.spatialLayer - 1; layer >= 0; layer--) {
      if ((this.alive & this.present & (1 << layer)) === 0) continue;
      this.spatialLayer = layer;
      this.goneFor = 0;
      return;
    }
  }

  /** The first packet of a key picture came after others of it. */
  private beginningCame(entry: number): void {
    this.base.repaired();
    this.alive = ALL_LAYERS & ~this.log.skippedOf(entry);
  }

  /** A packet of a picture that others have overtaken: as its frame was decided, or would have been at its time. */
  private admitsLate(packet: ForwardedPacket): boolean {
    const { log } = this;
    let entry = log.find(packet.timestamp);
    if (entry < 0) {
      const before = log.findBefore(packet.timestamp);
      if (before < 0) return false;
      this.base.latePicture(packet);
      const temporal = log.temporalLayerOf(before);
      const admitted = packet.temporalLayer <= temporal;
      entry = log.insert(packet.timestamp, admitted, temporal, log.spatialLayerOf(before));
    }
    const layer = 1 << packet.spatialLayer;
    this.shown = log.spatialLayerOf(entry);
    if (((log.forwardedOf(entry) | log.skippedOf(entry)) & layer) === 0) {
      const within =
        packet.spatialLayer === this.shown || (packet.spatialLayer < this.shown && this.isNeeded(packet));
      if (log.isAdmitted(entry) && within) log.forward(entry, layer);
      else log.skip(entry, layer);
      const left = log.isAdmitted(entry) && !within && packet.spatialLayer !== this.spatialLayer;
      if (left) this.alive &= ~layer;
    }
    return (log.forwardedOf(entry) & layer) !== 0;
  }
}

function layersUpTo(spatialLayer: number): number {
  return (2 << spatialLayer) - 1;
}
