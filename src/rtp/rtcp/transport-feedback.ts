/**
 * Reads transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).
 * Hot path: the arrays are reused and grow only when a larger packet comes than ever before.
 * Written by `TransportFeedbackBuilder`.
 */
import { readU16, readU24, readU32 } from '../bytes.js';
import { seqAdd } from '../sequence.js';
import { FEEDBACK_HEADER_LENGTH, isFeedback } from './packet-header.js';
import { RtcpType, RtpFeedbackFormat } from './rtcp-reader.js';

/** Feedback header, base sequence, status count, reference time and feedback packet count. */
export const TRANSPORT_FEEDBACK_FIXED_LENGTH = FEEDBACK_HEADER_LENGTH + 8;
/** Ticks of 250 us in one unit of the reference time (64 ms). */
export const TICKS_PER_REFERENCE = 256;

/** Packet status symbols; 3 is reserved. */
export const PacketStatus = { NotReceived: 0, SmallDelta: 1, LargeDelta: 2 } as const;

const INITIAL_CAPACITY = 512;

export class TransportFeedback {
  senderSsrc = 0;
  mediaSsrc = 0;
  baseSequence = 0;
  /** Packets described, at most 65535: `baseSequence` and those that follow. */
  statusCount = 0;
  /** How many of them arrived. */
  receivedCount = 0;
  /** In 64 ms, 24 bits, wraps: compare with `referenceTimeDiff`. */
  referenceTime = 0;
  /** 8 bits, one more with every feedback packet: a gap is lost feedback. */
  feedbackPacketCount = 0;
  /** One `PacketStatus` per packet; not 0 = received. */
  statuses = new Uint8Array(INITIAL_CAPACITY);
  /** Arrival since the reference time, in ticks of 250 us; for packets not received, that of the packet before. */
  arrivalTicks = new Int32Array(INITIAL_CAPACITY);

  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.statusCount = 0;
    this.receivedCount = 0;
    const format = RtpFeedbackFormat.TransportCc;
    const minimum = TRANSPORT_FEEDBACK_FIXED_LENGTH;
    if (!isFeedback(bytes, offset, length, RtcpType.RTPFB, format, minimum)) return false;
    const count = readU16(bytes, offset + 14);
    if (count === 0) return false;
    this.reserve(count);
    const end = offset + length;
    const deltas = this.readChunks(bytes, offset + TRANSPORT_FEEDBACK_FIXED_LENGTH, end, count);
    if (deltas < 0) return false;
    const received = this.readDeltas(bytes, deltas, end, count);
    if (received < 0) return false;
    this.senderSsrc = readU32(bytes, offset + 4);
    this.mediaSsrc = readU32(bytes, offset + 8);
    this.baseSequence = readU16(bytes, offset + 12);
    this.referenceTime = readU24(bytes, offset + 16);
    this.feedbackPacketCount = bytes[offset + 19];
    this.statusCount = count;
    this.receivedCount = received;
    return true;
  }

  /** Of packet `index` (below `statusCount`). */
  sequence(index: number): number {
    return seqAdd(this.baseSequence, index);
  }

  received(index: number): boolean {
    return this.statuses[index] !== PacketStatus.NotReceived;
  }

  /** Arrival of packet `index` in milliseconds on the receiver's clock, which wraps every 2^24 x 64 ms. */
  arrivalMs(index: number): number {
    return this.referenceTime * 64 + this.arrivalTicks[index] * 0.25;
  }

  /** Where the deltas start, or -1. */
  private readChunks(bytes: Uint8Array, start: number, end: number, count: number): number {
    const statuses = this.statuses;
    let at = start;
    let done = 0;
    while (done < count) {
      if (at + 2 > end) return -1;
      const chunk = readU16(bytes, at);
      at += 2;
      if ((chunk & 0x8000) === 0) {
        const symbol = chunk >> 13;
        if (symbol > PacketStatus.LargeDelta) return -1;
        const runEnd = Math.min(count, done + (chunk & 0x1fff));
        while (done < runEnd) statuses[done++] = symbol;
      } else if ((chunk & 0x4000) === 0) {
        for (let bit = 13; bit >= 0 && done < count; bit--) statuses[done++] = (chunk >> bit) & 1;
      } else {
        for (let bit = 12; bit >= 0 && done < count; bit -= 2) {
          const symbol = (chunk >> bit) & 3;
          if (symbol > PacketStatus.LargeDelta) return -1;
          statuses[done++] = symbol;
        }
      }
    }
    return at;
  }

  /** The number of packets received, or -1. */
  private readDeltas(bytes: Uint8Array, start: number, end: number, count: number): number {
    const statuses = this.statuses;
    const arrivalTicks = this.arrivalTicks;
    let at = start;
    // 65535 deltas of 16 bits each cannot leave 32 bits.
    let ticks = 0;
    let received = 0;
    for (let i = 0; i < count; i++) {
      const status = statuses[i];
      if (status === PacketStatus.SmallDelta) {
        if (at + 1 > end) return -1;
        ticks += bytes[at];
        at += 1;
        received++;
      } else if (status === PacketStatus.LargeDelta) {
        if (at + 2 > end) return -1;
        ticks += (readU16(bytes, at) << 16) >> 16;
        at += 2;
        received++;
      }
      arrivalTicks[i] = ticks;
    }
    return received;
  }

  private reserve(count: number): void {
    if (count <= this.statuses.length) return;
    let capacity = this.statuses.length;
    while (capacity < count) capacity *= 2;
    this.statuses = new Uint8Array(capacity);
    this.arrivalTicks = new Int32Array(capacity);
  }
}

/** Signed distance a - b of two reference times, in 64 ms. */
export function referenceTimeDiff(a: number, b: number): number {
  return ((a - b) << 8) >> 8;
}
