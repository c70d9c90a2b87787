// Hot path: packetSent() runs once per packet and receiveFeedback() once per feedback. They allocate nothing while there is
// nobody to explain to, except a probe cluster now and then.
// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/goog_cc_network_control; draft-ietf-rmcat-gcc-02.
import type { TransportFeedback } from '../rtp/rtcp/transport-feedback.js';
import { type AimdRateControl, NARROW_BITRATE } from './aimd-rate-control.js';
import { AlrDetector } from './alr-detector.js';
import type { EstimateTrace, ProbeCluster } from './congestion-types.js';
import { DelayBasedEstimator } from './delay-based-estimator.js';
import { explainEstimate, type EstimateParts } from './estimate-parts.js';
import { FeedbackWatchdog } from './feedback-watchdog.js';
import { LossBasedEstimator } from './loss-based-estimator.js';
import { ModerateLossCap } from './moderate-loss-cap.js';
import { Probing } from './probing.js';
import { SentPacketHistory } from './sent-packet-history.js';
import { Usage } from './trendline-estimator.js';

const DEFAULT_MIN_BITRATE = 30_000;
const DEFAULT_ROUND_TRIP_MS = 200;
const PACING_FACTOR = 1.25;
const MIN_PACING_BITRATE = 150_000;
/** Beyond this part of what a narrow link was found to carry, sending faster than the target fills its queue. */
const NEAR_CAPACITY = 0.8;
/** REMB leads when transport-wide feedback has been silent for so long. */
const REMB_LEADS_AFTER_MS = 5000;
/** After an outage sending resumes at this part of what the link carried before, and a probe asks for all of it. */
const RESUME = 0.7;
/** Times what is being sent by choice; beyond it the estimate grows by probes alone, since nothing else tries it out. */
const UNPROVEN = 1.2;
/** The same beyond what a narrow link was found to carry: a wrong guess there is a long queue. */
const UNPROVEN_NARROW = 1.1;
/** After so long an outage the path may be another one. */
const LONG_OUTAGE_MS = 10_000;

export interface BandwidthEstimatorOptions {
  /** Bits per second to start with; mediasoup's `initialAvailableOutgoingBitrate`. */
  initialBitrate: number;
  /** Default 30,000. */
  minBitrate?: number;
  /** Default: none. */
  maxBitrate?: number;
}

/** What the path to one receiver can carry: by delay, by loss, by probes, from transport-wide feedback. */
export class BandwidthEstimator implements EstimateParts {
  /** Bits per second that may be sent. */
  targetBitrate: number;
  /** 0..1, of the last seconds, by transport-wide feedback. */
  lossFraction = 0;
  private allocated = Number.POSITIVE_INFINITY;
  /** Called for each change of inputs; costs nothing when null. */
  onTrace: ((line: EstimateTrace) => void) | null = null;

  readonly history = new SentPacketHistory();
  readonly delayBased: DelayBasedEstimator;
  readonly lossBased = new LossBasedEstimator();
  readonly moderateLoss = new ModerateLossCap();
  readonly alr = new AlrDetector();
  readonly probing = new Probing();
  readonly watchdog = new FeedbackWatchdog();
  private readonly initialBitrate: number;
  private minBitrate: number;
  private maxBitrate: number;
  private roundTrip = Number.NaN;
  private lastFeedback = Number.NEGATIVE_INFINITY;
  private remb = Number.POSITIVE_INFINITY;
  private ignoreSentBefore = Number.NEGATIVE_INFINITY;
  private decision = 'hold';
  private backlog = 0;
  private now = 0;

  constructor(options: BandwidthEstimatorOptions) {
    this.minBitrate = options.minBitrate ?? DEFAULT_MIN_BITRATE;
    this.maxBitrate = options.maxBitrate ?? Number.POSITIVE_INFINITY;
    this.initialBitrate = Math.max(this.minBitrate, Math.min(options.initialBitrate, this.maxBitrate));
    this.targetBitrate = this.initialBitrate;
    this.delayBased = new DelayBasedEstimator(this.initialBitrate);
    this.probing.controller.setMaxBitrate(this.maxBitrate);
  }

  /** Clearly less is sent than the estimate would allow. */
  get applicationLimited(): boolean {
    return this.alr.limited;
  }

  /** Nothing speaks for the estimate yet: the first probes have no result. */
  get unproven(): boolean {
    return this.probing.controller.exploring;
  }

