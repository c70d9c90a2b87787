// Hot path: admits(), sentDirectly() and sentPaced() run once per packet and receiver. They allocate nothing.
import { AllocationSchedule } from '../bwe/allocation-schedule.js';
import { BandwidthEstimator } from '../bwe/bandwidth-estimator.js';
import { type EstimateTrace, type ProbeCluster } from '../bwe/congestion-types.js';
import { MediaBudget } from '../bwe/media-budget.js';
import { type PacedOwner, Pacer } from '../bwe/pacer.js';
import { PACKET_OVERHEAD } from '../bwe/packet-overhead.js';
import { type AllocationDecision } from '../bwe/stream-allocator.js';
import { type TransportFeedback } from '../rtp/rtcp/transport-feedback.js';
import { type TimerClient } from '../stream/timers.js';
import {
  bandwidthTraceInfo,
  type BandwidthTraceInfo,
  type CongestionHost,
  type CongestionOptions,
  type CongestionStats,
  type ControlledStream,
} from './congestion-host.js';
import { ControlledStreams } from './controlled-streams.js';

/** bps on the wire, packet headers and all, until the network has said something (mediasoup). */
const INITIAL_BITRATE = 600_000;
/** bps that is assumed to be there always (mediasoup). */
const MIN_BITRATE = 30_000;
/** While no video fits, the receiver is asked this often, in milliseconds, whether anything gets through. */
const ASK_INTERVAL_MS = 200;
const ASK_BYTES = 200;

/** Milliseconds for which all video had all that it wants: then there is room, and not by mistake. */
const SETTLED_MS = 1000;
/** Milliseconds without any report that are an outage; after so many more, nothing will be as it was. */
const OUTAGE_MS = 1000;
const LONG_OUTAGE_MS = 5000;
const OUTAGE_LOOK_MS = 200;
/** Padding for receivers that can only say REMB: how often, and so much above what they said. */
const FILL_INTERVAL_MS = 1000;
const FILL_FACTOR = 1.3;
/** The pace for who never reports, over what it is sent: key frames are no rare thing. */
const UNHEARD_PACE = 2.5;
/** bps at the least while the estimate is unproven. */
const UNPROVEN_PACE = 300_000;

/**
 * Congestion control towards one receiver: what the receiver reports becomes an estimate; the estimate becomes layers
 * for each video stream, a pace, and probes for more. For transports with video whose receiver can report.
 */
export class CongestionController implements TimerClient {
  timerIndex = -1;
  timerAt = 0;

