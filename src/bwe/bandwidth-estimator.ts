// Hot path: packetSent() runs once per packet and receiveFeedback() once per feedback. They allocate nothing while there is
// nobody to explain to, except a probe cluster now and then.
// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/goog_cc_network_control; draft-ietf-rmcat-gcc-02.
import type { TransportFeedback } from '../rtp/rtcp/transport-feedback.js';
import { AcknowledgedBitrate } from './acknowledged-bitrate.js';
import { AimdRateControl } from './aimd-rate-control.js';
import { AlrDetector } from './alr-detector.js';
import type { EstimateTrace, ProbeCluster } from './congestion-types.js';
import { FeedbackWatchdog } from './feedback-watchdog.js';
import { InterArrival } from './inter-arrival.js';
import { LossBasedEstimator } from './loss-based-estimator.js';
import { ModerateLossCap } from './moderate-loss-cap.js';
import { ProbeBitrateEstimator } from './probe-bitrate-estimator.js';
import { ProbeController } from './probe-controller.js';
import { QueueDelay } from './queue-delay.js';
import { SentPacketHistory } from './sent-packet-history.js';
import { TrendlineEstimator, Usage } from './trendline-estimator.js';

const DEFAULT_MIN_BITRATE = 30_000;
const DEFAULT_ROUND_TRIP_MS = 200;
const PACING_FACTOR = 1.25;
const MIN_PACING_BITRATE = 150_000;
const IGNORED_QUEUE_MS = 10;
const IGNORED_JITTERS = 2;
/** So much of a queue may be what a probe left, so long after its last packet. */
const PROBE_QUEUE_MS = 0;
const PROBE_ECHO_MS = 250;
/** REMB leads when transport-wide feedback has been silent for so long; else it is a cap. */
const REMB_LEADS_AFTER_MS = 5000;
/** After an outage sending resumes at this part of what the link carried before, and a probe asks for all of it. */
const RESUME = 0.7;
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
export class BandwidthEstimator {
  /** Bits per second that may be sent. */
  targetBitrate: number;
  /** 0..1, of the last seconds, by transport-wide feedback. */
  lossFraction = 0;
  /** Called for each change of inputs; costs nothing when null. */
  onTrace: ((line: EstimateTrace) => void) | null = null;

  private readonly history = new SentPacketHistory();
  private readonly interArrival = new InterArrival();
  private readonly trendline = new TrendlineEstimator();
  private readonly acknowledged = new AcknowledgedBitrate();
  private readonly aimd: AimdRateControl;
  private readonly lossBased = new LossBasedEstimator();
  private readonly moderateLoss = new ModerateLossCap();
  private readonly alr = new AlrDetector();
  private readonly probeController = new ProbeController();
  private readonly probes = new ProbeBitrateEstimator();
  private readonly queueDelay = new QueueDelay();
  private readonly watchdog = new FeedbackWatchdog();
  private readonly initialBitrate: number;
  private minBitrate: number;
  private maxBitrate: number;
  private roundTrip = Number.NaN;
  private lastFeedback = Number.NEGATIVE_INFINITY;
  private remb = Number.POSITIVE_INFINITY;
  private ignoreSentBefore = Number.NEGATIVE_INFINITY;
  private lastProbeArrival = Number.NEGATIVE_INFINITY;
  private probeBitrate = 0;
  private probeCluster = -1;
  private decision = 'hold';
  private backlog = 0;
  /** The latest time that was told. */
  private now = 0;

  constructor(options: BandwidthEstimatorOptions) {
    this.minBitrate = options.minBitrate ?? DEFAULT_MIN_BITRATE;
    this.maxBitrate = options.maxBitrate ?? Number.POSITIVE_INFINITY;
    this.initialBitrate = Math.max(this.minBitrate, Math.min(options.initialBitrate, this.maxBitrate));
    this.targetBitrate = this.initialBitrate;
    this.aimd = new AimdRateControl(this.initialBitrate);
    this.probeController.setMaxBitrate(this.maxBitrate);
  }

  /** Clearly less is sent than the estimate would allow. */
  get applicationLimited(): boolean {
    return this.alr.limited;
  }

  get roundTripMs(): number {
    return Number.isNaN(this.roundTrip) ? DEFAULT_ROUND_TRIP_MS : this.roundTrip;
  }

