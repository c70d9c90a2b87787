// Hot path: used for each packet and receiver. Nothing is allocated.
import { tsDiff } from '../rtp/sequence.js';

/** Pictures that are remembered, for packets that come late; a power of two. Two seconds at 30 pictures a second. */
const SIZE = 64;
const MASK = SIZE - 1;
/** Ten seconds of the 90 kHz clock: nothing comes as late as that, so the sender's clock has been set anew. */
const MAX_AGE = 900_000;

/** How a packet's picture stands to those that are known. */
export const Age = { Older: 0, Newest: 1, Newer: 2 } as const;

/** A decision's bits: spatial layers forwarded, spatial layers left out, temporal and spatial layer in force, admitted. */
const SKIPPED_AT = 8;
const TEMPORAL_AT = 16;
const SPATIAL_AT = 24;
const ADMITTED = 1 << 28;

/** What was decided for the last pictures, by their RTP timestamps: all packets of a frame get one decision. */
export class PictureLog {
  /** Entry of the newest picture, -1 when there is none. */
  newest = -1;
  private readonly timestamps = new Uint32Array(SIZE);
  /** All that was decided, packed: see the bits above. */
  private readonly decisions = new Int32Array(SIZE);
  private count = 0;

  clear(): void {
    this.count = 0;
    this.newest = -1;
  }

  ageOf(timestamp: number): number {
    if (this.newest < 0) return Age.Newer;
    const distance = tsDiff(timestamp, this.timestamps[this.newest]);
    if (distance === 0) return Age.Newest;
    return distance > 0 || distance < -MAX_AGE ? Age.Newer : Age.Older;
  }

  /** A picture that is newer than all others. @returns its entry */
  add(timestamp: number, admitted: boolean, temporalLayer: number, spatialLayer: number): number {
    if (this.newest >= 0 && tsDiff(timestamp, this.timestamps[this.newest]) < 0) this.clear();
    this.newest = this.insert(timestamp, admitted, temporalLayer, spatialLayer);
    return this.newest;
  }

  /** A picture that others have overtaken. @returns its entry */
  insert(timestamp: number, admitted: boolean, temporalLayer: number, spatialLayer: number): number {
    if ((this.count & MASK) === this.newest) this.count += 1;
    const entry = this.count & MASK;
    this.count += 1;
    this.timestamps[entry] = timestamp;
    this.decisions[entry] =
      (admitted ? ADMITTED : 0) |
      ((temporalLayer & 0xff) << TEMPORAL_AT) |
      ((spatialLayer & 0xf) << SPATIAL_AT);
    return entry;
  }

  isAdmitted(entry: number): boolean {
    return (this.decisions[entry] & ADMITTED) !== 0;
  }

  /** The highest temporal layer in force when the picture was decided. */
  temporalLayerOf(entry: number): number {
    return (this.decisions[entry] >> TEMPORAL_AT) & 0xff;
  }

  spatialLayerOf(entry: number): number {
    return (this.decisions[entry] >> SPATIAL_AT) & 0xf;
  }

  setSpatialLayer(entry: number, spatialLayer: number): void {
    this.decisions[entry] = (this.decisions[entry] & ~(0xf << SPATIAL_AT)) | (spatialLayer << SPATIAL_AT);
  }

  /** Bit i: the frame of spatial layer i is forwarded. */
  forwardedOf(entry: number): number {
    return this.decisions[entry] & 0xff;
  }

  /** Bit i: the frame of spatial layer i is left out. Neither is set when nothing of it has come. */
  skippedOf(entry: number): number {
    return (this.decisions[entry] >> SKIPPED_AT) & 0xff;
  }

  /** @param layers bit i: spatial layer i */
  forward(entry: number, layers: number): void {
    this.decisions[entry] |= layers;
  }

  skip(entry: number, layers: number): void {
    this.decisions[entry] |= layers << SKIPPED_AT;
  }

  /** @returns the entry of a picture, -1 when it is not known */
  find(timestamp: number): number {
    const known = Math.min(this.count, SIZE);
    for (let entry = 0; entry < known; entry++) if (this.timestamps[entry] === timestamp) return entry;
    return -1;
  }

  /** @returns the entry of the newest picture that is older than `timestamp`, -1 when there is none */
  findBefore(timestamp: number): number {
    const known = Math.min(this.count, SIZE);
    let best = -1;
    for (let entry = 0; entry < known; entry++) {
      if (tsDiff(timestamp, this.timestamps[entry]) <= 0) continue;
      if (best < 0 || tsDiff(this.timestamps[entry], this.timestamps[best]) > 0) best = entry;
    }
    return best;
  }
}
