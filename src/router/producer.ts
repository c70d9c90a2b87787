// Hot path: receive() runs once per received packet.
import { canBeKeyFrame } from '../rtp/codecs/key-frame.js';
import { type RtpPacket } from '../rtp/rtp-packet.js';
import { TOUCH_AHEAD } from '../rtp/touch-ahead.js';
import { ReceiveStream } from '../stream/receive-stream.js';
import { AudioLevelReader } from './audio-level-reader.js';
import { type CoreEnvironment } from './environment.js';
import { DEPENDENCY_DESCRIPTOR } from './frame-inspection.js';
import { LayerPresence } from './layer-presence.js';
import { expectedBitrate } from './producer-bitrates.js';
import { type ProducerCodec, ProducerCodecs } from './producer-codecs.js';
import { ProducerDemand } from './producer-demand.js';
import { encodingReturned, findEncoding, ProducerEncoding } from './producer-encoding.js';
import { ProducerIntake } from './producer-intake.js';
import { type ProducerReceiver, type ProducerTransport } from './producer-ports.js';
import { ProducerRepair } from './producer-repair.js';
import { takeRetransmission } from './producer-rtx.js';
import { type EncodingScore, encodingScores, streamDumps, streamStats } from './producer-stats.js';
import { ProducerTrace } from './producer-trace.js';
import { type AudioLevelListener } from './rtp-observer.js';
import { type ProducerSettings } from './settings.js';

export { type ProducerEncoding } from './producer-encoding.js';
export { type ProducerReceiver, type ProducerTransport } from './producer-ports.js';

/** Longest packet that is taken, header included: what fits an outgoing slot with its trailers. */
const MAX_PACKET_LENGTH = 1800;

/** Media that one peer sends: one stream, or several layers of the same picture. */
export class Producer {
  readonly id: string;
  readonly encodings: ProducerEncoding[];
  /** Those who receive it; the fan-out walks this array. */
  readonly consumers: ProducerReceiver[] = [];
  /** Those who want to know how loud it is (RFC 6464); they hear nothing while the producer is paused. */
  readonly audioLevelListeners: AudioLevelListener[] = [];
  readonly clockRate: number;
  /** In UTF-8, as it stands in every report about its streams. */
  readonly cname: Uint8Array;
  /** A receiver can only begin where a key frame does. */
  readonly startsAtKeyFrames: boolean;
  paused: boolean;
  closed = false;

  private readonly codecs: ProducerCodecs;
  private readonly intake: ProducerIntake;
  private readonly traces: ProducerTrace;
  private readonly demand: ProducerDemand;
  private readonly repair: ProducerRepair;
  private readonly audioLevel: AudioLevelReader;
  private readonly video: boolean;
  /** Null when there is only one encoding. */
  private readonly presence: LayerPresence | null;
  /** The encoding whose key frame is being fanned out: who asks for one now is about to get it. */
  private keyFrameAt = -1;
  /** See touch-ahead. */
  private touched = 0;

  constructor(
    readonly settings: ProducerSettings,
    readonly transport: ProducerTransport,
    private readonly environment: CoreEnvironment,
  ) {
    const { id, rtpMapping, rtpParameters, keyFrameRequestDelay } = settings;
    this.id = id;
    this.paused = settings.paused;
    this.video = settings.kind === 'video';
    this.cname = new TextEncoder().encode(rtpParameters.rtcp?.cname ?? '');
    this.codecs = new ProducerCodecs(settings);
    const { clockRate, mimeType } = this.codecs.media;
    this.clockRate = clockRate;
    this.startsAtKeyFrames = canBeKeyFrame(mimeType);
    this.audioLevel = new AudioLevelReader(rtpParameters.headerExtensions ?? []);
    this.encodings = rtpMapping.encodings.map((mapping, index) => {
      const parameters = rtpParameters.encodings?.[index] ?? {};
      const ask = (now: number): void => this.repair.sendKeyFrameRequest(now, this.encodings[index]);
      return new ProducerEncoding(index, parameters, mapping.mappedSsrc, mimeType, ask, keyFrameRequestDelay);
    });
    this.presence = this.encodings.length > 1 ? new LayerPresence(this.encodings.length) : null;
    this.traces = new ProducerTrace(id, environment);
    this.demand = new ProducerDemand(this.encodings, this.consumers, (wanted) =>
      environment.notify(id, 'wantedencodingschange', wanted),
    );
    this.repair = new ProducerRepair(this.encodings, this.demand, transport, this.traces);
    this.intake = new ProducerIntake(settings, mimeType, this.repair, this.traces, transport, environment);
  }

  get kind(): 'audio' | 'video' {
    return this.settings.kind;
  }

