import { seqDiff } from '#src/rtp/sequence.js';

/** A frame all of whose packets came. */
export interface CompleteFrame {
  /** Picture id of VP8, frame number of the dependency descriptor, not wrapped. */
  id: number;
  firstSequence: number;
  key: boolean;
  timestamp: number;
  temporalLayer: number;
  tl0PicIdx: number;
  layerSync: boolean;
  /** The last one of its picture. */
  last: boolean;
  /** Ids of frames that must be decoded before, when known. */
  references: number[];
  /** Which layer of the publisher it is of. */
  layer: number;
  sourceFrame: number;
}

const MAX_STASHED = 100;
const MAX_LAYER_INFO = 50;
const MAX_NOT_YET_RECEIVED = 100;

/**
 * What refers to what in VP8, found out as libwebrtc's receivers do (modules/video_coding/rtp_vp8_ref_finder): by TL0PICIDX
 * and temporal layer; and a frame waits while a picture id between it and its reference has not come.
 */
export class Vp8References {
  /** By TL0PICIDX, not wrapped: the last frame of each temporal layer, -1 for none. */
  private readonly layers = new Map<number, number[]>();
  private readonly notYetReceived = new Set<number>();
  private stashed: { frame: CompleteFrame; tl0: number }[] = [];
  private lastId = -1;
  private lastTl0 = -1;

  constructor(private readonly found: (frame: CompleteFrame) => void) {}

  add(frame: CompleteFrame): void {
    const tl0 = this.unwrapTl0(frame.tl0PicIdx);
    this.noteGap(frame.id);
    if (frame.key) this.layers.set(tl0, [-1, -1, -1, -1]);
    for (const known of this.layers.keys()) if (known < tl0 - MAX_LAYER_INFO) this.layers.delete(known);
    if (!this.resolve(frame, tl0)) {
      this.stashed.push({ frame, tl0 });
      if (this.stashed.length > MAX_STASHED) this.stashed.shift();
      return;
    }
    this.retry();
  }

  private retry(): void {
    for (let again = true; again;) {
      again = false;
      const waiting = this.stashed;
      this.stashed = [];
      for (const entry of waiting) {
        if (this.resolve(entry.frame, entry.tl0)) again = true;
        else this.stashed.push(entry);
      }
    }
  }

  /** @returns whether it needs no more waiting: it was given on, or is of no use */
  private resolve(frame: CompleteFrame, tl0: number): boolean {
    const { id, temporalLayer } = frame;
    if (frame.key) return this.give(frame, tl0, []);
    if (temporalLayer === 0) {
      const before = this.layers.get(tl0 - 1);
      if (before === undefined) return false;
      this.layers.set(tl0, [...before]);
      return this.give(frame, tl0, [before[0]]);
    }
    const info = this.layers.get(tl0);
    if (info === undefined) return false;
    if (frame.layerSync) return this.give(frame, tl0, [info[0]]);
    const references: number[] = [];
    for (let layer = 0; layer <= temporalLayer; layer++) {
      const reference = info[layer];
      if (reference === -1) return false;
      if (reference > id) return true;
      for (const missing of this.notYetReceived) if (missing > reference && missing < id) return false;
      references.push(reference);
    }
    return this.give(frame, tl0, references);
  }

  private give(frame: CompleteFrame, tl0: number, references: number[]): true {
    const { id, temporalLayer } = frame;
    for (let at = tl0; this.layers.has(at); at++) {
      const info = this.layers.get(at)!;
      if (info[temporalLayer] > id) break;
      info[temporalLayer] = id;
    }
    this.notYetReceived.delete(id);
    this.found({ ...frame, references: references.filter((reference) => reference >= 0) });
    return true;
  }

  private noteGap(id: number): void {
    if (this.lastId < 0) this.lastId = id;
    while (this.lastId < id) {
      this.lastId += 1;
      this.notYetReceived.add(this.lastId);
    }
    for (const missing of this.notYetReceived) {
      if (missing < this.lastId - MAX_NOT_YET_RECEIVED) this.notYetReceived.delete(missing);
    }
  }

  private unwrapTl0(index: number): number {
    if (this.lastTl0 < 0) return (this.lastTl0 = index + 256);
    let ahead = (index - this.lastTl0) & 0xff;
    if (ahead >= 128) ahead -= 256;
    const unwrapped = this.lastTl0 + ahead;
    this.lastTl0 = Math.max(this.lastTl0, unwrapped);
    return unwrapped;
  }
}

/** Continues a 15- or 16-bit count without a wrap. */
export class Unwrapper {
  private last = -1;

  constructor(private readonly bits: 15 | 16) {}

  unwrap(value: number): number {
    const range = 2 ** this.bits;
    if (this.last < 0) return (this.last = range + value);
    const shift = 16 - this.bits;
    const ahead = seqDiff((value << shift) & 0xffff, ((this.last % range) << shift) & 0xffff) >> shift;
    const unwrapped = this.last + ahead;
    this.last = Math.max(this.last, unwrapped);
    return unwrapped;
  }
}
