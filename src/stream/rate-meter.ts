// Hot path: add() runs once per packet. It allocates nothing.

const BUCKETS = 25;

/** Bits per second over a sliding window, kept in 25 buckets so that the cost does not depend on the rate. */
export class RateMeter {
  private readonly bytes = new Float64Array(BUCKETS);
  private readonly bucketMs: number;
  private newest = Number.NEGATIVE_INFINITY;
  private total = 0;
  private first = Number.NaN;

  /** @param windowMs length of the window; mediasoup reports over 2,500 ms */
  constructor(private readonly windowMs = 2500) {
    this.bucketMs = windowMs / BUCKETS;
  }

  add(now: number, bytes: number): void {
    this.advance(now);
    if (Number.isNaN(this.first)) this.first = now;
    this.bytes[this.newest % BUCKETS] += bytes;
    this.total += bytes;
  }

  /** @returns bits per second, 0 when the window is empty */
  rate(now: number): number {
    if (Number.isNaN(this.first)) return 0;
    this.advance(now);
    // A stream younger than the window is measured over its own age, one bucket at the least.
    const span = Math.min(this.windowMs, Math.max(this.bucketMs, now - this.first));
    return Math.round((this.total * 8 * 1000) / span);
  }

  private advance(now: number): void {
    const bucket = Math.max(0, Math.floor(now / this.bucketMs));
    if (bucket <= this.newest) return;
    const oldest = Math.max(0, this.newest + 1, bucket - BUCKETS + 1);
    for (let index = oldest; index <= bucket; index++) {
      const slot = index % BUCKETS;
      this.total -= this.bytes[slot];
      this.bytes[slot] = 0;
    }
    this.newest = bucket;
  }
}