  get roundTripMs(): number {
    return Number.isNaN(this.roundTrip) ? DEFAULT_ROUND_TRIP_MS : this.roundTrip;
  }

  /** How fast to send what waits: somewhat faster than the target, so that a large frame leaves in time. */
  get pacingBitrate(): number {
    const near =
      this.lessSent && this.aimd.narrow && this.targetBitrate > NEAR_CAPACITY * this.aimd.capacity.estimate;
    const full = this.delayBased.queued || near;
    return Math.max(MIN_PACING_BITRATE, this.targetBitrate * (full ? 1 : PACING_FACTOR));
  }

  /** Bits per second that get through; 0 when unknown, or when nothing was acknowledged for two seconds. */
  acknowledgedBitrate(now: number): number {
    return this.delayBased.acknowledged.at(now);
  }

  /** `size`: bytes of the RTP packet with its header; `probeCluster`: -1 when it is no part of a probe. */
  packetSent(now: number, transportSequence: number, size: number, probeCluster: number): void {
    this.now = now;
    this.history.sent(now, transportSequence, size, probeCluster);
    this.alr.packetSent(now, size, this.targetBitrate);
    this.watchdog.packetSent(now);
    this.probing.controller.start(now, this.targetBitrate);
  }

  receiveFeedback(now: number, feedback: TransportFeedback): void {
    this.now = now;
    // What was sent into an outage was lost to it, whatever the rate.
    if (!this.reachable) this.history.ignoreLossBefore = now;
    const fresh = this.history.process(now, feedback);
    if (!fresh) return;
    const { results } = this.history;
    this.lastFeedback = now;
    if (results.count > 0) this.endOutage(now, this.watchdog.feedback(now));
    if (!Number.isNaN(results.roundTripMs)) this.receiveRoundTrip(now, results.roundTripMs);
    this.alr.update(now, this.targetBitrate);
    this.takeResults(now);
    this.decide(now);
    this.apply(now, 'feedback');
  }

  /**
   * Bits per second by the receiver's own estimate. Without effect beside transport-wide feedback: libwebrtc then makes it of
   * the few packets alone that carry no transport-wide number, such as copies (mediasoup ignores it then, too).
   */
  receiveRemb(now: number, bitrate: number): void {
    if (!(bitrate >= 0)) return;
    this.remb = bitrate;
    if (now - this.lastFeedback <= REMB_LEADS_AFTER_MS) return;
    this.watchdog.rest();
    this.aimd.setEstimate(now, this.clamp(bitrate));
    this.apply(now, 'remb');
  }

  /** From receiver reports, or from feedback. */
  receiveRoundTrip(_now: number, ms: number): void {
    if (!(ms >= 0 && ms < 60_000)) return;
    this.roundTrip = Number.isNaN(this.roundTrip) ? ms : this.roundTrip + (ms - this.roundTrip) * 0.25;
  }

  /** Bits per second, 0 = none. */
  setLimits(now: number, min: number, max: number): void {
    this.minBitrate = min > 0 ? min : DEFAULT_MIN_BITRATE;
    this.maxBitrate = max > 0 ? Math.max(max, this.minBitrate) : Number.POSITIVE_INFINITY;
    this.probing.controller.setMaxBitrate(this.maxBitrate);
    this.aimd.bitrate = this.clamp(this.aimd.bitrate);
    this.apply(now, 'limits');
  }

  /** What is sent by choice, and what could be used if there was room: more than the estimate is probed for. */
  setDemand(now: number, allocatedBitrate: number, wantedBitrate: number): void {
    this.now = now;
    this.allocated = allocatedBitrate;
    this.probing.controller.setWanted(now, wantedBitrate, this.targetBitrate);
  }

  /** Bytes that wait in the pacer, for the explanation. */
  setBacklog(_now: number, queuedBytes: number): void {
    this.backlog = queuedBytes;
  }

  /** When handleTimeout() has something to do; Infinity: not without a packet or feedback. */
  nextTimeout(): number {
    const probe = this.reachable
      ? this.probing.controller.nextTimeout(this.targetBitrate)
      : Number.POSITIVE_INFINITY;
    return Math.min(this.watchdog.nextTimeout(this.roundTripMs), probe);
  }

