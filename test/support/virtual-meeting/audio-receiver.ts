import { tsDiff } from '#src/rtp/sequence.js';
import { JitterBuffer } from './jitter-buffer.js';

const FRAME_MS = 20;
const MIN_BUFFER_MS = 100;
const MAX_BUFFER_MS = 200;
const BUFFER_DECAY = 5;

/** Hears opus behind an adaptive jitter buffer: what does not come in time is concealed. */
export class AudioReceiver {
  packets = 0;
  private readonly buffer = new JitterBuffer(MIN_BUFFER_MS, MAX_BUFFER_MS, BUFFER_DECAY);
  private first = -1;
  /** By frame since the first: when it comes at the earliest, and whether it was there when it was to be played. */
  private readonly frames: { at: number; inTime: boolean }[] = [];

  receive(now: number, timestamp: number): void {
    if (this.first < 0) this.first = timestamp;
    const mediaMs = tsDiff(timestamp, this.first) / 48;
    const index = Math.round(mediaMs / FRAME_MS);
    if (index < 0) return;
    this.packets += 1;
    const lateness = this.buffer.observe(now, mediaMs);
    const inTime = now <= this.buffer.playAt(mediaMs);
    for (let frame = this.frames.length; frame <= index; frame++) {
      this.frames[frame] = { at: this.buffer.earliest(frame * FRAME_MS), inTime: false };
    }
    this.frames[index].inTime ||= inTime;
    this.buffer.adapt(now, lateness);
  }

  /** Part of the time that had to be concealed. */
  concealed(from: number, to: number): number {
    const expected = (to - from) / FRAME_MS;
    const played = this.frames.filter(({ at, inTime }) => inTime && at >= from && at < to).length;
    return Math.max(0, (expected - played - 1) / expected);
  }
}
