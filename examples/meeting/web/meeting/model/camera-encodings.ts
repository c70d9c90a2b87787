import { videoBitrate } from 'sluss/client';

/** One stream of the full picture. */
export function singleEncoding(width: number, height: number): RTCRtpEncodingParameters[] {
  return [{ maxBitrate: videoBitrate(width, height) }];
}

/** Screens carry text: more bits, few pictures. */
export function screenEncoding(): RTCRtpEncodingParameters[] {
  return [{ maxBitrate: 2_500_000, maxFramerate: 15 }];
}
