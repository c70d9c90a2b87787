// Hot path: receive() runs once per received packet.
import { canBeKeyFrame, createPayloadInspector, type PayloadInspector } from '../rtp/codecs/key-frame.js';
import { isOpusDtx } from '../rtp/codecs/opus.js';
import { VideoOrientation, readVideoOrientation } from '../rtp/header-extensions.js';
import { type RtpPacket, RtpParseError } from '../rtp/rtp-packet.js';
import { type RtpCodecParameters, type RtpEncodingParameters } from '../rtp/rtp-parameters.js';
import { KeyFrameRequester } from '../stream/key-frame-requester.js';
import { ReceiveStream } from '../stream/receive-stream.js';
import { type SenderClock } from '../stream/sender-clock.js';
import { restoreFromRtx } from '../stream/rtx.js';
import { CANONICAL_GROWTH, CanonicalWriter } from './canonical-packet.js';
import { LAYER_OVERTAKEN_MS } from './layer-timing.js';
import { type RtpDrops } from './drop-reasons.js';
import { type CoreEnvironment } from './environment.js';
import { ForwardedPacket } from './forwarded-packet.js';
import { type ProducerSettings } from './settings.js';

/** Longest packet that is taken, header included: what fits an outgoing slot with its trailers. */
const MAX_PACKET_LENGTH = 1800;
const FULL_SCORE = 10;
/** Until a round trip is known (mediasoup assumes the same): repeats must not outrun the first answer. */
const DEFAULT_RTT_MS = 100;

interface Codec {
  parameters: RtpCodecParameters;
  mappedPayloadType: number;
  /** For RTX: the payload type that it repairs. */
  apt: number | undefined;
}

/** One layer of a producer: how it was announced and what is received of it. */
export interface ProducerEncoding {
  readonly index: number;
  readonly parameters: RtpEncodingParameters;
  readonly mappedSsrc: number;
  readonly requester: KeyFrameRequester;
  readonly inspector: PayloadInspector;
  stream: ReceiveStream | null;
  /** How often this encoding got a new stream: what was kept of an older one is not what was sent. */
  generation: number;
  /** When the present stream began. */
  openedAt: number;
  score: number;
  pliCount: number;
}

/** What a producer needs of the transport that it comes in by. */
export interface ProducerTransport {
  readonly drops: RtpDrops;
  readonly senderClock: SenderClock;
  /** Milliseconds to the sender and back, 0 while unknown. */
  readonly senderRoundTripMs: number;
  schedule(at: number): void;
  sendPli(mediaSsrc: number): void;
  sendNack(mediaSsrc: number, sequenceNumbers: readonly number[]): void;
}

/** What a producer needs of those who receive it; Consumer is one. */
export interface ProducerReceiver {
  readonly id: string;
  readonly transport: { closeConsumer(now: number, id: string): void };
  forward(now: number, packet: ForwardedPacket, stream: ReceiveStream): void;
  /** A packet that nobody forwards: its number must not look lost. */
  skip(packet: ForwardedPacket): void;
  producerPausedChanged(now: number, paused: boolean): void;
  /** Streams came or went. */
  streamsChanged(now: number): void;
  /** The encoding now comes under another SSRC. */
  streamRestarted(encodingIndex: number): void;
  /** It shows this encoding, or waits for a key frame of it. */
  wants(encodingIndex: number): boolean;
}

/** Media that one peer sends: one stream, or several layers of the same picture. */
export class Producer {
  readonly id: string;
  readonly encodings: ProducerEncoding[];
  /** Those who receive it; the fan-out walks this array. */
  readonly consumers: ProducerReceiver[] = [];
  readonly clockRate: number;
  paused: boolean;
  closed = false;

  private readonly codecs = new Map<number, Codec>();
  private readonly writer: CanonicalWriter;
  private readonly forwarded = new ForwardedPacket();
  private readonly orientationId: number;
  private readonly orientation = new VideoOrientation();
  private readonly nextOrientation = new VideoOrientation();
  private orientationKnown = false;
  private traced = new Set<string>();
  /** The encoding whose key frame is being fanned out: who asks for one now is about to get it. */
  private keyFrameAt = -1;
  private readonly video: boolean;
  private readonly opus: boolean;
  /** A receiver can only begin where a key frame does. */
  readonly startsAtKeyFrames: boolean;
  private readonly nackList: number[] = [];

