import { readU16 } from '../rtp/bytes.js';
import { Bye } from '../rtp/rtcp/bye.js';
import { DlrrItem, ExtendedReport, XrBlockType } from '../rtp/rtcp/extended-report.js';
import { Fir } from '../rtp/rtcp/fir.js';
import { Nack } from '../rtp/rtcp/nack.js';
import { Pli } from '../rtp/rtcp/pli.js';
import { ReceiverReport } from '../rtp/rtcp/receiver-report.js';
import { Remb } from '../rtp/rtcp/remb.js';
import { ReportBlock } from '../rtp/rtcp/report-block.js';
import { PayloadFeedbackFormat, RtcpReader, RtcpType, RtpFeedbackFormat } from '../rtp/rtcp/rtcp-reader.js';
import { SenderReport } from '../rtp/rtcp/sender-report.js';
import { compactNtp, msToCompact, roundTripOf } from '../stream/ntp.js';
import { TransportFeedback } from '../rtp/rtcp/transport-feedback.js';
import { type CoreEnvironment } from './environment.js';
import { type RtpDrops } from './drop-reasons.js';
import { type Producer } from './producer.js';
import { type SentStream } from './sent-stream.js';
import { type ReceiveStream } from '../stream/receive-stream.js';

/** Packets that one NACK message may ask for; more is not repair. */
const MAX_NACKED = 512;

/** Packets that transport-wide feedback may tell of at once, and per millisecond in the long run: many times what is sent. */
const MAX_STATUSES = 65_536;
const STATUSES_PER_MS = 100;

/** Those of the receiver's reports that are about the whole way to it. */
export interface RtcpEgress {
  receiveFeedback(now: number, feedback: TransportFeedback): void;
  receiveRemb(now: number, bitrate: number): void;
  receiveRoundTrip(now: number, ms: number): void;
}

/** What the RTCP of a transport is about. */
export interface RtcpSubjects {
  readonly drops: RtpDrops;
  readonly consumersBySsrc: ReadonlyMap<number, SentStream>;
  /** The SSRC that our own reports come from. */
  readonly ssrc: number;
  /** Milliseconds to the senders and back. */
  senderRoundTripMs: number;
  /** bps of the last REMB. */
  readonly egress: RtcpEgress;
  streamBySsrc(ssrc: number): { producer: Producer; stream: ReceiveStream } | null;
}

/** What is read into: of all transports, since one packet is read at a time, and a sink never calls back. */
const reader = new RtcpReader();
const senderReport = new SenderReport();
const receiverReport = new ReceiverReport();
const reportBlock = new ReportBlock();
const nack = new Nack();
const transportFeedback = new TransportFeedback();
const pli = new Pli();
const fir = new Fir();
const remb = new Remb();
const extended = new ExtendedReport();
const bye = new Bye();
const dlrrItem = new DlrrItem();

/** Terminates RTCP: reports end here, and only what a receiver needs becomes a request of ours to the sender. */
export class RtcpReceiver {
  private statuses = MAX_STATUSES;
  private statusesAt = 0;
  private referenceTime: { ssrc: number; compact: number; at: number } | null = null;

  constructor(
    private readonly transport: RtcpSubjects,
    private readonly environment: CoreEnvironment,
  ) {}

  receive(now: number, bytes: Uint8Array, offset: number, length: number): void {
    if (!reader.begin(bytes, offset, length)) return this.transport.drops.count('rtcp-malformed');
    while (reader.next()) {
      if (!this.receiveOne(now, bytes)) this.transport.drops.count('rtcp-malformed');
    }
  }

  /** Our answer to the last receiver reference time (RFC 3611 4.4), once; null when there was none. */
  takeReferenceTimeAnswer(now: number): DlrrItem | null {
    const heard = this.referenceTime;
    this.referenceTime = null;
    if (heard === null) return null;
    return {
      ssrc: heard.ssrc,
      lastReceiverReport: heard.compact,
      delaySinceLastReceiverReport: msToCompact(now - heard.at),
    };
  }

  /** @returns false when the packet is not what its type says */
  private receiveOne(now: number, bytes: Uint8Array): boolean {
    const { packetType, packetOffset: at, packetLength: length } = reader;
    switch (packetType) {
      case RtcpType.SR:
        return this.receiveSenderReport(now, bytes, at, length);
      case RtcpType.RR:
        return this.receiveReceiverReport(now, bytes, at, length);
      case RtcpType.RTPFB:
        return this.receiveTransportFeedback(now, bytes, at, length);
      case RtcpType.PSFB:
        return this.receivePayloadFeedback(now, bytes, at, length);
      case RtcpType.XR:
        return this.receiveExtendedReport(now, bytes, at, length);
      case RtcpType.BYE:
        // A stream that ends just stops; signalling says what it means.
        return bye.parse(bytes, at, length);
      case RtcpType.SDES:
      case RtcpType.APP:
        return true;
      default:
        this.transport.drops.count('rtcp-unknown-type');
        return true;
    }
  }

