/**
 * What a cipher suite does to one packet, given the session keys. It knows no state of a stream. Offsets and
 * lengths are bytes; a packet lies at `bytes[offset, offset + length)` and is changed in place.
 */
export interface SrtpTransform {
  /** Bytes added behind an RTP packet. */
  readonly rtpTrailerLength: number;
  /** Bytes added behind an RTCP packet: tag and index word. */
  readonly rtcpTrailerLength: number;
  /** Where the SRTCP index word (E bit and 31-bit index) begins, counted from the end of the packet. */
  readonly rtcpIndexFromEnd: number;

  /** Encrypts what follows the header and appends the tag; returns the new length. */
  protectRtp(bytes: Uint8Array, offset: number, length: number, headerLength: number, roc: number): number;

  /** Verifies and decrypts; false when the packet is not authentic, which is then left as it came. */
  unprotectRtp(bytes: Uint8Array, offset: number, length: number, headerLength: number, roc: number): boolean;

  /** Encrypts what follows the first 8 bytes and appends index word and tag; returns the new length. */
  protectRtcp(bytes: Uint8Array, offset: number, length: number, index: number): number;

  /** As for RTP. A packet whose E bit is 0 is only verified. */
  unprotectRtcp(bytes: Uint8Array, offset: number, length: number): boolean;
}
