/** Bits per second for a 1280x720 picture with 30 pictures per second; smaller pictures get their share. */
const REFERENCE_BITRATE = 1_700_000;
const REFERENCE_PIXELS = 1280 * 720;

/** Bits per pixel must grow as pictures shrink: a quarter of the pixels needs a little more than a quarter of the bits. */
const BITRATE_EXPONENT = 0.8;

/**
 * Simulcast encodings for a camera picture, lowest first, as RTCRtpEncodingParameters wants them.
 * Widths follow libwebrtc, which itself sends fewer layers than asked below 960 and below 480 pixels.
 */
export function simulcastEncodings(width: number, height: number): RTCRtpEncodingParameters[] {
  const long = Math.max(width, height);
  const scales = long >= 960 ? [4, 2, 1] : long >= 480 ? [2, 1] : [1];
  return scales.map((scaleResolutionDownBy, index) => ({
    rid: `r${index}`,
    scaleResolutionDownBy,
    maxBitrate: bitrateFor(width / scaleResolutionDownBy, height / scaleResolutionDownBy),
  }));
}

/** One stream of the full picture. */
export function singleEncoding(width: number, height: number): RTCRtpEncodingParameters[] {
  return [{ maxBitrate: bitrateFor(width, height) }];
}

/** Screens carry text: more bits, few pictures. */
export function screenEncoding(): RTCRtpEncodingParameters[] {
  return [{ maxBitrate: 2_500_000, maxFramerate: 15 }];
}

function bitrateFor(width: number, height: number): number {
  const share = (width * height) / REFERENCE_PIXELS;
  return Math.max(80_000, Math.round((REFERENCE_BITRATE * share ** BITRATE_EXPONENT) / 1000) * 1000);
}
