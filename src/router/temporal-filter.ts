// Hot path: admits() runs once per packet and receiver. It allocates nothing.
import { BaseLayerWatch } from './base-layer-watch.js';
import { type LayerFilter, type SteadyFilter } from './layer-filter.js';
import { Age, PictureLog } from './picture-log.js';
import { type FollowedPacket } from './stream-log.js';

/**
 * Temporal layers of a stream with one spatial layer: VP8, and simulcast of other codecs as far as they tell the layer.
 * Down at once; up by one layer at a time, at a picture that says it needs no earlier one of its layer (RFC 7741 Y).
 */
export class TemporalFilter implements LayerFilter {
  readonly spatialLayer = 0;
  temporalLayer = 0;
  readonly decodeTargets = -1;
  private target = 0;
  private readonly log = new PictureLog();
  private readonly base = new BaseLayerWatch();

  get needsKeyFrame(): boolean {
    return this.base.broken;
  }

  get steady(): SteadyFilter | null {
    return this.target === this.temporalLayer && this.base.whole ? this : null;
  }

  setTarget(_spatialLayer: number, temporalLayer: number): void {
    this.target = Math.max(0, temporalLayer);
  }

  begin(packet: FollowedPacket): void {
    this.temporalLayer = this.target;
    this.base.begin(packet);
    this.log.clear();
  }

  admits(packet: FollowedPacket): boolean {
    const age = this.log.ageOf(packet.timestamp);
    if (age === Age.Newer) return this.newPicture(packet);
    const entry = age === Age.Newest ? this.log.newest : this.log.find(packet.timestamp);
    if (entry < 0) return this.latePicture(packet);
    if (packet.keyFrame) this.base.repaired();
    return this.log.isAdmitted(entry);
  }

  marker(packet: FollowedPacket): boolean {
    return packet.marker;
  }

  private newPicture(packet: FollowedPacket): boolean {
    if (packet.keyFrame) {
      this.base.begin(packet);
      this.temporalLayer = this.target;
    } else {
      this.base.newPicture(packet);
      this.temporalLayer = nextTemporalLayer(packet, this.temporalLayer, this.target);
    }
    const admitted = packet.temporalLayer <= this.temporalLayer;
    this.log.add(packet.timestamp, admitted, this.temporalLayer, 0);
    return admitted;
  }

  /** A picture of which nothing had come: it is judged by what was forwarded at its time. */
  private latePicture(packet: FollowedPacket): boolean {
    const { log } = this;
    const before = log.findBefore(packet.timestamp);
    if (before < 0) return false;
    this.base.latePicture(packet);
    const layer = log.temporalLayerOf(before);
    const admitted = packet.temporalLayer <= layer;
    log.insert(packet.timestamp, admitted, layer, 0);
    return admitted;
  }
}

/**
 * The highest temporal layer to forward from a new picture on. Upward by one layer only: a picture of the next but one may
 * refer to pictures of the layer between, which the receiver does not have.
 */
export function nextTemporalLayer(packet: FollowedPacket, current: number, target: number): number {
  if (target <= current) return target;
  return packet.switchingPoint && packet.temporalLayer === current + 1 ? current + 1 : current;
}
