/**
 * Full intra request (RFC 5104 4.3.1). Allocates nothing.
 */
import { readU32, writeU32 } from '../bytes.js';
import { FEEDBACK_HEADER_LENGTH, isFeedback, writeFeedbackHeader } from './packet-header.js';
import { PayloadFeedbackFormat, RtcpType } from './rtcp-reader.js';

const ENTRY_LENGTH = 8;
const NO_BYTES = new Uint8Array(0);

export class Fir {
  senderSsrc = 0;
  /** Each entry asks one stream for a key frame; the media SSRC of the packet itself is unused. */
  entryCount = 0;
  private bytes: Uint8Array = NO_BYTES;
  private entries = 0;

  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.entryCount = 0;
    const minimum = FEEDBACK_HEADER_LENGTH + ENTRY_LENGTH;
    if (!isFeedback(bytes, offset, length, RtcpType.PSFB, PayloadFeedbackFormat.Fir, minimum)) return false;
    this.senderSsrc = readU32(bytes, offset + 4);
    this.entryCount = Math.floor((length - FEEDBACK_HEADER_LENGTH) / ENTRY_LENGTH);
    this.bytes = bytes;
    this.entries = offset + FEEDBACK_HEADER_LENGTH;
    return true;
  }

  /** The stream asked, or -1 when there is no entry `index`. */
  ssrc(index: number): number {
    return this.has(index) ? readU32(this.bytes, this.entries + index * ENTRY_LENGTH) : -1;
  }

  /** Command sequence number (8 bits): the same number is the same request repeated. -1 when there is no such entry. */
  sequenceNumber(index: number): number {
    return this.has(index) ? this.bytes[this.entries + index * ENTRY_LENGTH + 4] : -1;
  }

  private has(index: number): boolean {
    return index >= 0 && index < this.entryCount;
  }
}

/** One entry. The new end offset, or -1 when it does not fit. */
export function writeFir(
  out: Uint8Array,
  offset: number,
  senderSsrc: number,
  ssrc: number,
  sequenceNumber: number,
): number {
  const length = FEEDBACK_HEADER_LENGTH + ENTRY_LENGTH;
  if (offset + length > out.length) return -1;
  writeFeedbackHeader(out, offset, RtcpType.PSFB, PayloadFeedbackFormat.Fir, length, senderSsrc, 0);
  writeU32(out, offset + 12, ssrc);
  writeU32(out, offset + 16, (sequenceNumber & 0xff) << 24);
  return offset + length;
}
