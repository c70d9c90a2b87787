/**
 * Generic NACK (RFC 4585 6.2.1). Hot path: allocates nothing.
 */
import { readU16, readU32, writeU16 } from '../bytes.js';
import { seqAdd, seqDiff } from '../sequence.js';
import { FEEDBACK_HEADER_LENGTH, isFeedback, writeFeedbackHeader } from './packet-header.js';
import { RtcpType, RtpFeedbackFormat } from './rtcp-reader.js';

const ITEM_LENGTH = 4;
const NO_BYTES = new Uint8Array(0);

/** `parse`, then `next` for each lost sequence number until it is -1; `begin` starts over. */
export class Nack {
  senderSsrc = 0;
  mediaSsrc = 0;
  /** PID and BLP pairs: up to 17 sequence numbers each. */
  itemCount = 0;
  private bytes: Uint8Array = NO_BYTES;
  private items = 0;
  private item = 0;
  private packetId = 0;
  /** What is left of the current bitmask, lowest bit next; -1 when the next item is due. */
  private mask = -1;
  private bit = 0;

  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.itemCount = 0;
    this.begin();
    const minimum = FEEDBACK_HEADER_LENGTH + ITEM_LENGTH;
    if (!isFeedback(bytes, offset, length, RtcpType.RTPFB, RtpFeedbackFormat.Nack, minimum)) return false;
    this.senderSsrc = readU32(bytes, offset + 4);
    this.mediaSsrc = readU32(bytes, offset + 8);
    this.bytes = bytes;
    this.items = offset + FEEDBACK_HEADER_LENGTH;
    this.itemCount = Math.floor((length - FEEDBACK_HEADER_LENGTH) / ITEM_LENGTH);
    return true;
  }

  begin(): void {
    this.item = 0;
    this.mask = -1;
  }

  next(): number {
    if (this.mask <= 0) {
      if (this.item >= this.itemCount) {
        this.mask = -1;
        return -1;
      }
      const at = this.items + this.item * ITEM_LENGTH;
      this.item++;
      this.packetId = readU16(this.bytes, at);
      this.mask = readU16(this.bytes, at + 2);
      this.bit = 0;
      return this.packetId;
    }
    while ((this.mask & 1) === 0) {
      this.mask >>= 1;
      this.bit++;
    }
    this.mask >>= 1;
    this.bit++;
    return seqAdd(this.packetId, this.bit);
  }
}

/**
 * `sequences` are in sending order (across a wrap too); the first `count` are packed.
 * Never longer than 12 + 4 x count bytes. The new end offset, or -1 when it does not fit or count is 0.
 */
export function writeNack(
  out: Uint8Array,
  offset: number,
  senderSsrc: number,
  mediaSsrc: number,
  sequences: ArrayLike<number>,
  count = sequences.length,
): number {
  if (count === 0) return -1;
  let at = offset + FEEDBACK_HEADER_LENGTH;
  for (let i = 0; i < count;) {
    if (at + ITEM_LENGTH > out.length) return -1;
    const packetId = sequences[i++];
    let mask = 0;
    for (; i < count; i++) {
      const distance = seqDiff(sequences[i], packetId);
      if (distance < 0 || distance > 16) break;
      if (distance > 0) mask |= 1 << (distance - 1);
    }
    writeU16(out, at, packetId);
    writeU16(out, at + 2, mask);
    at += ITEM_LENGTH;
  }
  writeFeedbackHeader(
    out,
    offset,
    RtcpType.RTPFB,
    RtpFeedbackFormat.Nack,
    at - offset,
    senderSsrc,
    mediaSsrc,
  );
  return at;
}
