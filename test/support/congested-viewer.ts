import { FEEDBACK_INTERVAL_MS, TransportFeedbackSender } from '#src/bwe/transport-feedback-sender.js';
import type { Rung } from '#src/bwe/congestion-types.js';
import { TransportFeedback } from '#src/rtp/rtcp/transport-feedback.js';
import { CongestionController } from '#src/router/congestion-controller.js';
import type { CongestionHost, ControlledStream } from '#src/router/congestion-host.js';
import { Timers } from '#src/stream/timers.js';
import type { CapacityStep } from './netem/link-options.js';
import { Link, type Packet, type PacketReceiver } from './netem/link.js';
import { Random } from './netem/random.js';
import { VirtualTime } from './netem/virtual-time.js';

const FRAME_MS = 40;
const PACKET_BYTES = 1200;
/** Bytes of UDP, IP and SRTP around each RTP packet. */
const OVERHEAD = 38;
/** A key frame must be asked for and come before a higher spatial layer shows. */
const KEY_FRAME_WAIT_MS = 100;
const KEY_FRAME_SIZE = 4;

interface SentPacket extends Packet {
  sequence: number;
  rtpBytes: number;
}

/** Two temporal layers in each of three spatial ones. */
export const SIMULCAST: readonly Rung[] = [
  { spatialLayer: 0, temporalLayer: 0, bitrate: 80_000 },
  { spatialLayer: 0, temporalLayer: 1, bitrate: 120_000 },
  { spatialLayer: 1, temporalLayer: 0, bitrate: 300_000 },
  { spatialLayer: 1, temporalLayer: 1, bitrate: 450_000 },
  { spatialLayer: 2, temporalLayer: 0, bitrate: 1_000_000 },
  { spatialLayer: 2, temporalLayer: 1, bitrate: 1_500_000 },
];

export interface ViewerOptions {
  capacity: CapacityStep[];
  delayMs?: number;
  loss?: number;
  initialBitrate?: number;
  seed?: number;
}

/** One receiver behind a bottleneck on virtual time: a controller, its streams, the link and the feedback. */
export class CongestedViewer implements CongestionHost, PacketReceiver<SentPacket> {
  now = 0;
  readonly time = new VirtualTime();
  readonly timers = new Timers();
  readonly link: Link;
  readonly controller: CongestionController;
  readonly videos: FakeVideo[] = [];
  readonly traced: { at: number; type: string; info: object }[] = [];
  wakeUps = 0;
  paddingBytes = 0;
  mediaBytes = 0;
  receivedBytes = 0;
  private readonly random: Random;
  private readonly feedback = new TransportFeedbackSender();
  private readonly parsed = new TransportFeedback();
  private readonly scratch = new Uint8Array(1500);
  private sequence = 0;

  constructor(readonly options: ViewerOptions) {
    this.random = new Random(options.seed ?? 1);
    const { capacity, loss, delayMs = 25 } = options;
    this.link = new Link(this.time, new Random((options.seed ?? 1) + 1), { capacity, delayMs, loss });
    this.controller = new CongestionController(this, {
      feedback: 'transport-cc',
      initialBitrate: options.initialBitrate,
    });
    this.time.at(FEEDBACK_INTERVAL_MS, () => this.report());
  }

  addVideo(id: string, rungs: readonly Rung[] = SIMULCAST, priority = 1): FakeVideo {
    const video = new FakeVideo(id, rungs, priority, this, this.random);
    this.videos.push(video);
    this.controller.addStream(this.now, video);
    const phase = Math.floor(this.random.between(0, FRAME_MS));
    this.time.at(this.now + phase, () => this.frame(video));
    return video;
  }

  addAudio(bitrate: number): void {
    const audio = new FakeAudio(bitrate);
    this.controller.addStream(this.now, audio);
    const tick = (): void => {
      this.transmit(bitrate / 400, false, -2);
      this.time.after(20, tick);
    };
    this.time.at(this.now + 20, tick);
  }

  /** Lets time pass; timers have the resolution of a millisecond, as in Node. */
  advance(ms: number): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += 1;
      this.time.run(this.now);
      while (this.timers.next <= this.now) {
        this.wakeUps += 1;
        this.timers.run(this.now);
      }
    }
  }

  /** @param probe -2: sent directly */
  transmit(bytes: number, rtx: boolean, probe: number): void {
    this.sequence = (this.sequence + 1) & 0xffff;
    const { sequence, now } = this;
    if (probe === -2) this.controller.sentDirectly(now, sequence, bytes, rtx);
    else this.controller.sentPaced(now, sequence, bytes, rtx, probe);
    this.link.send({ flow: 0, bytes: bytes + OVERHEAD, rtpBytes: bytes, sequence }, this);
  }

  receive(now: number, packet: SentPacket): void {
    this.receivedBytes += packet.rtpBytes;
    this.feedback.record(now, packet.sequence);
  }

  sendProbation(_now: number, bytes: number, probeCluster: number): number {
    this.paddingBytes += bytes;
    this.transmit(bytes, false, probeCluster);
    return bytes;
  }

  traces(): boolean {
    return true;
  }

  trace(at: number, type: 'bwe' | 'probation', info: object): void {
    this.traced.push({ at, type, info });
  }

  private frame(video: FakeVideo): void {
    video.frame(this.now);
    this.time.after(FRAME_MS, () => this.frame(video));
  }

  private report(): void {
    while (this.feedback.pending) {
      const end = this.feedback.write(this.scratch, 0, 1, 2);
      const bytes = this.scratch.slice(0, end);
      this.time.after(this.options.delayMs ?? 25, () => {
        if (!this.parsed.parse(bytes, 0, bytes.length)) throw new Error('unreadable feedback');
        this.controller.receiveFeedback(this.now, this.parsed);
      });
    }
    this.time.after(FEEDBACK_INTERVAL_MS, () => this.report());
  }
}

