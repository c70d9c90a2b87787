// Hot path: add() runs once per packet. It allocates nothing.

const BUCKETS = 25;

/** Something per second over a sliding window, kept in 25 buckets so that the cost does not depend on the rate. */
export class RateMeter {
  private readonly amounts = new Float64Array(BUCKETS);
  private readonly bucketMs: number;
  private newest = Number.NEGATIVE_INFINITY;
  private total = 0;
  private first = Number.NaN;

  /**
   * @param windowMs length of the window; mediasoup reports over 2,500 ms
   * @param leastSpanMs a stream younger than the window is measured over its own age, this at the least
   */
  constructor(
    private readonly windowMs = 2500,
    private readonly leastSpanMs = windowMs / BUCKETS,
  ) {
    this.bucketMs = windowMs / BUCKETS;
  }

  /** @param amount bytes, or whatever is counted */
  add(now: number, amount: number): void {
    this.advance(now);
    if (Number.isNaN(this.first)) this.first = now;
    this.amounts[this.newest % BUCKETS] += amount;
    this.total += amount;
  }

  /** @returns bits per second when bytes were added, 0 when the window is empty */
  rate(now: number): number {
    return Math.round(this.perSecond(now) * 8);
  }

  /** @returns what was added, per second; 0 when the window is empty */
  perSecond(now: number): number {
    if (Number.isNaN(this.first)) return 0;
    this.advance(now);
    const span = Math.min(this.windowMs, Math.max(this.leastSpanMs, now - this.first));
    return (this.total * 1000) / span;
  }

  private advance(now: number): void {
    const bucket = Math.max(0, Math.floor(now / this.bucketMs));
    if (bucket <= this.newest) return;
    const oldest = Math.max(0, this.newest + 1, bucket - BUCKETS + 1);
    for (let index = oldest; index <= bucket; index++) {
      const slot = index % BUCKETS;
      this.total -= this.amounts[slot];
      this.amounts[slot] = 0;
    }
    this.newest = bucket;
  }
}