  constructor(
    readonly settings: ProducerSettings,
    readonly transport: ProducerTransport,
    private readonly environment: CoreEnvironment,
  ) {
    this.id = settings.id;
    this.paused = settings.paused;
    this.video = settings.kind === 'video';
    for (const parameters of settings.rtpParameters.codecs) {
      const mapping = settings.rtpMapping.codecs.find(
        (entry) => entry.payloadType === parameters.payloadType,
      );
      if (mapping === undefined) continue;
      const apt = /\/rtx$/i.test(parameters.mimeType) ? Number(parameters.parameters?.['apt']) : undefined;
      this.codecs.set(parameters.payloadType, {
        parameters,
        mappedPayloadType: mapping.mappedPayloadType,
        apt,
      });
    }
    const media = this.mediaCodec();
    this.clockRate = media.clockRate;
    this.opus = /\/opus$/i.test(media.mimeType);
    this.startsAtKeyFrames = canBeKeyFrame(media.mimeType);
    const extensions = settings.rtpParameters.headerExtensions ?? [];
    this.writer = new CanonicalWriter(extensions);
    this.orientationId =
      extensions.find((extension) => extension.uri === 'urn:3gpp:video-orientation')?.id ?? 0;
    this.encodings = settings.rtpMapping.encodings.map((mapping, index) => ({
      index,
      parameters: settings.rtpParameters.encodings?.[index] ?? {},
      mappedSsrc: mapping.mappedSsrc,
      requester: new KeyFrameRequester(
        (now) => this.sendKeyFrameRequest(now, index),
        settings.keyFrameRequestDelay,
      ),
      inspector: createPayloadInspector(media.mimeType),
      stream: null,
      generation: 0,
      openedAt: Number.NEGATIVE_INFINITY,
      score: 0,
      pliCount: 0,
    }));
  }

  get kind(): 'audio' | 'video' {
    return this.settings.kind;
  }

  get cname(): string {
    return this.settings.rtpParameters.rtcp?.cname ?? '';
  }

  /** True when the payload type announces retransmissions (RFC 4588). */
  isRtx(payloadType: number): boolean {
    return this.codecs.get(payloadType)?.apt !== undefined;
  }

  knowsPayloadType(payloadType: number): boolean {
    return this.codecs.has(payloadType);
  }

  /**
   * @param rid or repaired RID; empty when the packet has none
   * @param rtx the packet's payload type announces a retransmission
   * @returns the index of the encoding, -1 when none fits
   */
  findEncoding(ssrc: number, rid: string, rtx: boolean): number {
    for (const { parameters, index } of this.encodings) {
      if (parameters.ssrc === ssrc) return rtx ? -1 : index;
      if (parameters.rtx?.ssrc === ssrc) return rtx ? index : -1;
      if (rid !== '' && parameters.rid === rid) return index;
    }
    // One encoding that was announced by its MID alone takes whatever comes under it.
    const [only] = this.encodings;
    const anonymous = only.parameters.ssrc === undefined && only.parameters.rid === undefined;
    return this.encodings.length === 1 && anonymous ? 0 : -1;
  }

  /** Starts (or starts again) the stream of an encoding under a new SSRC. */
  openStream(now: number, encodingIndex: number, ssrc: number, payloadType: number): ReceiveStream {
    const encoding = this.encodings[encodingIndex];
    encoding.stream?.close();
    encoding.requester.received();
    const codec = this.codecs.get(payloadType)?.parameters ?? this.mediaCodec();
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
    encoding.stream = stream;
    encoding.openedAt = now;
    encoding.generation += 1;
    for (const consumer of this.consumers) consumer.streamRestarted(encodingIndex);
    return stream;
  }

