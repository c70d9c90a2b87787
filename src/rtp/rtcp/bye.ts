/**
 * Goodbye (RFC 3550 6.6). Rare: reading a reason or writing one makes a string or an array.
 */
import { readU32, writeU32 } from '../bytes.js';
import { isPacket, MAX_COUNT, writeHeader } from './packet-header.js';
import { RtcpType } from './rtcp-reader.js';

const HEADER_LENGTH = 4;
const MAX_REASON_LENGTH = 255;
const NO_BYTES = new Uint8Array(0);
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class Bye {
  ssrcCount = 0;
  private bytes: Uint8Array = NO_BYTES;
  private sources = 0;
  private reasonOffset = 0;
  private reasonLength = 0;

  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.ssrcCount = 0;
    this.reasonLength = 0;
    if (!isPacket(bytes, offset, length, RtcpType.BYE, HEADER_LENGTH)) return false;
    const count = bytes[offset] & 0x1f;
    const sourcesEnd = HEADER_LENGTH + count * 4;
    if (sourcesEnd > length) return false;
    const reasonLength = sourcesEnd < length ? bytes[offset + sourcesEnd] : 0;
    if (sourcesEnd < length && sourcesEnd + 1 + reasonLength > length) return false;
    this.bytes = bytes;
    this.sources = offset + HEADER_LENGTH;
    this.ssrcCount = count;
    this.reasonOffset = offset + sourcesEnd + 1;
    this.reasonLength = reasonLength;
    return true;
  }

  /** -1 when there is no source `index`. */
  ssrc(index: number): number {
    return index >= 0 && index < this.ssrcCount ? readU32(this.bytes, this.sources + index * 4) : -1;
  }

  /** Empty when none was given. */
  get reason(): string {
    return decoder.decode(this.bytes.subarray(this.reasonOffset, this.reasonOffset + this.reasonLength));
  }
}

/** At most 31 sources. The new end offset, or -1 when it does not fit or the reason is too long. */
export function writeBye(out: Uint8Array, offset: number, ssrcs: readonly number[], reason = ''): number {
  const text = encoder.encode(reason);
  const reasonLength = text.length === 0 ? 0 : (1 + text.length + 3) & ~3;
  const length = HEADER_LENGTH + ssrcs.length * 4 + reasonLength;
  if (ssrcs.length > MAX_COUNT || text.length > MAX_REASON_LENGTH || offset + length > out.length) return -1;
  writeHeader(out, offset, RtcpType.BYE, ssrcs.length, length);
  let at = offset + HEADER_LENGTH;
  for (const ssrc of ssrcs) {
    writeU32(out, at, ssrc);
    at += 4;
  }
  if (reasonLength > 0) {
    out[at] = text.length;
    out.set(text, at + 1);
    out.fill(0, at + 1 + text.length, offset + length);
  }
  return offset + length;
}
