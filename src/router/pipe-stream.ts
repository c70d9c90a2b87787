// Hot path: forward() runs once per packet of the encoding. It allocates nothing.
import { type ReportBlock } from '../rtp/rtcp/report-block.js';
import { type RtpEncodingParameters } from '../rtp/rtp-parameters.js';
import { tsAdd } from '../rtp/sequence.js';
import { type PacketRing } from '../stream/packet-ring.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { RtpMunger } from '../stream/rtp-munger.js';
import { SendStream } from '../stream/send-stream.js';
import { type ConsumerTransport, DIRECT } from './consumer-ports.js';
import { type ResentConsumer, Resender } from './consumer-resend.js';
import { ConsumerTrace } from './consumer-trace.js';
import { ConsumerWriter, makeToken } from './consumer-writer.js';
import { type CoreEnvironment } from './environment.js';
import { type ForwardedPacket } from './forwarded-packet.js';
import { mediaCodec } from './media-codec.js';
import { type Producer, type ProducerEncoding } from './producer.js';
import { sentSince, type SentStream, timestampAt } from './sent-stream.js';
import { type ConsumerSettings } from './settings.js';

/**
 * One encoding on its way through a pipe: every packet of it, under an SSRC of its own. Numbers, timestamps and pictures are
 * the sender's, shifted only where it began again or was interrupted: the far router sees one stream, whatever happened here.
 */
export class PipeStream implements SentStream, ResentConsumer {
  readonly id: string;
  readonly send: SendStream;
  readonly munger: RtpMunger;
  readonly trace: ConsumerTrace;
  /** The far side can make use of it. */
  wanted = true;
  /** Packets go through. */
  active = false;
  awake = false;
  /** No need: the two ends of a pipe are next to each other. */
  readonly mayRepeat = false;

  private readonly encoding: ProducerEncoding;
  private readonly writer: ConsumerWriter;
  private readonly resender: Resender;
  private readonly mediaPayloadType: number;
  private syncRequired = true;
  /** The first sender report is sent soon after the first packet: the far side needs it to switch between encodings. */
  private reported = false;

  /** @param parameters of this encoding, with an SSRC */
  constructor(
    { id, kind, rtpParameters }: ConsumerSettings,
    readonly index: number,
    parameters: RtpEncodingParameters,
    readonly producer: Producer,
    readonly transport: ConsumerTransport,
    private readonly environment: CoreEnvironment,
  ) {
    if (parameters.ssrc === undefined) throw new TypeError(`missing rtpParameters.encodings[${index}].ssrc`);
    this.id = id;
    this.encoding = producer.encodings[index];
    const { mimeType, clockRate, payloadType } = mediaCodec(rtpParameters.codecs);
    this.mediaPayloadType = payloadType;
    this.send = new SendStream(parameters.ssrc, parameters.rtx?.ssrc, clockRate);
    // Low first numbers keep the far side's SRTP rollover guess safe while the first packets may be lost or reordered.
    const first = environment.random32() & 0x3fff;
    this.munger = new RtpMunger(first, clockRate, kind === 'video', mimeType);
    this.writer = new ConsumerWriter(rtpParameters, this.send, this.munger, null, transport, environment);
    this.resender = new Resender(this, this.writer, environment);
    this.trace = new ConsumerTrace(id, this.send.ssrc, environment);
  }

  forward(now: number, packet: ForwardedPacket, stream: ReceiveStream): void {
    if (!this.active || this.transport.sink.rtpDestination === null) return;
    if (this.syncRequired && !this.begin(now, packet, stream)) return;
    const output = this.munger.admit(this.environment.arena.bytes, packet);
    if (output < 0) return this.transport.drops.count('rtp-out-of-order');
    const { marker } = packet;
    const token = makeToken(this.munger.era, marker);
    const timestamp = this.munger.timestamp(packet.timestamp);
    this.munger.sent(now, timestamp, marker);
    this.resender.record(now, output, packet.sequenceNumber, token);
    this.resender.first(now, packet.offset, packet.length, output, token, DIRECT);
    if (!this.reported) this.transport.reportSoon(now, this);
    if (this.trace.enabled) this.trace.sent(now, packet, output, timestamp);
  }

