// Hot path: numberPacket(), passes() and admits() run once per packet and receiver. They allocate nothing.
import { type RtpParameters } from '../rtp/rtp-parameters.js';
import { type TransportFeedback } from '../rtp/rtcp/transport-feedback.js';
import { type Timers } from '../stream/timers.js';
import { CongestionController } from './congestion-controller.js';
import {
  type BandwidthTraceInfo,
  type CongestionHost,
  type ControlledStream,
  type ProbationTraceInfo,
} from './congestion-host.js';
import { type ConsumerEgress, DIRECT } from './consumer-ports.js';
import { type RtpDrops } from './drop-reasons.js';
import { type CoreEnvironment, type TransportSink } from './environment.js';
import { ANY_LAYER } from './layer-choice.js';
import { ProbationStream } from './probation-stream.js';
import { type TransportCounters } from './transport-counters.js';

/** Part of the packets whose loss makes a path lossy, and the part from which on it is none any more. */
const LOSSY_FROM = 0.02;
const LOSSY_UNTIL = 0.01;
/** Part of the bitrate that sound may take for copies to find room, and with its copies: else the loss may be our doing. */
const SOUND_SHARE = { from: 0.08, until: 0.25 };
/** More when all video has all that it wants: then the loss is the path's own. */
const SOUND_SHARE_SATISFIED = { from: 0.3, until: 0.6 };
/** Copies of the last packet of a picture: both lost as well happens once in 8,000 at 5% loss. */
const TAIL_COPIES = 2;
/** A last packet is no smaller part of its stream: when there is no room for a copy of this one, there is for none. */
const LEAST_SHARE = 0.001;
/** What has to be left of the bitrate, as a part of what all video takes, when these copies have theirs: for other repair. */
const TAIL_RESERVE = 0.4;
/** What a lossy path is worth finding out about, as a multiple of what the video wants: pictures of one packet, three times. */
const LOSSY_WISH = 1 + TAIL_COPIES + TAIL_RESERVE;
/** Milliseconds within which two requests for lost packets count as loss, before there is a measure of it. */
const ASKED_AGAIN_MS = 3000;
/** Milliseconds for which a path that can carry more counts as lossy, because it is not known yet. */
const UNKNOWN_MS = 4000;
/** Requests this close together are about one loss. */
const ONE_LOSS_MS = 50;

/** A stream that goes out here. */
export interface EgressStream extends ControlledStream {
  /** Its packets carry a transport-wide sequence number. */
  readonly numbered: boolean;
  /** How the receiver can report what its network carries. */
  readonly feedback: 'transport-cc' | 'remb' | 'none';
  readonly settings: { readonly rtpParameters: RtpParameters };
}

/** What it needs of the transport whose way out it is. */
export interface EgressHost {
  readonly id: string;
  readonly sink: TransportSink;
  readonly drops: RtpDrops;
  readonly counters: TransportCounters;
}

/**
 * The way out of one transport: outgoing slots, transport-wide sequence numbers and, when the receiver can report what
 * arrives, congestion control.
 */
export class Egress implements CongestionHost, ConsumerEgress {
  readonly timers: Timers;
  /** Null while no receiver of video that can report is there. */
  congestion: CongestionController | null = null;
  /** bps: where an estimate begins; 0 = the usual. */
  initialBitrate = 0;
  /** bps, 0 = none. */
  minBitrate = 0;
  maxBitrate = 0;
  /** See ConsumerEgress. */
  lossy = false;
  /** Times of the last request of a receiver for lost packets, and of the one before. */
  private askedAt = Number.NEGATIVE_INFINITY;
  private askedBefore = Number.NEGATIVE_INFINITY;
  private connectedAt = Number.NEGATIVE_INFINITY;
  private transportSequence = 0;
  private probation: ProbationStream | null = null;
  private traced = new Set<string>();
  private readonly sounds: ControlledStream[] = [];

  constructor(
    private readonly host: EgressHost,
    private readonly environment: CoreEnvironment,
  ) {
    this.timers = environment.timers;
  }

