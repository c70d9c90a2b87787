// Hot path: receiveRtp() runs once per received packet.
import { FEEDBACK_INTERVAL_MS, TransportFeedbackSender } from '../bwe/transport-feedback-sender.js';
import { readExtensionString, readTransportSequence } from '../rtp/header-extensions.js';
import { writeNack } from '../rtp/rtcp/nack.js';
import { writePli } from '../rtp/rtcp/pli.js';
import { writeRemb } from '../rtp/rtcp/remb.js';
import { RtpPacket, RtpParseError } from '../rtp/rtp-packet.js';
import { type RtpHeaderExtensionUri } from '../rtp/rtp-parameters.js';
import { DropCounters } from '../stream/drop-counters.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { compactToMs } from '../stream/ntp.js';
import { SenderClock } from '../stream/sender-clock.js';
import { type TimerClient } from '../stream/timers.js';
import { Consumer } from './consumer.js';
import { type ConsumerTransport } from './consumer-ports.js';
import { RTP_DROP_REASONS, type RtpDrops } from './drop-reasons.js';
import { Egress } from './egress.js';
import { type CoreEnvironment, type TransportSink } from './environment.js';
import { PipeConsumer } from './pipe-consumer.js';
import { Producer, type ProducerTransport } from './producer.js';
import { type Router, type RouterTransport } from './router.js';
import { RtcpReceiver, type RtcpSubjects } from './rtcp-receiver.js';
import { RtcpWriter } from './rtcp-writer.js';
import { RtpListener } from './rtp-listener.js';
import { type SentStream } from './sent-stream.js';
import { type ConsumerSettings, type ProducerSettings } from './settings.js';
import { TransportCounters } from './transport-counters.js';

/** Milliseconds between reports, spread by a random factor of 0.5 to 1.5 (RFC 3550 6.3.1). */
const REPORT_INTERVAL_MS = 1000;
/**
 * A stream that carried nothing for two intervals is not reported (RFC 3550 6.3.8 and 6.4): neither one that we send, to its
 * receivers, nor one that we receive, to its sender. Most microphones of a large room are silent.
 */
const SILENT_MS = 2 * REPORT_INTERVAL_MS;
/** The first sender report of a stream follows its first packet, also after a silence, this soon: until then audio and video are not in step. */
const FIRST_REPORT_MS = 40;

/** The count is one byte (draft-alvestrand-rmcat-remb). */
const MAX_REMB_SSRCS = 255;
/** Milliseconds between two SSRCs of one layer: a sender that changes it with each packet would cost all others. */
const MIN_REBIND_MS = 200;

interface Binding {
  producer: Producer;
  encodingIndex: number;
  rtx: boolean;
}

/**
 * The pure half of every transport: RTP and RTCP, already decrypted, come in; what goes out is put into the batch or
 * given to the sink. Knows its producers and consumers and keeps the reports going.
 */
