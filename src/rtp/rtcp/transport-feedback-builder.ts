/**
 * Builds transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).
 * Hot path: once per received packet, allocates nothing after construction.
 */
import { writeU16, writeU24 } from '../bytes.js';
import { seqAdd, seqDiff } from '../sequence.js';
import { writeFeedbackHeader } from './packet-header.js';
import { RtcpType, RtpFeedbackFormat } from './rtcp-reader.js';
import { PacketStatus, TICKS_PER_REFERENCE, TRANSPORT_FEEDBACK_FIXED_LENGTH } from './transport-feedback.js';

const MAX_STATUS_COUNT = 0xffff;
const MAX_RUN_LENGTH = 0x1fff;
const ONE_BIT_SYMBOLS = 14;
const TWO_BIT_SYMBOLS = 7;

/**
 * `begin`, then `add` for each received packet in the order of sequence numbers, then `write`.
 * When `add` says false the packet does not fit (size, count, or a delta beyond 16 bits): write this one,
 * `begin` the next at the sequence number that was refused, and add it again; that always succeeds.
 */
export class TransportFeedbackBuilder {
  /** Packets described so far, received or not. */
  statusCount = 0;
  private baseSequence = 0;
  private referenceTime = 0;
  private lastTicks = 0;
  private readonly chunks: Uint16Array;
  private chunkCount = 0;
  private readonly deltas: Uint8Array;
  private deltaLength = 0;

  /** The symbols that are not in a chunk yet; only the first 14 are kept when they are all alike. */
  private readonly pending = new Uint8Array(ONE_BIT_SYMBOLS);
  private pendingCount = 0;
  private pendingAlike = true;
  private pendingLarge = false;

  /** `maxLength`: bytes of one feedback packet, at least 40. */
  constructor(private readonly maxLength = 1200) {
    if (maxLength < 40)
      throw new RangeError(`maxLength is ${maxLength}: a feedback packet needs at least 40 bytes`);
    this.chunks = new Uint16Array(maxLength >> 1);
    this.deltas = new Uint8Array(maxLength);
  }

  /** `baseSequence`: the first packet to report on; those before the first `add` are reported as lost. */
  begin(baseSequence: number): void {
    this.baseSequence = baseSequence;
    this.statusCount = 0;
    this.chunkCount = 0;
    this.deltaLength = 0;
    this.pendingCount = 0;
    this.pendingAlike = true;
    this.pendingLarge = false;
  }

  /** `arrivalMs`: not negative, any epoch. A sequence number that is not newer than the last is refused. */
  add(sequence: number, arrivalMs: number): boolean {
    const gap = seqDiff(sequence, seqAdd(this.baseSequence, this.statusCount));
    if (gap < 0 || this.statusCount + gap + 1 > MAX_STATUS_COUNT) return false;
    // Room for what is pending, for the gap and for this packet, each at its worst.
    const chunks = this.chunkCount + 5 + Math.ceil(gap / MAX_RUN_LENGTH);
    if (TRANSPORT_FEEDBACK_FIXED_LENGTH + chunks * 2 + this.deltaLength + 2 + 3 > this.maxLength)
      return false;

    const ticks = Math.round(arrivalMs * 4);
    if (this.deltaLength === 0) {
      this.referenceTime = Math.floor(ticks / TICKS_PER_REFERENCE);
      this.lastTicks = this.referenceTime * TICKS_PER_REFERENCE;
    }
    const delta = ticks - this.lastTicks;
    if (delta < -0x8000 || delta > 0x7fff) return false;

    for (let i = 0; i < gap; i++) this.addSymbol(PacketStatus.NotReceived);
    if (delta >= 0 && delta <= 0xff) {
      this.addSymbol(PacketStatus.SmallDelta);
      this.deltas[this.deltaLength++] = delta;
    } else {
      this.addSymbol(PacketStatus.LargeDelta);
      writeU16(this.deltas, this.deltaLength, delta);
      this.deltaLength += 2;
    }
    this.lastTicks = ticks;
    this.statusCount += gap + 1;
    return true;
  }

