/** Frame intervals that the average is taken of (W3C webrtc-stats: freezeCount). */
const AVERAGE_OF = 30;
const FREEZE_FACTOR = 3;
const FREEZE_EXTRA_MS = 150;

export interface Freeze {
  /** When the picture stood still, and for how long. */
  at: number;
  ms: number;
}

export interface ShownFrame {
  at: number;
  layer: number;
  temporalLayer: number;
  key: boolean;
}

/** What was shown when, and how well. */
export class Playback {
  readonly shown: ShownFrame[] = [];

  /** W3C webrtc-stats: an interval longer than three times the average, or than the average and 150 ms. */
  freezes(from: number, to: number): Freeze[] {
    const freezes: Freeze[] = [];
    const intervals: number[] = [];
    const times = [...this.shown.map(({ at }) => at).filter((at) => at <= to), to];
    for (let index = 1; index < times.length; index++) {
      const ms = times[index] - times[index - 1];
      const average = intervals.reduce((sum, one) => sum + one, 0) / (intervals.length || 1);
      const limit = Math.max(FREEZE_FACTOR * average, average + FREEZE_EXTRA_MS);
      const frozen = intervals.length > 0 && ms > limit && times[index] > from;
      if (frozen) freezes.push({ at: times[index - 1], ms });
      else intervals.push(ms);
      if (intervals.length > AVERAGE_OF) intervals.shift();
    }
    return freezes;
  }

  longestGap(from: number, to: number): number {
    const times = [from, ...this.between(from, to).map(({ at }) => at), to];
    return Math.max(...times.slice(1).map((at, index) => at - times[index]));
  }

  framesPerSecond(from: number, to: number): number {
    return (this.between(from, to).length * 1000) / (to - from);
  }

  /** The layers shown, one after the other. */
  layers(from: number, to: number): number[] {
    const layers = this.between(from, to).map(({ layer }) => layer);
    return layers.filter((layer, index) => index === 0 || layer !== layers[index - 1]);
  }

  /** Part of the time, by frames, that this layer was shown. */
  share(layer: number, from: number, to: number): number {
    const frames = this.between(from, to);
    return frames.filter((frame) => frame.layer === layer).length / frames.length;
  }

  /** When the first frame of this layer or a higher one was shown; Infinity for never. */
  firstAt(layer: number, from = 0): number {
    return this.shown.find((frame) => frame.layer >= layer && frame.at >= from)?.at ?? Infinity;
  }

  private between(from: number, to: number): ShownFrame[] {
    return this.shown.filter(({ at }) => at >= from && at <= to);
  }
}
