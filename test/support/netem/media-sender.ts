import { TransportFeedback } from '#src/rtp/rtcp/transport-feedback.js';
import type { Link, PacketReceiver } from './link.js';
import {
  AUDIO_INTERVAL_MS,
  AUDIO_RTP_BYTES,
  MAX_RTP_BYTES,
  WIRE_OVERHEAD,
  type FeedbackPacket,
  type MediaPacket,
} from './media-packet.js';
import type { MediaFlowPlan } from './plan.js';
import { SAMPLE_MS, type MediaFlowRecord } from './plan-run.js';
import type { Random } from './random.js';
import { FRAME_INTERVAL_MS, VideoSource } from './video-source.js';
import { Alarm, type VirtualTime } from './virtual-time.js';

export interface SenderParts {
  time: VirtualTime;
  random: Random;
  /** Index of the flow. */
  flow: number;
  plan: MediaFlowPlan;
  link: Link;
  record: MediaFlowRecord;
  /** Keep explanations of the estimate. */
  trace: boolean;
}

/** The sending side of one media flow: when there are frames and audio, what goes onto the link, what comes back. */
export abstract class MediaSender implements PacketReceiver<FeedbackPacket> {
  protected readonly video: VideoSource;
  private readonly parsed = new TransportFeedback();
  private readonly wake: Alarm;
  private receiver: PacketReceiver<MediaPacket> | null = null;
  private transportSequence = 0;
  private wasActive = false;

  constructor(protected readonly parts: SenderParts) {
    const { time, random, plan } = parts;
    this.video = new VideoSource(random);
    this.wake = new Alarm(time, () => this.handleWake());
    const phase = random.between(0, FRAME_INTERVAL_MS);
    time.at(plan.start, () => this.begin());
    time.at(plan.start + phase, () => this.produceFrame());
    if (plan.audio !== false) time.at(plan.start + phase / 2, () => this.produceAudio());
    time.at(SAMPLE_MS, () => this.sample());
  }

  sendTo(receiver: PacketReceiver<MediaPacket>): void {
    this.receiver = receiver;
  }

  /** Feedback arrives. */
  receive(now: number, packet: FeedbackPacket): void {
    const { plan, record } = this.parts;
    if (now < plan.start || now >= plan.stop) return;
    if (packet.roundTripStart >= 0) this.receiveRoundTrip(now, now - packet.roundTripStart);
    if (this.parsed.parse(packet.rtcp, 0, packet.rtcp.length)) this.receiveFeedback(now, this.parsed);
    else record.malformedFeedback++;
    this.settle(now);
  }

  protected abstract get estimate(): number;
  /** Index of the layer being sent, -1 for none; null: has no layers. */
  protected abstract get rung(): number | null;
  protected abstract nextTimeout(): number;
  protected abstract handleTimeout(now: number): void;
  protected abstract receiveFeedback(now: number, feedback: TransportFeedback): void;
  protected abstract receiveRoundTrip(now: number, ms: number): void;
  /** The flow begins, pauses or resumes. */
  protected abstract activeChanged(now: number, active: boolean): void;
  /** Bytes of the next frame, 0 when there is none. */
  protected abstract frame(now: number): number;
  protected abstract sendVideo(now: number, rtpBytes: number): void;
  protected abstract sendAudio(now: number, rtpBytes: number): void;

  protected get active(): boolean {
    const { now } = this.parts.time;
    const { start, stop, pauses = [] } = this.parts.plan;
    return now >= start && now < stop && !pauses.some(({ from, to }) => now >= from && now < to);
  }

  /** Onto the link. @returns the transport-wide sequence number */
  protected transmit(now: number, kind: MediaPacket['kind'], rtpBytes: number): number {
    const { flow, link, plan, record } = this.parts;
    const { transportSequence } = this;
    const bytes = rtpBytes + WIRE_OVERHEAD;
    const packet = { flow: kind === 'padding' ? -1 : flow, bytes, kind, transportSequence, sentAt: now };
    this.transportSequence = (transportSequence + 1) & 0xffff;
    record.sent(packet);
    link.send(packet, this.receiver!, plan.accessDelayMs);
    return transportSequence;
  }

  private begin(): void {
    this.updateActive();
    this.settle(this.parts.time.now);
  }

  private updateActive(): void {
    const { active } = this;
    if (active === this.wasActive) return;
    this.wasActive = active;
    this.activeChanged(this.parts.time.now, active);
  }

  /** Something has happened: keep the result, and come again when there is something to do. */
  private settle(now: number): void {
    const { plan, record } = this.parts;
    record.estimateChanged(now, this.estimate);
    // Timers of a real clock are not finer than a millisecond.
    this.wake.set(now >= plan.stop ? Infinity : Math.max(now, Math.ceil(this.nextTimeout())));
  }

  private handleWake(): void {
    const { now } = this.parts.time;
    if (now >= this.parts.plan.stop) return;
    this.handleTimeout(now);
    this.settle(now);
  }

  private produceFrame(): void {
    const { time, plan } = this.parts;
    const { now } = time;
    this.updateActive();
    if (now >= plan.stop) return this.settle(now);
    const bytes = this.active ? this.frame(now) : 0;
    const packets = Math.ceil(bytes / MAX_RTP_BYTES);
    for (let i = 0; i < packets; i++) this.sendVideo(now, Math.ceil(bytes / packets));
    this.settle(now);
    time.after(FRAME_INTERVAL_MS, () => this.produceFrame());
  }

  private produceAudio(): void {
    const { time, plan } = this.parts;
    if (time.now >= plan.stop) return;
    if (this.active) {
      this.sendAudio(time.now, AUDIO_RTP_BYTES);
      this.settle(time.now);
    }
    time.after(AUDIO_INTERVAL_MS, () => this.produceAudio());
  }

  private sample(): void {
    this.parts.record.sample(this.estimate, this.rung);
    this.parts.time.after(SAMPLE_MS, () => this.sample());
  }
}
