// Hot path: forward() runs once per packet and receiver. It allocates nothing.
import { type Rung } from '../bwe/congestion-types.js';
import { type ReportBlock } from '../rtp/rtcp/report-block.js';
import { type ConsumerLayers } from '../rtp/rtp-parameters.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { type PacketRing } from '../stream/packet-ring.js';
import { RtpMunger } from '../stream/rtp-munger.js';
import { SendStream } from '../stream/send-stream.js';
import { ConsumerBooks } from './consumer-books.js';
import { type ConsumerTransport, DIRECT } from './consumer-ports.js';
import { ConsumerRequests } from './consumer-requests.js';
import { Resender } from './consumer-resend.js';
import { type ConsumerScore, ConsumerScores } from './consumer-scores.js';
import { dumpConsumer, outboundStats } from './consumer-stats.js';
import { ConsumerTrace } from './consumer-trace.js';
import { ConsumerWriter, makeToken } from './consumer-writer.js';
import { type ControlledStream } from './congestion-host.js';
import { type CoreEnvironment } from './environment.js';
import { type ForwardedPacket } from './forwarded-packet.js';
import { InStep } from './in-step.js';
import { LayerChoice } from './layer-choice.js';
import { type SteadyFilter } from './layer-filter.js';
import { LayerFollower } from './layer-follower.js';
import { mediaCodec } from './media-codec.js';
import { PayloadTypeSet } from './payload-type-set.js';
import { type Producer, type ProducerReceiver } from './producer.js';
import { RedStripper } from './red-stripper.js';
import { sentSince, type SentStream, timestampAt } from './sent-stream.js';
import { type ConsumerSettings } from './settings.js';

/** One receiver of a producer: chooses the layer, numbers the packets, answers retransmission requests. */
export class Consumer implements ProducerReceiver, ControlledStream, SentStream {
  private readonly inStep: InStep;
  readonly id: string;
  /** Of the books that InStep may be behind with: only what it or forwardInFull() calls uses them as they are. */
  private readonly sending: SendStream;
  private readonly numbers: RtpMunger;
  readonly video: boolean;
  paused: boolean;
  producerPaused: boolean;
  priority = 1;
  closed = false;
  awake = false;
  /** The receiver has a sender report that still holds; else one is sent soon after the next packet, for lip sync. */
  reported = false;
  rungs: readonly Rung[] = [];

  private readonly choice: LayerChoice;
  private readonly writer: ConsumerWriter;
  private readonly resender: Resender;
  private readonly red: RedStripper | null;
  private readonly payloadTypes = new PayloadTypeSet();
  private readonly layered: boolean;
  private readonly mediaPayloadType: number;
  /** Packets go to this receiver: nobody has paused it and there is bitrate for it. */
  flowing: boolean;
  private readonly layers: LayerFollower;
  private readonly scores: ConsumerScores;
  private readonly requests: ConsumerRequests;
  private readonly trace: ConsumerTrace;

  constructor(
    readonly settings: ConsumerSettings,
    readonly producer: Producer,
    readonly transport: ConsumerTransport,
    private readonly environment: CoreEnvironment,
  ) {
    this.id = settings.id;
    this.paused = settings.paused;
    this.producerPaused = producer.paused;
    this.video = settings.kind === 'video';
    this.layered = settings.type === 'simulcast' || settings.type === 'svc';
    const { codecs, encodings } = settings.rtpParameters;
    const encoding = encodings?.[0];
    if (encoding?.ssrc === undefined) throw new TypeError('missing rtpParameters.encodings[0].ssrc');
    const media = mediaCodec(codecs);
    this.mediaPayloadType = media.payloadType;
    for (const codec of codecs) {
      if (!/\/rtx$/i.test(codec.mimeType)) this.payloadTypes.add(codec.payloadType);
    }
    this.sending = new SendStream(encoding.ssrc, encoding.rtx?.ssrc, media.clockRate);
    // Low first numbers keep the receiver's SRTP rollover guess safe while the first packets may be lost or reordered.
    const first = environment.random32() & 0x3fff;
    this.numbers = new RtpMunger(first, media.clockRate, this.video, media.mimeType);
    const { rtpParameters, rtpMapping } = producer.settings;
    this.red = RedStripper.create(rtpParameters, rtpMapping, settings.rtpParameters);
    this.writer = new ConsumerWriter(
      settings.rtpParameters,
      this.sending,
      this.numbers,
      this.red,
      transport,
      environment,
    );
    this.resender = new Resender(this, this.writer, environment);
    this.choice = new LayerChoice(
      settings.type,
      LayerChoice.counts(settings.type, producer.encodings.length, encoding.scalabilityMode),
      settings.preferredLayers,
    );
    this.trace = new ConsumerTrace(this.id, encoding.ssrc, environment);
    this.layers = new LayerFollower(this, this.choice, (layers) => {
      environment.notify(this.id, 'layerschange', layers);
    });
    this.flowing = this.active;
    this.scores = new ConsumerScores(this.sending, producer, this.layers);
    this.requests = new ConsumerRequests(this, this.resender, this.trace);
    const books = new ConsumerBooks(
      this.numbers,
      this.sending,
      this.resender,
      transport.counters,
      this.video,
    );
    this.inStep = new InStep(encoding.ssrc, this.video, this.writer.header, transport, environment, books);
  }