  /** How fast to send what waits: somewhat faster than the target, so that a large frame leaves in time. */
  get pacingBitrate(): number {
    return Math.max(MIN_PACING_BITRATE, this.targetBitrate * PACING_FACTOR);
  }

  /** Bits per second that get through; 0 when unknown, or when nothing was acknowledged for two seconds. */
  acknowledgedBitrate(now: number): number {
    return this.acknowledged.at(now);
  }

  /** `size`: bytes of the RTP packet with its header; `probeCluster`: -1 when it is no part of a probe. */
  packetSent(now: number, transportSequence: number, size: number, probeCluster: number): void {
    this.now = now;
    this.history.sent(now, transportSequence, size, probeCluster);
    this.alr.packetSent(now, size, this.targetBitrate);
    this.watchdog.packetSent(now);
    this.probeController.start(now, this.targetBitrate);
  }

  receiveFeedback(now: number, feedback: TransportFeedback): void {
    this.now = now;
    // What was sent into an outage was lost to it, whatever the rate.
    if (!this.probing) this.history.ignoreLossBefore = now;
    const fresh = this.history.process(now, feedback);
    const results = this.history.results;
    if (!fresh) return;
    this.lastFeedback = now;
    if (results.count > 0) this.endOutage(now, this.watchdog.feedback(now));
    if (!Number.isNaN(results.roundTripMs)) this.receiveRoundTrip(now, results.roundTripMs);
    this.alr.update(now, this.targetBitrate);
    this.takeResults(now);
    this.decide(now);
    this.apply(now, 'feedback');
  }

  /** Bits per second by the receiver's own estimate. Leads without transport-wide feedback, is a cap beside it. */
  receiveRemb(now: number, bitrate: number): void {
    if (!(bitrate >= 0)) return;
    this.remb = bitrate;
    if (this.rembLeads(now)) this.aimd.setEstimate(now, this.clamp(bitrate));
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
    this.probeController.setMaxBitrate(this.maxBitrate);
    this.aimd.bitrate = this.clamp(this.aimd.bitrate);
    this.apply(now, 'limits');
  }

  /** What is sent by choice, and what could be used if there was room: more than the estimate is probed for. */
  setDemand(now: number, _allocatedBitrate: number, wantedBitrate: number): void {
    this.now = now;
    this.probeController.setWanted(now, wantedBitrate, this.targetBitrate);
  }

  /** Bytes that wait in the pacer; for the explanation. */
  setBacklog(_now: number, queuedBytes: number): void {
    this.backlog = queuedBytes;
  }

  /** When handleTimeout() has something to do; Infinity: not without a packet or feedback. */
  nextTimeout(): number {
    const probe = this.probing ? this.probeController.nextTimeout(this.targetBitrate) : Number.POSITIVE_INFINITY;
    return Math.min(this.watchdog.nextTimeout(this.roundTripMs), probe);
  }

  handleTimeout(now: number): void {
    this.now = now;
    if (this.watchdog.handleTimeout(now, this.roundTripMs)) this.apply(now, 'timeout');
    if (this.probing) this.probeController.handleTimeout(now, this.targetBitrate);
  }

  /** The next probe to send, once. */
  takeProbe(): ProbeCluster | null {
    const cluster = this.probeController.take(this.now);
    if (cluster !== null) this.probes.expect(cluster);
    return cluster;
  }

  private get probing(): boolean {
    return Number.isNaN(this.watchdog.outageSince);
  }

  private takeResults(now: number): void {
    const { results } = this.history;
    this.probeBitrate = 0;
    this.probeCluster = -1;
    for (let place = 0; place < results.count; place++) {
      const index = results.order[place];
      const send = results.sendTimes[index];
      const arrival = results.receiveTimes[index];
      const cluster = results.clusters[index];
      if (send < this.ignoreSentBefore) continue;
      this.queueDelay.add(send, arrival);
      this.acknowledged.add(now, send, arrival, results.sizes[index]);
      if (this.interArrival.add(now, send, arrival)) {
        this.trendline.update(this.interArrival.arrivalDelta, this.interArrival.sendDelta, arrival);
      }
      if (cluster >= 0) this.lastProbeArrival = now;
      if (cluster >= 0 && this.probes.add(cluster, send, arrival, results.sizes[index])) this.probeCluster = cluster;
    }
    this.queueDelay.finish(now);
    if (this.probeCluster >= 0) this.probeBitrate = this.probes.bitrate(this.probeCluster);
  }

