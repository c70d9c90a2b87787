// Hot path: packetArrived() runs once per probe packet that arrived. It allocates nothing.
// Counterpart in libwebrtc: what goog_cc_network_control does between probe_controller and probe_bitrate_estimator.
import type { AimdRateControl } from './aimd-rate-control.js';
import type { DelayBasedEstimator } from './delay-based-estimator.js';
import type { ProbeCluster } from './congestion-types.js';
import { ProbeBitrateEstimator } from './probe-bitrate-estimator.js';
import { ProbeController } from './probe-controller.js';

/** Near this part of the throughput at the last overuse, probes are modest. */
const NEAR_CAPACITY = 0.6;
/** A probe that found less than this part of the estimate met something else than the limit of the link. */
const NEAR_LIMIT = 0.7;
/** Milliseconds: with a queue like this the first probe, or what was sent with it, was too much. */
const FIRST_QUEUE_MS = 20;
/** Of what comes through then is sent, until the queue is gone. */
const DRAIN = 0.85;
/** So long after a decrease a second probe has to confirm what a first one found. */
const CONFIRM_AFTER_DECREASE_MS = 5_000;
const CONFIRM_WITHIN_MS = 1000;

/** Probes from the decision to the result. */
export class Probing {
  readonly controller = new ProbeController();
  /** Of the probe that the feedback at hand completed, bits per second; 0: none. */
  bitrate = 0;
  private readonly bitrates = new ProbeBitrateEstimator();
  private cluster = -1;
  private lastCluster = -1;
  private unconfirmed = 0;
  private unconfirmedSince = Number.NEGATIVE_INFINITY;

  take(now: number): ProbeCluster | null {
    const cluster = this.controller.take(now);
    if (cluster !== null) this.bitrates.expect(cluster);
    return cluster;
  }

  /** Before the packets of a feedback. */
  begin(): void {
    this.bitrate = 0;
    this.cluster = -1;
  }

  packetArrived(cluster: number, sendTime: number, arrivalTime: number, size: number): void {
    if (this.bitrates.add(cluster, sendTime, arrivalTime, size)) this.cluster = cluster;
  }

  /** After the packets of a feedback. */
  finish(): void {
    // The rest of a cluster that has told its bitrate already comes with the next feedback.
    if (this.cluster === this.lastCluster) this.cluster = -1;
    if (this.cluster < 0) return;
    this.lastCluster = this.cluster;
    this.bitrate = this.bitrates.bitrate(this.cluster);
  }

  /**
   * What a probe found the link to carry, when that is less than is thought: 0 when it found no such thing.
   * @param lessSent less than the estimate is sent by choice, so that nothing but probes tells when it is too high
   */
  limit({ acknowledged, aimd, queue }: DelayBasedEstimator, lessSent: boolean): number {
    if (this.cluster < 0 || this.bitrate === 0) return 0;
    if (!this.controller.exploring) {
      const near = lessSent && aimd.narrow && this.bitrate > aimd.bitrate * NEAR_LIMIT;
      return this.bitrates.saturated && near && this.bitrate < aimd.bitrate ? this.bitrate : 0;
    }
    if (queue.ms > FIRST_QUEUE_MS) {
      // All that came lately came out of a full link.
      this.controller.crowded = true;
      return (
        DRAIN * Math.min(this.bitrate, Math.max(acknowledged.newest, acknowledged.bitrate) || this.bitrate)
      );
    }
    return this.controller.isLimit(this.bitrate) ? this.bitrate : 0;
  }

  /** Where the link was full not long ago, one probe that found more may be a whim of jitter: a second has to agree. */
  holds(now: number, aimd: AimdRateControl): boolean {
    const first = now - this.unconfirmedSince < CONFIRM_WITHIN_MS ? this.unconfirmed : 0;
    this.unconfirmed = 0;
    const recent = now - aimd.lastDecrease < CONFIRM_AFTER_DECREASE_MS;
    if (!recent && this.bitrate <= aimd.capacity.upper) return true;
    if (first > 0) {
      this.bitrate = Math.min(this.bitrate, first);
      return true;
    }
    this.unconfirmed = this.bitrate;
    this.unconfirmedSince = now;
    this.controller.request(now, this.bitrate, aimd.bitrate);
    return false;
  }

  /** After the estimate was changed by the feedback. */
  report(now: number, aimd: AimdRateControl, jitterMs: number): void {
    this.controller.nearCapacity = aimd.bitrate > NEAR_CAPACITY * aimd.capacity.estimate;
    this.controller.jitterMs = jitterMs;
    if (this.cluster < 0) return;
    this.controller.result(now, this.cluster, this.bitrate, aimd.bitrate, this.unconfirmed === 0);
  }
}
