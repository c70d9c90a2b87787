import { type ReportBlock } from '../rtp/rtcp/report-block.js';
import { tsAdd } from '../rtp/sequence.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { type RtpMunger } from '../stream/rtp-munger.js';
import { type SendStream } from '../stream/send-stream.js';

/** One stream that a transport sends, as its receiver's RTCP speaks of it: a Consumer is one, a pipe has one per encoding. */
export interface SentStream {
  /** Of the consumer that it belongs to. */
  readonly id: string;
  readonly send: SendStream;
  /** `cname`: in UTF-8. */
  readonly producer: { readonly cname: Uint8Array };
  /** It is among those that its transport looks at for each report; only the transport writes it. */
  awake: boolean;
  /** RFC 4585 6.3.1 or RFC 5104 4.3.1: the receiver cannot decode. */
  receiveKeyFrameRequest(now: number, how: 'pli' | 'fir'): void;
  /** A NACK message begins; retransmit() follows for each packet it asks for. */
  receiveNack(now: number): void;
  retransmit(now: number, output: number): void;
  receiveReportBlock(unixMs: number, block: ReportBlock): void;
  /** About once a second while it is awake. @returns false when there is nothing more to look at before the next packet */
  review(now: number): boolean;
  /**
   * The stream's RTP timestamp now, for a sender report (RFC 3550 6.4.1); -1 when nothing was sent since `since`. The next
   * packet then asks for a report, so that sound and picture are in step again soon after a silence.
   */
  reportTimestamp(now: number, since: number): number;
}

/** Media, or what goes out beside it: retransmissions and padding. */
export function sentSince(send: SendStream, now: number, since: number): boolean {
  return send.packetCount > 0 && (send.lastSentAt > since || send.retransmissionRate.rate(now) > 0);
}

/**
 * The RTP timestamp now of a stream that has sent something. By the reports of the sender when there are any, so that its audio
 * and video stay in step.
 * @param source what is being sent; null when it is gone
 */
export function timestampAt(
  now: number,
  send: SendStream,
  munger: RtpMunger,
  source: Pick<ReceiveStream, 'mapping'> | null,
): number {
  const mapping = source?.mapping;
  if (mapping?.known) return tsAdd(mapping.timestampAt(now), munger.timestampOffsetOf(munger.era));
  return tsAdd(send.lastTimestamp, Math.round(((now - send.lastSentAt) / 1000) * send.clockRate));
}