  /** @returns an outgoing slot in the arena, -1 when there is none even after sending what was waiting */
  acquireSlot(): number {
    const slot = this.environment.batch.acquire();
    if (slot >= 0) return slot;
    this.environment.flush();
    const retried = this.environment.batch.acquire();
    if (retried < 0) this.host.drops.count('egress-batch-full');
    return retried;
  }

  /**
   * A packet is about to be put into the batch.
   * @param probeCluster the probe that it belongs to, -1 for none; DIRECT when the pacer did not ask for it
   * @param numbered it carries a transport-wide sequence number
   * @returns that number
   */
  numberPacket(now: number, length: number, probeCluster: number, rtx: boolean, numbered: boolean): number {
    let sequence = -1;
    if (numbered) {
      this.transportSequence = (this.transportSequence + 1) & 0xffff;
      sequence = this.transportSequence;
    }
    if (this.congestion !== null) {
      if (probeCluster === DIRECT) this.congestion.sentDirectly(now, sequence, length, rtx);
      else this.congestion.sentPaced(now, sequence, length, rtx, probeCluster);
    }
    return sequence;
  }

  /** See ConsumerEgress. It does not wait for loss to be measured: the first lost packets freeze a picture as well. */
  mayCopy(now: number): boolean {
    return this.lossy || (this.congestion?.isSettled(now) ?? false);
  }

  tailCopies(now: number, share: number): number {
    if (this.congestion === null || !this.mayLose(now, this.congestion)) return 0;
    const copies = (this.congestion.spareFraction - TAIL_RESERVE) / share;
    return copies < 1 ? 0 : Math.min(TAIL_COPIES, Math.floor(copies));
  }

  unreachable(now: number): boolean {
    return this.congestion !== null && this.congestion.unreachable(now);
  }

  asked(now: number): void {
    if (now - this.askedAt < ONE_LOSS_MS) return;
    this.askedBefore = this.askedAt;
    this.askedAt = now;
  }

  /** A packet of video may go out at once. */
  admits(now: number): boolean {
    return this.congestion === null || this.congestion.admits(now);
  }

  /** See ConsumerEgress. */
  passes(now: number, video: boolean, last: boolean): boolean {
    if (!video) return !this.lossy;
    if (last && this.tailCopies(now, LEAST_SHARE) > 0) return false;
    return this.admits(now);
  }

  enqueue(
    now: number,
    stream: ControlledStream,
    output: number,
    input: number,
    token: number,
    rtx: boolean,
    length: number,
  ): boolean {
    return this.congestion?.enqueue(now, stream, output, input, token, rtx, length) ?? false;
  }

  added(now: number, stream: EgressStream): void {
    const video = stream.kind === 'video';
    if (!video && !stream.numbered) return;
    if (video) this.control(now, stream);
    else this.sounds.push(stream);
    if (this.congestion === null) return;
    // The lowest layer is shown before it is known what there is and what it costs.
    if (video) stream.setTargetLayers(now, 0, ANY_LAYER);
    this.congestion.addStream(now, stream);
    if (this.host.sink.rtpDestination !== null) this.connected(now);
  }

  removed(now: number, stream: ControlledStream): void {
    this.congestion?.removeStream(now, stream);
    const index = this.sounds.indexOf(stream);
    if (index >= 0) this.sounds.splice(index, 1);
  }

  /** It was paused or resumed, or wants other layers. */
  demandChanged(now: number, stream: ControlledStream): void {
    if (this.congestion === null || stream.kind !== 'video') return;
    if (!stream.active) this.congestion.forget(stream);
    this.congestion.changed(now);
  }

  /** Layers are chosen before the first key frames are asked for. */
  connected(now: number): void {
    this.connectedAt = now;
    this.congestion?.start(now);
    this.congestion?.handleTimeout(now);
  }

