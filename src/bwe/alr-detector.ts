// Hot path: packetSent() runs once per packet. It allocates nothing.
// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/alr_detector.

/** Share of the estimate below which the application, not the network, sets the rate. */
const USAGE = 0.65;
const START = 0.8;
const STOP = 0.5;
const WINDOW_MS = 500;

/** Tells whether clearly less is sent than the estimate would allow. */
export class AlrDetector {
  limited = false;
  /** When the state last changed. */
  changed = Number.NEGATIVE_INFINITY;
  private budget = 0;
  private last = Number.NaN;

  packetSent(now: number, bytes: number, targetBitrate: number): void {
    this.refill(now, targetBitrate);
    this.budget -= bytes;
    this.judge(now, targetBitrate);
  }

  /** Also when nothing is sent the budget grows. */
  update(now: number, targetBitrate: number): void {
    this.refill(now, targetBitrate);
    this.judge(now, targetBitrate);
  }

  private refill(now: number, targetBitrate: number): void {
    const elapsed = Number.isNaN(this.last) ? 0 : Math.max(0, now - this.last);
    const perMs = (targetBitrate * USAGE) / 8000;
    const limit = perMs * WINDOW_MS;
    this.last = now;
    this.budget = Math.min(this.budget + perMs * elapsed, limit);
    if (this.budget < -limit) this.budget = -limit;
  }

  private judge(now: number, targetBitrate: number): void {
    const limit = ((targetBitrate * USAGE) / 8000) * WINDOW_MS;
    const ratio = this.budget / Math.max(limit, 1);
    if (!this.limited && ratio > START) this.change(now, true);
    else if (this.limited && ratio < STOP) this.change(now, false);
  }

  private change(now: number, limited: boolean): void {
    this.limited = limited;
    this.changed = now;
  }
}
