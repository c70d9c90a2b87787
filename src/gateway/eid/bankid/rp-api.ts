/**
 * HTTPS with BankID's RP API: mutual TLS, the server trusted by BankID's own CA only; each call bounded in time and size. Its
 * errors name what went wrong, never what was sent or received.
 */
import { Agent, type RequestOptions, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { readErrorCode } from './rp-answers.js';
import type { RpCertificate } from './rp-certificate.js';

export interface RpApiOptions {
  /** Such as `https://appapi2.bankid.com/rp/v6.0`. */
  readonly baseUrl: string;
  readonly rpCertificate: RpCertificate;
  /** PEM: the CAs of the server; no other is trusted. */
  readonly serverCa: string;
}

export type RpEndpoint = 'auth' | 'collect' | 'cancel';

/** An answer is a few dozen KiB with a signature in it. */
const MAX_ANSWER_BYTES = 256 * 1024;

export class RpError extends Error {
  override readonly name = 'RpError';
  constructor(
    readonly kind: 'unreachable' | 'timeout' | 'too-large' | 'nonsense' | 'refused' | 'closed',
    /** Kind `refused`. */
    readonly httpStatus = 0,
    /** BankID's word, such as `alreadyInProgress`; may be empty. */
    readonly errorCode = '',
    options?: { cause?: unknown },
  ) {
    super(`BankID: ${kind}${httpStatus ? ` (${httpStatus} ${errorCode})` : ''}`, options);
  }
}

class StaleConnection extends Error {}

export class RpApi {
  readonly #base: URL;
  readonly #agent: Agent;
  /** Of connections that nobody has used. */
  readonly #freshAgent: Agent;
  readonly #closing = new AbortController();

  constructor(options: RpApiOptions) {
    this.#base = new URL(`${options.baseUrl.replace(/\/+$/, '')}/`);
    if (this.#base.protocol !== 'https:')
      throw new TypeError('the address of BankID must begin with https://');
    const { key, cert } = options.rpCertificate;
    const tls = { key, cert, ca: options.serverCa, rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
    this.#agent = new Agent({ ...tls, keepAlive: true, maxSockets: 64 });
    this.#freshAgent = new Agent({ ...tls, maxSockets: 64 });
  }

  /**
   * The answer's JSON. Rejects with an `RpError`. One attempt: BankID forbids automatic repetition of most errors. `timeoutMs`:
   * from the connecting to the last octet of the answer.
   */
  async post(endpoint: RpEndpoint, body: Record<string, unknown>, timeoutMs: number): Promise<unknown> {
    if (this.#closing.signal.aborted) throw new RpError('closed');
    const payload = Buffer.from(JSON.stringify(body));
    // Exactly this type: a charset in it is refused with 415.
    const headers = { 'Content-Type': 'application/json', 'Content-Length': payload.length };
    const url = new URL(endpoint, this.#base);
    const options = { method: 'POST', headers, agent: this.#agent };
    try {
      return await this.#exchange(url, options, payload, timeoutMs);
    } catch (error) {
      if (!(error instanceof StaleConnection)) throw error;
      // The service had closed an idle connection at the moment when we used it: nobody has seen the request.
      return await this.#exchange(url, { ...options, agent: this.#freshAgent }, payload, timeoutMs);
    }
  }

  /** What is under way is broken off. */
  close(): void {
    this.#closing.abort();
    this.#agent.destroy();
    this.#freshAgent.destroy();
  }

  #exchange(url: URL, options: RequestOptions, payload: Buffer, timeoutMs: number): Promise<unknown> {
    const { signal } = this.#closing;
    return new Promise((resolve, reject) => {
      const outgoing = request(url, options);
      const finish = (error: RpError | StaleConnection | null, answer?: unknown): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onClose);
        if (!error) return resolve(answer);
        reject(error);
        outgoing.destroy();
      };
      const onClose = (): void => finish(new RpError('closed'));
      const timer = setTimeout(() => finish(new RpError('timeout')), timeoutMs);
      signal.addEventListener('abort', onClose);
      // Also after `finish`: a destroyed request says so once more.
      outgoing.on('error', (cause: NodeJS.ErrnoException) => {
        const isStale = outgoing.reusedSocket && cause.code === 'ECONNRESET';
        finish(isStale ? new StaleConnection() : new RpError('unreachable', 0, '', { cause }));
      });
      outgoing.on('response', (incoming) => {
        readAnswer(incoming).then(
          (answer) => finish(null, answer),
          (error: unknown) => finish(error instanceof RpError ? error : new RpError('unreachable')),
        );
      });
      outgoing.end(payload);
    });
  }
}

async function readAnswer(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new RpError('too-large');
    chunks.push(chunk);
  }
  const status = incoming.statusCode ?? 0;
  const answer = parseJson(Buffer.concat(chunks));
  if (status !== 200) throw new RpError('refused', status, readErrorCode(answer));
  if (typeof answer !== 'object' || answer === null) throw new RpError('nonsense');
  return answer;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