  /** @param packet parsed; its bytes may be changed */
  receive(now: number, stream: ReceiveStream, packet: RtpPacket): void {
    const codec = this.codecs.get(packet.payloadType);
    if (codec === undefined || codec.apt !== undefined)
      return this.transport.drops.count('rtp-unknown-payload-type');
    if (packet.length > MAX_PACKET_LENGTH) return this.transport.drops.count('rtp-too-large');
    if (stream.ring.find(packet.sequenceNumber) >= 0) return this.transport.drops.count('rtp-duplicate');
    if (stream.isStale(packet.sequenceNumber)) {
      if (!stream.startsAnew(packet.sequenceNumber)) return this.transport.drops.count('rtp-out-of-order');
      stream = this.restart(now, stream, packet.payloadType);
    }
    const returns = this.encodings.length > 1 && now - stream.lastPacketAt >= LAYER_OVERTAKEN_MS;
    const intact = stream.receive(now, packet);
    this.accept(now, stream, packet, codec, intact, returns);
  }

  /** A packet of the stream's RTX companion: restores the original, when it is still missing. */
  receiveRtx(now: number, stream: ReceiveStream, packet: RtpPacket): void {
    const rtx = this.codecs.get(packet.payloadType);
    const codec = rtx?.apt === undefined ? undefined : this.codecs.get(rtx.apt);
    if (rtx?.apt === undefined || codec === undefined) {
      return this.transport.drops.count('rtp-unknown-payload-type');
    }
    const length = restoreFromRtx(packet, rtx.apt, stream.ssrc);
    if (length < 0) return this.transport.drops.count('rtx-empty');
    if (packet.parse(packet.bytes, packet.offset, length) !== RtpParseError.Ok) {
      return this.transport.drops.count('rtp-malformed');
    }
    if (!stream.mayRepair(packet.sequenceNumber)) {
      stream.rtxPacketsDiscarded += 1;
      return this.transport.drops.count('rtx-out-of-window');
    }
    if (stream.ring.find(packet.sequenceNumber) >= 0) {
      stream.rtxPacketsDiscarded += 1;
      return this.transport.drops.count('rtp-duplicate');
    }
    const intact = stream.receiveRepaired(now, packet);
    this.accept(now, stream, packet, codec, intact, false);
  }

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
    codec: Codec,
    intact: boolean,
    returns: boolean,
  ): void {
    const encoding = this.encodings[stream.encodingIndex];
    if (stream.nack !== null && stream.nack.pending > 0) this.transport.schedule(stream.nack.nextTimeout());

    const forwarded = this.forwarded;
    forwarded.encodingIndex = stream.encodingIndex;
    forwarded.sequenceNumber = packet.sequenceNumber;
    if (packet.payloadLength === 0) {
      // A bandwidth probe in the media stream: nobody needs it, and it must leave no gap.
      this.transport.drops.count('rtp-padding-only');
      if (!intact) this.requestKeyFrame(now, stream.encodingIndex);
      for (const consumer of this.consumers) consumer.skip(forwarded);
      return;
    }

    const { arena, scratch } = this.environment;
    const kept = stream.ring.reserve(now, packet.length + CANONICAL_GROWTH);
    const target = kept < 0 ? scratch : kept;
    const length = this.writer.write(packet, codec.mappedPayloadType, arena.bytes, target);
    if (kept < 0) this.transport.drops.count('rtp-not-kept');
    else stream.ring.store(now, packet.sequenceNumber, target, length);

    this.inspect(encoding.inspector, packet);
    if (forwarded.keyFrame) {
      encoding.requester.received();
      stream.nack?.keyFrame(packet.sequenceNumber);
      if (this.traced.has('keyframe')) this.trace(now, 'keyframe', 'in', { ssrc: packet.ssrc });
    } else if (!intact) {
      this.requestKeyFrame(now, stream.encodingIndex);
    }
    if (this.traced.has('rtp')) this.traceRtp(now, packet);
    if (this.orientationId !== 0) this.readOrientation(packet);
    if (this.paused) {
      if (encoding.score === 0) this.updateScores(now);
      return;
    }

    forwarded.offset = target;
    forwarded.length = length;
    forwarded.headerLength = length - packet.payloadLength;
    forwarded.timestamp = packet.timestamp;
    forwarded.marker = packet.marker;
    forwarded.payloadType = codec.mappedPayloadType;
    this.keyFrameAt = forwarded.keyFrame ? stream.encodingIndex : -1;
    const consumers = this.consumers;
    // A layer that is back begins with a key frame: receivers that prefer it must know before that is forwarded.
    if (returns) for (let index = 0; index < consumers.length; index++) consumers[index].streamsChanged(now);
    // The fan-out: once per packet and receiver from here on.
    for (let index = 0; index < consumers.length; index++) consumers[index].forward(now, forwarded, stream);
    if (encoding.score === 0) this.updateScores(now);
    this.keyFrameAt = -1;
  }

  /** What the clear bytes say of the frame; an unreadable payload is forwarded as an ordinary delta frame. */
  private inspect(inspector: PayloadInspector, packet: RtpPacket): void {
    const forwarded = this.forwarded;
    const { bytes, payloadOffset, payloadLength, marker } = packet;
    const readable = inspector.inspect(bytes, payloadOffset, payloadLength, marker);
    forwarded.keyFrame = readable && inspector.keyFrame;
    forwarded.pictureId = readable ? inspector.pictureId : -1;
    forwarded.tl0PicIdx = readable ? inspector.tl0PicIdx : -1;
    forwarded.silence = this.opus && isOpusDtx(payloadLength);
  }

  /** The encoding's stream when it is being received, by mapped SSRC order. */
  activeStream(now: number, encodingIndex: number): ReceiveStream | null {
    const stream = this.encodings[encodingIndex]?.stream ?? null;
    return stream !== null && stream.active(now) ? stream : null;
  }

  requestKeyFrame(now: number, encodingIndex: number): void {
    if (!this.video || this.closed || this.paused || this.keyFrameAt === encodingIndex) return;
    const encoding = this.encodings[encodingIndex];
    if (encoding === undefined || encoding.stream === null) return;
    encoding.requester.request(now);
    this.transport.schedule(encoding.requester.nextTimeout());
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
    let next = Number.POSITIVE_INFINITY;
    for (const encoding of this.encodings) {
      // A layer that nobody waits for any more (it stopped, and another took its place) is not asked again.
      if (encoding.requester.nextTimeout() <= now && !this.isWanted(encoding.index))
        encoding.requester.received();
      encoding.requester.handleTimeout(now);
      next = Math.min(next, encoding.requester.nextTimeout());
      const stream = encoding.stream;
      if (stream === null || stream.nack === null || stream.nack.pending === 0) continue;
      if (stream.nack.nextTimeout() <= now) {
        const intact = stream.nack.handleTimeout(
          now,
          this.transport.senderRoundTripMs || DEFAULT_RTT_MS,
          this.nackList,
        );
        if (!intact) this.requestKeyFrame(now, encoding.index);
        if (this.nackList.length > 0) {
          this.transport.sendNack(stream.ssrc, this.nackList);
          if (this.traced.has('nack')) this.trace(now, 'nack', 'out', { ssrc: stream.ssrc });
        }
      }
      next = Math.min(next, stream.nack.nextTimeout(), encoding.requester.nextTimeout());
    }
    return next;
  }

  /** 10 for a stream that is coming in, 0 for one that is not. Called about once a second. */
  updateScores(now: number): void {
    let changed = false;
    for (const encoding of this.encodings) {
      encoding.stream?.ring.expire(now);
      const score = this.activeStream(now, encoding.index) === null ? 0 : FULL_SCORE;
      if (score !== encoding.score) changed = true;
      encoding.score = score;
    }
    if (!changed) return;
    this.environment.notify(this.id, 'score', this.scores());
    for (const consumer of this.consumers) consumer.streamsChanged(now);
  }

  scores(): { encodingIdx: number; ssrc: number; rid?: string; score: number }[] {
    return this.encodings
      .filter((encoding) => encoding.stream !== null)
      .map((encoding) => ({
        encodingIdx: encoding.index,
        ssrc: encoding.stream!.ssrc,
        rid: encoding.parameters.rid,
        score: encoding.score,
      }));
  }

  receiveSenderReport(now: number, stream: ReceiveStream, report: SenderReportValues): void {
    stream.receiveSenderReport(now, report.ntpSeconds, report.ntpFraction, report.rtpTimestamp);
    if (this.traced.has('sr'))
      this.trace(now, 'sr', 'in', { ssrc: stream.ssrc, rtpTimestamp: report.rtpTimestamp });
  }

  enableTraceEvent(types: readonly string[]): void {
    this.traced = new Set(types);
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
      traceEventTypes: [...this.traced],
      rtpStreams: this.encodings
        .filter((encoding) => encoding.stream !== null)
        .map((encoding) => ({
          encodingIdx: encoding.index,
          ssrc: encoding.stream!.ssrc,
          rtxSsrc: encoding.stream!.rtxSsrc || undefined,
          rid: encoding.parameters.rid,
          mappedSsrc: encoding.mappedSsrc,
          score: encoding.score,
        })),
    };
  }

  getStats(now: number): object[] {
    return this.encodings
      .filter((encoding) => encoding.stream !== null)
      .map((encoding) => {
        const stream = encoding.stream!;
        return {
          type: 'inbound-rtp',
          timestamp: Math.round(this.environment.wallClockOffset + now),
          ssrc: stream.ssrc,
          rtxSsrc: stream.rtxSsrc || undefined,
          rid: stream.rid,
          kind: this.kind,
          mimeType: stream.mimeType,
          packetsLost: stream.statistics.cumulativeLost,
          fractionLost: stream.statistics.fractionLost,
          jitter: stream.statistics.jitter,
          packetsDiscarded: stream.packetsDiscarded,
          packetsRetransmitted: 0,
          packetsRepaired: stream.packetsRepaired,
          rtxPacketsDiscarded: stream.rtxPacketsDiscarded,
          nackCount: stream.nack?.nackedPackets ?? 0,
          nackPacketCount: stream.nack?.nackedPackets ?? 0,
          pliCount: encoding.pliCount,
          firCount: 0,
          score: encoding.score,
          roundTripTime: this.transport.senderRoundTripMs,
          packetCount: stream.packetCount,
          byteCount: stream.byteCount,
          bitrate: stream.rate.rate(now),
          bitrateByLayer: {},
        };
      });
  }

  private isWanted(encodingIndex: number): boolean {
    return this.consumers.some((consumer) => consumer.wants(encodingIndex));
  }

  private mediaCodec(): RtpCodecParameters {
    const codec = this.settings.rtpParameters.codecs.find((entry) => !/\/rtx$/i.test(entry.mimeType));
    if (codec === undefined) throw new Error(`producer ${this.id} has no media codec`);
    return codec;
  }

  private sendKeyFrameRequest(now: number, encodingIndex: number): void {
    const encoding = this.encodings[encodingIndex];
    if (encoding.stream === null) return;
    encoding.pliCount += 1;
    this.transport.sendPli(encoding.stream.ssrc);
    if (this.traced.has('pli')) this.trace(now, 'pli', 'out', { ssrc: encoding.stream.ssrc });
  }

  private readOrientation(packet: RtpPacket): void {
    const at = packet.findExtension(this.orientationId);
    if (at < 0) return;
    const next = this.nextOrientation;
    if (!readVideoOrientation(packet.bytes, at, packet.extensionDataLength, next)) return;
    const known = this.orientation;
    const same =
      next.backCamera === known.backCamera && next.flip === known.flip && next.rotation === known.rotation;
    if (this.orientationKnown && same) return;
    this.orientationKnown = true;
    known.backCamera = next.backCamera;
    known.flip = next.flip;
    known.rotation = next.rotation;
    const { backCamera: camera, flip, rotation } = next;
    this.environment.notify(this.id, 'videoorientationchange', { camera, flip, rotation });
  }

  private traceRtp(now: number, packet: RtpPacket): void {
    this.trace(now, 'rtp', 'in', {
      payloadType: packet.payloadType,
      sequenceNumber: packet.sequenceNumber,
      timestamp: packet.timestamp,
      marker: packet.marker,
      ssrc: packet.ssrc,
      isKeyFrame: this.forwarded.keyFrame,
      size: packet.length,
      payloadSize: packet.payloadLength,
    });
  }

  private trace(now: number, type: string, direction: 'in' | 'out', info: Record<string, unknown>): void {
    const timestamp = Math.round(this.environment.wallClockOffset + now);
    this.environment.notify(this.id, 'trace', { type, timestamp, direction, info });
  }
}

interface SenderReportValues {
  ntpSeconds: number;
  ntpFraction: number;
  rtpTimestamp: number;
}
