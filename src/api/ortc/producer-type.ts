import { type ProducerType, type RtpParameters } from '../../rtp/rtp-parameters.js';
import { parseScalabilityMode } from '../scalability-mode.js';
import { type NormalizedRtpCodecParameters } from './normalized.js';
import { isRtx } from './validate-rtp-codecs.js';
import { validateRtpParameters } from './validate-rtp-parameters.js';

// VP8 and H264 have temporal layers only: one encoding with layers is then a simulcast of one.
const svcCodecs = new Set(['video/vp9', 'video/av1']);
const simulcastCodecs = new Set(['video/vp8', 'video/h264', ...svcCodecs]);

/**
 * What a producer with these parameters is: several encodings are simulcast; one encoding with several layers
 * (by its `scalabilityMode`) is SVC or, for codecs without SVC, simulcast of one; everything else is simple.
 * @throws {TypeError} malformed input, no encoding, no media codec, or layers with a codec that has none (audio).
 */
export function getProducerType(rtpParameters: RtpParameters): ProducerType {
  const { codecs, encodings } = validateRtpParameters(rtpParameters);
  if (encodings.length === 0) {
    throw new TypeError('missing params.encodings: expected one at least');
  }
  const mimeType = codecOf(encodings[0].codecPayloadType, codecs).mimeType.toLowerCase();
  if (encodings.length > 1) {
    return layered('simulcast', simulcastCodecs, mimeType);
  }
  const { spatialLayers, temporalLayers } = parseScalabilityMode(encodings[0].scalabilityMode);
  if (spatialLayers === 1 && temporalLayers === 1) {
    return 'simple';
  }
  return svcCodecs.has(mimeType) ? 'svc' : layered('simulcast', simulcastCodecs, mimeType);
}

function codecOf(
  payloadType: number | undefined,
  codecs: NormalizedRtpCodecParameters[],
): NormalizedRtpCodecParameters {
  const mediaCodecs = codecs.filter((codec) => !isRtx(codec));
  const codec =
    payloadType === undefined
      ? mediaCodecs[0]
      : mediaCodecs.find((candidate) => candidate.payloadType === payloadType);
  if (!codec) {
    const expected = payloadType === undefined ? 'a media codec' : `one with the payload type ${payloadType}`;
    throw new TypeError(`missing params.codecs: expected ${expected}, as encodings[0] says`);
  }
  return codec;
}

function layered(type: ProducerType, codecs: Set<string>, mimeType: string): ProducerType {
  if (!codecs.has(mimeType)) {
    throw new TypeError(`invalid params.encodings: ${mimeType} cannot be sent as ${type}`);
  }
  return type;
}