  get send(): SendStream {
    this.inStep.end();
    return this.sending;
  }

  get munger(): RtpMunger {
    this.inStep.end();
    return this.numbers;
  }

  get kind(): 'audio' | 'video' {
    return this.settings.kind;
  }

  get active(): boolean {
    return !this.paused && !this.producerPaused && !this.closed;
  }

  /** Its packets carry a transport-wide sequence number. */
  get numbered(): boolean {
    return this.writer.numbered;
  }

  /** How the receiver can report what its network carries. */
  get feedback(): 'transport-cc' | 'remb' | 'none' {
    const { rtcpFeedback = [] } = mediaCodec(this.settings.rtpParameters.codecs);
    if (this.numbered && rtcpFeedback.some(({ type }) => type === 'transport-cc')) return 'transport-cc';
    return rtcpFeedback.some(({ type }) => type === 'goog-remb') ? 'remb' : 'none';
  }

  get preferredLayers(): ConsumerLayers | undefined {
    return this.choice.preferred;
  }

  get currentLayers(): ConsumerLayers | undefined {
    return this.layers.layers;
  }

  get score(): ConsumerScore {
    return this.scores.current;
  }

  touch(): number {
    return this.inStep.touch();
  }

  /** One packet of the producer. Decides, numbers it and sends it, or lets it wait for its turn. */
  forward(now: number, packet: ForwardedPacket, stream: ReceiveStream): void {
    if (!this.inStep.forward(now, packet)) this.forwardInFull(now, packet, stream);
  }

  /** A packet that nobody forwards: its number must not look lost. */
  skip(now: number, packet: ForwardedPacket): void {
    this.inStep.end();
    if (this.layers.isOn(packet)) this.leaveOut(now, packet);
  }

  sendPaced(
    now: number,
    output: number,
    input: number,
    token: number,
    rtx: boolean,
    cluster: number,
  ): number {
    this.inStep.end();
    return this.resender.sendPaced(now, output, input, token, rtx, cluster);
  }

  sendPadding(now: number, bytes: number, cluster: number): number {
    this.inStep.end();
    return this.flowing ? this.resender.sendPadding(now, bytes, cluster) : 0;
  }

  receiveKeyFrameRequest(now: number, how: 'pli' | 'fir'): void {
    this.requests.keyFrame(now, how);
  }

  receiveNack(now: number): void {
    this.requests.nack(now);
  }

  retransmit(now: number, output: number): void {
    this.requests.retransmission(now, output);
  }

  receiveReportBlock(unixMs: number, block: ReportBlock): void {
    this.send.receiveReportBlock(unixMs, block);
    if (this.scores.changed) this.transport.wake(this);
  }

  /** Also a picture that stands still is looked at: other layers of it may come. */
  review(now: number): boolean {
    this.streamsChanged(now);
    return this.video && this.flowing;
  }

  reportTimestamp(now: number, since: number): number {
    const { send, munger } = this;
    this.reported = this.flowing && munger.era >= 0 && sentSince(send, now, since);
    if (!this.reported) return -1;
    return timestampAt(now, send, munger, this.layers.streamOf(munger.sourceOf(munger.era)));
  }

