/**
 * A reusable view over one RTP packet (RFC 3550 5.1, RFC 8285). Hot path: once per received packet,
 * allocates nothing, and reads nothing outside the window that it was given.
 */
import { readU16, readU32 } from './bytes.js';

/** Why a datagram is not an RTP packet. */
export const RtpParseError = {
  Ok: 0,
  TooShort: 1,
  BadVersion: 2,
  CsrcOverrun: 3,
  ExtensionOverrun: 4,
  BadPadding: 5,
} as const;
export type RtpParseError = (typeof RtpParseError)[keyof typeof RtpParseError];

/** Names for counters and logs, by code. */
export const rtpParseErrorNames: readonly string[] = [
  'ok',
  'too-short',
  'bad-version',
  'csrc-overrun',
  'extension-overrun',
  'bad-padding',
];

/** The `defined by profile` field that announces one-byte elements. */
export const ONE_BYTE_PROFILE = 0xbede;
/** The same for two-byte elements; its low four bits are free. */
export const TWO_BYTE_PROFILE = 0x1000;

const FIXED_HEADER_LENGTH = 12;
const NO_BYTES = new Uint8Array(0);

export class RtpPacket {
  /** The buffer that holds the packet; every offset below counts from its start. */
  bytes: Uint8Array = NO_BYTES;
  offset = 0;
  length = 0;

  marker = false;
  payloadType = 0;
  sequenceNumber = 0;
  timestamp = 0;
  ssrc = 0;
  csrcCount = 0;
  /** Fixed header, CSRC list and extension block, in bytes. */
  headerLength = 0;
  payloadOffset = 0;
  /** Without padding. */
  payloadLength = 0;
  paddingLength = 0;
  /** 0 when there is no extension block; elements are only read for 0xbede and 0x1000-0x100f. */
  extensionProfile = 0;
  /** The first element byte, behind the four-byte header of the block. */
  extensionOffset = 0;
  extensionLength = 0;
  /** Set by `findExtension`. */
  extensionDataLength = 0;

  /** After any code but `Ok` the fields are those of no packet in particular. */
  parse(bytes: Uint8Array, offset: number, length: number): RtpParseError {
    if (length < FIXED_HEADER_LENGTH || offset < 0 || offset + length > bytes.length) {
      return RtpParseError.TooShort;
    }
    const first = bytes[offset];
    if (first >> 6 !== 2) return RtpParseError.BadVersion;

    const csrcCount = first & 0x0f;
    let headerLength = FIXED_HEADER_LENGTH + csrcCount * 4;
    if (headerLength > length) return RtpParseError.CsrcOverrun;

    let extensionProfile = 0;
    let extensionLength = 0;
    let extensionOffset = offset + headerLength;
    if ((first & 0x10) !== 0) {
      if (headerLength + 4 > length) return RtpParseError.ExtensionOverrun;
      extensionProfile = readU16(bytes, extensionOffset);
      extensionLength = readU16(bytes, extensionOffset + 2) * 4;
      extensionOffset += 4;
      headerLength += 4 + extensionLength;
      if (headerLength > length) return RtpParseError.ExtensionOverrun;
    }

    let paddingLength = 0;
    if ((first & 0x20) !== 0) {
      if (headerLength === length) return RtpParseError.BadPadding;
      paddingLength = bytes[offset + length - 1];
      if (paddingLength === 0 || headerLength + paddingLength > length) return RtpParseError.BadPadding;
    }

    const second = bytes[offset + 1];
    this.bytes = bytes;
    this.offset = offset;
    this.length = length;
    this.marker = (second & 0x80) !== 0;
    this.payloadType = second & 0x7f;
    this.sequenceNumber = readU16(bytes, offset + 2);
    this.timestamp = readU32(bytes, offset + 4);
    this.ssrc = readU32(bytes, offset + 8);
    this.csrcCount = csrcCount;
    this.headerLength = headerLength;
    this.payloadOffset = offset + headerLength;
    this.payloadLength = length - headerLength - paddingLength;
    this.paddingLength = paddingLength;
    this.extensionProfile = extensionProfile;
    this.extensionOffset = extensionOffset;
    this.extensionLength = extensionLength;
    this.extensionDataLength = 0;
    return RtpParseError.Ok;
  }

  /**
   * Absolute offset of the data of the first element with this id (1-255), or -1.
   * Its length is left in `extensionDataLength`. A broken element ends the search.
   */
  findExtension(id: number): number {
    this.extensionDataLength = 0;
    if (this.extensionProfile === ONE_BYTE_PROFILE) return this.findOneByte(id);
    if ((this.extensionProfile & 0xfff0) === TWO_BYTE_PROFILE) return this.findTwoByte(id);
    return -1;
  }

  private findOneByte(id: number): number {
    const bytes = this.bytes;
    const end = this.extensionOffset + this.extensionLength;
    let at = this.extensionOffset;
    while (at < end) {
      const head = bytes[at++];
      if (head === 0) continue;
      const elementId = head >> 4;
      // Id 15, and id 0 with a length, end the whole block (RFC 8285 4.2).
      if (elementId === 15 || elementId === 0) return -1;
      const dataLength = (head & 0x0f) + 1;
      if (at + dataLength > end) return -1;
      if (elementId === id) {
        this.extensionDataLength = dataLength;
        return at;
      }
      at += dataLength;
    }
    return -1;
  }

  private findTwoByte(id: number): number {
    const bytes = this.bytes;
    const end = this.extensionOffset + this.extensionLength;
    let at = this.extensionOffset;
    while (at < end) {
      const elementId = bytes[at++];
      if (elementId === 0) continue;
      if (at === end) return -1;
      const dataLength = bytes[at++];
      if (at + dataLength > end) return -1;
      if (elementId === id) {
        this.extensionDataLength = dataLength;
        return at;
      }
      at += dataLength;
    }
    return -1;
  }
}
