/**
 * Walks a compound RTCP packet (RFC 3550 6.1, RFC 5506). Hot path: allocates nothing.
 */
import { readU16 } from '../bytes.js';

export const RtcpType = {
  SR: 200,
  RR: 201,
  SDES: 202,
  BYE: 203,
  APP: 204,
  RTPFB: 205,
  PSFB: 206,
  XR: 207,
} as const;

/** Transport layer feedback message types (RTPFB). */
export const RtpFeedbackFormat = { Nack: 1, TransportCc: 15 } as const;
/** Payload-specific feedback message types (PSFB); 15 is shared by all application messages, REMB among them. */
export const PayloadFeedbackFormat = { Pli: 1, Fir: 4, Application: 15 } as const;

const NO_BYTES = new Uint8Array(0);

/** `begin`, then `next` until it is false. */
export class RtcpReader {
  packetType = 0;
  /** Report count, source count or feedback message type: the low five bits of the first byte. */
  count = 0;
  packetOffset = 0;
  /** With the four-byte header, without padding: what the views of this folder take. */
  packetLength = 0;
  private bytes: Uint8Array = NO_BYTES;
  private at = 0;
  private end = 0;

  /**
   * False when any packet of the compound has a wrong version, length or padding; nothing is walked then.
   * A first packet that is not a report is fine: reduced-size RTCP (RFC 5506).
   */
  begin(bytes: Uint8Array, offset: number, length: number): boolean {
    this.bytes = bytes;
    this.at = offset;
    this.end = offset;
    if (offset < 0 || length < 4 || offset + length > bytes.length) return false;
    const end = offset + length;
    for (let at = offset; at < end;) {
      if (at + 4 > end || bytes[at] >> 6 !== 2) return false;
      const packetLength = (readU16(bytes, at + 2) + 1) * 4;
      if (at + packetLength > end) return false;
      if ((bytes[at] & 0x20) !== 0) {
        const padding = bytes[at + packetLength - 1];
        if (padding === 0 || padding > packetLength - 4) return false;
      }
      at += packetLength;
    }
    this.end = end;
    return true;
  }

  next(): boolean {
    if (this.at >= this.end) return false;
    const bytes = this.bytes;
    const at = this.at;
    const packetLength = (readU16(bytes, at + 2) + 1) * 4;
    const padding = (bytes[at] & 0x20) !== 0 ? bytes[at + packetLength - 1] : 0;
    this.packetType = bytes[at + 1];
    this.count = bytes[at] & 0x1f;
    this.packetOffset = at;
    this.packetLength = packetLength - padding;
    this.at = at + packetLength;
    return true;
  }
}
