/** Freja's REST authentication service, version 1.0: mutual TLS, requests as base64 JSON in a form field, answers in JSON. */
import { BoundedExchange, ExchangeError } from '../oidc/bounded-exchange.js';

export interface FrejaApiOptions {
  /** Such as `https://services.prod.frejaeid.com`. */
  readonly baseUrl: string;
  /** PEM: the relying party's certificate with its issuers, and the key. */
  readonly cert: string;
  readonly key: string;
  /** PEM. Default: the CAs of Node. */
  readonly ca?: string | undefined;
}

export interface FrejaResult {
  readonly status: string;
  /** JWS, when approved. */
  readonly details: string | null;
}

export class FrejaError extends Error {
  override readonly name = 'FrejaError';
  constructor(
    readonly kind: ExchangeError['kind'] | 'refused' | 'nonsense',
    /** Kind `refused`. */
    readonly httpStatus = 0,
    /** Freja's number, such as 1100 (no such order); 0 when it gave none. */
    readonly code = 0,
    options?: { cause?: unknown },
  ) {
    super(`Freja: ${kind}${httpStatus ? ` (${httpStatus}, ${code})` : ''}`, options);
  }
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
  readonly #base: URL;
  readonly #exchange: BoundedExchange;

  constructor({ baseUrl, ...tls }: FrejaApiOptions) {
    this.#base = new URL(`${baseUrl.replace(/\/+$/, '')}/authentication/1.0/`);
    if (this.#base.protocol !== 'https:')
      throw new TypeError('the address of Freja must begin with https://');
    this.#exchange = new BoundedExchange(tls);
  }

  /** The order's reference. These reject with a `FrejaError`. */
  async initAuthentication(timeoutMs: number): Promise<string> {
    const { authRef } = await this.#post('initAuthentication', AUTHENTICATION, timeoutMs);
    if (!isReference(authRef)) throw new FrejaError('nonsense');
    return authRef;
  }

  async getOneResult(authRef: string, timeoutMs: number): Promise<FrejaResult> {
    const answer = await this.#post('getOneResult', { authRef }, timeoutMs);
    if (answer.authRef !== authRef || typeof answer.status !== 'string') throw new FrejaError('nonsense');
    return { status: answer.status, details: typeof answer.details === 'string' ? answer.details : null };
  }

  async cancel(authRef: string, timeoutMs: number): Promise<void> {
    await this.#post('cancel', { authRef }, timeoutMs);
  }

  close(): void {
    this.#exchange.close();
  }

  async #post(
    method: keyof typeof METHODS,
    request: Record<string, unknown>,
    timeoutMs: number,
  ): Promise<Record<string, unknown>> {
    const body = Buffer.from(`${METHODS[method]}=${toFormSafeBase64(request)}`);
    const headers = {
      'Content-Type': 'application/x-www-form-urlencoded',
      'Content-Length': String(body.length),
    };
    const answer = await this.#exchange
      .send(new URL(method, this.#base), { method: 'POST', headers, body }, timeoutMs)
      .catch((cause: unknown) => {
        throw new FrejaError(cause instanceof ExchangeError ? cause.kind : 'unreachable', 0, 0, { cause });
      });
    const json = parseObject(answer.body);
    if (answer.status !== 200) {
      const code = typeof json?.code === 'number' ? json.code : 0;
      throw new FrejaError('refused', answer.status, code);
    }
    if (!json) throw new FrejaError('nonsense');
    return json;
  }
}

/**
 * Base64 in which no `+` and `/` can occur, so that it is the same whether a service undoes the form's encoding or not. They
 * come only of characters that JSON can also write as escapes.
 */
function toFormSafeBase64(request: Record<string, unknown>): string {
  const json = JSON.stringify(request).replaceAll(
    /[^ -=@-}]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Buffer.from(json).toString('base64');
}

function isReference(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{8,512}$/.test(value);
}

function parseObject(bytes: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
