import { type RtcpFeedback, type RtpParameters } from '../../rtp/rtp-parameters.js';
import { allConsumerEncodings } from './consumer-encodings.js';
import { ABS_SEND_TIME, MID, TRANSPORT_WIDE_CC } from './header-extension-uris.js';
import { type NormalizedRtpParameters } from './normalized.js';
import { randomSsrc, type RandomSsrc } from './random-ssrc.js';
import { isRtx } from './validate-rtp-codecs.js';
import { validateRtpParameters } from './validate-rtp-parameters.js';

export interface PipeConsumerRtpParametersOptions {
  /** From `getConsumableRtpParameters()` of the producer. */
  consumableRtpParameters: RtpParameters;
  /** RTX and NACK over the pipe. Default false: a pipe usually runs over a link that loses nothing. */
  enableRtx?: boolean;
  random?: RandomSsrc;
}

// Of the path between two routers, not of the stream: streams are told apart by SSRC, and pipes estimate nothing.
const notThroughPipes = new Set<string>([MID, ABS_SEND_TIME, TRANSPORT_WIDE_CC]);

/**
 * What a consumer sends through a pipe to another router: all codecs and all encodings.
 * @throws {TypeError} malformed input.
 */
export function getPipeConsumerRtpParameters({
  consumableRtpParameters,
  enableRtx = false,
  random = randomSsrc,
}: PipeConsumerRtpParametersOptions): NormalizedRtpParameters {
  const consumable = validateRtpParameters(consumableRtpParameters);
  return {
    codecs: consumable.codecs
      .filter((codec) => enableRtx || !isRtx(codec))
      .map((codec) => ({
        ...codec,
        rtcpFeedback: codec.rtcpFeedback.filter((feedback) => goesThroughPipes(feedback, enableRtx)),
      })),
    headerExtensions: consumable.headerExtensions.filter(({ uri }) => !notThroughPipes.has(uri)),
    encodings: allConsumerEncodings(consumable.encodings, enableRtx, random),
    rtcp: consumable.rtcp,
    ...(consumable.msid !== undefined && { msid: consumable.msid }),
  };
}

function goesThroughPipes({ type, parameter }: RtcpFeedback, enableRtx: boolean): boolean {
  return (
    (type === 'nack' && parameter === 'pli') ||
    (type === 'ccm' && parameter === 'fir') ||
    (enableRtx && type === 'nack' && !parameter)
  );
}
