// Hot path: add() runs once per packet that arrived. It allocates nothing.
// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/delay_based_bwe; draft-ietf-rmcat-gcc-02 section 5.
import { AcknowledgedBitrate } from './acknowledged-bitrate.js';
import { AimdRateControl } from './aimd-rate-control.js';
import { InterArrival } from './inter-arrival.js';
import { QueueDelay } from './queue-delay.js';
import { TrendlineEstimator, Usage } from './trendline-estimator.js';

/** A queue below this, and this many times the jitter up to a limit, is none. */
const IGNORED_QUEUE_MS = 10;
const IGNORED_JITTERS = 1.5;
const MAX_IGNORED_JITTER_MS = 10;
/** So much of a queue may be what a probe left, so long after its last packet. */
const PROBE_QUEUE_MS = 30;
const PROBE_ECHO_MS = 250;
/** A queue so long that grows so fast with one feedback needs no trend to be seen: the capacity fell. */
const DEEP_QUEUE_MS = 60;
const FAST_GROWTH_MS = 20;
/** A queue that is there for longer than this is no passing one, and may be full. */
const STANDING_QUEUE_MS = 1000;
/** A queue that is there for longer than this although we step back is somebody else's ... */
const OWN_QUEUE_MS = 3000;
/** ... and makes us step back no further than such a queue would. */
const FOREIGN_QUEUE_MS = 40;
/** Loss from which on a queue may be full all the time. */
const FULL_QUEUE_LOSS = 0.05;
/** Bits per second that are not given up to a foreign queue, unless it is longer than others tolerate. */
const FAIR_BITRATE = 300_000;
const MAX_FAIR_QUEUE_MS = 400;

/**
 * What the delay allows. Beyond goog_cc the length of the queue counts, not only its growth: overuse without a queue is
 * passed over, the estimate does not grow into a queue, and the longer the queue the further the estimate steps back.
 */
export class DelayBasedEstimator {
  readonly acknowledged = new AcknowledgedBitrate();
  readonly trendline = new TrendlineEstimator();
  readonly queue = new QueueDelay();
  readonly aimd: AimdRateControl;
  private readonly interArrival = new InterArrival();
  private now = 0;
  private queuedSince = Number.NEGATIVE_INFINITY;
  private lastProbe = Number.NEGATIVE_INFINITY;

  constructor(initialBitrate: number) {
    this.aimd = new AimdRateControl(initialBitrate);
  }

  /** A packet that arrived, in the order of arrival. `now`: when the feedback came. */
  add(now: number, sendTime: number, arrivalTime: number, size: number, probe: boolean): void {
    this.queue.add(sendTime, arrivalTime);
    this.acknowledged.add(now, sendTime, arrivalTime, size);
    if (this.interArrival.add(now, sendTime, arrivalTime)) {
      this.trendline.update(this.interArrival.arrivalDelta, this.interArrival.sendDelta, arrivalTime);
    }
    if (probe) this.lastProbe = now;
  }

  /** After the last packet of a feedback. `loss`: 0..1, of the last seconds. */
  finish(now: number, loss: number): void {
    this.now = now;
    this.queue.finish(now, loss > FULL_QUEUE_LOSS);
    if (!this.queued) this.queuedSince = now;
  }

  /** Packets wait in a queue, longer than jitter explains. */
  get queued(): boolean {
    const jitter = Math.min(MAX_IGNORED_JITTER_MS, IGNORED_JITTERS * this.trendline.variationMs);
    const echo = this.now - this.lastProbe < PROBE_ECHO_MS ? PROBE_QUEUE_MS : 0;
    return this.queue.ms > IGNORED_QUEUE_MS + jitter + echo;
  }

  /** One `Usage`. */
  get usage(): number {
    const { usage } = this.trendline;
    const { ms, growthMs } = this.queue;
    if (this.ownQueue && ms > DEEP_QUEUE_MS && growthMs > FAST_GROWTH_MS) return Usage.Overusing;
    // One large frame, or jitter.
    return usage === Usage.Overusing && !this.queued ? Usage.Normal : usage;
  }

  /** `mayGrow`: false while too little is sent for growth to mean anything. */
  update(now: number, roundTripMs: number, mayGrow: boolean): void {
    const { aimd, ownQueue } = this;
    aimd.queueDelayMs = ownQueue ? this.queue.ms : Math.min(this.queue.ms, FOREIGN_QUEUE_MS);
    aimd.newestThroughput = this.acknowledged.newest;
    const grows = mayGrow && !(this.queued && ownQueue);
    const before = aimd.bitrate;
    aimd.update(now, this.usage, this.acknowledged.bitrate, roundTripMs, grows);
    if (!ownQueue && this.queue.ms < MAX_FAIR_QUEUE_MS && aimd.bitrate < before) {
      aimd.bitrate = Math.max(aimd.bitrate, Math.min(before, FAIR_BITRATE));
    }
  }

  /** Forgets the packets seen; the estimate, the threshold and the base delay stay. */
  reset(): void {
    this.interArrival.reset();
    this.trendline.reset();
    this.acknowledged.reset();
  }

  /** Packets have been waiting in a queue for a while. */
  get standingQueue(): boolean {
    return this.now - this.queuedSince > STANDING_QUEUE_MS;
  }

  private get ownQueue(): boolean {
    return this.now - this.queuedSince < OWN_QUEUE_MS;
  }
}