export class FakeVideo implements ControlledStream {
  readonly kind = 'video';
  active = true;
  current = -1;
  /** Index of what the controller wants, -1: nothing. */
  target = -1;
  /** When the target changed, and to what. */
  readonly switches: { at: number; target: number }[] = [];
  /** Longest time that a packet waited in the pacer. */
  longestWait = 0;
  refused = 0;
  /** How much more it sends than its rungs say. */
  excess = 1;
  private dueAt = 0;
  private readonly waitingSince = new Map<number, number>();
  private output = 0;

  constructor(
    readonly id: string,
    public rungs: readonly Rung[],
    public priority: number,
    private readonly viewer: CongestedViewer,
    private readonly random: Random,
  ) {}

  updateRungs(): void {
    // Fixed bitrates.
  }

  pathRestored(): void {
    // Nobody decodes it.
  }

  setTargetLayers(now: number, spatialLayer: number, temporalLayer: number): void {
    const target = this.rungs.findIndex(
      (rung) => rung.spatialLayer === spatialLayer && rung.temporalLayer === temporalLayer,
    );
    if (target === this.target) return;
    this.target = target;
    this.switches.push({ at: now, target });
    this.dueAt = now + KEY_FRAME_WAIT_MS;
  }

  bitrate(): number {
    return this.current < 0 ? 0 : this.rungs[this.current].bitrate;
  }

  frame(now: number): void {
    const before = this.current < 0 ? -1 : this.rungs[this.current].spatialLayer;
    const wanted = this.target < 0 ? -1 : this.rungs[this.target].spatialLayer;
    if (wanted <= before || now >= this.dueAt) this.current = this.target;
    if (!this.active || this.current < 0) return;
    const average = (this.rungs[this.current].bitrate * this.excess * FRAME_MS) / 8000;
    const key = this.rungs[this.current].spatialLayer !== before;
    let left = Math.round(average * (key ? KEY_FRAME_SIZE : 0.7 + 0.6 * this.random.uniform()));
    for (; left > 0; left -= PACKET_BYTES) this.packet(now, Math.max(60, Math.min(PACKET_BYTES, left)));
  }

  sendPaced(
    now: number,
    output: number,
    input: number,
    _era: number,
    rtx: boolean,
    probeCluster: number,
  ): number {
    this.longestWait = Math.max(this.longestWait, now - (this.waitingSince.get(output) ?? now));
    this.waitingSince.delete(output);
    this.viewer.mediaBytes += input;
    this.viewer.transmit(input, rtx, probeCluster);
    return input;
  }

  sendPadding(_now: number, bytes: number, probeCluster: number): number {
    const size = Math.min(255, bytes);
    this.viewer.paddingBytes += size;
    this.viewer.transmit(size, false, probeCluster);
    return size;
  }

  /** The number of switches since a time. */
  switchesSince(at: number): number {
    return this.switches.filter((entry) => entry.at >= at).length;
  }

  private packet(now: number, bytes: number): void {
    const { controller } = this.viewer;
    if (controller.admits(now)) {
      this.viewer.mediaBytes += bytes;
      return this.viewer.transmit(bytes, false, -2);
    }
    this.output = (this.output + 1) & 0xffff;
    this.waitingSince.set(this.output, now);
    if (!controller.enqueue(now, this, this.output, bytes, 0, false, bytes)) this.refused += 1;
  }
}

class FakeAudio implements ControlledStream {
  readonly id = 'audio';
  readonly kind = 'audio';
  readonly active = true;
  readonly priority = 1;
  readonly rungs = [];
  readonly current = -1;

  constructor(private readonly bps: number) {}

  updateRungs(): void {
    throw new Error('audio has no rungs');
  }

  pathRestored(): void {
    // Sound needs no key frame.
  }

  setTargetLayers(): void {
    throw new Error('audio is not adapted');
  }

  bitrate(): number {
    return this.bps;
  }

  sendPaced(): number {
    throw new Error('audio is not paced');
  }

  sendPadding(): number {
    throw new Error('audio does not pad');
  }
}
