import {
  type RtcpFeedback,
  type RtpCapabilities,
  type RtpHeaderExtensionParameters,
  type RtpParameters,
} from '../../rtp/rtp-parameters.js';
import { UnsupportedError } from '../errors.js';
import { selectConsumerCodecs } from './consumer-codecs.js';
import { allConsumerEncodings, singleConsumerEncoding } from './consumer-encodings.js';
import { ABS_SEND_TIME, TRANSPORT_WIDE_CC } from './header-extension-uris.js';
import { type NormalizedRtpCapabilities, type NormalizedRtpParameters } from './normalized.js';
import { randomSsrc, type RandomSsrc } from './random-ssrc.js';
import { validateRtpCapabilities } from './validate-rtp-capabilities.js';
import { isRtx } from './validate-rtp-codecs.js';
import { validateRtpParameters } from './validate-rtp-parameters.js';

export interface ConsumerRtpParametersOptions {
  /** From `getConsumableRtpParameters()` of the producer. */
  consumableRtpParameters: RtpParameters;
  /** What the consuming endpoint can receive, with the router's header extension ids. */
  remoteRtpCapabilities: RtpCapabilities;
  /** All encodings instead of one. Default false. */
  pipe?: boolean;
  /** RTX and NACK, as far as the endpoint has them. Default true. */
  enableRtx?: boolean;
  random?: RandomSsrc;
}

/**
 * Whether an endpoint with these capabilities has a codec in common with a producer.
 * @throws {TypeError} malformed input. (`router.canConsume()` makes false of that.)
 */
export function canConsume(consumableRtpParameters: RtpParameters, caps: RtpCapabilities): boolean {
  const remote = validateRtpCapabilities(caps);
  return selectConsumerCodecs(validateRtpParameters(consumableRtpParameters), remote, true).length > 0;
}

/**
 * What a consumer sends to an endpoint. `mid` is left to the transport.
 * @throws {TypeError} malformed input.
 * @throws {UnsupportedError} no codec in common.
 */
export function getConsumerRtpParameters({
  consumableRtpParameters,
  remoteRtpCapabilities,
  pipe = false,
  enableRtx = true,
  random = randomSsrc,
}: ConsumerRtpParametersOptions): NormalizedRtpParameters {
  const consumable = validateRtpParameters(consumableRtpParameters);
  const remote = validateRtpCapabilities(remoteRtpCapabilities);
  const codecs = selectConsumerCodecs(consumable, remote, enableRtx);
  if (codecs.length === 0) {
    const offered = consumable.codecs.filter((codec) => !isRtx(codec)).map((codec) => codec.mimeType);
    throw new UnsupportedError(
      `no compatible media codecs: the producer sends ${offered.join(', ')}, and the endpoint's RTP capabilities ` +
        'have none of these with the same clock rate, channels and profile (ask router.canConsume() first)',
    );
  }
  const headerExtensions = selectHeaderExtensions(consumable, remote);
  const wanted = bandwidthFeedbackFilter(headerExtensions);
  const hasRtx = codecs.some(isRtx);
  return {
    codecs: codecs.map((codec) => ({ ...codec, rtcpFeedback: codec.rtcpFeedback.filter(wanted) })),
    headerExtensions,
    encodings: pipe
      ? allConsumerEncodings(consumable.encodings, hasRtx, random)
      : [singleConsumerEncoding(consumable.encodings, hasRtx, random)],
    rtcp: consumable.rtcp,
    ...(consumable.msid !== undefined && { msid: consumable.msid }),
  };
}

/** Those that the endpoint knows under the same id: ids are the router's everywhere. */
function selectHeaderExtensions(
  consumable: NormalizedRtpParameters,
  remote: NormalizedRtpCapabilities,
): RtpHeaderExtensionParameters[] {
  return consumable.headerExtensions.filter(({ uri, id }) =>
    remote.headerExtensions.some((extension) => extension.uri === uri && extension.preferredId === id),
  );
}

/**
 * One bandwidth estimation per consumer: transport-wide feedback if packets carry transport-wide sequence
 * numbers, else REMB if they carry absolute send times, else none.
 */
function bandwidthFeedbackFilter(
  headerExtensions: RtpHeaderExtensionParameters[],
): (feedback: RtcpFeedback) => boolean {
  const has = (uri: string) => headerExtensions.some((extension) => extension.uri === uri);
  if (has(TRANSPORT_WIDE_CC)) {
    return ({ type }) => type !== 'goog-remb';
  }
  if (has(ABS_SEND_TIME)) {
    return ({ type }) => type !== 'transport-cc';
  }
  return ({ type }) => type !== 'goog-remb' && type !== 'transport-cc';
}
