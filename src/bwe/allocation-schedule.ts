/** Milliseconds between two looks at what the streams cost, whatever the estimate does. */
const INTERVAL_MS = 400;
/** An estimate that moved by this much is a reason to allocate ... */
const MOVED = 0.05;
/** ... after so many milliseconds, within which all moves are one ... */
const SETTLE_MS = 50;
/** ... or at once when it fell by this much. */
const FELL = 0.1;

/** When to share the bitrate out anew. */
export class AllocationSchedule {
  /** The next time, Infinity: not before something changes. */
  at = Number.POSITIVE_INFINITY;
  private last = Number.NEGATIVE_INFINITY;
  private lastEstimate = 0;

  estimated(now: number, estimate: number): void {
    const moved = estimate / this.lastEstimate - 1;
    if (moved < -FELL) this.at = now;
    else if (Math.abs(moved) > MOVED) this.at = Math.min(this.at, Math.max(now, this.last + SETTLE_MS));
  }

  /** @param again whether there is anything to adapt */
  allocated(now: number, estimate: number, again: boolean): void {
    this.last = now;
    this.lastEstimate = estimate;
    this.at = again ? now + INTERVAL_MS : Number.POSITIVE_INFINITY;
  }
}