  /** mediasoup's setMinOutgoingBitrate and setMaxOutgoingBitrate; bps, 0 = no limit. */
  setLimits(now: number, minBitrate: number, maxBitrate: number): void {
    this.minBitrate = minBitrate;
    this.maxBitrate = maxBitrate;
    this.congestion?.setLimits(now, minBitrate, maxBitrate);
  }

  /** What getStats() says of it; nothing while there is no control. */
  stats(now: number): Record<string, number | undefined> {
    const { minBitrate, maxBitrate } = this;
    const stats = this.congestion?.stats(now);
    return {
      availableOutgoingBitrate: stats?.availableOutgoingBitrate ?? (this.initialBitrate || undefined),
      rtpPacketLossSent: stats?.lossFraction,
      maxOutgoingBitrate: maxBitrate || undefined,
      minOutgoingBitrate: minBitrate || undefined,
      allocatedOutgoingBitrate: stats?.allocatedBitrate,
      wantedOutgoingBitrate: stats?.wantedBitrate,
      roundTripTime: stats?.roundTripMs,
      pacerQueueDelay: stats?.queueDelayMs,
      pacerPacketsDiscarded: stats?.packetsDiscarded,
    };
  }

  receiveFeedback(now: number, feedback: TransportFeedback): void {
    if (this.congestion === null) return;
    this.congestion.receiveFeedback(now, feedback);
    this.lossy = this.isLossy(now, this.congestion);
    this.congestion.wish = this.lossy ? LOSSY_WISH : 1;
  }

  receiveRemb(now: number, bitrate: number): void {
    this.congestion?.receiveRemb(now, bitrate);
  }

  /** By receiver reports. */
  receiveRoundTrip(now: number, ms: number): void {
    if (ms > 0) this.congestion?.receiveRoundTrip(now, ms);
  }

  sendProbation(now: number, bytes: number, probeCluster: number): number {
    return this.probation?.send(now, bytes, probeCluster) ?? 0;
  }

  enableTraceEvent(types: readonly string[]): void {
    this.traced = new Set(types);
  }

  get tracedTypes(): string[] {
    return [...this.traced];
  }

  traces(type: 'bwe' | 'probation'): boolean {
    return this.traced.has(type);
  }

  trace(now: number, type: 'bwe' | 'probation', info: BandwidthTraceInfo | ProbationTraceInfo): void {
    const timestamp = Math.round(this.environment.wallClockOffset + now);
    this.environment.notify(this.host.id, 'trace', { type, timestamp, direction: 'out', info });
  }

  close(): void {
    this.congestion?.close();
  }

  /** It does not wait for loss to be measured: the first lost packets freeze a picture as well. */
  private mayLose(now: number, { unproven }: CongestionController): boolean {
    if (this.lossy || now - this.askedBefore < ASKED_AGAIN_MS) return true;
    return now - this.connectedAt < UNKNOWN_MS && !unproven;
  }

  private isLossy(now: number, { lossFraction, satisfied, availableBitrate }: CongestionController): boolean {
    if (lossFraction < (this.lossy ? LOSSY_UNTIL : LOSSY_FROM)) return false;
    const limits = satisfied ? SOUND_SHARE_SATISFIED : SOUND_SHARE;
    const most = this.lossy ? limits.until : limits.from;
    // What sound takes, with its copies.
    let bitrate = 0;
    for (const sound of this.sounds) bitrate += sound.bitrate(now);
    return bitrate <= availableBitrate * most;
  }

  /** The first receiver of video that can report starts the control. */
  private control(now: number, stream: EgressStream): void {
    if (this.congestion !== null || stream.feedback === 'none') return;
    this.congestion = new CongestionController(this, {
      feedback: stream.feedback,
      ...(this.initialBitrate > 0 && { initialBitrate: this.initialBitrate }),
    });
    this.congestion.setLimits(now, this.minBitrate, this.maxBitrate);
    for (const sound of this.sounds) this.congestion.addStream(now, sound);
    this.probation = new ProbationStream(stream.settings.rtpParameters, this.host, this, this.environment);
  }
}
