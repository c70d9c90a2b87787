/** Why signing in by OpenID Connect failed: from errors of openid-client to what people read. */
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import type { EidFailure, EidStatus, Localized } from '../eid-provider.js';
import { ExchangeError } from '../bounded-exchange.js';
import { EXPIRED, PROOF_INVALID } from '../order-texts.js';
import type { ClaimsReason } from './claims.js';

export interface Trouble {
  readonly failure: EidFailure;
  /** For logs. */
  readonly reason: string;
}

const TEXTS: Partial<Record<EidFailure, Localized>> = {
  'cancelled-by-user': { sv: 'Identifieringen avbröts.', en: 'The identification was cancelled.' },
  expired: EXPIRED.message,
  'assurance-too-low': {
    sv: 'Identifieringen har för låg tillitsnivå. Välj en annan e-legitimation.',
    en: 'The level of assurance is too low. Choose another e-ID.',
  },
  'proof-invalid': PROOF_INVALID.message,
  'provider-unavailable': {
    sv: 'E-legitimationens tjänst svarar inte just nu. Försök igen om en stund eller välj en annan.',
    en: 'The e-ID service is not answering right now. Try again in a while or choose another.',
  },
};
const REJECTED: Localized = {
  sv: 'E-legitimationens tjänst avvisade identifieringen. Försök igen eller välj en annan.',
  en: 'The e-ID service rejected the identification. Try again or choose another.',
};

/** Of the authorization response, RFC 6749 section 4.1.2.1 and OpenID Connect Core section 3.1.2.6. */
const AUTHORIZATION_ERRORS: Readonly<Record<string, EidFailure>> = {
  access_denied: 'cancelled-by-user',
  temporarily_unavailable: 'provider-unavailable',
  server_error: 'provider-unavailable',
  unmet_authentication_requirements: 'assurance-too-low',
};

/** The service answered, but not as such a service does. */
const NOT_AN_ANSWER = new Set([
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
  'OAUTH_TIMEOUT',
]);

export function failureText(failure: EidFailure): Localized {
  return TEXTS[failure] ?? REJECTED;
}

export function failed(failure: EidFailure): EidStatus {
  return { state: 'failed', failure, message: failureText(failure) };
}

export function troubleOfClaims(reason: ClaimsReason): Trouble {
  return { failure: reason === 'acr-not-accepted' ? 'assurance-too-low' : 'proof-invalid', reason };
}

/** What went wrong is in `reason`, by words of protocols only. */
export function troubleOf(error: unknown): Trouble {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ExchangeError) return { failure: 'provider-unavailable', reason: cause.kind };
  }
  if (error instanceof AuthorizationResponseError) {
    const word = protocolWord(error.error);
    return {
      failure: Object.hasOwn(AUTHORIZATION_ERRORS, word) ? AUTHORIZATION_ERRORS[word] : 'rejected',
      reason: word,
    };
  }
  if (error instanceof ResponseBodyError) {
    // The code was used before, is somebody else's, or too old.
    const isGrant = error.error === 'invalid_grant';
    return { failure: isGrant ? 'proof-invalid' : 'provider-unavailable', reason: protocolWord(error.error) };
  }
  // The provider does not know us: a mistake of the configuration.
  if (error instanceof WWWAuthenticateChallengeError) {
    return { failure: 'provider-unavailable', reason: 'client-not-accepted' };
  }
  const code = error instanceof ClientError ? (error.code ?? 'unknown') : 'unknown';
  return { failure: NOT_AN_ANSWER.has(code) ? 'provider-unavailable' : 'proof-invalid', reason: code };
}

/** Errors come by the browser: anything may stand there. */
function protocolWord(value: string): string {
  return /^[a-z_]{1,40}$/.test(value) ? value : 'unknown';
}
