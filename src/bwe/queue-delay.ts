// Hot path: add() runs once per packet that arrived. It allocates nothing.
// No counterpart in goog_cc; the base delay is that of RFC 6817 (LEDBAT) section 3.1.1 and RFC 8698 (NADA) section 4.2.

const EPOCH_MS = 20_000;
const EPOCHS = 6;
/** Clocks drift apart by less than this in an epoch (100 ppm): so much the base rises on a path that may be full all the time. */
const EPOCH_DRIFT_MS = 2;
/** The clocks' difference jumped, and not the queue, when the delay moves by more than this. */
const CLOCK_JUMP_MS = 5000;

/**
 * How long packets wait in queues, as far as that changes: the one-way delay above the smallest of the last two
 * minutes. The smallest of one feedback counts, so that jitter does not look like a queue.
 */
export class QueueDelay {
  /** Milliseconds, of the last feedback. */
  ms = 0;
  /** By how much it grew since the feedback before. */
  growthMs = 0;
  private readonly minima = new Float64Array(EPOCHS).fill(Number.POSITIVE_INFINITY);
  private epoch = 0;
  private epochStart = Number.NaN;
  private current = Number.POSITIVE_INFINITY;

  add(sendTime: number, arrivalTime: number): void {
    const delay = arrivalTime - sendTime;
    if (delay < this.current) this.current = delay;
  }

  /** After the last packet of a feedback. `full`: a queue that is never empty must not become the base. */
  finish(now: number, full: boolean): void {
    const delay = this.current;
    if (delay === Number.POSITIVE_INFINITY) return;
    this.current = Number.POSITIVE_INFINITY;
    if (Number.isNaN(this.epochStart)) this.epochStart = now;
    if (now - this.epochStart >= EPOCH_MS) {
      this.epochStart = now;
      const kept = full ? this.base + EPOCH_DRIFT_MS : Number.POSITIVE_INFINITY;
      this.epoch = (this.epoch + 1) % EPOCHS;
      this.minima[this.epoch] = Math.min(delay, kept);
    }
    const base = this.base;
    if (Math.abs(delay - base) > CLOCK_JUMP_MS && base !== Number.POSITIVE_INFINITY) this.minima.fill(delay);
    else if (delay < this.minima[this.epoch]) this.minima[this.epoch] = delay;
    const before = this.ms;
    this.ms = delay - this.base;
    this.growthMs = this.ms - before;
  }

  private get base(): number {
    let base = this.minima[0];
    for (let index = 1; index < EPOCHS; index++) if (this.minima[index] < base) base = this.minima[index];
    return base;
  }
}
