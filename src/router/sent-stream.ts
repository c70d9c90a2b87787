import { type ReportBlock } from '../rtp/rtcp/report-block.js';
import { type SendStream } from '../stream/send-stream.js';

/** One stream that a transport sends, as its receiver's RTCP speaks of it: a Consumer is one, a pipe has one per encoding. */
export interface SentStream {
  /** Of the consumer that it belongs to. */
  readonly id: string;
  readonly send: SendStream;
  readonly producer: { readonly cname: string };
  /** RFC 4585 6.3.1 or RFC 5104 4.3.1: the receiver cannot decode. */
  receiveKeyFrameRequest(now: number, how: 'pli' | 'fir'): void;
  /** A NACK message begins; retransmit() follows for each packet it asks for. */
  receiveNack(now: number): void;
  retransmit(now: number, output: number): void;
  receiveReportBlock(unixMs: number, block: ReportBlock): void;
  /** The stream's RTP timestamp now, for a sender report (RFC 3550 6.4.1); -1 when nothing was sent lately. */
  reportTimestamp(now: number): number;
}
