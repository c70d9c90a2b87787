/**
 * What arrived on a media port (RFC 7983, RFC 5761). Hot path: once per datagram, allocates nothing.
 */

export const DatagramKind = { Unknown: 0, Stun: 1, Dtls: 2, Rtp: 3, Rtcp: 4 } as const;
export type DatagramKind = (typeof DatagramKind)[keyof typeof DatagramKind];

/** Names for counters and logs, by code. */
export const datagramKindNames: readonly string[] = ['unknown', 'stun', 'dtls', 'rtp', 'rtcp'];

const STUN_HEADER_LENGTH = 20;
const DTLS_RECORD_HEADER_LENGTH = 13;
const RTP_HEADER_LENGTH = 12;
const RTCP_HEADER_LENGTH = 4;

/** By the first bytes and the shortest legal length; the parsers behind it check the rest. */
export function classifyDatagram(bytes: Uint8Array, offset: number, length: number): DatagramKind {
  if (length < RTCP_HEADER_LENGTH || offset < 0 || offset + length > bytes.length)
    return DatagramKind.Unknown;
  const first = bytes[offset];
  if (first >= 128 && first <= 191) {
    if (isRtcp(bytes, offset, length)) return DatagramKind.Rtcp;
    return length >= RTP_HEADER_LENGTH ? DatagramKind.Rtp : DatagramKind.Unknown;
  }
  if (first <= 3) return isStun(bytes, offset, length) ? DatagramKind.Stun : DatagramKind.Unknown;
  if (first >= 20 && first <= 63) {
    return length >= DTLS_RECORD_HEADER_LENGTH ? DatagramKind.Dtls : DatagramKind.Unknown;
  }
  return DatagramKind.Unknown;
}

/** Tells RTCP from RTP on one port: packet types 192-223 (RFC 5761 4). */
export function isRtcp(bytes: Uint8Array, offset: number, length: number): boolean {
  return (
    length >= RTCP_HEADER_LENGTH &&
    offset >= 0 &&
    offset + length <= bytes.length &&
    bytes[offset] >> 6 === 2 &&
    bytes[offset + 1] >= 192 &&
    bytes[offset + 1] <= 223
  );
}

/** The magic cookie 0x2112A442 tells it from the STUN of RFC 3489, which ICE never sends. */
function isStun(bytes: Uint8Array, offset: number, length: number): boolean {
  return (
    length >= STUN_HEADER_LENGTH &&
    bytes[offset + 4] === 0x21 &&
    bytes[offset + 5] === 0x12 &&
    bytes[offset + 6] === 0xa4 &&
    bytes[offset + 7] === 0x42
  );
}