  /** A packet without content: its number must not look lost, and one that was kept for it is filled. */
  skip(now: number, packet: ForwardedPacket): void {
    if (!this.active || this.syncRequired) return;
    const hole = this.munger.drop(packet);
    if (hole < 0) return;
    const timestamp = this.munger.timestamp(packet.timestamp);
    const written = this.writer.writeFiller(now, this.mediaPayloadType, hole, timestamp);
    this.transport.counters.rtpSent(now, written);
  }

  /** @param active somebody at the far end gets it, and nobody has paused it */
  flow(now: number, active: boolean): void {
    if (active === this.active) return;
    this.active = active;
    if (active) this.start(now);
    else this.startOver();
  }

  /** Nothing can be shown without a key frame; one that comes before there is a way out would be lost. */
  start(now: number): void {
    if (!this.active || this.transport.sink.rtpDestination === null) return;
    this.producer.want(now, this.index);
    this.requestKeyFrame(now);
  }

  /** What follows is a new beginning. */
  startOver(): void {
    this.syncRequired = true;
  }

  requestKeyFrame(now: number): void {
    if (this.active && this.transport.sink.rtpDestination !== null) {
      this.producer.requestKeyFrame(now, this.index);
    }
  }

  /** Not rationed: the far end is a router, which rations its own receivers and asks once for all of them. */
  receiveKeyFrameRequest(now: number, how: 'pli' | 'fir'): void {
    if (how === 'pli') this.send.pliCount += 1;
    else this.send.firCount += 1;
    this.trace.received(now, how);
    this.requestKeyFrame(now);
  }

  receiveNack(now: number): void {
    this.send.nackCount += 1;
    this.trace.received(now, 'nack');
  }

  retransmit(now: number, output: number): void {
    this.send.nackPacketCount += 1;
    if (this.send.rtxSsrc === undefined) return this.transport.drops.count('retransmission-unknown');
    const length = this.resender.request(now, output);
    if (length === 0) return;
    const input = this.resender.inputOf(output);
    const token = this.resender.tokenOf(output);
    if (this.resender.sendPaced(now, output, input, token, true, DIRECT) > 0) {
      this.resender.answered(now, output, false);
    } else {
      this.send.returnRetransmission(length);
    }
  }

  receiveReportBlock(unixMs: number, block: ReportBlock): void {
    this.send.receiveReportBlock(unixMs, block);
  }

  /** Scores and layers are the far side's to judge. */
  review(_now: number): boolean {
    return false;
  }

  reportTimestamp(now: number, since: number): number {
    const { send, munger } = this;
    this.reported = this.active && !this.syncRequired && sentSince(send, now, since);
    if (!this.reported) return -1;
    return timestampAt(now, send, munger, this.streamOf(munger.sourceOf(munger.era)));
  }

  ringOf(source: number): PacketRing | null {
    return this.streamOf(source)?.ring ?? null;
  }

  close(): void {
    this.active = false;
    this.resender.clear();
  }

  /** @returns whether the stream begins with this packet */
  private begin(now: number, packet: ForwardedPacket, stream: ReceiveStream): boolean {
    const { munger, encoding } = this;
    if (this.producer.startsAtKeyFrames && !(packet.keyFrame && stream.isNewest(packet.sequenceNumber))) {
      this.requestKeyFrame(now);
      return false;
    }
    // After an interruption the same stream goes on where it stands; another one has a timeline of its own.
    const same = munger.era >= 0 && munger.sourceOf(munger.era) === encoding.generation;
    const wanted = same ? tsAdd(packet.timestamp, munger.timestampOffsetOf(munger.era)) : Number.NaN;
    munger.sync(now, encoding.generation, packet.timestamp, wanted);
    this.syncRequired = false;
    this.reported = false;
    return true;
  }

  private streamOf(source: number): ReceiveStream | null {
    return this.encoding.generation === source ? this.encoding.stream : null;
  }
}