  /**
   * Zero bytes fill the last word; the padding bit stays clear so that the packet may stand anywhere in a
   * compound. The new end offset, or -1 when nothing was added or it does not fit. `begin` comes next.
   */
  write(
    out: Uint8Array,
    offset: number,
    senderSsrc: number,
    mediaSsrc: number,
    feedbackPacketCount: number,
  ): number {
    if (this.statusCount === 0) return -1;
    while (this.pendingCount > 0) this.emitChunk(true);
    const end = offset + TRANSPORT_FEEDBACK_FIXED_LENGTH + this.chunkCount * 2 + this.deltaLength;
    const paddedEnd = offset + ((end - offset + 3) & ~3);
    if (paddedEnd > out.length) return -1;
    const format = RtpFeedbackFormat.TransportCc;
    writeFeedbackHeader(out, offset, RtcpType.RTPFB, format, paddedEnd - offset, senderSsrc, mediaSsrc);
    writeU16(out, offset + 12, this.baseSequence);
    writeU16(out, offset + 14, this.statusCount);
    writeU24(out, offset + 16, this.referenceTime);
    out[offset + 19] = feedbackPacketCount;
    let at = offset + TRANSPORT_FEEDBACK_FIXED_LENGTH;
    for (let i = 0; i < this.chunkCount; i++, at += 2) writeU16(out, at, this.chunks[i]);
    for (let i = 0; i < this.deltaLength; i++) out[at++] = this.deltas[i];
    while (at < paddedEnd) out[at++] = 0;
    return paddedEnd;
  }

  private addSymbol(symbol: number): void {
    while (!this.takes(symbol)) this.emitChunk(false);
    if (this.pendingCount < ONE_BIT_SYMBOLS) this.pending[this.pendingCount] = symbol;
    this.pendingAlike &&= this.pendingCount === 0 || this.pending[0] === symbol;
    this.pendingLarge ||= symbol === PacketStatus.LargeDelta;
    this.pendingCount++;
  }

  /** Whether one chunk can hold what is pending and this symbol. */
  private takes(symbol: number): boolean {
    if (this.pendingCount < TWO_BIT_SYMBOLS) return true;
    if (this.pendingAlike && this.pending[0] === symbol) return this.pendingCount < MAX_RUN_LENGTH;
    return this.pendingCount < ONE_BIT_SYMBOLS && !this.pendingLarge && symbol !== PacketStatus.LargeDelta;
  }

  /** Moves pending symbols into one chunk. Only the last chunk of all may describe less than it has room for. */
  private emitChunk(last: boolean): void {
    let taken: number;
    let chunk: number;
    if (this.pendingAlike) {
      taken = this.pendingCount;
      chunk = (this.pending[0] << 13) | taken;
    } else if (
      !this.pendingLarge &&
      (this.pendingCount === ONE_BIT_SYMBOLS || (last && this.pendingCount > TWO_BIT_SYMBOLS))
    ) {
      taken = this.pendingCount;
      chunk = 0x8000;
      for (let i = 0; i < taken; i++) chunk |= this.pending[i] << (13 - i);
    } else {
      taken = Math.min(TWO_BIT_SYMBOLS, this.pendingCount);
      chunk = 0xc000;
      for (let i = 0; i < taken; i++) chunk |= this.pending[i] << (12 - 2 * i);
    }
    this.chunks[this.chunkCount++] = chunk;
    this.keepPendingFrom(taken);
  }

  private keepPendingFrom(taken: number): void {
    const left = this.pendingCount - taken;
    this.pendingAlike = true;
    this.pendingLarge = false;
    for (let i = 0; i < left; i++) {
      const symbol = this.pending[taken + i];
      this.pending[i] = symbol;
      this.pendingAlike &&= this.pending[0] === symbol;
      this.pendingLarge ||= symbol === PacketStatus.LargeDelta;
    }
    this.pendingCount = left;
  }
}
