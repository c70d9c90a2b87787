import type { DtlsFingerprint, DtlsParameters } from '../worker/entity-types.js';
import { Fields } from './ortc/fields.js';

const algorithms = ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512'] as const;
const MAX_FINGERPRINTS = 16;
const hexBytes = /^[0-9a-f]{2}(:[0-9a-f]{2})+$/i;

/**
 * The checked `dtlsParameters` of `connect()`.
 *
 * @throws TypeError that names the field.
 */
export function readDtlsParameters(options: unknown): DtlsParameters {
  const parameters = new Fields(options, 'options').optionalObject('dtlsParameters');
  if (parameters === null) {
    throw new TypeError(
      'missing options.dtlsParameters: expected what the endpoint sent, { role, fingerprints }',
    );
  }
  const fingerprints = parameters.list('fingerprints', readFingerprint);
  if (fingerprints.length === 0 || fingerprints.length > MAX_FINGERPRINTS) {
    return parameters.fail('fingerprints', `1 to ${MAX_FINGERPRINTS} entries`);
  }
  return { role: parameters.oneOf('role', ['auto', 'client', 'server'] as const, 'auto'), fingerprints };
}

function readFingerprint(fingerprint: unknown, place: string): DtlsFingerprint {
  const fields = new Fields(fingerprint, 'fingerprint', place);
  const value = fields.string('value');
  if (!hexBytes.test(value)) {
    return fields.fail('value', 'hexadecimal bytes with colons between, such as "AB:CD:EF"');
  }
  return { algorithm: fields.oneOf('algorithm', algorithms), value };
}
