/**
 * Requests to the services of e-ID providers: bounded in time and size, redirects not followed, with sockets of its own that
 * `close` frees. Its errors name what went wrong, never what was sent or received.
 */
import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface BoundedExchangeOptions {
  /** PEM: the own certificate and its key, for mutual TLS. */
  readonly key?: string | undefined;
  readonly cert?: string | undefined;
  /** PEM: the CAs to trust, and no other. Default: those of Node. */
  readonly ca?: string | undefined;
}

export interface ExchangeRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | undefined;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Documents, keys and signed answers are a few dozen KiB. */
const MAX_ANSWER_BYTES = 256 * 1024;

export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  constructor(
    readonly kind: 'unreachable' | 'timeout' | 'too-large' | 'closed',
    options?: { cause?: unknown },
  ) {
    super(`the service of the e-ID: ${kind}`, options);
  }
}

export class BoundedExchange {
  readonly #https: HttpsAgent;
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: 64 });
  readonly #closing = new AbortController();

  constructor({ key, cert, ca }: BoundedExchangeOptions = {}) {
    this.#https = new HttpsAgent({
      keepAlive: true,
      maxSockets: 64,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(key !== undefined && { key }),
      ...(cert !== undefined && { cert }),
      ...(ca !== undefined && { ca }),
    });
  }

  /** Rejects with an `ExchangeError`. `timeoutMs`: from the connecting to the last octet of the answer. */
  send(url: URL, { method, headers, body }: ExchangeRequest, timeoutMs: number): Promise<ExchangeAnswer> {
    const { signal } = this.#closing;
    if (signal.aborted) return Promise.reject(new ExchangeError('closed'));
    return new Promise((resolve, reject) => {
      const outgoing =
        url.protocol === 'https:'
          ? httpsRequest(url, { method, headers, agent: this.#https })
          : httpRequest(url, { method, headers, agent: this.#http });
      const finish = (outcome: ExchangeAnswer | ExchangeError): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onClose);
        if (!(outcome instanceof ExchangeError)) return resolve(outcome);
        reject(outcome);
        outgoing.destroy();
      };
      const onClose = (): void => finish(new ExchangeError('closed'));
      const timer = setTimeout(() => finish(new ExchangeError('timeout')), timeoutMs);
      signal.addEventListener('abort', onClose);
      // Also after `finish`: a destroyed request says so once more.
      outgoing.on('error', (cause) => finish(new ExchangeError('unreachable', { cause })));
      outgoing.on('response', (incoming) => {
        readAnswer(incoming).then(finish, (cause: unknown) => {
          finish(cause instanceof ExchangeError ? cause : new ExchangeError('unreachable', { cause }));
        });
      });
      outgoing.end(body);
    });
  }

  /** What is under way is broken off. */
  close(): void {
    this.#closing.abort();
    this.#https.destroy();
    this.#http.destroy();
  }
}

/** HTTPS; plain HTTP only to this machine, for development. */
export function isSafeAddress({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
  );
}

async function readAnswer(incoming: IncomingMessage): Promise<ExchangeAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new ExchangeError('too-large');
    chunks.push(chunk);
  }
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(chunks) };
}
