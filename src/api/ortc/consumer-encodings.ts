import { type RtpEncodingParameters } from '../../rtp/rtp-parameters.js';
import { parseScalabilityMode } from '../scalability-mode.js';
import { type RandomSsrc } from './random-ssrc.js';

/**
 * The one encoding that an endpoint gets, whatever number the producer sends: simulcast looks to it like a
 * single stream, so its `scalabilityMode` counts the producer's encodings as spatial layers.
 */
export function singleConsumerEncoding(
  encodings: RtpEncodingParameters[],
  hasRtx: boolean,
  random: RandomSsrc,
): RtpEncodingParameters {
  const ssrc = random();
  const scalabilityMode = consumerScalabilityMode(encodings);
  const maxBitrate = Math.max(0, ...encodings.map((encoding) => encoding.maxBitrate ?? 0));
  return {
    ssrc,
    ...(hasRtx && { rtx: { ssrc: ssrc + 1 } }),
    ...(scalabilityMode !== undefined && { scalabilityMode }),
    ...(maxBitrate > 0 && { maxBitrate }),
  };
}

/** All encodings of the producer with own SSRCs, for the far end of a pipe to choose from. */
export function allConsumerEncodings(
  encodings: RtpEncodingParameters[],
  hasRtx: boolean,
  random: RandomSsrc,
): RtpEncodingParameters[] {
  const firstSsrc = random();
  // Behind the media SSRCs, so that the two runs can never meet.
  const firstRtxSsrc = firstSsrc + encodings.length;
  return encodings.map((encoding, index) => ({
    ...encoding,
    ssrc: firstSsrc + index,
    ...(hasRtx && { rtx: { ssrc: firstRtxSsrc + index } }),
  }));
}

function consumerScalabilityMode(encodings: RtpEncodingParameters[]): string | undefined {
  const scalabilityMode = encodings.find((encoding) => encoding.scalabilityMode)?.scalabilityMode;
  return encodings.length > 1
    ? `L${encodings.length}T${parseScalabilityMode(scalabilityMode).temporalLayers}`
    : scalabilityMode;
}
