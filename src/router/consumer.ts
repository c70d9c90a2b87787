// Hot path: forward() runs once per packet and receiver. It allocates nothing.
import { readU32, writeU16, writeU32 } from '../rtp/bytes.js';
import { toAbsSendTime } from '../rtp/header-extensions.js';
import { type ReportBlock } from '../rtp/rtcp/report-block.js';
import { tsAdd } from '../rtp/sequence.js';
import { type ConsumerLayers, type RtpCodecParameters } from '../rtp/rtp-parameters.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { RetransmissionIndex, RetransmissionVerdict } from '../stream/retransmission-index.js';
import { RtpMunger } from '../stream/rtp-munger.js';
import { writeRtx } from '../stream/rtx.js';
import { SendStream } from '../stream/send-stream.js';
import { shiftVp8Descriptor } from '../stream/vp8-munger.js';
import { canonicalHeaderLength, ReceiverHeader } from './canonical-packet.js';
import { type RtpDrops } from './drop-reasons.js';
import { type CoreEnvironment, type TransportSink } from './environment.js';
import { type ForwardedPacket } from './forwarded-packet.js';
import { LAYER_LOOK_MS } from './layer-timing.js';
import { type LayerSelector, SimulcastSelector, SingleStreamSelector } from './layer-selector.js';
import { type Producer, type ProducerReceiver } from './producer.js';
import { type TransportCounters } from './transport-counters.js';
import { type ConsumerSettings } from './settings.js';

/** Key frames that one receiver may ask for in a row; each costs all who watch the same sender (JVB: 3 in 10 s). */
const KEY_FRAME_BURST = 4;
const KEY_FRAME_REFILL_MS = 2500;

/** What a consumer needs of the transport that it goes out by. */
export interface ConsumerTransport {
  readonly sink: TransportSink;
  readonly drops: RtpDrops;
  readonly counters: TransportCounters;
  closeConsumer(now: number, id: string): void;
  /** An outgoing slot in the arena, -1 when there is none. */
  acquireSlot(): number;
  nextTransportSequence(): number;
  /** A first packet was sent: a sender report should follow. */
  reportSoon(now: number): void;
}

/** More encodings than any producer has. */
const MAX_ENCODINGS = 64;

/** One receiver of a producer: chooses the layer, rewrites the packets, answers retransmission requests. */
export class Consumer implements ProducerReceiver {
  readonly id: string;
  readonly send: SendStream;
  paused: boolean;
  producerPaused: boolean;
  priority = 1;
  closed = false;
  /** The first sender report is sent soon after the first packet, for lip sync. */
  reported = false;

