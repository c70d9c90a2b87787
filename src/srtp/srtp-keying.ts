/**
 * Master keys: where they come from (a DTLS exporter, or `srtpParameters` of a PlainTransport or PipeTransport)
 * and how they are written down.
 */
import type { SrtpParameters } from '../rtp/rtp-parameters.js';
import { isSrtpProfile, srtpProfileInfo, srtpProfileNames, type SrtpProfile } from './srtp-profiles.js';

/** The master key and salt of one direction. */
export interface SrtpKeying {
  profile: SrtpProfile;
  masterKey: Uint8Array;
  masterSalt: Uint8Array;
}

/** The exporter label of RFC 5764 4.2. */
export const DTLS_SRTP_EXPORTER_LABEL = 'EXTRACTOR-dtls_srtp';

/** How many bytes to ask of the DTLS exporter. */
export function dtlsSrtpExporterLength(profile: SrtpProfile): number {
  const { keyLength, saltLength } = srtpProfileInfo(profile);
  return 2 * (keyLength + saltLength);
}

/**
 * Cuts exported keying material into the two directions: client key, server key, client salt, server salt
 * (RFC 5764 4.2). `client` protects what the DTLS client sends.
 * @throws TypeError when the block has not the length that the profile needs.
 */
export function splitDtlsSrtpKeying(
  profile: SrtpProfile,
  block: Uint8Array,
): { client: SrtpKeying; server: SrtpKeying } {
  const { keyLength, saltLength } = srtpProfileInfo(profile);
  const expected = dtlsSrtpExporterLength(profile);
  if (block.length !== expected)
    throw new TypeError(
      `exported keying material has ${block.length} bytes, ${profile} needs ${expected}: export that many`,
    );
  const saltStart = 2 * keyLength;
  return {
    client: {
      profile,
      masterKey: block.slice(0, keyLength),
      masterSalt: block.slice(saltStart, saltStart + saltLength),
    },
    server: {
      profile,
      masterKey: block.slice(keyLength, saltStart),
      masterSalt: block.slice(saltStart + saltLength, expected),
    },
  };
}

/**
 * Reads the `srtpParameters` that an application gives.
 * @throws TypeError when the suite is unknown or the key is not base64 of the suite's key and salt.
 */
export function fromSrtpParameters(parameters: SrtpParameters): SrtpKeying {
  const { cryptoSuite, keyBase64 } = parameters;
  if (!isSrtpProfile(cryptoSuite))
    throw new TypeError(
      `srtpParameters.cryptoSuite is ${JSON.stringify(cryptoSuite)}, expected one of ${srtpProfileNames.join(', ')}`,
    );
  // Buffer skips what is not base64, so a mistyped key would otherwise become a wrong key.
  if (typeof keyBase64 !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(keyBase64))
    throw new TypeError('srtpParameters.keyBase64 must be a base64 string (master key, then master salt)');
  const { keyLength, saltLength } = srtpProfileInfo(cryptoSuite);
  const decoded = new Uint8Array(Buffer.from(keyBase64, 'base64'));
  if (decoded.length !== keyLength + saltLength)
    throw new TypeError(
      `srtpParameters.keyBase64 holds ${decoded.length} bytes, ${cryptoSuite} needs ${keyLength + saltLength}: ` +
        `a master key of ${keyLength} and a master salt of ${saltLength}`,
    );
  return {
    profile: cryptoSuite,
    masterKey: decoded.slice(0, keyLength),
    masterSalt: decoded.slice(keyLength),
  };
}

/** The inverse of {@link fromSrtpParameters}. */
export function toSrtpParameters(keying: SrtpKeying): SrtpParameters {
  return {
    cryptoSuite: keying.profile,
    keyBase64: Buffer.concat([keying.masterKey, keying.masterSalt]).toString('base64'),
  };
}
