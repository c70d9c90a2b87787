/**
 * H.264 payload (RFC 6184): which NAL units start in a packet. Hot path: allocates nothing.
 */
import { readU16 } from '../bytes.js';

/** NAL unit types (ITU-T H.264 table 7-1) and the packet types of RFC 6184 that browsers use. */
export const NalType = { Slice: 1, Idr: 5, Sei: 6, Sps: 7, Pps: 8, Aud: 9, StapA: 24, FuA: 28 } as const;

export class H264Payload {
  /** Of the payload header: a NAL unit type (1-23), STAP-A or FU-A. */
  payloadNalType = 0;
  /** Of the first NAL unit carried. */
  nalType = 0;
  /** False in a fragment that continues a NAL unit. */
  startOfNal = false;
  endOfNal = false;
  /** These NAL units start in this packet. */
  hasSps = false;
  hasPps = false;
  hasIdr = false;
  /** A sequence parameter set or an IDR slice starts here. */
  keyFrame = false;
  /** What the packet begins with can only stand at the beginning of a picture, as far as its first bytes tell. */
  startOfPicture = false;

  /** False when the payload is cut short or of a type not used with WebRTC (STAP-B, MTAP, FU-B). */
  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.reset();
    if (length < 1 || offset < 0 || offset + length > bytes.length) return false;
    const type = bytes[offset] & 0x1f;
    this.payloadNalType = type;
    let ok = false;
    if (type >= 1 && type <= 23) {
      this.nalType = type;
      this.startOfNal = this.endOfNal = true;
      this.startOfPicture = length > 1 && opensPicture(type, bytes[offset + 1]);
      this.note(type);
      ok = true;
    } else if (type === NalType.StapA) {
      ok = this.parseAggregate(bytes, offset + 1, offset + length);
    } else if (type === NalType.FuA) {
      ok = this.parseFragment(bytes, offset, length);
    }
    this.keyFrame = ok && (this.hasSps || this.hasIdr);
    return ok;
  }

  private parseAggregate(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end) {
      if (at + 3 > end) return false;
      const size = readU16(bytes, at);
      if (size === 0 || at + 2 + size > end) return false;
      const type = bytes[at + 2] & 0x1f;
      if (at === start) {
        this.nalType = type;
        this.startOfPicture = size > 1 && opensPicture(type, bytes[at + 3]);
      }
      this.note(type);
      at += 2 + size;
    }
    this.startOfNal = this.endOfNal = true;
    return at > start;
  }

  private parseFragment(bytes: Uint8Array, offset: number, length: number): boolean {
    if (length < 3) return false;
    const header = bytes[offset + 1];
    this.nalType = header & 0x1f;
    this.startOfNal = (header & 0x80) !== 0;
    this.endOfNal = (header & 0x40) !== 0;
    if (!this.startOfNal) return true;
    this.note(this.nalType);
    this.startOfPicture = opensPicture(this.nalType, bytes[offset + 2]);
    return true;
  }

  private note(type: number): void {
    if (type === NalType.Sps) this.hasSps = true;
    else if (type === NalType.Pps) this.hasPps = true;
    else if (type === NalType.Idr) this.hasIdr = true;
  }

  private reset(): void {
    this.payloadNalType = 0;
    this.nalType = 0;
    this.startOfNal = false;
    this.endOfNal = false;
    this.hasSps = false;
    this.hasPps = false;
    this.hasIdr = false;
    this.keyFrame = false;
    this.startOfPicture = false;
  }
}

/** `next` is the byte behind the NAL unit header: a slice begins with first_mb_in_slice, of which 0 is the bit 1 (ue(v)). */
function opensPicture(type: number, next: number): boolean {
  if (type >= NalType.Slice && type <= NalType.Idr) return (next & 0x80) !== 0;
  return type >= NalType.Sei && type <= NalType.Aud;
}
