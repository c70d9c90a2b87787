import { type DlrrItem, writeDlrr, writeReceiverReferenceTime } from '../rtp/rtcp/extended-report.js';
import { writeReceiverReport } from '../rtp/rtcp/receiver-report.js';
import { ReportBlock } from '../rtp/rtcp/report-block.js';
import { type SdesChunk, writeSdes } from '../rtp/rtcp/sdes.js';
import { type SenderInfo, writeSenderReport } from '../rtp/rtcp/sender-report.js';
import { ntpFraction, ntpSeconds } from '../stream/ntp.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { type TransportSink } from './environment.js';
import { type SentStream } from './sent-stream.js';

/** Bytes of a compound packet, so that it fits any path with its SRTCP trailer. */
const MAX_COMPOUND = 1200;
const ROOM = MAX_COMPOUND + 256;
/** RFC 3550 6.4: the count is five bits. */
const MAX_REPORT_BLOCKS = 31;
const SENDER_REPORT_SIZE = 28 + 8 + 256 + 16;

const NO_BYTES = new Uint8Array(0);
/** Buffers that nobody uses: a transport has one only from the first part of a packet until it is sent. */
const spares: Uint8Array[] = [];

/** What is written from: of all transports, since one packet is written at a time, and a sink never calls back. */
const blocks = Array.from({ length: MAX_REPORT_BLOCKS }, () => new ReportBlock());
const senderInfo: SenderInfo = {
  ssrc: 0,
  ntpSeconds: 0,
  ntpFraction: 0,
  rtpTimestamp: 0,
  packetCount: 0,
  octetCount: 0,
};
/** The moment that stands in `senderInfo`: the same for all the streams of a turn. */
let senderInfoAt = Number.NaN;
const description: SdesChunk = { ssrc: 0, cname: NO_BYTES };
const descriptions = [description];

/** Builds compound RTCP packets of one transport and sends each when it is full. */
export class RtcpWriter {
  private bytes: Uint8Array = NO_BYTES;
  private end = 0;
  /** Report blocks that wait for more, or for the end of them. */
  private blockCount = 0;

  constructor(
    private readonly sink: TransportSink,
    /** The SSRC that our receiver reports and feedback come from. */
    private readonly ssrc: number,
  ) {}

  /** RFC 3550 6.4.2: a stream that we receive, 31 to a packet. endReceiverReports() follows the last, before anything else. */
  receiverReport(now: number, stream: ReceiveStream): void {
    fillReportBlock(now, stream, blocks[this.blockCount]);
    this.blockCount += 1;
    if (this.blockCount === MAX_REPORT_BLOCKS) this.endReceiverReports();
  }

  endReceiverReports(): void {
    const count = this.blockCount;
    if (count === 0) return;
    this.blockCount = 0;
    this.reserve(8 + count * 24);
    this.advance(writeReceiverReport(this.bytes, this.end, this.ssrc, blocks, count));
  }

  /** RFC 3550 6.4.1 and 6.5: one stream that we send, with the name of the one it comes from. */
  senderReport(unixMs: number, rtpTimestamp: number, stream: SentStream): void {
    const { send, producer } = stream;
    this.reserve(SENDER_REPORT_SIZE);
    senderInfo.ssrc = send.ssrc;
    if (unixMs !== senderInfoAt) {
      senderInfoAt = unixMs;
      senderInfo.ntpSeconds = ntpSeconds(unixMs);
      senderInfo.ntpFraction = ntpFraction(unixMs);
    }
    senderInfo.rtpTimestamp = rtpTimestamp;
    senderInfo.packetCount = send.packetCount >>> 0;
    senderInfo.octetCount = send.octetCount;
    this.advance(writeSenderReport(this.bytes, this.end, senderInfo));
    description.ssrc = send.ssrc;
    description.cname = producer.cname;
    this.advance(writeSdes(this.bytes, this.end, descriptions));
  }

  /** RFC 3611 4.4: asks those who send to us to tell the round trip. */
  referenceTime(unixMs: number): void {
    this.reserve(28);
    if (this.end === 0) this.advance(writeReceiverReport(this.bytes, 0, this.ssrc));
    this.advance(
      writeReceiverReferenceTime(this.bytes, this.end, this.ssrc, ntpSeconds(unixMs), ntpFraction(unixMs)),
    );
  }

  /** RFC 3611 4.5: answers a receiver that wants to know its round trip. */
  dlrr(item: DlrrItem): void {
    this.reserve(32);
    // Only a report may begin a compound packet (RFC 3550 6.1); an empty one does when there is no other.
    if (this.end === 0) this.advance(writeReceiverReport(this.bytes, 0, this.ssrc));
    this.advance(writeDlrr(this.bytes, this.end, this.ssrc, [item]));
  }

  /** A single feedback message, alone in its packet (RFC 5506). */
  feedback(write: (bytes: Uint8Array, offset: number, senderSsrc: number) => number): void {
    this.flush();
    this.reserve(0);
    this.advance(write(this.bytes, 0, this.ssrc));
    this.flush();
  }

  flush(): void {
    if (this.end > 0) this.sink.sendRtcp(this.bytes, 0, this.end);
    this.end = 0;
    if (this.bytes.length > 0) spares.push(this.bytes);
    this.bytes = NO_BYTES;
  }

  /** A part that does not fit (-1) is left out; what was written before it still goes. */
  private advance(end: number): void {
    if (end >= 0) this.end = end;
  }

  private reserve(size: number): void {
    if (this.end + size > MAX_COMPOUND) this.flush();
    if (this.bytes.length === 0) this.bytes = spares.pop() ?? new Uint8Array(ROOM);
  }
}

function fillReportBlock(now: number, stream: ReceiveStream, block: ReportBlock): void {
  const statistics = stream.statistics;
  statistics.closeInterval();
  block.ssrc = stream.ssrc;
  block.fractionLost = statistics.fractionLost;
  block.cumulativeLost = statistics.cumulativeLost;
  block.highestSequence = statistics.extendedHighest;
  block.jitter = statistics.jitter;
  block.lastSenderReport = stream.lastSr;
  block.delaySinceLastSenderReport = stream.delaySinceLastSr(now);
}
