/**
 * A provider's service that is asked by POST and answers in JSON, over mutual TLS. Its errors name what went wrong, never what
 * was sent or received.
 */
import { BoundedExchange, ExchangeError } from './bounded-exchange.js';
import type { RpCertificate } from './rp-certificate.js';

export interface JsonServiceOptions {
  /** For texts of errors: `BankID`. */
  readonly name: string;
  /** HTTPS; paths are put behind it. */
  readonly baseUrl: string;
  readonly rpCertificate: RpCertificate;
  /** PEM: the CAs to trust, and no other. Default: those of Node. */
  readonly serverCa?: string | undefined;
  /** Where refusals say why, with a word or number of the service: `errorCode`. */
  readonly codeField: string;
}

export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  constructor(
    service: string,
    readonly kind: ExchangeError['kind'] | 'refused' | 'nonsense',
    /** Kind `refused`. */
    readonly httpStatus = 0,
    /** Kind `refused`: the service's own word or number; empty when there was none that could be one. */
    readonly code: string | number = '',
    options?: { cause?: unknown },
  ) {
    super(`${service}: ${kind}${httpStatus ? ` (${httpStatus} ${code})` : ''}`, options);
  }
}

export class JsonService {
  readonly #options: JsonServiceOptions;
  readonly #base: URL;
  readonly #exchange: BoundedExchange;

  /** Throws a TypeError for an address without TLS. */
  constructor(options: JsonServiceOptions) {
    const { name, baseUrl, rpCertificate, serverCa } = options;
    if (!URL.canParse(baseUrl) || new URL(baseUrl).protocol !== 'https:') {
      throw new TypeError(`the address of ${name} must begin with https://`);
    }
    this.#options = options;
    this.#base = new URL(`${baseUrl.replace(/\/+$/, '')}/`);
    this.#exchange = new BoundedExchange({ ...rpCertificate, ca: serverCa });
  }

  /** The answer's JSON object. Rejects with a `ServiceError`. `timeoutMs`: from the connecting to the last octet. */
  async post(
    path: string,
    contentType: string,
    text: string,
    timeoutMs: number,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { name, codeField } = this.#options;
    const body = Buffer.from(text);
    const headers = { 'Content-Type': contentType, 'Content-Length': String(body.length) };
    const answer = await this.#exchange
      .send(new URL(path, this.#base), { method: 'POST', headers, body }, timeoutMs)
      .catch((cause: unknown) => {
        const kind = cause instanceof ExchangeError ? cause.kind : 'unreachable';
        throw new ServiceError(name, kind, 0, '', { cause });
      });
    const json = parseObject(answer.body);
    if (answer.status !== 200) {
      throw new ServiceError(name, 'refused', answer.status, asCode(json?.[codeField]));
    }
    if (!json) throw new ServiceError(name, 'nonsense');
    return json;
  }

  /** What is under way is broken off. */
  close(): void {
    this.#exchange.close();
  }
}

/** Goes into logs: a word or a number, too short for one of a person. */
function asCode(value: unknown): string | number {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e6 ? value : '';
  return typeof value === 'string' && /^[A-Za-z]{1,40}$/.test(value) ? value : '';
}

function parseObject(bytes: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
