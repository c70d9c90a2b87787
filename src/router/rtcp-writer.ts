import { type DlrrItem, writeDlrr, writeReceiverReferenceTime } from '../rtp/rtcp/extended-report.js';
import { writeReceiverReport } from '../rtp/rtcp/receiver-report.js';
import { ReportBlock } from '../rtp/rtcp/report-block.js';
import { writeSdes } from '../rtp/rtcp/sdes.js';
import { writeSenderReport } from '../rtp/rtcp/sender-report.js';
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

/** Builds compound RTCP packets of one transport and sends each when it is full. One buffer, reused. */
export class RtcpWriter {
  private readonly bytes = new Uint8Array(ROOM);
  private end = 0;
  private readonly blocks: ReportBlock[] = [];

  constructor(
    private readonly sink: TransportSink,
    /** The SSRC that our receiver reports and feedback come from. */
    private readonly ssrc: number,
  ) {}

  /** RFC 3550 6.4.2: what we receive, 31 streams to a packet. */
  receiverReports(now: number, streams: readonly ReceiveStream[]): void {
    for (let start = 0; start < streams.length; start += MAX_REPORT_BLOCKS) {
      this.blocks.length = 0;
      for (const stream of streams.slice(start, start + MAX_REPORT_BLOCKS))
        this.blocks.push(reportBlock(now, stream));
      this.reserve(8 + this.blocks.length * 24);
      this.advance(writeReceiverReport(this.bytes, this.end, this.ssrc, this.blocks));
    }
  }

  /** RFC 3550 6.4.1 and 6.5: one stream that we send, with the name of the one it comes from. */
  senderReport(unixMs: number, rtpTimestamp: number, stream: SentStream): void {
    const { send, producer } = stream;
    this.reserve(SENDER_REPORT_SIZE);
    this.advance(
      writeSenderReport(this.bytes, this.end, {
        ssrc: send.ssrc,
        ntpSeconds: ntpSeconds(unixMs),
        ntpFraction: ntpFraction(unixMs),
        rtpTimestamp,
        packetCount: send.packetCount >>> 0,
        octetCount: send.octetCount,
      }),
    );
    this.advance(writeSdes(this.bytes, this.end, [{ ssrc: send.ssrc, cname: producer.cname }]));
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
    this.advance(write(this.bytes, 0, this.ssrc));
    this.flush();
  }

  flush(): void {
    if (this.end <= 0) return;
    this.sink.sendRtcp(this.bytes, 0, this.end);
    this.end = 0;
  }

  /** A part that does not fit (-1) is left out; what was written before it still goes. */
  private advance(end: number): void {
    if (end >= 0) this.end = end;
  }

  private reserve(size: number): void {
    if (this.end + size > MAX_COMPOUND) this.flush();
  }
}

function reportBlock(now: number, stream: ReceiveStream): ReportBlock {
  const block = new ReportBlock();
  const statistics = stream.statistics;
  statistics.closeInterval();
  block.ssrc = stream.ssrc;
  block.fractionLost = statistics.fractionLost;
  block.cumulativeLost = statistics.cumulativeLost;
  block.highestSequence = statistics.extendedHighest;
  block.jitter = statistics.jitter;
  block.lastSenderReport = stream.lastSr;
  block.delaySinceLastSenderReport = stream.delaySinceLastSr(now);
  return block;
}