  private readonly estimator: BandwidthEstimator;
  private readonly pacer: Pacer;
  private readonly streams = new ControlledStreams();
  private readonly budget = new MediaBudget();
  private readonly schedule = new AllocationSchedule();
  private readonly info: BandwidthTraceInfo;
  private probe: ProbeCluster | null = null;
  private refused = 0;
  private sentAt = Number.NEGATIVE_INFINITY;
  private running = false;
  private beginning = true;
  private padding = false;
  /** When the receiver last reported that something arrived. */
  private heardAt = Number.NEGATIVE_INFINITY;
  /** When the first packet was sent since then. */
  private unansweredSince = Number.POSITIVE_INFINITY;
  private satisfiedSince = Number.POSITIVE_INFINITY;
  /** What could be used if there was room, as a multiple of what the streams want: more than 1 where repair needs much. */
  wish = 1;
  private filledAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly host: CongestionHost,
    private readonly options: CongestionOptions,
  ) {
    const { feedback, initialBitrate = INITIAL_BITRATE } = options;
    this.estimator = new BandwidthEstimator({ initialBitrate, minBitrate: MIN_BITRATE });
    this.info = bandwidthTraceInfo(feedback, initialBitrate, MIN_BITRATE);
    this.pacer = new Pacer(this);
  }

  // ---- per packet

  /** A packet of video may go directly: send it and say sentDirectly(). Else enqueue() it. Audio need not ask. */
  admits(now: number): boolean {
    return this.pacer.admits(now);
  }

  /** @param transportSequence -1 when the packet has none; @param bytes of the RTP packet */
  sentDirectly(now: number, transportSequence: number, bytes: number, rtx: boolean): void {
    const { probeCluster } = this.pacer;
    this.pacer.spent(now, bytes);
    this.sentPaced(now, transportSequence, bytes, rtx, probeCluster);
  }

  /** A packet that was asked for by sendPaced(), sendPadding() or sendProbation(), with the probe they were told. */
  sentPaced(now: number, transportSequence: number, bytes: number, rtx: boolean, probeCluster: number): void {
    if (transportSequence >= 0) {
      this.estimator.packetSent(now, transportSequence, bytes + PACKET_OVERHEAD, probeCluster);
    }
    if (this.unansweredSince === Number.POSITIVE_INFINITY) this.unansweredSince = now;
    if (!this.padding) this.budget.sent(now, bytes, rtx);
    this.sentAt = now;
  }

  /** @returns false when it cannot be kept: it is lost, and counted here */
  enqueue(
    now: number,
    owner: PacedOwner,
    output: number,
    input: number,
    era: number,
    rtx: boolean,
    bytes: number,
  ): boolean {
    const waiting = this.pacer.queuedPackets > 0;
    const kept = this.pacer.enqueue(now, owner, output, input, era, rtx, bytes);
    if (!kept) this.refused += 1;
    else if (!waiting && this.running) this.host.timers.schedule(this, this.pacer.nextTimeout());
    return kept;
  }

  // ---- what the receiver says

  receiveFeedback(now: number, feedback: TransportFeedback): void {
    const silent = now - this.unansweredSince;
    if (feedback.receivedCount > 0) this.heardNow(now);
    this.estimator.receiveFeedback(now, feedback);
    this.estimated(now);
    if (silent >= OUTAGE_MS) this.streams.pathRestored(now, this.pacer);
  }

  receiveRemb(now: number, bitrate: number): void {
    this.heardNow(now);
    this.estimator.receiveRemb(now, bitrate);
    this.estimated(now);
  }

  /** bps, packet overhead included. */
  get availableBitrate(): number {
    return this.estimator.targetBitrate;
  }

  /** Every stream of video has all that it wants. */
  get satisfied(): boolean {
    const { allocatedBitrate, wantedBitrate } = this.streams;
    return allocatedBitrate >= wantedBitrate;
  }

  /** What the path carries beyond what all video takes, as a part of that; 0 while video gets less than it wants. */
  get spareFraction(): number {
    const { allocatedBitrate, wantedBitrate } = this.streams;
    if (allocatedBitrate < wantedBitrate || allocatedBitrate === 0) return 0;
    return Math.max(0, this.availableBitrate / allocatedBitrate - 1);
  }

  /** And has had it for a while. */
  isSettled(now: number): boolean {
    return now - this.satisfiedSince >= SETTLED_MS;
  }

  /** 0..1, by transport-wide feedback. */
  get lossFraction(): number {
    return this.estimator.lossFraction;
  }

  /** Milliseconds, from receiver reports. */
  receiveRoundTrip(now: number, ms: number): void {
    this.estimator.receiveRoundTrip(now, ms);
  }

  /** Nothing has come through for so long that the report that ends it begins the pictures anew (pathRestored). */
  unreachable(now: number): boolean {
    return this.options.feedback === 'transport-cc' && this.heard && now - this.unansweredSince >= OUTAGE_MS;
  }

  // ---- what the application does

  /** There is a way out: until now there was nothing to control. */
  start(now: number): void {
    if (this.running) return;
    this.running = true;
    this.budget.start(now);
    this.changed(now);
  }

  /** Also audio whose packets carry a transport sequence number: it is served first, out of the same estimate. */
  addStream(now: number, stream: ControlledStream): void {
    this.streams.add(stream);
    this.changed(now);
  }

  removeStream(now: number, stream: ControlledStream): void {
    if (!this.streams.remove(stream)) return;
    this.pacer.remove(stream);
    this.changed(now);
  }

  /** A stream was paused or resumed, or its priority, preference or the layers on offer are others now. */
  changed(now: number): void {
    this.schedule.at = now;
    if (this.running) this.host.timers.schedule(this, now);
  }

  /** What waits of a stream that was paused is not wanted any more. */
  forget(stream: ControlledStream): void {
    this.pacer.remove(stream);
  }

  /** bps, mediasoup's setMinOutgoingBitrate and setMaxOutgoingBitrate; 0 = no limit. */
  setLimits(now: number, minBitrate: number, maxBitrate: number): void {
    this.info.minBitrate = Math.max(MIN_BITRATE, minBitrate);
    this.info.maxBitrate = maxBitrate;
    this.estimator.setLimits(now, this.info.minBitrate, maxBitrate);
    this.changed(now);
  }

  close(): void {
    this.running = false;
    this.host.timers.cancel(this);
  }

  // ---- what it knows

  /** How each video stream fared in the last allocation, by its id. */
  get decisions(): Record<string, AllocationDecision> {
    return this.streams.decisions;
  }

  set onEstimate(listener: ((line: EstimateTrace) => void) | null) {
    this.estimator.onTrace = listener;
  }

  stats(now: number): CongestionStats {
    const { estimator, pacer, streams } = this;
    return {
      availableOutgoingBitrate: Math.round(estimator.targetBitrate),
      allocatedBitrate: Math.round(streams.allocatedBitrate),
      wantedBitrate: Math.round(streams.wantedBitrate),
      lossFraction: estimator.lossFraction,
      roundTripMs: estimator.roundTripMs,
      queuedBytes: pacer.queuedBytes,
      queueDelayMs: pacer.queueDelayMs(now),
      packetsDiscarded: pacer.expired + this.refused,
    };
  }

  // ---- what timers and pacer call

  handleTimeout(now: number): void {
    if (!this.running) return;
    if (this.estimator.nextTimeout() <= now) {
      this.estimator.setBacklog(now, this.pacer.queuedBytes);
      this.estimator.handleTimeout(now);
      this.watch(now);
    }
    if (this.schedule.at <= now) this.allocate(now);
    this.pacer.run(now);
    this.goOn(now);
  }

  /** Fills up a probe. */
  sendPadding(now: number, bytes: number, probeCluster: number): number {
    this.padding = true;
    const repair = this.streams.sendPadding(now, bytes, probeCluster);
    const size = repair > 0 ? repair : this.host.sendProbation(now, bytes, probeCluster);
    this.padding = false;
    if (size > 0 && this.host.traces('probation')) {
      const bitrate = this.probe?.bitrate ?? 0;
      this.host.trace(now, 'probation', { probeCluster, bitrate, size, rtx: repair > 0 });
    }
    return size;
  }

  // ---- inside

  private estimated(now: number): void {
    if (!this.running) return;
    this.watch(now);
    if (this.beginning && !this.unproven) this.schedule.at = now;
    this.beginning = this.unproven;
    this.pacer.setRate(now, this.pacingBitrate, this.unproven || this.estimator.narrow);
    if (this.schedule.at <= now) this.allocate(now);
    this.goOn(now);
  }

  private watch(now: number): void {
    this.budget.observeQueue(now, this.pacer.queueDelayMs(now));
    this.schedule.estimated(now, this.estimator.targetBitrate);
  }

  private allocate(now: number): void {
    const { streams, estimator } = this;
    if (this.inOutage(now)) {
      this.schedule.at = now + OUTAGE_LOOK_MS;
      return;
    }
    const target = estimator.targetBitrate;
    streams.measure(now);
    const besides = streams.audioBitrate + this.budget.extra(now, target);
    const room = target * this.budget.share - besides;
    // Who never reports (it may have copied the capabilities of a browser) gets the least of everything, as it always did.
    streams.allocate(now, this.heard ? room : Math.max(room, streams.leastBitrate), {
      unproven: this.unproven,
      narrow: estimator.narrow,
      besides,
    });
    this.schedule.allocated(now, target, streams.hasVideo);
    if (!this.satisfied || streams.wantedBitrate === 0) this.satisfiedSince = Number.POSITIVE_INFINITY;
    else if (this.satisfiedSince === Number.POSITIVE_INFINITY) this.satisfiedSince = now;
    const desired = streams.wantedBitrate * this.wish + besides;
    estimator.setDemand(now, streams.allocatedBitrate + besides, desired);
    this.pacer.setRate(now, this.pacingBitrate, this.unproven || this.estimator.narrow);
    if (streams.allocatedBitrate === 0 && streams.wantedBitrate > 0) this.ask(now);
    this.fill(now);
    if (this.host.traces('bwe')) this.trace(now, desired);
  }

  /**
   * REMB tells what the receiver could take, as far as it was tried: that grows with what arrives, so it is given more to
   * see, half of the time.
   */
  private fill(now: number): void {
    const { streams, pacer } = this;
    if (this.options.feedback !== 'remb' || this.satisfied) return;
    if (pacer.probeCluster >= 0 || now - this.filledAt < FILL_INTERVAL_MS) return;
    this.filledAt = now;
    const bitrate = Math.min(this.estimator.targetBitrate, streams.wantedBitrate) * FILL_FACTOR;
    const minBytes = Math.round((bitrate * FILL_INTERVAL_MS) / 2 / 8000);
    pacer.startProbe({ id: 0, bitrate, minPackets: 1, minBytes });
  }

  /** Without reports the estimate says nothing of the path, so that what was granted goes out as it comes. */
  private get pacingBitrate(): number {
    const { pacingBitrate } = this.estimator;
    const enough = this.streams.allocatedBitrate * UNHEARD_PACE;
    // The first key frames go out before it is known whether they fill a queue.
    if (this.unproven) return Math.min(Math.max(pacingBitrate, enough), Math.max(UNPROVEN_PACE, enough));
    return this.heard ? pacingBitrate : Math.max(pacingBitrate, enough);
  }

  /** The estimate is what somebody thought of. REMB is an estimate by itself, and probes say nothing beside it. */
  get unproven(): boolean {
    return this.options.feedback === 'transport-cc' && (!this.heard || this.estimator.unproven);
  }

  private heardNow(now: number): void {
    this.heardAt = now;
    this.unansweredSince = Number.POSITIVE_INFINITY;
  }

  private get heard(): boolean {
    return this.heardAt > Number.NEGATIVE_INFINITY;
  }

  /**
   * Nothing comes back, for so short a time that it may all be as before soon: other layers would not arrive either, and cost
   * key frames when it is over.
   */
  private inOutage(now: number): boolean {
    const silent = now - this.unansweredSince;
    return this.heard && silent >= OUTAGE_MS / 2 && silent < LONG_OUTAGE_MS;
  }

  /** Who sends nothing hears nothing, and would never learn that there is room (again). */
  private ask(now: number): void {
    if (now - this.sentAt >= ASK_INTERVAL_MS) this.sendPadding(now, ASK_BYTES, -1);
    this.schedule.at = now + ASK_INTERVAL_MS;
  }

  /** The next probe, one at a time and only when there is video to profit from it; and the next deadline. */
  private goOn(now: number): void {
    const { estimator, pacer } = this;
    if (pacer.probeCluster < 0 && this.streams.wantedBitrate > 0) {
      this.probe = estimator.takeProbe();
      if (this.probe !== null) {
        pacer.startProbe(this.probe);
        pacer.run(now);
      }
    }
    // Without video nothing follows from an estimate, so that it may grow old.
    const estimatorAt = this.streams.hasVideo ? estimator.nextTimeout() : Number.POSITIVE_INFINITY;
    this.host.timers.schedule(this, Math.min(this.schedule.at, pacer.nextTimeout(), estimatorAt));
  }

  private trace(now: number, desired: number): void {
    const { maxBitrate } = this.info;
    this.host.trace(now, 'bwe', {
      ...this.info,
      desiredBitrate: Math.round(desired),
      effectiveDesiredBitrate: Math.round(maxBitrate > 0 ? Math.min(desired, maxBitrate) : desired),
      maxPaddingBitrate: this.pacer.probeCluster >= 0 ? Math.round(this.probe?.bitrate ?? 0) : 0,
      availableBitrate: Math.round(this.estimator.targetBitrate),
    });
  }
}
