/** Freja's REST authentication service, version 1.0: mutual TLS, requests as base64 JSON in a form field, answers in JSON. */
import { JsonService, ServiceError } from '../json-service.js';
import type { RpCertificate } from '../rp-certificate.js';

export interface FrejaApiOptions {
  /** Such as `https://services.prod.frejaeid.com`. */
  readonly baseUrl: string;
  readonly rpCertificate: RpCertificate;
  /** PEM. Default: the CAs of Node. */
  readonly serverCa?: string | undefined;
}

export interface FrejaResult {
  readonly status: string;
  /** JWS, when approved. */
  readonly details: string | null;
}

const METHODS = {
  initAuthentication: 'initAuthRequest',
  getOneResult: 'getOneAuthResultRequest',
  cancel: 'cancelAuthRequest',
} as const;

/** What is asked of everyone; the level is BASIC, an e-mail address only, unless a higher one is asked for. */
const AUTHENTICATION = {
  userInfoType: 'INFERRED',
  userInfo: 'N/A',
  minRegistrationLevel: 'PLUS',
  attributesToReturn: [
    { attribute: 'BASIC_USER_INFO' },
    { attribute: 'SSN' },
    { attribute: 'LOA_LEVEL' },
    { attribute: 'REGISTRATION_LEVEL' },
  ],
};

export class FrejaApi {
  readonly #service: JsonService;

  /** Throws a TypeError for an address without TLS. */
  constructor({ baseUrl, ...options }: FrejaApiOptions) {
    const base = `${baseUrl.replace(/\/+$/, '')}/authentication/1.0`;
    this.#service = new JsonService({ ...options, baseUrl: base, name: 'Freja', codeField: 'code' });
  }

  /** The order's reference. These reject with a `ServiceError`. */
  async initAuthentication(timeoutMs: number): Promise<string> {
    const { authRef } = await this.#post('initAuthentication', AUTHENTICATION, timeoutMs);
    return isReference(authRef) ? authRef : nonsense();
  }

  async getOneResult(authRef: string, timeoutMs: number): Promise<FrejaResult> {
    const answer = await this.#post('getOneResult', { authRef }, timeoutMs);
    if (answer.authRef !== authRef || typeof answer.status !== 'string') return nonsense();
    return { status: answer.status, details: typeof answer.details === 'string' ? answer.details : null };
  }

  async cancel(authRef: string, timeoutMs: number): Promise<void> {
    await this.#post('cancel', { authRef }, timeoutMs);
  }

  /** What is under way is broken off. */
  close(): void {
    this.#service.close();
  }

  #post(
    method: keyof typeof METHODS,
    request: Readonly<Record<string, unknown>>,
    timeoutMs: number,
  ): Promise<Readonly<Record<string, unknown>>> {
    const form = `${METHODS[method]}=${toFormSafeBase64(request)}`;
    return this.#service.post(method, 'application/x-www-form-urlencoded', form, timeoutMs);
  }
}

/**
 * Base64 in which no `+` and `/` can occur, so that it is the same whether a service undoes the form's encoding or not. They
 * come only of characters that JSON can also write as escapes.
 */
function toFormSafeBase64(request: Readonly<Record<string, unknown>>): string {
  const json = JSON.stringify(request).replaceAll(
    /[^ -=@-}]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Buffer.from(json).toString('base64');
}

function isReference(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{8,512}$/.test(value);
}

function nonsense(): never {
  throw new ServiceError('Freja', 'nonsense');
}
