// Hot path: update() runs once per group of packets. It allocates nothing.
// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/trendline_estimator; draft-ietf-rmcat-gcc-02 sections 5.3, 5.4.

const WINDOW = 20;
const SMOOTHING = 0.9;
const GAIN = 4;
const MAX_DELTAS = 60;
const INITIAL_THRESHOLD = 12.5;
const MIN_THRESHOLD = 6;
const MAX_THRESHOLD = 600;
/** The threshold follows the trend up slowly and down faster, so that a competing TCP does not starve us. */
const GAIN_UP = 0.0087;
const GAIN_DOWN = 0.039;
/** A trend beyond the threshold by more than this is a spike, which the threshold does not follow. */
const MAX_ADAPT_OFFSET = 15;
const MAX_ADAPT_MS = 100;
const VARIATION_WEIGHT = 0.02;
const MAX_VARIATION_MS = 50;
const OVERUSE_MS = 10;

export const Usage = { Normal: 0, Overusing: 1, Underusing: 2 } as const;

/** Fits a line through the growth of the one-way delay, and says when it grows for longer than chance would have it. */
export class TrendlineEstimator {
  usage: number = Usage.Normal;
  /** Slope of the delay, milliseconds per millisecond. */
  trend = 0;
  /** The trend as it is compared with `threshold`. */
  modifiedTrend = 0;
  threshold = INITIAL_THRESHOLD;

  /** Mean change of the delay from group to group, milliseconds: how much jitter there is. */
  variationMs = 0;

  private readonly times = new Float64Array(WINDOW);
  private readonly delays = new Float64Array(WINDOW);
  private deltas = 0;
  private size = 0;
  private at = 0;
  private firstArrival = -1;
  private accumulated = 0;
  private smoothed = 0;
  private lastAdapt = -1;
  private overusingMs = -1;
  private overuses = 0;
  private previousTrend = 0;

  /** @param arrivalTime of the group that was completed; milliseconds, as the deltas */
  update(arrivalDelta: number, sendDelta: number, arrivalTime: number): void {
    if (this.firstArrival < 0) this.firstArrival = arrivalTime;
    this.deltas = Math.min(this.deltas + 1, MAX_DELTAS);
    const change = arrivalDelta - sendDelta;
    this.variationMs += VARIATION_WEIGHT * (Math.min(Math.abs(change), MAX_VARIATION_MS) - this.variationMs);
    this.accumulated += change;
    this.smoothed = SMOOTHING * this.smoothed + (1 - SMOOTHING) * this.accumulated;
    this.times[this.at] = arrivalTime - this.firstArrival;
    this.delays[this.at] = this.smoothed;
    this.at = (this.at + 1) % WINDOW;
    if (this.size < WINDOW) this.size++;
    if (this.size === WINDOW) this.fit();
    this.detect(sendDelta, arrivalTime);
  }

  /** Forgets the delays, keeps the threshold. */
  reset(): void {
    this.size = 0;
    this.at = 0;
    this.deltas = 0;
    this.firstArrival = -1;
    this.accumulated = 0;
    this.smoothed = 0;
    this.trend = 0;
    this.modifiedTrend = 0;
    this.previousTrend = 0;
    this.overusingMs = -1;
    this.overuses = 0;
    this.lastAdapt = -1;
    this.usage = Usage.Normal;
  }

  private fit(): void {
    let meanTime = 0;
    let meanDelay = 0;
    for (let index = 0; index < WINDOW; index++) {
      meanTime += this.times[index];
      meanDelay += this.delays[index];
    }
    meanTime /= WINDOW;
    meanDelay /= WINDOW;
    let numerator = 0;
    let denominator = 0;
    for (let index = 0; index < WINDOW; index++) {
      const time = this.times[index] - meanTime;
      numerator += time * (this.delays[index] - meanDelay);
      denominator += time * time;
    }
    if (denominator > 0) this.trend = numerator / denominator;
  }

  private detect(sendDelta: number, now: number): void {
    const trend = this.trend;
    this.modifiedTrend = this.deltas < 2 ? 0 : this.deltas * trend * GAIN;
    if (this.modifiedTrend > this.threshold) {
      this.overusingMs = this.overusingMs < 0 ? sendDelta / 2 : this.overusingMs + sendDelta;
      this.overuses++;
      if (this.overusingMs > OVERUSE_MS && this.overuses > 1 && trend >= this.previousTrend) {
        this.overusingMs = 0;
        this.overuses = 0;
        this.usage = Usage.Overusing;
      }
    } else {
      this.overusingMs = -1;
      this.overuses = 0;
      this.usage = this.modifiedTrend < -this.threshold ? Usage.Underusing : Usage.Normal;
    }
    this.previousTrend = trend;
    this.adapt(now);
  }

  private adapt(now: number): void {
    if (this.lastAdapt < 0) this.lastAdapt = now;
    const size = Math.abs(this.modifiedTrend);
    if (size <= this.threshold + MAX_ADAPT_OFFSET) {
      const gain = size < this.threshold ? GAIN_DOWN : GAIN_UP;
      const elapsed = Math.max(0, Math.min(now - this.lastAdapt, MAX_ADAPT_MS));
      const next = this.threshold + gain * (size - this.threshold) * elapsed;
      this.threshold = Math.max(MIN_THRESHOLD, Math.min(next, MAX_THRESHOLD));
    }
    this.lastAdapt = now;
  }
}
