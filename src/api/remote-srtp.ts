import type { SrtpCryptoSuite, SrtpParameters } from '../rtp/rtp-parameters.js';
import type { Fields } from './ortc/fields.js';

interface RemoteSrtpOptions {
  /** Whether the transport was made with `enableSrtp`: the keys are needed then, and out of place otherwise. */
  enableSrtp: boolean;
  suites: readonly SrtpCryptoSuite[];
  /** Whose keys, for people: "the remote's". */
  whose: string;
}

/** `srtpParameters` of a `connect()`. @throws TypeError when they are malformed, missing or needless */
export function readRemoteSrtp(
  fields: Fields,
  { enableSrtp, suites, whose }: RemoteSrtpOptions,
): SrtpParameters | undefined {
  const srtp = fields.optionalObject('srtpParameters');
  if (enableSrtp !== (srtp !== null)) {
    fields.fail(
      'srtpParameters',
      enableSrtp
        ? `${whose} { cryptoSuite, keyBase64 }`
        : 'none, as the transport was made without enableSrtp',
    );
  }
  if (srtp === null) {
    return undefined;
  }
  return { cryptoSuite: srtp.oneOf('cryptoSuite', suites), keyBase64: srtp.string('keyBase64') };
}
