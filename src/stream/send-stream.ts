// Hot path: sent() runs once per packet and receiver. It allocates nothing.
import { type ReportBlock } from '../rtp/rtcp/report-block.js';
import { roundTripOf } from './ntp.js';
import { RateMeter } from './rate-meter.js';
import { StreamScore } from './stream-score.js';

/** Retransmissions may take this part of what the media takes ... */
const RTX_SHARE = 0.5;
/** ... and this many bytes at once: a receiver that asks for everything must not multiply its stream. */
const RTX_BURST = 64 * 1200;

/** Packets between two reports of one receiver; more is a jump of its counter. */
const MAX_REPORT_SPAN = 65_536;

/** One sent RTP stream: counters for sender reports, and what the receiver reports back (RFC 3550 section 6.4). */
export class SendStream {
  /** Media and retransmissions, bytes. */
  readonly rate = new RateMeter();
  /** Retransmissions alone, bytes. */
  readonly retransmissionRate = new RateMeter();
  packetCount = 0;
  octetCount = 0;
  byteCount = 0;
  packetsRetransmitted = 0;
  nackCount = 0;
  nackPacketCount = 0;
  pliCount = 0;
  firCount = 0;
  /** 0..255. */
  fractionLost = 0;
  packetsLost = 0;
  /** Clock ticks at the receiver. */
  jitter = 0;
  /** Milliseconds; 0 before the first report that answers a sender report of ours. */
  roundTripMs = 0;
  lastTimestamp = 0;
  lastSentAt = Number.NEGATIVE_INFINITY;
  private rtxBudget = RTX_BURST;
  private readonly judgement = new StreamScore();
  /** Of the report before: what it said, and how many retransmissions there had been. NaN: there was none. */
  private reportedHighest = Number.NaN;
  private reportedLost = 0;
  private retransmittedBefore = 0;

  constructor(
    readonly ssrc: number,
    readonly rtxSsrc: number | undefined,
    /** Hz. */
    readonly clockRate: number,
  ) {}

  /** @param payloadLength octets of payload (RFC 3550: without header and padding), @param length of the whole packet */
  sent(now: number, timestamp: number, payloadLength: number, length: number): void {
    this.packetCount += 1;
    this.octetCount = (this.octetCount + payloadLength) >>> 0;
    this.byteCount += length;
    this.lastTimestamp = timestamp;
    this.lastSentAt = now;
    this.rate.add(now, length);
    this.rtxBudget = Math.min(RTX_BURST, this.rtxBudget + length * RTX_SHARE);
  }

  /** 1 to 10, by the receiver's reports; 10 before the first two. */
  get score(): number {
    return this.judgement.value;
  }

  /** Takes a retransmission from what is allowed, before it waits for its turn. @returns false when nothing is left for it */
  allowRetransmission(length: number): boolean {
    if (this.rtxBudget < length) return false;
    this.rtxBudget -= length;
    return true;
  }

  /** It could not be sent after all. */
  returnRetransmission(length: number): void {
    this.rtxBudget += length;
  }

  retransmitted(now: number, length: number): void {
    this.packetsRetransmitted += 1;
    this.rate.add(now, length);
    this.retransmissionRate.add(now, length);
  }

  /** @param unixMs now since 1970, the clock of our sender reports */
  receiveReportBlock(unixMs: number, block: ReportBlock): void {
    this.fractionLost = block.fractionLost;
    this.packetsLost = block.cumulativeLost;
    this.jitter = block.jitter;
    this.judge(block);
    const roundTrip = roundTripOf(unixMs, block.lastSenderReport, block.delaySinceLastSenderReport);
    if (!Number.isNaN(roundTrip)) this.roundTripMs = roundTrip;
  }

  /** What went through since the report before. A retransmission is taken for a repair: receivers do not report those. */
  private judge(block: ReportBlock): void {
    const expected = block.highestSequence - this.reportedHighest;
    const lost = block.cumulativeLost - this.reportedLost;
    const retransmitted = this.packetsRetransmitted - this.retransmittedBefore;
    this.reportedHighest = block.highestSequence;
    this.reportedLost = block.cumulativeLost;
    this.retransmittedBefore = this.packetsRetransmitted;
    // NaN at the first report, negative when the receiver began anew: neither spans an interval.
    if (!(expected > 0) || expected > MAX_REPORT_SPAN) return;
    this.judgement.add(expected, lost, Math.min(lost, retransmitted), retransmitted);
  }
}
