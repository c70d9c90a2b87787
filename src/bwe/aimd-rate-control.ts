// Counterpart in libwebrtc: modules/remote_bitrate_estimator/aimd_rate_control; draft-ietf-rmcat-gcc-02 section 5.5.
import { LinkCapacityEstimator } from './link-capacity-estimator.js';
import { Usage } from './trendline-estimator.js';

/** What remains of the throughput after overuse with an empty queue, and what a queue takes of it per second of delay. */
const DECREASE = 0.9;
const GENTLE_DECREASE = 0.97;
const DECREASE_PER_QUEUE_SECOND = 1.5;
const MIN_DECREASE = 0.65;
/** With a queue beyond this the link is surely full, and the newest throughput counts even when it is lower. */
const DEEP_QUEUE_MS = 60;
/** A receiver that stood still for a moment looks like a link that broke down: so much is kept each time. */
const LEAST_REMAINDER = 0.3;
/** After a decrease the estimate comes back to this part of the known capacity sooner than by steps ... */
const RETURN_TO = 0.9;
/** ... within about so many seconds. */
const RETURN_SECONDS = 2;
/** Per second, while the capacity of the link is not known. */
const INCREASE = 1.08;
/** The estimate is never raised beyond what is known to get through by more than this. */
const MAX_OVER_ACKNOWLEDGED = 1.5;
const ACKNOWLEDGED_OFFSET = 10_000;
const MIN_ADDITIVE = 4000;
/** Bits per second, per second: one packet more every second at the least. */
const MIN_INCREASE = 8000;
const FRAMES_PER_SECOND = 30;
const PACKET_BITS = 1200 * 8;
/** A link with less than this: a packet is ten milliseconds of it, and a key frame some hundred. */
export const NARROW_BITRATE = 400_000;
const FEEDBACK_MS = 100;
const MIN_REDUCE_MS = 150;
const MAX_REDUCE_MS = 400;

export const RateState = { Hold: 0, Increase: 1, Decrease: 2 } as const;

/** Turns overuse into a bitrate: down to a part of what gets through, up by a factor or, near the capacity, by steps. */
export class AimdRateControl {
  /** Bits per second. */
  bitrate: number;
  state: number = RateState.Hold;
  readonly capacity = new LinkCapacityEstimator();
  /** Inputs of `update`: how long packets wait in queues, and the newest throughput. */
  queueDelayMs = 0;
  newestThroughput = 0;
  lastDecrease = Number.NEGATIVE_INFINITY;
  private lastChange = Number.NaN;

  constructor(initialBitrate: number) {
    this.bitrate = initialBitrate;
  }

  /**
   * @param acknowledged bits per second that get through, 0 while unknown
   * @param mayGrow false while the application sends too little for growth to mean anything
   */
  update(now: number, usage: number, acknowledged: number, roundTripMs: number, mayGrow: boolean): void {
    if (usage === Usage.Overusing) {
      if (this.timeToReduce(now, roundTripMs)) this.decrease(now, acknowledged);
      this.state = RateState.Hold;
    } else if (usage === Usage.Underusing) {
      // The queue drains: wait until it has.
      this.state = RateState.Hold;
    } else {
      this.state = RateState.Increase;
      this.increase(now, acknowledged, roundTripMs, mayGrow);
    }
    this.lastChange = now;
  }

  /** The link was found full at a bitrate of which sound and key frames are a large part. False while that is not known. */
  get narrow(): boolean {
    return this.capacity.estimate < NARROW_BITRATE;
  }

  setEstimate(now: number, bitrate: number): void {
    this.bitrate = bitrate;
    this.lastChange = now;
  }

  private timeToReduce(now: number, roundTripMs: number): boolean {
    // What is in flight shows nothing of the decrease before.
    const wait = Math.max(MIN_REDUCE_MS, Math.min(roundTripMs + FEEDBACK_MS, MAX_REDUCE_MS));
    return now - this.lastDecrease >= wait;
  }

  private decrease(now: number, acknowledged: number): void {
    const factor = Math.max(MIN_DECREASE, DECREASE - (DECREASE_PER_QUEUE_SECOND * this.queueDelayMs) / 1000);
    const newest = this.newestThroughput > 0 ? this.newestThroughput : acknowledged;
    const deep = this.queueDelayMs > DEEP_QUEUE_MS;
    const throughput = deep ? (newest + acknowledged) / 2 : Math.max(newest, acknowledged);
    let next = (throughput > 0 ? throughput : this.bitrate) * factor;
    // More gets through than is sent by now: an older queue drains, or a probe came in between.
    if (next > this.bitrate) next = Math.min(acknowledged * factor, this.bitrate * GENTLE_DECREASE);
    next = Math.max(next, this.bitrate * LEAST_REMAINDER);
    if (next < this.bitrate) this.bitrate = next;
    if (acknowledged > 0) {
      if (acknowledged < this.capacity.lower) this.capacity.reset();
      this.capacity.overuse(acknowledged);
    }
    this.lastDecrease = now;
    this.state = RateState.Decrease;
  }

  private increase(now: number, acknowledged: number, roundTripMs: number, mayGrow: boolean): void {
    if (acknowledged > this.capacity.upper) this.capacity.reset();
    const limit =
      acknowledged > 0 ? acknowledged * MAX_OVER_ACKNOWLEDGED + ACKNOWLEDGED_OFFSET : this.bitrate;
    if (!mayGrow || this.bitrate >= limit || Number.isNaN(this.lastChange)) return;
    const seconds = Math.max(0, Math.min(now - this.lastChange, 1000)) / 1000;
    const next = this.capacity.known
      ? this.bitrate + Math.max(this.additivePerSecond(roundTripMs), this.returnPerSecond()) * seconds
      : this.bitrate + Math.max(this.bitrate * (Math.pow(INCREASE, seconds) - 1), MIN_INCREASE * seconds);
    this.bitrate = Math.min(next, limit);
  }

  private returnPerSecond(): number {
    return (this.capacity.estimate * RETURN_TO - this.bitrate) / RETURN_SECONDS;
  }

  /** About one packet more per response time. */
  private additivePerSecond(roundTripMs: number): number {
    const frame = this.bitrate / FRAMES_PER_SECOND;
    const packet = frame / Math.ceil(frame / PACKET_BITS);
    return Math.max(MIN_ADDITIVE, (packet * 1000) / (2 * (roundTripMs + FEEDBACK_MS)));
  }
}
