/** Alerts (RFC 5246 section 7.2). */
import { type DtlsFailure } from './dtls-reasons.js';

export const AlertLevel = { Warning: 1, Fatal: 2 } as const;

export const CLOSE_NOTIFY = 0;

const HANDSHAKE_FAILURE = 40;
const BAD_CERTIFICATE = 42;
const ILLEGAL_PARAMETER = 47;
const DECRYPT_ERROR = 51;
const PROTOCOL_VERSION = 70;
const INTERNAL_ERROR = 80;

export function encodeAlert(level: number, description: number): Uint8Array {
  return Uint8Array.of(level, description);
}

/** The description that tells the peer why. */
export function alertFor(failure: DtlsFailure): number {
  switch (failure) {
    case 'unsupported-version':
      return PROTOCOL_VERSION;
    case 'bad-certificate':
    case 'fingerprint-mismatch':
      return BAD_CERTIFICATE;
    case 'bad-key-exchange':
      return ILLEGAL_PARAMETER;
    case 'bad-certificate-verify':
    case 'bad-finished':
      return DECRYPT_ERROR;
    case 'engine-failure':
      return INTERNAL_ERROR;
    default:
      return HANDSHAKE_FAILURE;
  }
}
