import type { Random } from './random.js';

export const FRAME_INTERVAL_MS = 1000 / 30;
/** How many times larger than others a key frame is. */
const KEY_FRAME_RATIO = 4;
/** Part of what was sent too much that each later frame saves. */
const REPAYMENT = 0.15;
/** Laplace scale of frame sizes (RFC 8593 section 5.1 leaves it to measurement: about 15% for a talking head). */
const SIZE_NOISE = 0.12;
/** Mean time between key frames that somebody asks for. */
const KEY_FRAME_INTERVAL_MS = 20_000;

/** Sizes of encoded frames around a bitrate (in the manner of RFC 8593's statistical model). */
export class VideoSource {
  /** Bits per second, RTP headers included. */
  bitrate = 0;
  private debt = 0;
  private nextKeyFrame = 0;

  constructor(private readonly random: Random) {}

  requestKeyFrame(): void {
    this.nextKeyFrame = 0;
  }

  /** Bytes. */
  nextFrame(now: number): number {
    const mean = (this.bitrate * FRAME_INTERVAL_MS) / 8000;
    const key = now >= this.nextKeyFrame;
    if (key) this.nextKeyFrame = now + 2000 + this.random.exponential(KEY_FRAME_INTERVAL_MS);
    const noise = Math.max(0.4, Math.min(2, this.random.laplace(1, SIZE_NOISE)));
    const saved = key ? 0 : this.debt * REPAYMENT;
    const size = Math.max(mean * 0.2, mean * noise * (key ? KEY_FRAME_RATIO : 1) - saved);
    // An encoder forgets old debts when its bitrate changes.
    this.debt = Math.max(-mean, Math.min(6 * mean, this.debt + size - mean));
    return Math.max(60, Math.round(size));
  }

  /** The encoder was not asked for this frame: that saves its bits. */
  skipFrame(): void {
    this.debt = Math.max(0, this.debt - (this.bitrate * FRAME_INTERVAL_MS) / 8000);
  }
}
