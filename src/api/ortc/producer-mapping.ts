import { type RtpCapabilities, type RtpMapping, type RtpParameters } from '../../rtp/rtp-parameters.js';
import { UnsupportedError } from '../errors.js';
import { matchCodecs } from './match-codecs.js';
import {
  type NormalizedRtpCapabilities,
  type NormalizedRtpCodecCapability,
  type NormalizedRtpCodecParameters,
  type NormalizedRtpParameters,
} from './normalized.js';
import { randomSsrc, type RandomSsrc } from './random-ssrc.js';
import { checkRedHasContent } from './red-codec.js';
import { validateRtpCapabilities } from './validate-rtp-capabilities.js';
import { isRtx } from './validate-rtp-codecs.js';
import { validateRtpParameters } from './validate-rtp-parameters.js';

/**
 * How the payload types and encodings of a producer translate to those of its router (capabilities `caps`):
 * consumers of all routers see the router's payload types and the mapped SSRCs, whatever the producer sends.
 * @throws {TypeError} malformed input, RTX for a payload type that `params` does not have, or RED without Opus.
 * @throws {UnsupportedError} codec, or RTX of a codec, that the router lacks.
 */
export function getProducerRtpParametersMapping(
  params: RtpParameters,
  caps: RtpCapabilities,
  random: RandomSsrc = randomSsrc,
): RtpMapping {
  const producer = validateRtpParameters(params);
  const router = validateRtpCapabilities(caps);
  const firstSsrc = random();
  return {
    codecs: mapCodecs(producer, router),
    encodings: producer.encodings.map(({ ssrc, rid, scalabilityMode }, index) => ({
      ...(ssrc !== undefined && { ssrc }),
      ...(rid !== undefined && { rid }),
      ...(scalabilityMode !== undefined && { scalabilityMode }),
      mappedSsrc: firstSsrc + index,
    })),
  };
}

function mapCodecs(
  producer: NormalizedRtpParameters,
  router: NormalizedRtpCapabilities,
): RtpMapping['codecs'] {
  checkRedHasContent(producer.codecs);
  const routerPayloadTypes = new Map<number, number>();
  for (const codec of producer.codecs.filter((candidate) => !isRtx(candidate))) {
    routerPayloadTypes.set(codec.payloadType, findRouterCodec(codec, router).preferredPayloadType);
  }
  return producer.codecs.map((codec) => ({
    payloadType: codec.payloadType,
    mappedPayloadType: isRtx(codec)
      ? findRouterRtx(codec, routerPayloadTypes, router).preferredPayloadType
      : routerPayloadTypes.get(codec.payloadType)!,
  }));
}

function findRouterCodec(
  codec: NormalizedRtpCodecParameters,
  router: NormalizedRtpCapabilities,
): NormalizedRtpCodecCapability {
  const found = router.codecs.find((candidate) => matchCodecs(codec, candidate, { strict: true }));
  if (!found) {
    throw new UnsupportedError(
      `unsupported codec ${codec.mimeType} with payload type ${codec.payloadType}: the router has no such codec ` +
        `with this clock rate, channels and profile (${codec.clockRate}, ${codec.channels ?? 'no channels'}, ` +
        `${JSON.stringify(codec.parameters).slice(0, 200)})`,
    );
  }
  return found;
}

function findRouterRtx(
  rtx: NormalizedRtpCodecParameters,
  routerPayloadTypes: Map<number, number>,
  router: NormalizedRtpCapabilities,
): NormalizedRtpCodecCapability {
  const mapped = routerPayloadTypes.get(Number(rtx.parameters.apt));
  if (mapped === undefined) {
    throw new TypeError(
      `missing media codec for RTX payload type ${rtx.payloadType}: no codec has the payload type ` +
        `${String(rtx.parameters.apt)} that its apt names`,
    );
  }
  const found = router.codecs.find((candidate) => isRtx(candidate) && candidate.parameters.apt === mapped);
  if (!found) {
    throw new UnsupportedError(`unsupported RTX: the router has no RTX codec for its payload type ${mapped}`);
  }
  return found;
}
