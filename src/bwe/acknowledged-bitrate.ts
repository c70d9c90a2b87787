// Hot path: add() runs once per packet that arrived. It allocates nothing, except that the window doubles a few times when
// more arrives than ever before.
// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/robust_throughput_estimator.

/** Packets of the window; powers of two. */
const FIRST_CAPACITY = 64;
const MAX_CAPACITY = 1024;
/** The window: at least this long ... */
const MIN_WINDOW_MS = 300;
/** ... and this many packets, ... */
const MIN_PACKETS = 20;
/** ... but never longer than this. */
const MAX_WINDOW_MS = 1000;
/** Fewer packets than this say nothing. */
const REQUIRED_PACKETS = 10;
/** Arrivals that go back further than this: the receiver's clock jumped. */
const MAX_BACKWARD_MS = 1000;
const SHORT_TERM_MS = 100;
const STALE_MS = 2000;

/** How many bits per second get through: the smaller of the rates at which the packets of a window were sent and arrived. */
export class AcknowledgedBitrate {
  private sends = new Float64Array(FIRST_CAPACITY);
  private arrivals = new Float64Array(FIRST_CAPACITY);
  private sizes = new Int32Array(FIRST_CAPACITY);
  private mask = FIRST_CAPACITY - 1;
  private next = 0;
  private oldest = 0;
  private bytes = 0;
  private lastUpdate = Number.NEGATIVE_INFINITY;
  private cached = Number.NaN;

  /** In the order of arrival within a feedback. `now` is when the feedback came. */
  add(now: number, sendTime: number, arrivalTime: number, size: number): void {
    this.cached = Number.NaN;
    this.lastUpdate = now;
    let at = this.next;
    if (at > this.oldest) {
      const newest = this.arrivals[(at - 1) & this.mask];
      if (Math.abs(arrivalTime - newest) > MAX_BACKWARD_MS && arrivalTime < newest) this.reset();
      at = this.next;
    }
    if (at - this.oldest > this.mask && !this.grow()) this.drop();
    // Late packets are moved to their place, so that the window stays in the order of arrival.
    for (; at > this.oldest && this.arrivals[(at - 1) & this.mask] > arrivalTime; at--) this.copy(at - 1, at);
    this.sends[at & this.mask] = sendTime;
    this.arrivals[at & this.mask] = arrivalTime;
    this.sizes[at & this.mask] = size;
    this.bytes += size;
    this.next++;
    this.shrink();
  }

  /** Bits per second, 0 while unknown. */
  get bitrate(): number {
    if (Number.isNaN(this.cached)) this.cached = this.compute();
    return this.cached;
  }

  /** What arrived in the last moments alone: while a queue grows, that is what the link can carry. 0 while unknown. */
  get newest(): number {
    const newest = this.arrivals[(this.next - 1) & this.mask];
    let bytes = 0;
    for (let at = this.next - 1; at > this.oldest; at--) {
      bytes += this.sizes[at & this.mask];
      const span = newest - this.arrivals[(at - 1) & this.mask];
      if (span >= SHORT_TERM_MS && this.next - at >= REQUIRED_PACKETS) return (bytes * 8000) / span;
    }
    return 0;
  }

  /** The same, and 0 when nothing was acknowledged for two seconds. */
  at(now: number): number {
    return now - this.lastUpdate > STALE_MS ? 0 : this.bitrate;
  }

  reset(): void {
    this.oldest = this.next;
    this.bytes = 0;
    this.cached = Number.NaN;
  }

  private compute(): number {
    const count = this.next - this.oldest;
    if (count < REQUIRED_PACKETS) return 0;
    let largestGap = 0;
    let secondGap = 0;
    let firstSend = Number.POSITIVE_INFINITY;
    let lastSend = Number.NEGATIVE_INFINITY;
    let lastSendSize = 0;
    for (let at = this.oldest; at < this.next; at++) {
      const slot = at & this.mask;
      const send = this.sends[slot];
      if (send < firstSend) firstSend = send;
      if (send >= lastSend) {
        lastSend = send;
        lastSendSize = this.sizes[slot];
      }
      if (at === this.oldest) continue;
      const gap = this.arrivals[slot] - this.arrivals[(at - 1) & this.mask];
      if (gap > largestGap) {
        secondGap = largestGap;
        largestGap = gap;
      } else if (gap > secondGap) {
        secondGap = gap;
      }
    }
    // One long gap may be a stall after which all arrive at once: it counts no more than the next longest.
    const span = this.arrivals[(this.next - 1) & this.mask] - this.arrivals[this.oldest & this.mask];
    const arriving = Math.max(1, span - largestGap + secondGap);
    const sending = Math.max(1, lastSend - firstSend);
    const arrived = this.bytes - this.sizes[this.oldest & this.mask];
    return Math.min((this.bytes - lastSendSize) / sending, arrived / arriving) * 8000;
  }

  private shrink(): void {
    const newest = this.arrivals[(this.next - 1) & this.mask];
    for (;;) {
      const count = this.next - this.oldest;
      if (count <= 1) return;
      const age = newest - this.arrivals[this.oldest & this.mask];
      const ripe =
        newest - this.arrivals[(this.oldest + 1) & this.mask] >= MIN_WINDOW_MS && count > MIN_PACKETS;
      if (age <= MAX_WINDOW_MS && !ripe) return;
      this.drop();
    }
  }

  private drop(): void {
    this.bytes -= this.sizes[this.oldest & this.mask];
    this.oldest++;
  }

  private grow(): boolean {
    const capacity = (this.mask + 1) * 2;
    if (capacity > MAX_CAPACITY) return false;
    const { sends, arrivals, sizes, mask } = this;
    this.sends = new Float64Array(capacity);
    this.arrivals = new Float64Array(capacity);
    this.sizes = new Int32Array(capacity);
    this.mask = capacity - 1;
    for (let at = this.oldest; at < this.next; at++) {
      this.sends[at & this.mask] = sends[at & mask];
      this.arrivals[at & this.mask] = arrivals[at & mask];
      this.sizes[at & this.mask] = sizes[at & mask];
    }
    return true;
  }

  private copy(from: number, to: number): void {
    this.sends[to & this.mask] = this.sends[from & this.mask];
    this.arrivals[to & this.mask] = this.arrivals[from & this.mask];
    this.sizes[to & this.mask] = this.sizes[from & this.mask];
  }
}