  private receiveSenderReport(now: number, bytes: Uint8Array, at: number, length: number): boolean {
    const report = senderReport;
    if (!report.parse(bytes, at, length)) return false;
    const source = this.transport.streamBySsrc(report.ssrc);
    source?.producer.receiveSenderReport(now, source.stream, report);
    for (let index = 0; index < report.reportBlockCount; index++) {
      if (report.readReportBlock(index, reportBlock)) this.receiveBlock(now);
    }
    return true;
  }

  private receiveReceiverReport(now: number, bytes: Uint8Array, at: number, length: number): boolean {
    const report = receiverReport;
    if (!report.parse(bytes, at, length)) return false;
    for (let index = 0; index < report.reportBlockCount; index++) {
      if (report.readReportBlock(index, reportBlock)) this.receiveBlock(now);
    }
    return true;
  }

  private receiveBlock(now: number): void {
    const consumer = this.transport.consumersBySsrc.get(reportBlock.ssrc);
    // A block about the RTX stream says nothing of the picture.
    if (consumer?.send.ssrc !== reportBlock.ssrc) return;
    consumer.receiveReportBlock(this.environment.wallClockOffset + now, reportBlock);
    this.transport.egress.receiveRoundTrip(now, consumer.send.roundTripMs);
  }

  private receiveTransportFeedback(now: number, bytes: Uint8Array, at: number, length: number): boolean {
    if (reader.count === RtpFeedbackFormat.TransportCc) {
      if (!this.mayRead(now, bytes, at, length)) return true;
      if (!transportFeedback.parse(bytes, at, length)) return false;
      this.transport.egress.receiveFeedback(now, transportFeedback);
      return true;
    }
    if (reader.count !== RtpFeedbackFormat.Nack) {
      this.transport.drops.count('rtcp-unknown-type');
      return true;
    }
    if (!nack.parse(bytes, at, length)) return false;
    const consumer = this.consumer(nack.mediaSsrc);
    if (consumer === null) return true;
    consumer.receiveNack(now);
    nack.begin();
    let budget = MAX_NACKED;
    for (let number = nack.next(); number >= 0 && budget > 0; number = nack.next(), budget--) {
      consumer.retransmit(now, number);
    }
    return true;
  }

  /** A few bytes may claim to tell of 65,535 packets: who sends that again and again must not cost the others. */
  private mayRead(now: number, bytes: Uint8Array, at: number, length: number): boolean {
    const statuses = length < 16 ? 0 : readU16(bytes, at + 14);
    this.statuses = Math.min(MAX_STATUSES, this.statuses + (now - this.statusesAt) * STATUSES_PER_MS);
    this.statusesAt = now;
    if (statuses > this.statuses) {
      this.transport.drops.count('feedback-over-budget');
      return false;
    }
    this.statuses -= statuses;
    return true;
  }

  private receivePayloadFeedback(now: number, bytes: Uint8Array, at: number, length: number): boolean {
    switch (reader.count) {
      case PayloadFeedbackFormat.Pli:
        if (!pli.parse(bytes, at, length)) return false;
        this.keyFrameWanted(now, pli.mediaSsrc, 'pli');
        return true;
      case PayloadFeedbackFormat.Fir:
        if (!fir.parse(bytes, at, length)) return false;
        for (let index = 0; index < fir.entryCount; index++) {
          this.keyFrameWanted(now, fir.ssrc(index), 'fir');
        }
        return true;
      case PayloadFeedbackFormat.Application:
        if (remb.parse(bytes, at, length)) this.transport.egress.receiveRemb(now, remb.bitrate);
        else this.transport.drops.count('rtcp-unknown-type');
        return true;
      default:
        this.transport.drops.count('rtcp-unknown-type');
        return true;
    }
  }

  private receiveExtendedReport(now: number, bytes: Uint8Array, at: number, length: number): boolean {
    const report = extended;
    if (!report.parse(bytes, at, length)) return false;
    while (report.next()) {
      if (report.blockType === XrBlockType.Dlrr) this.receiveAnswer(now, report);
      if (report.blockType !== XrBlockType.Rrtr) continue;
      const compact = compactNtp(report.ntpSeconds, report.ntpFraction);
      this.referenceTime = { ssrc: report.ssrc, compact, at: now };
    }
    return true;
  }

  /** RFC 3611 4.5: how long our reference time was under way, there and back. */
  private receiveAnswer(now: number, report: ExtendedReport): void {
    const item = dlrrItem;
    for (let index = 0; report.readDlrrItem(index, item); index++) {
      if (item.ssrc !== this.transport.ssrc) continue;
      const unixMs = this.environment.wallClockOffset + now;
      const roundTrip = roundTripOf(unixMs, item.lastReceiverReport, item.delaySinceLastReceiverReport);
      if (!Number.isNaN(roundTrip)) this.transport.senderRoundTripMs = roundTrip;
    }
  }

  private keyFrameWanted(now: number, ssrc: number, how: 'pli' | 'fir'): void {
    this.consumer(ssrc)?.receiveKeyFrameRequest(now, how);
  }

  private consumer(ssrc: number): SentStream | null {
    const consumer = this.transport.consumersBySsrc.get(ssrc);
    if (consumer === undefined) this.transport.drops.count('rtcp-unknown-ssrc');
    return consumer ?? null;
  }
}
