// Hot path: used for each packet and receiver. Nothing is allocated.
import { type DependencyDescriptor } from '../rtp/codecs/dependency-descriptor.js';
import { seqDiff } from '../rtp/sequence.js';

/** Frames that are remembered; a power of two. Some 8 s of three spatial layers at 30 pictures a second. */
export const FRAMES_KEPT = 512;
const SIZE = FRAMES_KEPT;
const MASK = SIZE - 1;

/** What became of a frame. Missing: newer ones came, it did not. */
export const FrameState = { Unknown: 0, Missing: 1, Forwarded: 2, Skipped: 3 } as const;

/** What was decided for the last frames, by their frame numbers (AV1 RTP specification A.8.2, 16 bits). */
export class FrameLog {
  /** The newest frame, -1 when there is none. */
  newest = -1;
  private readonly numbers = new Int32Array(SIZE).fill(-1);
  private readonly states = new Uint8Array(SIZE);
  /** The decode target that was in force. */
  private readonly targets = new Int8Array(SIZE);

  clear(): void {
    this.newest = -1;
    this.numbers.fill(-1);
  }

  /** How far a frame is ahead of the newest one; 1 for the first of all. */
  ahead(frameNumber: number): number {
    return this.newest < 0 ? 1 : seqDiff(frameNumber, this.newest);
  }

  stateOf(frameNumber: number): number {
    const slot = frameNumber & MASK;
    return this.numbers[slot] === frameNumber ? this.states[slot] : FrameState.Unknown;
  }

  targetOf(frameNumber: number): number {
    const slot = frameNumber & MASK;
    return this.numbers[slot] === frameNumber ? this.targets[slot] : -1;
  }

  set(frameNumber: number, state: number, target: number): void {
    const slot = frameNumber & MASK;
    this.numbers[slot] = frameNumber;
    this.states[slot] = state;
    this.targets[slot] = target;
  }

  /** Frames between the newest one and a newer one have not come yet. */
  skipTo(frameNumber: number, target: number): void {
    const missing = this.newest < 0 ? 0 : Math.min(SIZE, seqDiff(frameNumber, this.newest) - 1);
    for (let back = missing; back > 0; back--) {
      this.set((frameNumber - back) & 0xffff, FrameState.Missing, target);
    }
    this.newest = frameNumber;
  }

  /**
   * What became of the frames that this one refers to: Skipped when one of them was, else Forwarded when all of them were,
   * else Missing.
   */
  referencesOf(descriptor: DependencyDescriptor): number {
    const { frameNumber, fdiffs, fdiffCount } = descriptor;
    let result: number = FrameState.Forwarded;
    for (let index = 0; index < fdiffCount; index++) {
      const state = this.stateOf((frameNumber - fdiffs[index]) & 0xffff);
      if (state === FrameState.Skipped) return state;
      if (state !== FrameState.Forwarded) result = FrameState.Missing;
    }
    return result;
  }
}
