/** BankID's RP API v6.0: mutual TLS, the server trusted by BankID's own CA only. */
import { JsonService, ServiceError } from '../json-service.js';
import type { RpCertificate } from '../rp-certificate.js';
import { type CollectAnswer, readCollectAnswer, readStartedOrder, type StartedOrder } from './rp-answers.js';

export interface RpApiOptions {
  /** Such as `https://appapi2.bankid.com/rp/v6.0`. */
  readonly baseUrl: string;
  readonly rpCertificate: RpCertificate;
  /** PEM: the CAs of the server; no other is trusted. */
  readonly serverCa: string;
}

export class RpApi {
  readonly #service: JsonService;

  /** Throws a TypeError for an address without TLS. */
  constructor(options: RpApiOptions) {
    this.#service = new JsonService({ ...options, name: 'BankID', codeField: 'errorCode' });
  }

  /** These reject with a `ServiceError`. One attempt each: BankID forbids automatic repetition of most errors. */
  async auth(request: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<StartedOrder> {
    return readStartedOrder(await this.#post('auth', request, timeoutMs)) ?? nonsense();
  }

  async collect(orderRef: string, timeoutMs: number): Promise<CollectAnswer> {
    return readCollectAnswer(await this.#post('collect', { orderRef }, timeoutMs), orderRef) ?? nonsense();
  }

  async cancel(orderRef: string, timeoutMs: number): Promise<void> {
    await this.#post('cancel', { orderRef }, timeoutMs);
  }

  /** What is under way is broken off. */
  close(): void {
    this.#service.close();
  }

  #post(endpoint: string, body: Readonly<Record<string, unknown>>, timeoutMs: number): Promise<unknown> {
    // Exactly this type: a charset in it is refused with 415.
    return this.#service.post(endpoint, 'application/json', JSON.stringify(body), timeoutMs);
  }
}

function nonsense(): never {
  throw new ServiceError('BankID', 'nonsense');
}