  /** Packets wait, and longer than jitter explains. */
  private get queued(): boolean {
    const own = this.now - this.lastProbeArrival < PROBE_ECHO_MS ? PROBE_QUEUE_MS : 0;
    return this.queueDelay.ms > IGNORED_QUEUE_MS + own + IGNORED_JITTERS * this.trendline.variationMs;
  }

  /** Overuse without a queue is one large frame or jitter, not a full link. */
  private get usage(): number {
    const { usage } = this.trendline;
    return usage === Usage.Overusing && !this.queued ? Usage.Normal : usage;
  }

  private decide(now: number): void {
    const { results } = this.history;
    const acknowledged = this.acknowledged.bitrate;
    const before = this.aimd.bitrate;
    const usage = this.usage;
    this.decision = 'hold';
    if (this.probeBitrate > this.targetBitrate && usage !== Usage.Overusing) {
      this.aimd.setEstimate(now, this.clamp(Math.max(before, this.probeBitrate)));
      this.lossBased.probed(this.probeBitrate);
      this.decision = 'probe';
    } else {
      this.aimd.queueDelayMs = this.queueDelay.ms;
      this.aimd.shortTermAcknowledged = this.acknowledged.shortTerm;
      this.aimd.update(now, usage, acknowledged, this.roundTripMs, !this.alr.limited);
      this.aimd.bitrate = this.clamp(this.aimd.bitrate);
      if (this.aimd.bitrate > before) this.decision = 'increase';
      else if (this.aimd.bitrate < before) this.decision = 'decrease';
    }
    if (this.queued) this.probeController.congested(now);
    if (this.decision === 'decrease') this.probeController.decreased(now);
    this.lossBased.update(results, this.aimd.bitrate, acknowledged);
    this.moderateLoss.update(now, results, this.targetBitrate);
    this.lossFraction = this.lossBased.loss;
    this.probeController.jitterMs = this.trendline.variationMs;
    if (this.probeCluster >= 0) {
      this.probeController.result(now, this.probeCluster, this.probeBitrate, this.aimd.bitrate);
    }
  }

  private endOutage(now: number, length: number): void {
    if (length === 0) return;
    // What was sent into the outage says nothing about the path after it.
    this.ignoreSentBefore = now;
    this.interArrival.reset();
    this.trendline.reset();
    this.acknowledged.reset();
    const before = this.aimd.bitrate;
    const resume = length > LONG_OUTAGE_MS ? Math.min(before, this.initialBitrate) : before;
    this.aimd.setEstimate(now, this.clamp(resume * RESUME));
    this.probeController.request(now, before, this.aimd.bitrate);
  }

  private rembLeads(now: number): boolean {
    return now - this.lastFeedback > REMB_LEADS_AFTER_MS;
  }

  private apply(now: number, cause: string): void {
    const limit = Math.min(this.aimd.bitrate, this.lossBased.limit, this.moderateLoss.limit, this.remb);
    this.targetBitrate = this.clamp(limit * this.watchdog.factor);
    if (this.onTrace !== null) this.onTrace(this.explain(now, cause));
  }

  private clamp(bitrate: number): number {
    return Math.max(this.minBitrate, Math.min(bitrate, this.maxBitrate));
  }

  private explain(now: number, cause: string): EstimateTrace {
    return {
      now,
      cause,
      targetBitrate: this.targetBitrate,
      trend: this.trendline.modifiedTrend,
      threshold: this.trendline.threshold,
      jitter: this.trendline.variationMs,
      usage: this.trendline.usage,
      state: this.aimd.state,
      acknowledged: this.acknowledged.at(now),
      loss: this.lossBased.loss,
      inherentLoss: this.lossBased.inherent,
      lossLimit: this.lossBased.limit,
      moderateLossLimit: this.moderateLoss.limit,
      delayLimit: this.aimd.bitrate,
      capacity: this.aimd.capacity.estimate,
      remb: this.remb,
      decision: this.decision,
      alr: this.alr.limited ? 1 : 0,
      probe: this.probeBitrate,
      queue: this.queueDelay.ms,
      rtt: this.roundTripMs,
      inflight: this.history.inFlightBytes,
      lostFeedback: this.history.lostFeedback,
      backlog: this.backlog,
      outage: this.watchdog.factor < 1 ? 1 : 0,
    };
  }
}