  /** Its sender negotiated the dependency descriptor: what a frame needs may be told without a look into the payload. */
  get describesDependencies(): boolean {
    const { headerExtensions = [] } = this.settings.rtpParameters;
    return headerExtensions.some(({ uri }) => uri === DEPENDENCY_DESCRIPTOR);
  }

  /** True when the payload type announces retransmissions (RFC 4588). */
  isRtx(payloadType: number): boolean {
    return this.codecs.get(payloadType)?.apt !== undefined;
  }

  knowsPayloadType(payloadType: number): boolean {
    return this.codecs.get(payloadType) !== undefined;
  }

  /**
   * @param rid or repaired RID; empty when the packet has none
   * @param rtx the packet's payload type announces a retransmission
   * @returns the index of the encoding, -1 when none fits
   */
  findEncoding(ssrc: number, rid: string, rtx: boolean): number {
    return findEncoding(this.encodings, ssrc, rid, rtx);
  }

  /** Starts (or starts again) the stream of an encoding under a new SSRC. */
  openStream(now: number, encodingIndex: number, ssrc: number, payloadType: number): ReceiveStream {
    const encoding = this.encodings[encodingIndex];
    const codec = this.codecs.get(payloadType)?.parameters ?? this.codecs.media;
    const stream = new ReceiveStream({
      ssrc,
      encodingIndex,
      rid: encoding.parameters.rid,
      mimeType: codec.mimeType,
      clockRate: codec.clockRate,
      video: this.video,
      nack: (codec.rtcpFeedback ?? []).some((feedback) => feedback.type === 'nack' && !feedback.parameter),
      arena: this.environment.arena,
      clock: this.transport.senderClock,
    });
    encoding.open(now, stream);
    this.presence?.reset(encodingIndex);
    encoding.rates.began(now, this.expectedBitrate(encodingIndex));
    for (const consumer of this.consumers) consumer.streamRestarted(encodingIndex);
    return stream;
  }

  /** @param packet parsed; its bytes may be changed */
  receive(now: number, stream: ReceiveStream, packet: RtpPacket): void {
    const { drops } = this.transport;
    const codec = this.codecs.get(packet.payloadType);
    if (codec === undefined || codec.apt !== undefined) return drops.count('rtp-unknown-payload-type');
    if (packet.length > MAX_PACKET_LENGTH) return drops.count('rtp-too-large');
    if (stream.ring.find(packet.sequenceNumber) >= 0) return drops.count('rtp-duplicate');
    if (stream.isStale(packet.sequenceNumber)) {
      if (!stream.startsAnew(packet.sequenceNumber)) return drops.count('rtp-out-of-order');
      stream = this.restart(now, stream, packet.payloadType);
    }
    const { presence } = this;
    let layersChanged = false;
    // Without content it is a bandwidth probe, which may go on when the layer does not.
    if (presence !== null && packet.payloadLength > 0) {
      const { encodingIndex } = stream;
      if (!presence.arrives(encodingIndex))
        encodingReturned(now, this.encodings[encodingIndex], this.encodings);
      layersChanged = presence.received(now, encodingIndex, packet.timestamp);
    }
    const intact = stream.receive(now, packet);
    this.accept(now, stream, packet, codec, intact, layersChanged);
  }

  /** A packet of the stream's RTX companion: restores the original, when it is still missing. */
  receiveRtx(now: number, stream: ReceiveStream, packet: RtpPacket): void {
    const codec = takeRetransmission(stream, packet, this.codecs, this.transport.drops);
    if (codec === null) return;
    const intact = stream.receiveRepaired(now, packet);
    this.accept(now, stream, packet, codec, intact, false);
  }

  requestKeyFrame(now: number, encodingIndex: number): void {
    if (!this.video || this.closed || this.paused || this.keyFrameAt === encodingIndex) return;
    const encoding = this.encodings[encodingIndex];
    if (encoding !== undefined) this.repair.requestKeyFrame(now, encoding);
  }

  pause(now: number): void {
    if (this.paused) return;
    this.paused = true;
    for (const encoding of this.encodings) encoding.requester.received();
    for (const consumer of this.consumers) consumer.producerPausedChanged(now, true);
  }

  resume(now: number): void {
    if (!this.paused) return;
    this.paused = false;
    for (const consumer of this.consumers) consumer.producerPausedChanged(now, false);
  }

  /** NACKs and key-frame requests that are due. @returns the next deadline */
  handleTimeout(now: number): number {
    return this.repair.handleTimeout(now);
  }

  /** Scores of the time since the last call, and the demand. Called about once a second. */
  updateScores(now: number): void {
    this.updateDemand(now);
    let changed = false;
    for (const encoding of this.encodings) {
      encoding.stream?.ring.expire(now);
      const score = encoding.stream?.updateScore(now) ?? 0;
      if (score !== encoding.score) changed = true;
      encoding.score = score;
    }
    if (!changed) return;
    this.environment.notify(this.id, 'score', this.scores());
    for (const consumer of this.consumers) consumer.streamsChanged(now);
  }

