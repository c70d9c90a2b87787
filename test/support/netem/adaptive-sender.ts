import { BandwidthEstimator } from '#src/bwe/bandwidth-estimator.js';
import { MediaBudget } from '#src/bwe/media-budget.js';
import { PACKET_OVERHEAD } from '#src/bwe/packet-overhead.js';
import { Pacer, type PacedOwner } from '#src/bwe/pacer.js';
import type { TransportFeedback } from '#src/rtp/rtcp/transport-feedback.js';
import { AUDIO_BITRATE } from './media-packet.js';
import { MediaSender, type SenderParts } from './media-sender.js';
import type { AdaptiveVideo } from './plan.js';

const DEFAULT_MIN_BITRATE = 150_000;
/** How often an encoder takes a new bitrate (RFC 8867 section 4.3). */
const ENCODER_REACTION_MS = 100;
/** An encoder of our own leaves frames out when so much waits already. */
const SKIP_FRAMES_MS = 500;

/** An encoder that follows the product's estimate, through the product's pacer. */
export class AdaptiveSender extends MediaSender implements PacedOwner {
  private readonly estimator: BandwidthEstimator;
  private readonly pacer: Pacer;
  private readonly budget = new MediaBudget();
  /** What waits in the pacer, by its number. */
  private readonly sizes = new Uint16Array(0x10000);
  private output = 0;
  private lastChange = -Infinity;

  constructor(parts: SenderParts) {
    super(parts);
    this.estimator = new BandwidthEstimator({ initialBitrate: parts.plan.initialBitrate });
    this.pacer = new Pacer(this);
    if (parts.trace) this.estimator.onTrace = (line) => void parts.record.trace.push(line);
  }

  // ---- what the pacer calls

  sendPaced(now: number, output: number, _input: number, _era: number, _rtx: boolean, probe: number): number {
    const bytes = this.sizes[output];
    this.sent(now, this.transmit(now, 'video', bytes), bytes, probe);
    return bytes;
  }

  sendPadding(now: number, bytes: number, probe: number): number {
    this.estimator.packetSent(now, this.transmit(now, 'padding', bytes), bytes + PACKET_OVERHEAD, probe);
    return bytes;
  }

  // ---- what the flow calls

  protected get estimate(): number {
    return this.estimator.targetBitrate;
  }

  protected get rung(): null {
    return null;
  }

  protected nextTimeout(): number {
    return Math.min(this.estimator.nextTimeout(), this.pacer.nextTimeout());
  }

  protected handleTimeout(now: number): void {
    if (this.estimator.nextTimeout() <= now) {
      this.estimator.setBacklog(now, this.pacer.queuedBytes);
      this.estimator.handleTimeout(now);
    }
    this.goOn(now);
  }

  protected receiveFeedback(now: number, feedback: TransportFeedback): void {
    this.estimator.setBacklog(now, this.pacer.queuedBytes);
    this.estimator.receiveFeedback(now, feedback);
    this.budget.observeQueue(now, this.pacer.queueDelayMs(now));
    this.goOn(now);
  }

  protected receiveRoundTrip(now: number, ms: number): void {
    this.estimator.receiveRoundTrip(now, ms);
  }

  protected activeChanged(now: number, active: boolean): void {
    if (active) {
      this.video.requestKeyFrame();
      this.budget.start(now);
    } else {
      this.pacer.remove(this);
    }
    this.goOn(now);
  }

  protected frame(now: number): number {
    if (this.pacer.queueDelayMs(now) <= SKIP_FRAMES_MS) return this.video.nextFrame(now);
    this.video.skipFrame();
    return 0;
  }

  protected sendVideo(now: number, bytes: number): void {
    if (this.pacer.admits(now)) {
      const probe = this.pacer.probeCluster;
      this.pacer.spent(now, bytes);
      this.sent(now, this.transmit(now, 'video', bytes), bytes, probe);
      return;
    }
    this.output = (this.output + 1) & 0xffff;
    this.sizes[this.output] = bytes;
    this.pacer.enqueue(now, this, this.output, this.output, 0, false, bytes);
  }

  protected sendAudio(now: number, bytes: number): void {
    const probe = this.pacer.probeCluster;
    this.pacer.spent(now, bytes);
    this.sent(now, this.transmit(now, 'audio', bytes), bytes, probe);
  }

  private sent(now: number, sequence: number, bytes: number, probe: number): void {
    this.estimator.packetSent(now, sequence, bytes + PACKET_OVERHEAD, probe);
    this.budget.sent(now, bytes, false);
  }

  private goOn(now: number): void {
    this.budget.observeQueue(now, this.pacer.queueDelayMs(now));
    this.encode(now);
    this.pacer.setRate(now, this.estimator.pacingBitrate);
    if (this.active && this.pacer.probeCluster < 0) {
      const probe = this.estimator.takeProbe();
      if (probe !== null) this.pacer.startProbe(probe);
    }
    this.pacer.run(now);
  }

  private encode(now: number): void {
    if (!this.active) return this.estimator.setDemand(now, 0, 0);
    const { minBitrate = DEFAULT_MIN_BITRATE, maxBitrate } = this.parts.plan.video as AdaptiveVideo;
    const target = this.estimator.targetBitrate;
    const audio = this.parts.plan.audio === false ? 0 : AUDIO_BITRATE;
    const besides = audio + this.budget.extra(now, target);
    if (now - this.lastChange >= ENCODER_REACTION_MS) {
      this.lastChange = now;
      const bitrate = target * this.budget.share - besides;
      this.video.bitrate = Math.max(minBitrate, Math.min(maxBitrate, bitrate));
    }
    // An encoder that follows the estimate uses all of it, with some delay.
    this.estimator.setDemand(now, Math.max(target, this.video.bitrate + besides), maxBitrate + besides);
  }
}