  /** The receiver (or the application) cannot go on without a key frame. */
  requestKeyFrame(now: number): void {
    // A key frame that comes before there is a way out is lost, and the next one would come later for it.
    if (!this.video || !this.flowing || this.transport.sink.rtpDestination === null) return;
    const { awaited } = this.layers;
    if (awaited >= 0) this.producer.requestKeyFrame(now, awaited);
  }

  pause(now: number): void {
    if (this.paused) return;
    this.paused = true;
    this.reflow(now);
    this.transport.egress.demandChanged(now, this);
  }

  resume(now: number): void {
    if (!this.paused) return;
    this.paused = false;
    this.transport.egress.demandChanged(now, this);
    this.reflow(now);
  }

  producerPausedChanged(now: number, paused: boolean): void {
    if (this.producerPaused === paused) return;
    this.producerPaused = paused;
    this.environment.notify(this.id, paused ? 'producerpause' : 'producerresume');
    this.transport.egress.demandChanged(now, this);
    this.reflow(now);
  }

  setPreferredLayers(now: number, layers: ConsumerLayers): ConsumerLayers | undefined {
    this.inStep.end();
    const preferred = this.choice.setPreferred(layers);
    this.transport.egress.demandChanged(now, this);
    this.layers.reconsider(now);
    return preferred;
  }

  setPriority(now: number, priority: number): void {
    this.priority = priority;
    this.transport.egress.demandChanged(now, this);
  }

  // ---- what the transport's bitrate allows

  updateRungs(now: number): void {
    this.rungs = this.active ? this.choice.rungs(now, this.producer) : NO_RUNGS;
  }

  /** Index of the step that was granted last, as the steps are now. */
  get current(): number {
    return this.choice.allocatedIn(this.rungs);
  }

  setTargetLayers(now: number, spatialLayer: number, temporalLayer: number): void {
    if (!this.choice.allocate(spatialLayer, temporalLayer)) return;
    this.inStep.end();
    this.producer.want(now, this.choice.desiredEncoding);
    this.reflow(now);
    this.layers.reconsider(now);
  }

  bitrate(now: number): number {
    return this.send.rate.rate(now);
  }

  /** Its decoder misses all of the outage: waiting until it says so would take as long again. */
  pathRestored(now: number): void {
    this.inStep.end();
    if (!this.video || !this.flowing) return;
    // It has said so, and has its key frame: another beginning would be one more standstill.
    if (this.requests.keyFrameAnswered(now)) return;
    this.resender.clear();
    // A few frames that happen to be decodable, and then none until the key frame, would be one more standstill.
    this.layers.startOver();
    this.requestKeyFrame(now);
  }

  // ---- the producer's streams

  /** The transport can send now. */
  transportConnected(now: number): void {
    this.inStep.end();
    if (this.flowing) this.layers.restart(now);
  }

  /** The encoding now comes under another SSRC: what follows is a new beginning. */
  streamRestarted(encodingIndex: number): void {
    this.inStep.end();
    if (encodingIndex === this.layers.encoding) this.layers.startOver();
  }

  /** It shows this encoding, waits for it, or would if it came. */
  wants(encodingIndex: number): boolean {
    if (!this.flowing) return false;
    if (encodingIndex === this.choice.desiredEncoding) return true;
    const { encoding, target } = this.layers;
    return encodingIndex === encoding || encodingIndex === target;
  }

  /** Streams of the producer came or went, or about a second has passed. */
  streamsChanged(now: number): void {
    this.inStep.end();
    if (this.scores.changed) this.environment.notify(this.id, 'score', this.scores.tell());
    this.layers.reconsider(now);
  }

  ringOf(source: number): PacketRing | null {
    return this.layers.ringOf(source);
  }

  enableTraceEvent(types: readonly string[]): void {
    this.inStep.end();
    this.trace.enable(types);
  }

  /** What it has sent so far is in the counters, also in its transport's. */
  settle(): void {
    this.inStep.end();
  }

  close(): void {
    this.inStep.end();
    this.closed = true;
    this.flowing = false;
    this.resender.clear();
  }

  dump(): object {
    return dumpConsumer(this, this.payloadTypes.list(), this.trace.enabledTypes, this.layers.target);
  }

  getStats(now: number): object[] {
    const own = outboundStats(now, this.environment.wallClockOffset + now, this);
    const { encoding } = this.layers;
    const shown = encoding >= 0 ? this.producer.encodings[encoding].stream : null;
    const inbound = this.producer.getStats(now) as { ssrc: number }[];
    return [own, ...inbound.filter((stats) => stats.ssrc === shown?.ssrc)];
  }

