import { isRed } from '../../rtp/codecs/red.js';
import {
  type MediaKind,
  type RtpCapabilities,
  type RtpEncodingParameters,
  type RtpHeaderExtension,
  type RtpHeaderExtensionParameters,
  type RtpMapping,
  type RtpParameters,
} from '../../rtp/rtp-parameters.js';
import { h264ProfileLevelIdForAnswer } from './h264-profile.js';
import { DEPENDENCY_DESCRIPTOR } from './header-extension-uris.js';
import {
  type NormalizedRtpCapabilities,
  type NormalizedRtpCodecCapability,
  type NormalizedRtpCodecParameters,
  type NormalizedRtpParameters,
} from './normalized.js';
import { redLast } from './red-codec.js';
import { validateRtpCapabilities } from './validate-rtp-capabilities.js';
import { isRtx, mediaKindOf } from './validate-rtp-codecs.js';
import { validateRtpParameters } from './validate-rtp-parameters.js';

/**
 * What a producer looks like from inside its router: the router's payload types and header extension ids, the
 * mapped SSRCs, and the producer's own codec parameters. Consumer parameters are derived from it.
 * @param params the producer's parameters
 * @param caps the router's capabilities
 * @param mapping from `getProducerRtpParametersMapping()` for the same parameters and capabilities
 * @throws {TypeError} malformed input, or a codec that is not of this kind.
 */
export function getConsumableRtpParameters(
  kind: MediaKind,
  params: RtpParameters,
  caps: RtpCapabilities,
  mapping: RtpMapping,
): NormalizedRtpParameters {
  const producer = validateRtpParameters(params);
  const router = validateRtpCapabilities(caps);
  return {
    codecs: uniquePayloadTypes(
      redLast(producer.codecs)
        .filter((codec) => !isRtx(codec))
        .flatMap((codec) => consumableCodecs(kind, codec, router, mapping)),
    ),
    headerExtensions: router.headerExtensions
      .filter((extension) => extension.kind === kind && isForwarded(extension))
      .map(toParameters),
    encodings: producer.encodings.map((encoding, index) => consumableEncoding(encoding, mapping, index)),
    rtcp: { ...(producer.rtcp.cname !== undefined && { cname: producer.rtcp.cname }), reducedSize: true },
    ...(producer.msid !== undefined && { msid: producer.msid }),
  };
}

/** Codecs of a producer that differ in their H264 level only are one codec of the router. */
function uniquePayloadTypes(codecs: NormalizedRtpCodecParameters[]): NormalizedRtpCodecParameters[] {
  return codecs.filter(
    ({ payloadType }, index) => codecs.findIndex((other) => other.payloadType === payloadType) === index,
  );
}

function consumableCodecs(
  kind: MediaKind,
  codec: NormalizedRtpCodecParameters,
  router: NormalizedRtpCapabilities,
  mapping: RtpMapping,
): NormalizedRtpCodecParameters[] {
  if (mediaKindOf(codec) !== kind) {
    throw new TypeError(`invalid codec.mimeType: expected a codec of kind ${kind}, got ${codec.mimeType}`);
  }
  const payloadType = mapping.codecs.find(
    (entry) => entry.payloadType === codec.payloadType,
  )?.mappedPayloadType;
  const routerCodec = router.codecs.find((candidate) => candidate.preferredPayloadType === payloadType);
  if (!routerCodec) {
    throw new TypeError(`invalid mapping: no codec of the router for the payload type ${codec.payloadType}`);
  }
  const media = { ...asParameters(routerCodec), parameters: consumableCodecParameters(codec, routerCodec) };
  const rtx = router.codecs.find((candidate) => isRtx(candidate) && candidate.parameters.apt === payloadType);
  return rtx ? [media, asParameters(rtx)] : [media];
}

/**
 * The producer's, since they describe what is really sent, at a level that the router has agreed to. RED's name the
 * payload types inside it, and these are the router's here.
 */
function consumableCodecParameters(
  codec: NormalizedRtpCodecParameters,
  routerCodec: NormalizedRtpCodecCapability,
): NormalizedRtpCodecParameters['parameters'] {
  if (isRed(codec)) {
    return {};
  }
  if (codec.mimeType.toLowerCase() !== 'video/h264') {
    return codec.parameters;
  }
  const profileLevelId = h264ProfileLevelIdForAnswer(codec.parameters, routerCodec.parameters);
  return profileLevelId === undefined
    ? codec.parameters
    : { ...codec.parameters, 'profile-level-id': profileLevelId };
}

function asParameters(codec: NormalizedRtpCodecCapability): NormalizedRtpCodecParameters {
  const { kind: _kind, preferredPayloadType, ...rest } = codec;
  return { ...rest, payloadType: preferredPayloadType };
}

function isForwarded({ uri, direction }: RtpHeaderExtension): boolean {
  // Kept for pipes, to tell layers apart behind them; consumers of endpoints lose it again.
  return direction === 'sendrecv' || direction === 'sendonly' || uri === DEPENDENCY_DESCRIPTOR;
}

function toParameters({
  uri,
  preferredId,
  preferredEncrypt,
}: RtpHeaderExtension): RtpHeaderExtensionParameters {
  return { uri, id: preferredId, encrypt: preferredEncrypt ?? false, parameters: {} };
}

/** RIDs, RTX SSRCs and payload types belong to the producer's side alone. */
function consumableEncoding(
  encoding: RtpEncodingParameters,
  mapping: RtpMapping,
  index: number,
): RtpEncodingParameters {
  const mapped = mapping.encodings[index];
  if (mapped === undefined) {
    throw new TypeError(`invalid mapping: expected an entry for encodings[${index}]`);
  }
  const { rid: _rid, rtx: _rtx, codecPayloadType: _codecPayloadType, ...rest } = encoding;
  return { ...rest, ssrc: mapped.mappedSsrc };
}
