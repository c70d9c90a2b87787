/**
 * Receiver estimated maximum bitrate (draft-alvestrand-rmcat-remb-03). Allocates nothing.
 */
import { readU24, readU32, writeU24, writeU32 } from '../bytes.js';
import { FEEDBACK_HEADER_LENGTH, isFeedback, writeFeedbackHeader } from './packet-header.js';
import { PayloadFeedbackFormat, RtcpType } from './rtcp-reader.js';

const IDENTIFIER = 0x52454d42; // 'REMB'
const FIXED_LENGTH = FEEDBACK_HEADER_LENGTH + 8;
const MAX_SSRCS = 255;
const MAX_MANTISSA = 0x3ffff;
const NO_BYTES = new Uint8Array(0);

export class Remb {
  senderSsrc = 0;
  /** bps. What exceeds Number.MAX_SAFE_INTEGER is held there. */
  bitrate = 0;
  ssrcCount = 0;
  private bytes: Uint8Array = NO_BYTES;
  private sources = 0;

  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.ssrcCount = 0;
    const format = PayloadFeedbackFormat.Application;
    if (!isFeedback(bytes, offset, length, RtcpType.PSFB, format, FIXED_LENGTH)) return false;
    if (readU32(bytes, offset + 12) !== IDENTIFIER) return false;
    const count = bytes[offset + 16];
    if (FIXED_LENGTH + count * 4 > length) return false;
    const exponent = bytes[offset + 17] >> 2;
    const mantissa = readU24(bytes, offset + 17) & MAX_MANTISSA;
    this.senderSsrc = readU32(bytes, offset + 4);
    this.bitrate = Math.min(mantissa * 2 ** exponent, Number.MAX_SAFE_INTEGER);
    this.ssrcCount = count;
    this.bytes = bytes;
    this.sources = offset + FIXED_LENGTH;
    return true;
  }

  /** -1 when there is no source `index`. */
  ssrc(index: number): number {
    return index >= 0 && index < this.ssrcCount ? readU32(this.bytes, this.sources + index * 4) : -1;
  }
}

/**
 * `bitrate` in bps is rounded down to 18 significant bits. At most 255 sources.
 * The new end offset, or -1 when it does not fit.
 */
export function writeRemb(
  out: Uint8Array,
  offset: number,
  senderSsrc: number,
  bitrate: number,
  ssrcs: readonly number[],
): number {
  const length = FIXED_LENGTH + ssrcs.length * 4;
  if (ssrcs.length > MAX_SSRCS || offset + length > out.length) return -1;
  let mantissa = Math.max(0, Math.min(bitrate, Number.MAX_SAFE_INTEGER));
  let exponent = 0;
  while (mantissa > MAX_MANTISSA) {
    mantissa = Math.floor(mantissa / 2);
    exponent++;
  }
  const format = PayloadFeedbackFormat.Application;
  writeFeedbackHeader(out, offset, RtcpType.PSFB, format, length, senderSsrc, 0);
  writeU32(out, offset + 12, IDENTIFIER);
  out[offset + 16] = ssrcs.length;
  writeU24(out, offset + 17, (exponent << 18) | mantissa);
  for (let i = 0; i < ssrcs.length; i++) writeU32(out, offset + FIXED_LENGTH + i * 4, ssrcs[i]);
  return offset + length;
}