  private readonly munger: RtpMunger;
  private readonly header: ReceiverHeader;
  private readonly selector: LayerSelector;
  private readonly retransmissions: RetransmissionIndex | null;
  private readonly payloadTypes = new Uint8Array(128);
  private readonly rtxPayloadTypes = new Uint8Array(128);
  private readonly video: boolean;
  private readonly vp8: boolean;
  private rtxSequence: number;
  /** The encoding being forwarded, -1 when none is yet. */
  private current = -1;
  /** The encoding that is waited for, at its next key frame; equals `current` when settled. */
  private target = -1;
  private syncRequired = true;
  private keyFrameTokens = KEY_FRAME_BURST;
  private keyFrameAskedAt = 0;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private announcedLayer = -1;
  private lastScore = '';
  private traced = new Set<string>();

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
    const { codecs, encodings, headerExtensions, mid } = settings.rtpParameters;
    const encoding = encodings?.[0];
    if (encoding?.ssrc === undefined) throw new TypeError('missing rtpParameters.encodings[0].ssrc');
    const media = mediaCodec(codecs);
    this.vp8 = /\/vp8$/i.test(media.mimeType);
    for (const codec of codecs) {
      const apt = Number(codec.parameters?.['apt']);
      if (/\/rtx$/i.test(codec.mimeType)) this.rtxPayloadTypes[apt & 0x7f] = codec.payloadType;
      else this.payloadTypes[codec.payloadType & 0x7f] = 1;
    }
    this.send = new SendStream(encoding.ssrc, encoding.rtx?.ssrc, media.clockRate);
    this.header = new ReceiverHeader(mid, headerExtensions ?? []);
    // Low first numbers keep the receiver's SRTP rollover guess safe while the first packets may be lost or reordered.
    this.munger = new RtpMunger(environment.random32() & 0x3fff, media.clockRate, this.video);
    this.rtxSequence = environment.random32() & 0x3fff;
    this.retransmissions = encoding.rtx === undefined ? null : new RetransmissionIndex();
    this.selector =
      settings.type === 'simulcast'
        ? new SimulcastSelector(
            producer.encodings.length,
            temporalLayers(encoding.scalabilityMode),
            settings.preferredLayers,
          )
        : new SingleStreamSelector(settings.type === 'svc');
    if (settings.type === 'svc' && settings.preferredLayers !== undefined) {
      this.selector.setPreferred(settings.preferredLayers);
    }
  }

  get active(): boolean {
    return !this.paused && !this.producerPaused && !this.closed;
  }

  get preferredLayers(): ConsumerLayers | undefined {
    return this.selector.preferred;
  }

  get currentLayers(): ConsumerLayers | undefined {
    return this.announcedLayer < 0 ? undefined : { spatialLayer: this.announcedLayer, temporalLayer: 0 };
  }

  get score(): { score: number; producerScore: number; producerScores: number[] } {
    const producerScores = this.producer.encodings.map((encoding) => encoding.score);
    const producerScore = this.current >= 0 ? producerScores[this.current] : Math.max(0, ...producerScores);
    return { score: 10, producerScore, producerScores };
  }

  /** One packet of the producer. Decides, copies it into the next outgoing slot and makes it this receiver's. */
  forward(now: number, packet: ForwardedPacket, stream: ReceiveStream): void {
    if (!this.active) return;
    const sink = this.transport.sink;
    if (sink.rtpDestination === null) return;
    if (packet.encodingIndex !== this.current || this.syncRequired || this.target !== this.current) {
      if (!this.settle(now, packet, stream)) return;
    }
    if (this.payloadTypes[packet.payloadType] === 0 || (packet.silence && this.settings.ignoreDtx)) {
      this.munger.sequence.drop(packet.sequenceNumber);
      return;
    }
    const slot = this.transport.acquireSlot();
    if (slot < 0) return;
    const sequenceNumber = this.munger.sequence.map(packet.sequenceNumber);
    if (sequenceNumber < 0) return this.transport.drops.count('rtp-out-of-order');

    const bytes = this.environment.arena.bytes;
    const timestamp = this.munger.timestamp(packet.timestamp);
    // The one copy per receiver.
    bytes.copyWithin(slot, packet.offset, packet.offset + packet.length);
    writeU16(bytes, slot + 2, sequenceNumber);
    writeU32(bytes, slot + 4, timestamp);
    writeU32(bytes, slot + 8, this.send.ssrc);
    this.header.apply(bytes, slot, toAbsSendTime(now), this.nextTransportSequence());
    if (this.vp8) this.shiftVp8(bytes, slot + packet.headerLength, this.munger.era);
    this.environment.batch.commit(packet.length, sink.srtpSender, sink.rtpDestination);

    this.munger.sent(now, timestamp, packet.marker, packet.pictureId, packet.tl0PicIdx);
    this.send.sent(now, timestamp, packet.length - packet.headerLength, packet.length);
    this.transport.counters.rtpSent(now, packet.length);
    if (this.retransmissions !== null) {
      this.retransmissions.record(sequenceNumber, packet.sequenceNumber, this.munger.era);
    }
    if (!this.reported) this.transport.reportSoon(now);
    if (this.traced.size > 0) this.traceSent(now, packet, sequenceNumber, timestamp);
  }

  /** A packet that nobody forwards: its number must not look lost. */
  skip(packet: ForwardedPacket): void {
    if (packet.encodingIndex === this.current && !this.syncRequired) {
      this.munger.sequence.drop(packet.sequenceNumber);
    }
  }

  /** RFC 4585 6.3.1 or RFC 5104 4.3.1: the receiver cannot decode. */
  receiveKeyFrameRequest(now: number, how: 'pli' | 'fir'): void {
    if (how === 'pli') this.send.pliCount += 1;
    else this.send.firCount += 1;
    if (this.traced.has(how)) this.trace(now, how, 'in', { ssrc: this.send.ssrc });
    this.keyFrameTokens = Math.min(
      KEY_FRAME_BURST,
      this.keyFrameTokens + (now - this.keyFrameAskedAt) / KEY_FRAME_REFILL_MS,
    );
    this.keyFrameAskedAt = now;
    if (this.keyFrameTokens < 1) return this.transport.drops.count('key-frame-request-too-often');
    this.keyFrameTokens -= 1;
    this.requestKeyFrame(now);
  }

  /** A NACK message begins; retransmit() follows for each packet it asks for. */
  receiveNack(now: number): void {
    this.send.nackCount += 1;
    if (this.traced.has('nack')) this.trace(now, 'nack', 'in', { ssrc: this.send.ssrc });
  }

  /** Answers a generic NACK with what is still kept (RFC 4585 6.2.1, over RFC 4588). */
  retransmit(now: number, sequenceNumber: number): void {
    this.send.nackPacketCount += 1;
    const drops = this.transport.drops;
    const index = this.retransmissions;
    if (index === null || !this.active) return drops.count('retransmission-unknown');
    const verdict = index.request(now, sequenceNumber, this.send.roundTripMs);
    if (verdict === RetransmissionVerdict.TooSoon) return drops.count('retransmission-too-soon');
    if (verdict === RetransmissionVerdict.TooOften) return drops.count('retransmission-too-often');
    const era = index.eraOf(sequenceNumber);
    if (verdict === RetransmissionVerdict.Unknown || !this.munger.knows(era)) {
      return drops.count('retransmission-unknown');
    }
    const ring = this.streamOf(this.munger.sourceOf(era))?.ring;
    const input = index.inputOf(sequenceNumber);
    const source = ring?.find(input) ?? -1;
    if (ring === undefined || source < 0) return drops.count('retransmission-unknown');
    const length = ring.lengthOf(input);
    if (!this.send.mayRetransmit(length)) return drops.count('retransmission-over-budget');
    this.sendRtx(now, sequenceNumber, source, length, era);
  }

  receiveReportBlock(unixMs: number, block: ReportBlock): void {
    this.send.receiveReportBlock(unixMs, block);
  }

  /**
   * The stream's RTP timestamp now, for a sender report (RFC 3550 6.4.1); -1 when nothing was sent lately.
   * By the sender's own reports when there are any, so that its audio and video stay in step.
   */
  reportTimestamp(now: number): number {
    const { send, munger } = this;
    if (send.packetCount === 0 || !this.active || munger.era < 0) return -1;
    this.reported = true;
    const mapping = this.streamOf(munger.sourceOf(munger.era))?.mapping;
    if (mapping?.known) return tsAdd(mapping.timestampAt(now), munger.timestampOffsetOf(munger.era));
    return tsAdd(send.lastTimestamp, Math.round(((now - send.lastSentAt) / 1000) * send.clockRate));
  }

  /** The receiver (or the application) cannot go on without a key frame. */
  requestKeyFrame(now: number): void {
    // A key frame that comes before there is a way out is lost, and the next one would come later for it.
    if (!this.video || !this.active || this.transport.sink.rtpDestination === null) return;
    const wanted = this.target >= 0 ? this.target : this.selector.target(this.producer);
    if (wanted >= 0) this.producer.requestKeyFrame(now, wanted);
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.suspended();
  }

  resume(now: number): void {
    if (!this.paused) return;
    this.paused = false;
    this.resumed(now);
  }

  producerPausedChanged(now: number, paused: boolean): void {
    if (this.producerPaused === paused) return;
    this.producerPaused = paused;
    this.environment.notify(this.id, paused ? 'producerpause' : 'producerresume');
    if (paused) this.suspended();
    else this.resumed(now);
  }

  setPreferredLayers(now: number, layers: ConsumerLayers): ConsumerLayers | undefined {
    const preferred = this.selector.setPreferred(layers);
    this.reconsider(now);
    return preferred;
  }

  setPriority(priority: number): void {
    this.priority = priority;
  }

  /** The transport can send now. */
  transportConnected(now: number): void {
    if (this.active) this.resumed(now);
  }

  /** The encoding now comes under another SSRC: what follows is a new beginning. */
  streamRestarted(encodingIndex: number): void {
    if (encodingIndex === this.current) this.syncRequired = true;
  }

  wants(encodingIndex: number): boolean {
    return this.active && this.target === encodingIndex;
  }

  /** Streams of the producer came or went, or about a second has passed. */
  streamsChanged(now: number): void {
    const score = JSON.stringify(this.score);
    if (score !== this.lastScore) {
      this.lastScore = score;
      this.environment.notify(this.id, 'score', this.score);
    }
    this.reconsider(now);
  }

  enableTraceEvent(types: readonly string[]): void {
    this.traced = new Set(types);
  }

  close(): void {
    this.closed = true;
    this.retransmissions?.clear();
  }

  dump(): object {
    return {
      id: this.id,
      producerId: this.producer.id,
      kind: this.settings.kind,
      type: this.settings.type,
      rtpParameters: this.settings.rtpParameters,
      consumableRtpEncodings: this.settings.consumableRtpEncodings,
      supportedCodecPayloadTypes: [...this.payloadTypes.keys()].filter(
        (type) => this.payloadTypes[type] === 1,
      ),
      paused: this.paused,
      producerPaused: this.producerPaused,
      priority: this.priority,
      traceEventTypes: [...this.traced],
      preferredLayers: this.preferredLayers,
      currentLayers: this.currentLayers,
      targetSpatialLayer: this.target,
      rtpStreams: [{ ssrc: this.send.ssrc, rtxSsrc: this.send.rtxSsrc, score: this.score.score }],
    };
  }

  getStats(now: number): object[] {
    const codec = mediaCodec(this.settings.rtpParameters.codecs);
    const own = {
      type: 'outbound-rtp',
      timestamp: Math.round(this.environment.wallClockOffset + now),
      ssrc: this.send.ssrc,
      rtxSsrc: this.send.rtxSsrc,
      kind: this.settings.kind,
      mimeType: codec.mimeType,
      packetsLost: this.send.packetsLost,
      fractionLost: this.send.fractionLost,
      jitter: this.send.jitter,
      packetsDiscarded: 0,
      packetsRetransmitted: this.send.packetsRetransmitted,
      packetsRepaired: 0,
      nackCount: this.send.nackCount,
      nackPacketCount: this.send.nackPacketCount,
      pliCount: this.send.pliCount,
      firCount: this.send.firCount,
      score: this.score.score,
      roundTripTime: this.send.roundTripMs,
      packetCount: this.send.packetCount,
      byteCount: this.send.byteCount,
      bitrate: this.send.rate.rate(now),
    };
    const current = this.current >= 0 ? this.producer.encodings[this.current].stream : null;
    const inbound = this.producer.getStats(now) as { ssrc: number }[];
    return [own, ...inbound.filter((stats) => stats.ssrc === current?.ssrc)];
  }

  /** A packet outside the settled course: is this where a stream begins or a switch happens? @returns forward it */
  private settle(now: number, packet: ForwardedPacket, stream: ReceiveStream): boolean {
    if (this.target < 0 || this.syncRequired || now - this.lookedAt >= LAYER_LOOK_MS) this.retarget(now);
    if (!this.syncRequired && packet.encodingIndex === this.current) return true;
    if (packet.encodingIndex !== this.target) return false;
    if (this.producer.startsAtKeyFrames && !(packet.keyFrame && stream.isNewest(packet.sequenceNumber))) {
      // A key frame whose beginning came late has lost the packets that went by meanwhile: the next one is whole.
      this.requestKeyFrame(now);
      return false;
    }
    this.begin(now, packet, stream);
    return true;
  }

  private begin(now: number, packet: ForwardedPacket, stream: ReceiveStream): void {
    const wanted = this.expectedTimestamp(packet, stream);
    const source = this.sourceKey(packet.encodingIndex);
    this.munger.sync(now, source, packet.timestamp, wanted, packet.pictureId, packet.tl0PicIdx);
    this.current = packet.encodingIndex;
    this.syncRequired = false;
    if (this.settings.type === 'simulcast' && this.announcedLayer !== this.current) {
      this.announcedLayer = this.current;
      this.environment.notify(this.id, 'layerschange', this.currentLayers);
    }
  }

  /** Where the first packet of another layer belongs on the timeline so far, by both layers' sender reports; or NaN. */
  private expectedTimestamp(packet: ForwardedPacket, stream: ReceiveStream): number {
    const era = this.munger.era;
    if (era < 0) return Number.NaN;
    const offset = this.munger.timestampOffsetOf(era);
    const previous = this.streamOf(this.munger.sourceOf(era));
    if (previous === stream) return tsAdd(packet.timestamp, offset);
    if (previous === null || !previous.mapping.known || !stream.mapping.known) return Number.NaN;
    const captured = stream.mapping.captureTime(packet.timestamp);
    return tsAdd(previous.mapping.timestampOf(captured), offset);
  }

  /** Tells one stream of one encoding from every other, also from the one under the same encoding before it. */
  private sourceKey(encodingIndex: number): number {
    return this.producer.encodings[encodingIndex].generation * MAX_ENCODINGS + encodingIndex;
  }

  private streamOf(source: number): ReceiveStream | null {
    const encoding = this.producer.encodings[source % MAX_ENCODINGS];
    return this.sourceKey(encoding.index) === source ? encoding.stream : null;
  }

  private suspended(): void {
    if (this.announcedLayer >= 0) {
      this.announcedLayer = -1;
      this.environment.notify(this.id, 'layerschange', undefined);
    }
    this.syncRequired = true;
    this.target = -1;
  }

  private resumed(now: number): void {
    if (!this.active) return;
    this.syncRequired = true;
    this.retarget(now);
    this.requestKeyFrame(now);
  }

  private reconsider(now: number): void {
    if (!this.active) return;
    const before = this.target;
    this.retarget(now);
    const waiting = this.syncRequired || this.target !== this.current;
    if (this.target >= 0 && waiting && this.target !== before) this.requestKeyFrame(now);
  }

  private retarget(now: number): void {
    this.lookedAt = now;
    const target = this.selector.target(this.producer);
    if (target === this.target) return;
    this.target = target;
    if (target >= 0 && target !== this.current) this.requestKeyFrame(now);
  }

  private traceSent(now: number, packet: ForwardedPacket, sequenceNumber: number, timestamp: number): void {
    const { ssrc } = this.send;
    const { keyFrame: isKeyFrame, payloadType, marker, length: size, headerLength } = packet;
    const payloadSize = size - headerLength;
    const info = { payloadType, sequenceNumber, timestamp, marker, ssrc, isKeyFrame, size, payloadSize };
    if (this.traced.has('rtp')) this.trace(now, 'rtp', 'out', info);
    if (isKeyFrame && this.traced.has('keyframe')) this.trace(now, 'keyframe', 'out', info);
  }

  private trace(now: number, type: string, direction: 'in' | 'out', info: Record<string, unknown>): void {
    const timestamp = Math.round(this.environment.wallClockOffset + now);
    this.environment.notify(this.id, 'trace', { type, timestamp, direction, info });
  }

  private nextTransportSequence(): number {
    return this.header.withTransportSequence ? this.transport.nextTransportSequence() : 0;
  }

  private shiftVp8(bytes: Uint8Array, payload: number, era: number): void {
    const pictureId = this.munger.pictureIdOffsetOf(era);
    const tl0PicIdx = this.munger.tl0PicIdxOffsetOf(era);
    if (pictureId !== 0 || tl0PicIdx !== 0) shiftVp8Descriptor(bytes, payload, pictureId, tl0PicIdx);
  }

  private sendRtx(now: number, sequenceNumber: number, source: number, length: number, era: number): void {
    const sink = this.transport.sink;
    const bytes = this.environment.arena.bytes;
    const payloadType = this.rtxPayloadTypes[bytes[source + 1] & 0x7f];
    if (sink.rtpDestination === null || payloadType === 0 || this.send.rtxSsrc === undefined) return;
    const slot = this.transport.acquireSlot();
    if (slot < 0) return;
    const headerLength = canonicalHeaderLength(bytes, source);
    const rtxLength = writeRtx(bytes, slot, source, length, headerLength, sequenceNumber);
    bytes[slot + 1] = (bytes[source + 1] & 0x80) | payloadType;
    writeU16(bytes, slot + 2, this.rtxSequence);
    writeU32(bytes, slot + 4, tsAdd(readU32(bytes, source + 4), this.munger.timestampOffsetOf(era)));
    writeU32(bytes, slot + 8, this.send.rtxSsrc);
    this.header.apply(bytes, slot, toAbsSendTime(now), this.nextTransportSequence());
    if (this.vp8) this.shiftVp8(bytes, slot + headerLength + 2, era);
    this.rtxSequence = (this.rtxSequence + 1) & 0xffff;
    this.environment.batch.commit(rtxLength, sink.srtpSender, sink.rtpDestination);
    this.send.retransmitted(now, rtxLength);
    this.transport.counters.rtxSent(now, rtxLength);
  }
}

function mediaCodec(codecs: readonly RtpCodecParameters[]): RtpCodecParameters {
  const codec = codecs.find((entry) => !/\/rtx$/i.test(entry.mimeType));
  if (codec === undefined) throw new TypeError('rtpParameters.codecs has no media codec, only RTX');
  return codec;
}

function temporalLayers(scalabilityMode: string | undefined): number {
  return Number(/^[LS]\d+T(\d+)/.exec(scalabilityMode ?? '')?.[1] ?? 1);
}
