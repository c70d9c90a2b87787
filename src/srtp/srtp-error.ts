/** Why a packet could not be protected or unprotected: negative numbers, so that they never look like a length. */

export const SrtpError = {
  /** Shorter than a header and the trailer of the profile. */
  RtpTooShort: -1,
  /** Version not 2, or CSRCs or extension longer than the packet, or longer than a datagram. */
  RtpMalformed: -2,
  /** The tag is wrong: tampered, damaged, another key or a wrong rollover counter. */
  RtpAuthentication: -3,
  /** Seen before. */
  RtpReplay: -4,
  /** Older than the replay window. */
  RtpStale: -5,
  /** All 2^48 indices of the stream are used up: new keys are needed. */
  RtpIndexExhausted: -6,
  RtcpTooShort: -7,
  RtcpMalformed: -8,
  RtcpAuthentication: -9,
  RtcpReplay: -10,
  RtcpStale: -11,
  /** All 2^31 indices are used up: new keys are needed. */
  RtcpIndexExhausted: -12,
} as const;
export type SrtpError = (typeof SrtpError)[keyof typeof SrtpError];

/** In the order of the codes: the name of code -1 comes first. */
export const srtpErrorNames = [
  'srtp-too-short',
  'srtp-malformed',
  'srtp-auth',
  'srtp-replay',
  'srtp-stale',
  'srtp-index-exhausted',
  'srtcp-too-short',
  'srtcp-malformed',
  'srtcp-auth',
  'srtcp-replay',
  'srtcp-stale',
  'srtcp-index-exhausted',
] as const;
export type SrtpErrorName = (typeof srtpErrorNames)[number];

/** The name under which a negative result is counted. */
export function srtpErrorName(code: number): SrtpErrorName {
  const name = srtpErrorNames[-1 - code];
  if (name === undefined) throw new RangeError(`${code} is not an SRTP error code`);
  return name;
}
