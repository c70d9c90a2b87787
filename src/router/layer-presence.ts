// Hot path: received() runs once per received packet of a producer with several encodings. It allocates nothing.
import { tsDiff } from '../rtp/sequence.js';

/** Milliseconds of silence after which a layer is gone when it has missed more pictures than it does otherwise. */
const MISSED_MS = 150;
/** A layer that missed so many times what it misses at most has stopped: about three of its own picture intervals. */
const MISSED_TIMES = 2.5;
/** Milliseconds of silence after which two pictures of others are enough: when they are slow, or it is seldom on time. */
const OVERTAKEN_MS = 300;
/** Milliseconds that the others must have gone on for: what a stalled uplink lets go comes at once, in any order. */
const ALONE_MS = 100;
/** By picture; a layer that has left a gap counts as a slower one for a few seconds, and is not given up for the next. */
const USUAL_DECAY = 1 / 32;
const USUAL_AT_MOST = 6;

/**
 * Which layers of one picture are being sent, by comparison: when pictures come, but not of this layer, it is gone. When
 * nothing comes at all (a still screen, a stalled uplink) no layer is. Time is counted in pictures, so that a layer is given
 * up soon at a high frame rate and not too soon at a low one, and only looked at when a picture begins.
 */
export class LayerPresence {
  private readonly layers: LayerState[];
  /** Counts pictures: a round ends when a layer that was in it begins another one. */
  private round = 0;

  constructor(count: number) {
    this.layers = Array.from({ length: count }, () => new LayerState());
  }

  /** It came, and the others have not gone on without it. */
  arrives(index: number): boolean {
    return !this.layers[index].gone;
  }

  /** Another stream takes the layer's place: it is there with its first packet. */
  reset(index: number): void {
    this.layers[index] = new LayerState();
  }

  /** A packet with media, that came by itself. @returns a layer has gone, or this one is (back) there */
  received(now: number, index: number, timestamp: number): boolean {
    const layer = this.layers[index];
    let changed = layer.gone;
    const first = layer.timestamp < 0;
    if (first || tsDiff(timestamp, layer.timestamp) > 0) {
      layer.timestamp = timestamp;
      if (layer.begunIn === this.round && this.endRound(now)) changed = true;
      layer.begunIn = this.round;
      if (!first) layer.came(this.round - layer.round);
    }
    layer.gone = false;
    layer.round = this.round;
    layer.lastAt = now;
    return changed;
  }

  /** @returns a layer has gone */
  private endRound(now: number): boolean {
    this.round += 1;
    let changed = false;
    for (let index = 0; index < this.layers.length; index++) {
      const layer = this.layers[index];
      if (layer.gone) continue;
      const missed = this.round - layer.round;
      if (missed === 1) layer.overtakenAt = now;
      else if (hasStopped(now, layer, missed)) {
        layer.gone = true;
        changed = true;
      }
    }
    return changed;
  }
}

class LayerState {
  gone = true;
  lastAt = Number.NEGATIVE_INFINITY;
  /** Of the newest picture, -1 before the first. */
  timestamp = -1;
  /** In which round its newest picture began, and its last packet came. */
  begunIn = -1;
  round = 0;
  /** When the next round after that began. */
  overtakenAt = Number.NEGATIVE_INFINITY;
  /** Rounds from one picture to the next: the most of late. 1 for a layer that is in every one. */
  usual = 1;

  /** Another picture of it, so many rounds after the last one. */
  came(rounds: number): void {
    const missed = Math.min(Math.max(rounds, 1), USUAL_AT_MOST);
    this.usual = Math.max(missed, this.usual - (this.usual - missed) * USUAL_DECAY);
  }
}

function hasStopped(now: number, layer: LayerState, missed: number): boolean {
  if (now - layer.overtakenAt < ALONE_MS) return false;
  const silence = now - layer.lastAt;
  return silence >= OVERTAKEN_MS || (silence >= MISSED_MS && missed > layer.usual * MISSED_TIMES);
}