  scores(): EncodingScore[] {
    return encodingScores(this.encodings);
  }

  // ---- what its receivers ask for

  /** Packets of this encoding come, as far as any of the producer do. */
  arrives(encodingIndex: number): boolean {
    const { stream } = this.encodings[encodingIndex];
    return stream !== null && (this.presence === null || this.presence.arrives(encodingIndex));
  }

  /** By encoding: whether anybody watches it, so that the sender can stop encoding the others. All true at first. */
  get wantedEncodings(): readonly boolean[] {
    return this.demand.wanted;
  }

  /** Asks every receiver what it wants, and tells the sender when that changes. */
  updateDemand(now: number): void {
    this.demand.update(now);
  }

  /** A receiver now wants this encoding: what updateDemand() would find, without asking all the others. */
  want(now: number, encodingIndex: number): void {
    this.demand.want(now, encodingIndex);
  }

  /** Whether an encoding that does not arrive would come in if it was wanted. */
  mayArrive(now: number, encodingIndex: number): boolean {
    return this.demand.mayArrive(now, encodingIndex);
  }

  /** bps that an encoding would take if it were sent, for one that is not. */
  expectedBitrate(encodingIndex: number): number {
    return expectedBitrate(this.encodings, encodingIndex);
  }

  // ---- reports

  receiveSenderReport(now: number, stream: ReceiveStream, report: SenderReportValues): void {
    stream.receiveSenderReport(now, report.ntpSeconds, report.ntpFraction, report.rtpTimestamp);
    if (!this.traces.has('sr')) return;
    this.traces.emit(now, 'sr', 'in', { ssrc: stream.ssrc, rtpTimestamp: report.rtpTimestamp });
  }

  enableTraceEvent(types: readonly string[]): void {
    this.traces.enable(types);
  }

  close(): void {
    this.closed = true;
    for (const encoding of this.encodings) {
      encoding.stream?.close();
      encoding.stream = null;
    }
  }

  dump(): object {
    return {
      id: this.id,
      kind: this.kind,
      type: this.settings.type,
      rtpParameters: this.settings.rtpParameters,
      rtpMapping: this.settings.rtpMapping,
      paused: this.paused,
      consumerIds: this.consumers.map((consumer) => consumer.id),
      traceEventTypes: this.traces.enabled,
      rtpStreams: streamDumps(this.encodings),
    };
  }

  getStats(now: number): object[] {
    return streamStats(now, this.kind, this.encodings, this.transport.senderRoundTripMs, this.environment);
  }

  // ---- inside

  /** The sender began again under the SSRC that it had. */
  private restart(now: number, stream: ReceiveStream, payloadType: number): ReceiveStream {
    const restarted = this.openStream(now, stream.encodingIndex, stream.ssrc, payloadType);
    restarted.rtxSsrc = stream.rtxSsrc;
    return restarted;
  }

  private accept(
    now: number,
    stream: ReceiveStream,
    packet: RtpPacket,
    codec: ProducerCodec,
    intact: boolean,
    layersChanged: boolean,
  ): void {
    const encoding = this.encodings[stream.encodingIndex];
    if (stream.nack !== null && stream.nack.pending > 0) this.transport.schedule(stream.nack.nextTimeout());
    const { forwarded } = this.intake;
    const consumers = this.consumers;
    if (!this.intake.take(now, encoding, stream, packet, codec, intact)) {
      for (let index = 0; index < consumers.length; index++) consumers[index].skip(now, forwarded);
      return;
    }
    if (!this.paused) {
      this.audioLevel.receive(now, this, packet);
      this.keyFrameAt = forwarded.keyFrame ? encoding.index : -1;
      // A layer that is back begins with a key frame: receivers that prefer it must know before that is forwarded.
      // And those who showed one that is gone need another one's, which this may be.
      if (layersChanged)
        for (let index = 0; index < consumers.length; index++) consumers[index].streamsChanged(now);
      if (consumers.length > 0) encoding.log.add(now, forwarded, this.environment.arena.bytes);
      // The fan-out: once per packet and receiver from here on.
      for (let from = 0; from < consumers.length; from += TOUCH_AHEAD) {
        const end = Math.min(consumers.length, from + TOUCH_AHEAD);
        for (let index = from; index < end; index++)
          this.touched = (this.touched + consumers[index].touch()) | 0;
        for (let index = from; index < end; index++) consumers[index].forward(now, forwarded, stream);
      }
    }
    if (encoding.score === 0) this.updateScores(now);
    this.keyFrameAt = -1;
  }
}

interface SenderReportValues {
  ntpSeconds: number;
  ntpFraction: number;
  rtpTimestamp: number;
}