  handleTimeout(now: number): void {
    this.now = now;
    if (this.watchdog.handleTimeout(now, this.roundTripMs)) this.apply(now, 'timeout');
    if (this.reachable) this.probing.controller.handleTimeout(now, this.targetBitrate);
  }

  /** The next probe to send, once. */
  takeProbe(): ProbeCluster | null {
    return this.probing.take(this.now);
  }

  private get aimd(): AimdRateControl {
    return this.delayBased.aimd;
  }

  /** A packet or two are a queue that is heard. */
  get narrow(): boolean {
    return this.aimd.narrow || this.aimd.bitrate < NARROW_BITRATE;
  }

  /** By choice: nothing but probes tells then when the estimate is too high. */
  private get lessSent(): boolean {
    return this.allocated < this.aimd.bitrate;
  }

  private get reachable(): boolean {
    return Number.isNaN(this.watchdog.outageSince);
  }

  private takeResults(now: number): void {
    const { results } = this.history;
    this.probing.begin();
    for (let place = 0; place < results.count; place++) {
      const index = results.order[place];
      const send = results.sendTimes[index];
      const arrival = results.receiveTimes[index];
      const cluster = results.clusters[index];
      if (send < this.ignoreSentBefore) continue;
      this.delayBased.add(now, send, arrival, results.sizes[index], cluster >= 0);
      if (cluster >= 0) this.probing.packetArrived(cluster, send, arrival, results.sizes[index]);
    }
    this.delayBased.finish(now, this.lossFraction);
    this.probing.finish();
  }

  private decide(now: number): void {
    const { aimd, acknowledged, queued, standingQueue, usage } = this.delayBased;
    const before = aimd.bitrate;
    this.decision = 'hold';
    const found = this.probing.bitrate > this.targetBitrate && usage !== Usage.Overusing;
    const limit = this.probing.limit(this.delayBased, this.lessSent);
    if (limit > 0 && limit < before) {
      aimd.setEstimate(now, this.clamp(limit));
      aimd.capacity.probe(limit);
      this.decision = 'decrease';
    } else if (found && this.probing.holds(now, aimd)) {
      aimd.setEstimate(now, this.clamp(Math.max(before, this.probing.bitrate)));
      this.lossBased.probed(this.probing.bitrate);
      this.decision = 'probe';
    } else {
      const beyond = aimd.narrow && aimd.bitrate >= aimd.capacity.estimate;
      const used = aimd.bitrate <= this.allocated * (beyond ? UNPROVEN_NARROW : UNPROVEN);
      this.delayBased.update(now, this.roundTripMs, used && !this.alr.limited);
      aimd.bitrate = this.clamp(aimd.bitrate);
      if (aimd.bitrate !== before) this.decision = aimd.bitrate > before ? 'increase' : 'decrease';
    }
    this.lossBased.update(this.history.results, aimd.bitrate, acknowledged.bitrate, standingQueue);
    this.moderateLoss.update(now, this.history.results, this.targetBitrate);
    this.lossFraction = this.lossBased.loss;
    if (queued) this.probing.controller.congested(now);
    if (this.decision === 'decrease') this.probing.controller.decreased(now);
    this.probing.report(now, aimd, this.delayBased.trendline.variationMs);
  }

  private endOutage(now: number, length: number): void {
    if (length === 0) return;
    // What was sent into the outage says nothing about the path after it.
    this.ignoreSentBefore = now;
    this.delayBased.reset();
    const before = this.aimd.bitrate;
    const resume = length > LONG_OUTAGE_MS ? Math.min(before, this.initialBitrate) : before;
    this.aimd.setEstimate(now, this.clamp(resume * RESUME));
    this.probing.controller.request(now, before, this.aimd.bitrate);
  }

  private apply(now: number, cause: string): void {
    const limit = Math.min(this.aimd.bitrate, this.lossBased.limit, this.moderateLoss.limit);
    this.targetBitrate = this.clamp(limit * this.watchdog.factor);
    if (this.onTrace !== null) this.explain(now, cause);
  }

  private clamp(bitrate: number): number {
    return Math.max(this.minBitrate, Math.min(bitrate, this.maxBitrate));
  }

  private explain(now: number, cause: string): void {
    this.onTrace?.({
      ...explainEstimate(this, now),
      now,
      cause,
      targetBitrate: this.targetBitrate,
      decision: this.decision,
      rtt: this.roundTripMs,
      remb: this.remb,
      backlog: this.backlog,
    });
  }
}