  // ---- inside

  private forwardInFull(now: number, packet: ForwardedPacket, stream: ReceiveStream): void {
    this.inStep.end();
    if (!this.flowing || this.transport.sink.rtpDestination === null) return;
    const { layers, numbers } = this;
    if (!layers.isSettledOn(packet) && !layers.settle(now, packet, stream)) return;
    const filter = layers.filter!;
    const admitted = filter.admits(packet);
    if (filter.needsKeyFrame) this.requestKeyFrame(now);
    if (!admitted || !this.takes(packet)) return this.leaveOut(now, packet);
    const output = numbers.admit(this.environment.arena.bytes, packet);
    if (output < 0) return this.transport.drops.count('rtp-out-of-order');

    if (packet.keyFrame) this.requests.keyFrameSent(now);
    const marker = filter.marker(packet);
    const token = makeToken(numbers.era, marker);
    const timestamp = numbers.timestamp(packet.timestamp);
    if (packet.structure !== null) {
      this.writer.decodeTargets = filter.decodeTargets;
      this.writer.decodeTargetCount = packet.structure.decodeTargetCount;
    }
    numbers.sent(now, timestamp, marker);
    this.resender.record(now, output, packet.sequenceNumber, token);
    if (this.layered) layers.announce(filter);
    // What could not be kept has to go at once or never.
    const waits = this.video && packet.kept && !this.transport.egress.admits(now);
    if (waits) {
      const { sequenceNumber, length } = packet;
      if (!this.transport.egress.enqueue(now, this, output, sequenceNumber, token, false, length))
        this.transport.drops.count('pacer-full');
    } else {
      if (!this.video && this.transport.egress.lossy && this.mayRepeat)
        this.resender.repeatPrevious(now, output, packet.sequenceNumber, token);
      this.resender.first(now, packet.offset, packet.length, output, token, DIRECT);
    }
    if (this.video && packet.kept) this.resender.guardTail(now, output, packet.length, marker, waits);
    if (!this.reported) this.transport.reportSoon(now, this);
    if (this.trace.enabled) this.trace.sent(now, packet, output, timestamp);
    else if (packet.newest) this.beginStep(packet, output, filter.steady);
  }

  /** Those that continue this packet may go the short way. */
  private beginStep(packet: ForwardedPacket, output: number, filter: SteadyFilter | null): void {
    const { layers, numbers, red, reported } = this;
    if (!reported || red !== null || filter === null || !numbers.follows || !layers.isSettledOn(packet))
      return;
    this.inStep.begin(packet, output, filter, this.producer.encodings[packet.encodingIndex].log);
  }

  /** A packet may go out twice under one number. With GCM that must never be, whatever for (RFC 7714 section 8.4). */
  get mayRepeat(): boolean {
    const { srtpSender } = this.transport.sink;
    return srtpSender === null || !srtpSender.profile.startsWith('AEAD');
  }

  private takes(packet: ForwardedPacket): boolean {
    if (packet.silence && this.settings.ignoreDtx) return false;
    if (this.payloadTypes.has(packet.payloadType)) return true;
    if (this.red === null || packet.payloadType !== this.red.payloadType) return false;
    const { offset, length, headerLength } = packet;
    return this.red.accepts(this.environment.arena.bytes, offset, length, headerLength);
  }

  /** Not for this receiver; a number that was kept for it while it was missing is filled, or it would be waited for. */
  private leaveOut(now: number, packet: ForwardedPacket): void {
    const hole = this.munger.drop(packet);
    if (hole < 0) return;
    const timestamp = this.munger.timestamp(packet.timestamp);
    const written = this.writer.writeFiller(now, this.mediaPayloadType, hole, timestamp);
    this.transport.counters.rtpSent(now, written);
  }

  /** Begins or ends the flow, when somebody has paused it or there is (no longer) bitrate for it. */
  private reflow(now: number): void {
    const flowing = this.active && !this.choice.starved;
    if (flowing === this.flowing) return;
    this.inStep.end();
    this.flowing = flowing;
    if (flowing) this.layers.restart(now);
    else this.layers.stop();
  }
}
const NO_RUNGS: readonly Rung[] = [];
