// Hot path: the counters here run once per received packet.
import { seqDiff } from '../rtp/sequence.js';
import { type RtpPacket } from '../rtp/rtp-packet.js';
import { NackGenerator } from './nack-generator.js';
import { type PacketArena } from './packet-arena.js';
import { PacketRing } from './packet-ring.js';
import { RateMeter } from './rate-meter.js';
import { ReceptionStatistics } from './reception-statistics.js';
import { type SenderClock, SenderReportMapping } from './sender-clock.js';
import { compactNtp, msToCompact } from './ntp.js';
import { StreamScore } from './stream-score.js';

/** A retransmission is of something recent; what claims to be of another time would tear the numbering apart. */
const REPAIR_WINDOW = 1024;

/** Frames per second are counted over this many milliseconds. */
const FRAME_RATE_WINDOW_MS = 1000;
/** Milliseconds that a judgement is based on at the least: a handful of packets says nothing. */
const LEAST_SCORE_INTERVAL_MS = 500;

/** Milliseconds without a packet after which a stream counts as silent. Opus in DTX sends every 400 ms. */
export const STREAM_SILENT_MS = 2500;

export interface ReceiveStreamOptions {
  ssrc: number;
  /** Index in the producer's encodings. */
  encodingIndex: number;
  rid?: string;
  mimeType: string;
  /** Hz. */
  clockRate: number;
  video: boolean;
  /** The codec negotiated generic NACK. */
  nack: boolean;
  arena: PacketArena;
  clock: SenderClock;
}

/** One received RTP stream: what came, what is missing, what to report about it, and the packets themselves for a while. */
export class ReceiveStream {
  readonly ssrc: number;
  readonly encodingIndex: number;
  readonly rid: string | undefined;
  readonly mimeType: string;
  readonly clockRate: number;
  readonly ring: PacketRing;
  readonly statistics: ReceptionStatistics;
  readonly rate = new RateMeter();
  readonly nack: NackGenerator | null;
  readonly mapping: SenderReportMapping;

  rtxSsrc = 0;
  packetCount = 0;
  byteCount = 0;
  packetsRepaired = 0;
  packetsDiscarded = 0;
  /** Pictures, by the marker bit of their last packet (RFC 3551 5.3). */
  frameCount = 0;
  readonly frameRate = new RateMeter(FRAME_RATE_WINDOW_MS, FRAME_RATE_WINDOW_MS);
  rtxPacketsDiscarded = 0;
  lastPacketAt = Number.NEGATIVE_INFINITY;
  private highestSequence = 0;
  private staleNext = -1;
  private lastSenderReport = 0;
  private lastSenderReportAt = Number.NaN;
  private readonly score = new StreamScore();
  private scoredAt = Number.NEGATIVE_INFINITY;
  private expectedBefore = 0;
  private receivedBefore = 0;
  private repairedBefore = 0;

  constructor(options: ReceiveStreamOptions) {
    this.ssrc = options.ssrc;
    this.encodingIndex = options.encodingIndex;
    this.rid = options.rid;
    this.mimeType = options.mimeType;
    this.clockRate = options.clockRate;
    this.ring = new PacketRing(options.arena, { retentionMs: options.video ? 2000 : 1000 });
    this.statistics = new ReceptionStatistics(options.clockRate);
    this.nack = options.nack ? new NackGenerator() : null;
    this.mapping = new SenderReportMapping(options.clock, options.clockRate);
  }

  /** Counts a packet that came by itself. @returns false when a key frame is needed: too much is missing */
  receive(now: number, packet: RtpPacket): boolean {
    this.count(now, packet);
    const first = this.packetCount === 1;
    if (first || seqDiff(packet.sequenceNumber, this.highestSequence) > 0) {
      this.highestSequence = packet.sequenceNumber;
    }
    this.statistics.receive(now, packet.sequenceNumber, packet.timestamp);
    return this.nack === null || this.nack.receive(now, packet.sequenceNumber);
  }

  /** Counts a packet that came back through retransmission. */
  receiveRepaired(now: number, packet: RtpPacket): boolean {
    this.count(now, packet);
    this.packetsRepaired += 1;
    this.statistics.repaired();
    return this.nack === null || this.nack.receive(now, packet.sequenceNumber);
  }

  /** So far behind that it is no reordering: a stray packet, or the sender began again. */
  isStale(sequenceNumber: number): boolean {
    return this.packetCount > 0 && seqDiff(this.highestSequence, sequenceNumber) >= REPAIR_WINDOW;
  }

  /** For a stale number: RFC 3550 A.1 takes two in a row for a new beginning. */
  startsAnew(sequenceNumber: number): boolean {
    const expected = this.staleNext;
    this.staleNext = (sequenceNumber + 1) & 0xffff;
    return sequenceNumber === expected;
  }

  isNewest(sequenceNumber: number): boolean {
    return sequenceNumber === this.highestSequence;
  }

  /** Whether a retransmission of this number can be one of ours. */
  mayRepair(sequenceNumber: number): boolean {
    const behind = seqDiff(this.highestSequence, sequenceNumber);
    return behind > 0 && behind < REPAIR_WINDOW;
  }

  receiveSenderReport(now: number, seconds: number, fraction: number, rtpTimestamp: number): void {
    this.lastSenderReport = compactNtp(seconds, fraction);
    this.lastSenderReportAt = now;
    this.mapping.update(now, seconds, fraction, rtpTimestamp);
  }

  /** LSR of our report block, 0 before the first sender report (RFC 3550 6.4.1). */
  get lastSr(): number {
    return this.lastSenderReport;
  }

  /** DLSR of our report block, 1/65536 s. */
  delaySinceLastSr(now: number): number {
    return Number.isNaN(this.lastSenderReportAt) ? 0 : msToCompact(now - this.lastSenderReportAt);
  }

  active(now: number): boolean {
    return now - this.lastPacketAt < STREAM_SILENT_MS;
  }

  /**
   * Judges the time since the last call; to be called about once a second.
   * @returns 0 when nothing comes, else 1 to 10 (10: nothing was lost of late)
   */
  updateScore(now: number): number {
    const active = this.active(now);
    if (active && now - this.scoredAt < LEAST_SCORE_INTERVAL_MS) return this.score.value;
    const { expectedPackets, receivedPackets } = this.statistics;
    const expected = expectedPackets - this.expectedBefore;
    const repaired = this.packetsRepaired - this.repairedBefore;
    const arrived = receivedPackets - this.receivedBefore - repaired;
    this.scoredAt = now;
    this.expectedBefore = expectedPackets;
    this.receivedBefore = receivedPackets;
    this.repairedBefore = this.packetsRepaired;
    if (!active) {
      this.score.reset();
      return 0;
    }
    this.score.add(expected, expected - arrived, repaired, repaired);
    return this.score.value;
  }

  close(): void {
    this.ring.clear();
    this.nack?.reset();
  }

  private count(now: number, packet: RtpPacket): void {
    if (packet.marker) {
      this.frameCount += 1;
      this.frameRate.add(now, 1);
    }
    this.packetCount += 1;
    this.byteCount += packet.length;
    this.lastPacketAt = now;
    this.rate.add(now, packet.length);
  }
}
