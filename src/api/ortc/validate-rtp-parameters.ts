import {
  type RtcpParameters,
  type RtpEncodingParameters,
  type RtpHeaderExtensionParameters,
  type RtpHeaderExtensionUri,
} from '../../rtp/rtp-parameters.js';
import { Fields } from './fields.js';
import { type NormalizedRtpCodecParameters, type NormalizedRtpParameters } from './normalized.js';
import { readCodecParameters, validateRtpCodecParameters } from './validate-rtp-codecs.js';

const MAX_SSRC = 0xffffffff;

/**
 * Validates RTP parameters and returns a deep copy with all lists and defaults filled in (`encodings` may be
 * empty; `rtcp` is `{ reducedSize: true }` at least). Fields that the vocabulary does not know are left out.
 * @throws {TypeError} naming the field, also for a payload type or header extension id used twice.
 */
export function validateRtpParameters(params: unknown): NormalizedRtpParameters {
  const fields = new Fields(params, 'params');
  const mid = fields.optionalString('mid');
  const codecs = fields.list('codecs', validateRtpCodecParameters);
  const headerExtensions = fields.optionalList('headerExtensions', validateRtpHeaderExtensionParameters);
  const encodings = fields.optionalList('encodings', validateRtpEncodingParameters);
  const rtcp = validateRtcpParameters(fields.optionalObject('rtcp'));
  const msid = fields.optionalString('msid');
  refuseDuplicatedPayloadTypes(codecs);
  refuseDuplicatedIds(headerExtensions);
  return {
    ...(mid !== undefined && { mid }),
    codecs,
    headerExtensions,
    encodings,
    rtcp,
    ...(msid !== undefined && { msid }),
  };
}

function validateRtpHeaderExtensionParameters(
  extension: unknown,
  place: string,
): RtpHeaderExtensionParameters {
  const fields = new Fields(extension, 'headerExtension', place);
  return {
    uri: fields.string('uri') as RtpHeaderExtensionUri,
    id: fields.integer('id', 1, 255),
    encrypt: fields.boolean('encrypt', false),
    parameters: readCodecParameters(fields.optionalObject('parameters')),
  };
}

function validateRtpEncodingParameters(encoding: unknown, place: string): RtpEncodingParameters {
  const fields = new Fields(encoding, 'encoding', place);
  const rtxSsrc = fields.optionalObject('rtx')?.integer('ssrc', 0, MAX_SSRC);
  const optional: RtpEncodingParameters = {
    ssrc: fields.optionalInteger('ssrc', 0, MAX_SSRC),
    rid: fields.optionalString('rid'),
    codecPayloadType: fields.optionalInteger('codecPayloadType', 0, 127),
    rtx: rtxSsrc === undefined ? undefined : { ssrc: rtxSsrc },
    scalabilityMode: fields.optionalString('scalabilityMode'),
    scaleResolutionDownBy: fields.optionalAmount('scaleResolutionDownBy'),
    maxBitrate: fields.optionalAmount('maxBitrate'),
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { ...(Object.fromEntries(given) as RtpEncodingParameters), dtx: fields.boolean('dtx', false) };
}

function validateRtcpParameters(fields: Fields | null): RtcpParameters {
  const cname = fields?.optionalString('cname');
  // The length of an SDES item is one byte (RFC 3550 6.5).
  if (cname !== undefined && Buffer.byteLength(cname) > 255) {
    throw new TypeError(
      `rtcp.cname takes ${Buffer.byteLength(cname)} bytes in UTF-8, at most 255 are possible`,
    );
  }
  return { ...(cname !== undefined && { cname }), reducedSize: fields?.boolean('reducedSize', true) ?? true };
}

function refuseDuplicatedPayloadTypes(codecs: NormalizedRtpCodecParameters[]): void {
  const seen = new Map<number, string>();
  for (const { payloadType, mimeType } of codecs) {
    const other = seen.get(payloadType);
    if (other !== undefined) {
      throw new TypeError(`duplicated codec.payloadType ${payloadType}: used by ${other} and by ${mimeType}`);
    }
    seen.set(payloadType, mimeType);
  }
}

function refuseDuplicatedIds(headerExtensions: RtpHeaderExtensionParameters[]): void {
  const seen = new Map<number, string>();
  for (const { id, uri } of headerExtensions) {
    const other = seen.get(id);
    if (other !== undefined) {
      throw new TypeError(`duplicated headerExtension.id ${id}: used by ${other} and by ${uri}`);
    }
    seen.set(id, uri);
  }
}
