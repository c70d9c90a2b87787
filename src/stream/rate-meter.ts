// Hot path: add() runs once per packet, and for each receiver. It allocates nothing, and touches two numbers: with hundreds of
// receivers what a packet costs is the memory it has to wait for.

const BUCKETS = 25;

/** Something per second over a sliding window, kept in 25 buckets so that the cost does not depend on the rate. */
export class RateMeter {
  /** All that was ever added. */
  total = 0;
  /** Until then the bucket stays the same. */
  private bucketEnd = Number.NEGATIVE_INFINITY;
  /** What `total` was when each of the last buckets began. */
  private beginnings: Float64Array | null = null;
  private readonly bucketMs: number;
  private newest = 0;
  /** When the first was added, and in which bucket. */
  private first = Number.NaN;
  private firstBucket = 0;

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
    if (now >= this.bucketEnd) this.advance(now);
    this.total += amount;
  }

  /** @returns bits per second when bytes were added, 0 when the window is empty */
  rate(now: number): number {
    return Math.round(this.perSecond(now) * 8);
  }

  /** @returns what was added, per second; 0 when the window is empty */
  perSecond(now: number): number {
    return RateMeter.sumPerSecond(now, this);
  }

  /** Of several meters with the same window, as if all had been added to one. */
  static sumPerSecond(now: number, ...meters: RateMeter[]): number {
    let amount = 0;
    let first = Number.POSITIVE_INFINITY;
    for (const meter of meters) {
      if (Number.isNaN(meter.first)) continue;
      amount += meter.inWindow(now);
      first = Math.min(first, meter.first);
    }
    if (amount === 0) return 0;
    const { windowMs, leastSpanMs } = meters[0];
    return (amount * 1000) / Math.min(windowMs, Math.max(leastSpanMs, now - first));
  }

  private inWindow(now: number): number {
    if (now >= this.bucketEnd) this.advance(now);
    const oldest = this.newest - BUCKETS + 1;
    return oldest <= this.firstBucket ? this.total : this.total - this.beginnings![oldest % BUCKETS];
  }

  private advance(now: number): void {
    const bucket = Math.max(0, Math.floor(now / this.bucketMs));
    if (this.beginnings === null) {
      // Most of what can be counted never is: memory for it comes with the first of its kind.
      this.beginnings = new Float64Array(BUCKETS);
      this.first = now;
      this.firstBucket = bucket;
      this.newest = bucket - 1;
    }
    const next = Math.max(this.newest + 1, bucket - BUCKETS + 1);
    for (let index = next; index <= bucket; index++) this.beginnings[index % BUCKETS] = this.total;
    this.newest = Math.max(this.newest, bucket);
    this.bucketEnd = (this.newest + 1) * this.bucketMs;
  }
}