export class RtpTransport
  implements TimerClient, ProducerTransport, ConsumerTransport, RtcpSubjects, RouterTransport
{
  readonly producers = new Map<string, Producer>();
  readonly consumers = new Map<string, Consumer | PipeConsumer>();
  readonly consumersBySsrc = new Map<number, SentStream>();
  readonly senderClock = new SenderClock();
  readonly drops: RtpDrops = new DropCounters(RTP_DROP_REASONS);
  readonly counters = new TransportCounters();
  timerIndex = -1;
  timerAt = 0;
  /** bps; 0 = no limit told to the publisher. */
  maxIncomingBitrate = 0;
  senderRoundTripMs = 0;
  readonly egress: Egress;

  /** Those of the sent streams that there may be something to report of. Who is silent is not in it and costs nothing. */
  private readonly awake: SentStream[] = [];
  private readonly listener = new RtpListener();
  private readonly bindings = new Map<number, Binding>();
  private readonly packet = new RtpPacket();
  private readonly rtcpReceiver: RtcpReceiver;
  private readonly rtcp: RtcpWriter;
  private readonly extensionIds = { mid: 0, rid: 0, repairedRid: 0, transportSequence: 0 };
  readonly ssrc: number;
  private feedback: TransportFeedbackSender | null = null;
  private feedbackDueAt = Number.POSITIVE_INFINITY;
  private reportDueAt = Number.POSITIVE_INFINITY;
  private closed = false;

  constructor(
    readonly id: string,
    readonly router: Router,
    readonly sink: TransportSink,
    private readonly environment: CoreEnvironment,
  ) {
    this.ssrc = environment.random32();
    this.egress = new Egress(this, environment);
    this.rtcp = new RtcpWriter(sink, this.ssrc);
    this.rtcpReceiver = new RtcpReceiver(this, environment);
    router.addTransport(this);
  }

  /** @throws Error when an SSRC, MID or RID is in use on this transport or the id is in use on the router */
  produce(now: number, settings: ProducerSettings): Producer {
    const producer = new Producer(settings, this, this.environment);
    this.router.addProducer(producer);
    try {
      this.listener.add(producer);
    } catch (error) {
      this.router.removeProducer(now, producer);
      throw error;
    }
    this.producers.set(producer.id, producer);
    this.learnExtensions(producer);
    this.reportAt(now + REPORT_INTERVAL_MS);
    return producer;
  }

  /** @throws Error when the producer is not on this router */
  consume(now: number, settings: ConsumerSettings): Consumer {
    const consumer = new Consumer(settings, this.producerOf(settings), this, this.environment);
    this.addConsumer(now, consumer);
    this.egress.added(now, consumer);
    if (this.sink.rtpDestination !== null) consumer.transportConnected(now);
    return consumer;
  }

  /**
   * All encodings of a producer, for the router at the other end.
   * @throws Error when the producer is not on this router
   */
  consumeAll(now: number, settings: ConsumerSettings): PipeConsumer {
    const consumer = new PipeConsumer(settings, this.producerOf(settings), this, this.environment);
    this.addConsumer(now, consumer);
    if (this.sink.rtpDestination !== null) consumer.transportConnected(now);
    return consumer;
  }

  closeProducer(now: number, id: string): void {
    const producer = this.producers.get(id);
    if (producer === undefined) return;
    this.producers.delete(id);
    this.listener.remove(producer);
    for (const [ssrc, binding] of this.bindings)
      if (binding.producer === producer) this.bindings.delete(ssrc);
    this.router.removeProducer(now, producer);
  }

  closeConsumer(now: number, id: string): void {
    const consumer = this.consumers.get(id);
    if (consumer === undefined) return;
    consumer.close();
    if (consumer instanceof Consumer) this.egress.removed(now, consumer);
    this.consumers.delete(id);
    for (const stream of sentStreams(consumer)) {
      const { send } = stream;
      if (stream.awake) this.sleep(this.awake.indexOf(stream));
      this.consumersBySsrc.delete(send.ssrc);
      if (send.rtxSsrc !== undefined) this.consumersBySsrc.delete(send.rtxSsrc);
    }
    const { consumers } = consumer.producer;
    const index = consumers.indexOf(consumer);
    if (index >= 0) consumers.splice(index, 1);
  }

  /** The sink has a destination now: consumers ask for key frames, so that the first picture comes at once. */
  connected(now: number): void {
    this.egress.connected(now);
    for (const consumer of this.consumers.values()) consumer.transportConnected(now);
  }

  /** One decrypted RTP packet; the bytes may be changed. */
  receiveRtp(now: number, bytes: Uint8Array, offset: number, length: number): void {
    const packet = this.packet;
    if (packet.parse(bytes, offset, length) !== RtpParseError.Ok) return this.drops.count('rtp-malformed');
    this.recordArrival(now, packet);
    if (this.reportDueAt === Number.POSITIVE_INFINITY) this.reportAt(now + REPORT_INTERVAL_MS);
    const binding = this.bindings.get(packet.ssrc) ?? this.bind(now, packet);
    if (binding === null) return;
    const stream = binding.producer.encodings[binding.encodingIndex].stream;
    if (stream === null) return this.drops.count('rtx-without-stream');
    if (binding.rtx) {
      this.counters.rtxReceived(now, length);
      binding.producer.receiveRtx(now, stream, packet);
    } else {
      this.counters.rtpReceived(now, length);
      binding.producer.receive(now, stream, packet);
    }
  }

  /** One decrypted compound RTCP packet. */
  receiveRtcp(now: number, bytes: Uint8Array, offset: number, length: number): void {
    this.rtcpReceiver.receive(now, bytes, offset, length);
    if (this.reportDueAt === Number.POSITIVE_INFINITY) this.reportAt(now + REPORT_INTERVAL_MS);
  }

  /** The stream and producer that a sender report with this SSRC is about. */
  streamBySsrc(ssrc: number): { producer: Producer; stream: ReceiveStream } | null {
    const binding = this.bindings.get(ssrc);
    if (binding === undefined || binding.rtx) return null;
    const { stream } = binding.producer.encodings[binding.encodingIndex];
    return stream === null ? null : { producer: binding.producer, stream };
  }

  // ---- what consumers and producers of this transport ask for

  /** 0..1: the part of the packets with a transport-wide number that did not come lately; undefined when there are none. */
  get lossReceived(): number | undefined {
    return this.feedback?.lossFraction;
  }

  /** See TransportCounters. */
  stats(now: number): Record<string, number> {
    for (const consumer of this.consumers.values()) consumer.settle();
    return this.counters.stats(now);
  }

  /** Wants handleTimeout() by then. */
  schedule(at: number): void {
    if (!this.closed) this.environment.timers.schedule(this, at);
  }

  reportSoon(now: number, stream: SentStream): void {
    this.wake(stream);
    this.reportAt(now + FIRST_REPORT_MS);
  }

  wake(stream: SentStream): void {
    if (stream.awake || this.closed) return;
    stream.awake = true;
    this.awake.push(stream);
  }

  sendPli(mediaSsrc: number): void {
    this.rtcp.feedback((bytes, offset, ssrc) => writePli(bytes, offset, ssrc, mediaSsrc));
  }

  sendNack(mediaSsrc: number, sequenceNumbers: readonly number[]): void {
    this.rtcp.feedback((bytes, offset, ssrc) => writeNack(bytes, offset, ssrc, mediaSsrc, sequenceNumbers));
  }

  handleTimeout(now: number): void {
    let next = Number.POSITIVE_INFINITY;
    for (const producer of this.producers.values()) next = Math.min(next, producer.handleTimeout(now));
    if (this.feedbackDueAt <= now) this.sendFeedback();
    if (this.reportDueAt <= now) this.sendReports(now);
    this.schedule(Math.min(next, this.feedbackDueAt, this.reportDueAt));
  }

  /** 'probation' and 'bwe'. */
  enableTraceEvent(types: readonly string[]): void {
    this.egress.enableTraceEvent(types);
  }

  setMaxIncomingBitrate(now: number, bitrate: number): void {
    this.maxIncomingBitrate = bitrate;
    this.reportAt(now);
  }

  close(now: number): void {
    this.closed = true;
    this.environment.timers.cancel(this);
    this.egress.close();
    for (const id of [...this.consumers.keys()]) this.closeConsumer(now, id);
    for (const id of [...this.producers.keys()]) this.closeProducer(now, id);
    this.router.removeTransport(this);
  }

  dump(): object {
    return {
      id: this.id,
      producerIds: [...this.producers.keys()],
      consumerIds: [...this.consumers.keys()],
      mapSsrcConsumerId: [...this.consumersBySsrc].map(([ssrc, consumer]) => ({
        key: ssrc,
        value: consumer.id,
      })),
      boundSsrcs: [...this.bindings.keys()],
      recvRtpHeaderExtensions: { ...this.extensionIds },
      traceEventTypes: this.egress.tracedTypes,
      drops: this.drops.snapshot(),
    };
  }

  // ---- inside

  private producerOf({ producerId }: ConsumerSettings): Producer {
    const producer = this.router.producer(producerId);
    if (producer === undefined) throw new Error(`Producer not found [producerId:${producerId}]`);
    return producer;
  }

  private addConsumer(now: number, consumer: Consumer | PipeConsumer): void {
    consumer.producer.consumers.push(consumer);
    this.consumers.set(consumer.id, consumer);
    for (const stream of sentStreams(consumer)) {
      this.consumersBySsrc.set(stream.send.ssrc, stream);
      if (stream.send.rtxSsrc !== undefined) this.consumersBySsrc.set(stream.send.rtxSsrc, stream);
      this.wake(stream);
    }
    this.reportAt(now + REPORT_INTERVAL_MS);
  }

  private bind(now: number, packet: RtpPacket): Binding | null {
    const mid = this.stringExtension(packet, this.extensionIds.mid);
    const rid = this.stringExtension(packet, this.extensionIds.rid);
    const repairedRid = this.stringExtension(packet, this.extensionIds.repairedRid);
    const producer = this.listener.find(packet.ssrc, mid, rid || repairedRid);
    if (producer === undefined || !producer.knowsPayloadType(packet.payloadType)) {
      this.drops.count('rtp-unknown-stream');
      return null;
    }
    const rtx = producer.isRtx(packet.payloadType);
    const encodingIndex = producer.findEncoding(packet.ssrc, rid || repairedRid, rtx);
    if (encodingIndex < 0) {
      this.drops.count('rtp-unknown-stream');
      return null;
    }
    const encoding = producer.encodings[encodingIndex];
    const open = encoding.stream;
    if (rtx) {
      if (open === null) {
        this.drops.count('rtx-without-stream');
        return null;
      }
      if (open.rtxSsrc !== 0) this.bindings.delete(open.rtxSsrc);
      open.rtxSsrc = packet.ssrc;
    } else {
      // The same layer under a new SSRC: the sender started it again.
      if (open !== null) {
        if (now - encoding.openedAt < MIN_REBIND_MS) {
          this.drops.count('rtp-unknown-stream');
          return null;
        }
        this.bindings.delete(open.ssrc);
        this.bindings.delete(open.rtxSsrc);
      }
      producer.openStream(now, encodingIndex, packet.ssrc, packet.payloadType);
    }
    const binding = { producer, encodingIndex, rtx };
    this.bindings.set(packet.ssrc, binding);
    return binding;
  }

  private stringExtension(packet: RtpPacket, id: number): string {
    const at = id === 0 ? -1 : packet.findExtension(id);
    return at < 0 ? '' : readExtensionString(packet.bytes, at, packet.extensionDataLength);
  }

  private recordArrival(now: number, packet: RtpPacket): void {
    if (this.feedback === null) return;
    const at = packet.findExtension(this.extensionIds.transportSequence);
    if (at < 0) return;
    const sequence = readTransportSequence(packet.bytes, at, packet.extensionDataLength);
    if (sequence < 0) return;
    this.feedback.record(now, sequence);
    if (this.feedbackDueAt === Number.POSITIVE_INFINITY) {
      this.feedbackDueAt = now + FEEDBACK_INTERVAL_MS;
      this.schedule(this.feedbackDueAt);
    }
  }

  private learnExtensions(producer: Producer): void {
    const { headerExtensions = [], codecs } = producer.settings.rtpParameters;
    const idOf = (uri: RtpHeaderExtensionUri): number =>
      headerExtensions.find((entry) => entry.uri === uri)?.id ?? 0;
    const ids = this.extensionIds;
    ids.mid = idOf('urn:ietf:params:rtp-hdrext:sdes:mid') || ids.mid;
    ids.rid = idOf('urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id') || ids.rid;
    ids.repairedRid = idOf('urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id') || ids.repairedRid;
    const sequenceId = idOf('http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01');
    ids.transportSequence = sequenceId || ids.transportSequence;
    const wanted = codecs.some((codec) => codec.rtcpFeedback?.some((entry) => entry.type === 'transport-cc'));
    if (sequenceId !== 0 && wanted) this.feedback ??= new TransportFeedbackSender();
  }

  private sendFeedback(): void {
    this.feedbackDueAt = Number.POSITIVE_INFINITY;
    const feedback = this.feedback;
    if (feedback === null) return;
    const mediaSsrc = this.bindings.keys().next().value ?? 0;
    while (feedback.pending) {
      this.rtcp.feedback((bytes, offset, ssrc) => feedback.write(bytes, offset, ssrc, mediaSsrc));
    }
  }

  private reportAt(at: number): void {
    if (at < this.reportDueAt) this.reportDueAt = at;
    this.schedule(this.reportDueAt);
  }

  private sendReports(now: number): void {
    const unixMs = this.environment.wallClockOffset + now;
    let producing = false;
    for (const producer of this.producers.values()) {
      producer.updateScores(now);
      if (!isResting(producer)) producing = true;
    }
    this.sendSenderReports(now, unixMs);
    this.sendReceiverReports(now, unixMs);
    const answer = this.rtcpReceiver.takeReferenceTimeAnswer(now);
    if (answer !== null) this.rtcp.dlrr(answer);
    this.rtcp.flush();
    if (this.maxIncomingBitrate > 0) this.sendRemb();
    const spread = 0.5 + this.environment.random32() / 2 ** 32;
    // Where nothing goes out or comes in there is nothing to wake up for: what comes next sets the time again.
    const resting = !producing && this.awake.length === 0;
    this.reportDueAt = resting ? Number.POSITIVE_INFINITY : now + REPORT_INTERVAL_MS * spread;
  }

  private sendSenderReports(now: number, unixMs: number): void {
    const { awake } = this;
    for (let index = 0; index < awake.length;) {
      const stream = awake[index];
      const looksOn = stream.review(now);
      const timestamp = stream.reportTimestamp(now, now - SILENT_MS);
      if (timestamp >= 0) this.rtcp.senderReport(unixMs, timestamp, stream);
      if (timestamp >= 0 || looksOn) index += 1;
      else this.sleep(index);
    }
  }

  /** The last one takes its place. */
  private sleep(index: number): void {
    const { awake } = this;
    awake[index].awake = false;
    const last = awake.pop()!;
    if (index < awake.length) awake[index] = last;
  }

  private sendReceiverReports(now: number, unixMs: number): void {
    let heard = false;
    for (const { encodings } of this.producers.values()) {
      for (let index = 0; index < encodings.length; index++) {
        const { stream } = encodings[index];
        if (stream === null || !isHeard(now, stream)) continue;
        heard = true;
        this.rtcp.receiverReport(now, stream);
      }
    }
    if (!heard) return;
    this.rtcp.endReceiverReports();
    this.rtcp.referenceTime(unixMs);
  }

  private sendRemb(): void {
    const ssrcs: number[] = [];
    for (const { encodings } of this.producers.values()) {
      for (const { stream } of encodings) {
        if (stream !== null && ssrcs.length < MAX_REMB_SSRCS) ssrcs.push(stream.ssrc);
      }
    }
    if (ssrcs.length === 0) return;
    this.rtcp.feedback((bytes, at, ssrc) => writeRemb(bytes, at, ssrc, this.maxIncomingBitrate, ssrcs));
  }
}

/** A packet or a sender report came lately: a sender measures its round trip by the answer to the latter. */
function isHeard(now: number, stream: ReceiveStream): boolean {
  if (now - stream.lastPacketAt < SILENT_MS) return true;
  return stream.lastSr !== 0 && compactToMs(stream.delaySinceLastSr(now)) < SILENT_MS;
}

/**
 * Nothing of it changes before its next packet: it is silent and that is known. Not one of several encodings: whether any of
 * those is wanted is asked about all the time.
 */
function isResting({ encodings }: Producer): boolean {
  return encodings.length === 1 && encodings[0].score === 0;
}

function sentStreams(consumer: Consumer | PipeConsumer): readonly SentStream[] {
  return consumer instanceof PipeConsumer ? consumer.streams : [consumer];
}
