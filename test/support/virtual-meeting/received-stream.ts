import { seqDiff } from '#src/rtp/sequence.js';
import type { ReportBlock } from '#src/rtp/rtcp/report-block.js';

/** As libwebrtc's receivers (modules/video_coding/nack_requester). */
const MAX_TRIES = 10;
const MAX_AGE_MS = 2000;

interface Missing {
  since: number;
  askAt: number;
  tries: number;
}

/** The sequence numbers of one stream: gaps, what is asked for again, and what a receiver report says of it. */
export class ReceivedStream {
  received = 0;
  repaired = 0;
  nacked = 0;
  /** Packets that were missing when a key frame made them pointless. */
  forgotten = 0;
  /** Packets that were never repaired, with the time when they were given up. */
  readonly lost: { at: number; sequence: number }[] = [];
  private readonly missing = new Map<number, Missing>();
  private first = -1;
  private highest = -1;
  private jitter = 0;
  private transit = Number.NaN;
  private reportedExpected = 0;
  private reportedReceived = 0;
  private senderReport = 0;
  private senderReportAt = Number.NaN;

  constructor(
    readonly ssrc: number,
    private readonly clockRate: number,
    private readonly asks: boolean,
  ) {}

  /** @returns the number, not wrapped; -1 for a packet that was here before */
  receive(now: number, sequenceNumber: number, timestamp: number, repair: boolean): number {
    if (this.highest < 0) {
      this.first = this.highest = 0x10000 + sequenceNumber;
      this.received = 1;
      return this.highest;
    }
    const sequence = this.highest + seqDiff(sequenceNumber, this.highest & 0xffff);
    if (sequence > this.highest) this.advance(now, sequence);
    else if (!this.missing.delete(sequence)) return -1;
    if (repair) this.repaired += 1;
    this.received += 1;
    if (!repair) this.measureJitter(now, timestamp);
    return sequence;
  }

  get pending(): number {
    return this.missing.size;
  }

  /** What to ask for now. */
  dueNacks(now: number, roundTripMs: number): number[] {
    const due: number[] = [];
    for (const [sequence, entry] of this.missing) {
      if (now - entry.since >= MAX_AGE_MS || (entry.tries >= MAX_TRIES && entry.askAt <= now)) {
        this.missing.delete(sequence);
        this.lost.push({ at: now, sequence });
      } else if (this.asks && entry.askAt <= now) {
        entry.tries += 1;
        entry.askAt = now + Math.max(20, roundTripMs * 1.1);
        due.push(sequence & 0xffff);
      }
    }
    this.nacked += due.length;
    return due;
  }

  /** Nothing before this number is needed any more: a key frame came. */
  forget(before: number): void {
    for (const sequence of this.missing.keys()) {
      if (sequence >= before || !this.missing.delete(sequence)) continue;
      this.forgotten += 1;
    }
  }

  receiveSenderReport(now: number, compactNtp: number): void {
    this.senderReport = compactNtp;
    this.senderReportAt = now;
  }

  /** RFC 3550 6.4.1; null before the first packet. */
  reportBlock(now: number): ReportBlock | null {
    if (this.highest < 0) return null;
    const expected = this.highest - this.first + 1;
    const expectedNow = expected - this.reportedExpected;
    const lostNow = Math.max(0, expectedNow - (this.received - this.reportedReceived));
    this.reportedExpected = expected;
    this.reportedReceived = this.received;
    const known = this.senderReport !== 0;
    return {
      ssrc: this.ssrc,
      fractionLost: expectedNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0,
      cumulativeLost: expected - this.received,
      highestSequence: (this.highest - 0x10000) >>> 0,
      jitter: Math.round(this.jitter),
      lastSenderReport: this.senderReport,
      delaySinceLastSenderReport: known ? Math.round((now - this.senderReportAt) * 65.536) : 0,
    };
  }

  private advance(now: number, sequence: number): void {
    for (let gap = this.highest + 1; gap < sequence; gap++) {
      this.missing.set(gap, { since: now, askAt: now, tries: 0 });
    }
    this.highest = sequence;
  }

  private measureJitter(now: number, timestamp: number): void {
    const transit = (now * this.clockRate) / 1000 - timestamp;
    if (!Number.isNaN(this.transit)) {
      const difference = Math.abs(transit - this.transit);
      if (difference < this.clockRate) this.jitter += (difference - this.jitter) / 16;
    }
    this.transit = transit;
  }
}
