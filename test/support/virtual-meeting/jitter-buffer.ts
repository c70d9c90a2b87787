/** Milliseconds by which the earliest arrival is forgotten in a second: clocks drift, and paths become longer. */
const BASE_RISE = 1;

/** When something of a media time should be played: as late as the jitter of the last seconds asks for. */
export class JitterBuffer {
  /** What is waited beyond the earliest arrival. */
  targetMs: number;
  private base = Infinity;
  private basedAt = 0;
  private observedAt = 0;

  constructor(
    private readonly minMs: number,
    private readonly maxMs: number,
    /** By so much the target falls in a second while nothing is late. */
    private readonly decay: number,
  ) {
    this.targetMs = minMs;
  }

  /** @param mediaMs the media time, in milliseconds from any beginning @returns how late it is against the earliest */
  observe(now: number, mediaMs: number): number {
    const sample = now - mediaMs;
    if (this.base < Infinity) this.base += ((now - this.basedAt) / 1000) * BASE_RISE;
    this.basedAt = now;
    this.base = Math.min(this.base, sample);
    return sample - this.base;
  }

  /** Learns from the lateness of something. */
  adapt(now: number, latenessMs: number): void {
    const fallen = this.targetMs - ((now - this.observedAt) / 1000) * this.decay;
    this.observedAt = now;
    this.targetMs = Math.min(this.maxMs, Math.max(this.minMs, fallen, latenessMs));
  }

  playAt(mediaMs: number): number {
    return this.earliest(mediaMs) + this.targetMs;
  }

  /** When it would come without any delay beyond the least. */
  earliest(mediaMs: number): number {
    return this.base + mediaMs;
  }
}
