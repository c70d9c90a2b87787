// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/link_capacity_estimator.

const OVERUSE_WEIGHT = 0.05;
const PROBE_WEIGHT = 0.5;
/** Variance of a sample over its mean, in kbps. */
const INITIAL_DEVIATION = 0.4;
const MIN_DEVIATION = 0.4;
const MAX_DEVIATION = 2.5;

/** Where the link was found to be full: mean and spread of the throughput at overuse. Bits per second. */
export class LinkCapacityEstimator {
  private kbps = Number.NaN;
  private deviation = INITIAL_DEVIATION;

  get known(): boolean {
    return !Number.isNaN(this.kbps);
  }

  /** NaN when not known. */
  get estimate(): number {
    return this.kbps * 1000;
  }

  get upper(): number {
    return this.known ? (this.kbps + 3 * this.spread()) * 1000 : Number.POSITIVE_INFINITY;
  }

  get lower(): number {
    return this.known ? Math.max(0, this.kbps - 3 * this.spread()) * 1000 : 0;
  }

  overuse(acknowledged: number): void {
    this.update(acknowledged, OVERUSE_WEIGHT);
  }

  probe(bitrate: number): void {
    this.update(bitrate, PROBE_WEIGHT);
  }

  reset(): void {
    this.kbps = Number.NaN;
  }

  private update(bitrate: number, weight: number): void {
    const sample = bitrate / 1000;
    this.kbps = this.known ? (1 - weight) * this.kbps + weight * sample : sample;
    const error = this.kbps - sample;
    const deviation = (1 - weight) * this.deviation + (weight * error * error) / Math.max(this.kbps, 1);
    this.deviation = Math.max(MIN_DEVIATION, Math.min(deviation, MAX_DEVIATION));
  }

  private spread(): number {
    return Math.sqrt(this.deviation * this.kbps);
  }
}
