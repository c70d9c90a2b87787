/**
 * Picture loss indication (RFC 4585 6.3.1): asks for a key frame. Allocates nothing.
 */
import { readU32 } from '../bytes.js';
import { FEEDBACK_HEADER_LENGTH, isFeedback, writeFeedbackHeader } from './packet-header.js';
import { PayloadFeedbackFormat, RtcpType } from './rtcp-reader.js';

export class Pli {
  senderSsrc = 0;
  mediaSsrc = 0;

  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    if (
      !isFeedback(bytes, offset, length, RtcpType.PSFB, PayloadFeedbackFormat.Pli, FEEDBACK_HEADER_LENGTH)
    ) {
      return false;
    }
    this.senderSsrc = readU32(bytes, offset + 4);
    this.mediaSsrc = readU32(bytes, offset + 8);
    return true;
  }
}

/** The new end offset, or -1 when it does not fit. */
export function writePli(out: Uint8Array, offset: number, senderSsrc: number, mediaSsrc: number): number {
  const length = FEEDBACK_HEADER_LENGTH;
  if (offset + length > out.length) return -1;
  writeFeedbackHeader(out, offset, RtcpType.PSFB, PayloadFeedbackFormat.Pli, length, senderSsrc, mediaSsrc);
  return offset + length;
}
