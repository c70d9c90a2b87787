import {
  type RtpHeaderExtension,
  type RtpHeaderExtensionDirection,
  type RtpHeaderExtensionUri,
} from '../../rtp/rtp-parameters.js';
import { Fields } from './fields.js';
import { type NormalizedRtpCapabilities } from './normalized.js';
import { validateRtpCodecCapability } from './validate-rtp-codecs.js';

const directions: readonly RtpHeaderExtensionDirection[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/**
 * Validates RTP capabilities and returns a deep copy with all lists and defaults filled in. Fields that the
 * vocabulary does not know are left out of the copy.
 * @throws {TypeError} naming the field.
 */
export function validateRtpCapabilities(caps: unknown): NormalizedRtpCapabilities {
  const fields = new Fields(caps, 'caps');
  return {
    codecs: fields.optionalList('codecs', validateRtpCodecCapability),
    headerExtensions: fields.optionalList('headerExtensions', validateRtpHeaderExtension),
  };
}

/** Defaults: `preferredEncrypt` false, `direction` 'sendrecv'. Unknown URIs are fine: they match nothing. */
export function validateRtpHeaderExtension(
  extension: unknown,
  place = 'headerExtension',
): RtpHeaderExtension {
  const fields = new Fields(extension, 'headerExtension', place);
  return {
    kind: fields.oneOf('kind', ['audio', 'video']),
    uri: fields.string('uri') as RtpHeaderExtensionUri,
    preferredId: fields.integer('preferredId', 1, 255),
    preferredEncrypt: fields.boolean('preferredEncrypt', false),
    direction: fields.oneOf('direction', directions, 'sendrecv'),
  };
}
