/**
 * Requests to the services of e-ID providers: bounded in time and size, redirects not followed, with sockets of its own that
 * `close` frees. Its errors name what went wrong, never what was sent or received.
 */
import {
  Agent as HttpAgent,
  type ClientRequest,
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

interface Agents {
  /** Keeps connections for the next request. */
  readonly kept: HttpAgent;
  /** Of connections that nobody has used. */
  readonly fresh: HttpAgent;
}

export class BoundedExchange {
  readonly #https: Agents;
  readonly #http: Agents;
  readonly #closing = new AbortController();

  constructor({ key, cert, ca }: BoundedExchangeOptions = {}) {
    const tls = {
      maxSockets: 64,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(key !== undefined && { key }),
      ...(cert !== undefined && { cert }),
      ...(ca !== undefined && { ca }),
    } as const;
    this.#https = { kept: new HttpsAgent({ ...tls, keepAlive: true }), fresh: new HttpsAgent(tls) };
    const plain = { maxSockets: 64 };
    this.#http = { kept: new HttpAgent({ ...plain, keepAlive: true }), fresh: new HttpAgent(plain) };
  }

  /**
   * One attempt; another only where an idle connection ended as it was used, so that nobody has seen the request. Rejects with
   * an `ExchangeError`. `timeoutMs`: from the connecting to the last octet of the answer.
   */
  send(url: URL, request: ExchangeRequest, timeoutMs: number): Promise<ExchangeAnswer> {
    const { signal } = this.#closing;
    if (signal.aborted) return Promise.reject(new ExchangeError('closed'));
    return new Promise((resolve, reject) => {
      let outgoing: ClientRequest;
      let isOver = false;
      const finish = (outcome: ExchangeAnswer | ExchangeError): void => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', onClose);
        if (!(outcome instanceof ExchangeError)) return resolve(outcome);
        reject(outcome);
        outgoing.destroy();
      };
      const onClose = (): void => finish(new ExchangeError('closed'));
      const timer = setTimeout(() => finish(new ExchangeError('timeout')), timeoutMs);
      signal.addEventListener('abort', onClose);
      const attempt = (kind: keyof Agents): void => {
        const mine = (outgoing = this.#open(url, request, kind));
        let isAnswered = false;
        // Also after `finish`: a destroyed request says so once more.
        mine.on('error', (cause: NodeJS.ErrnoException) => {
          const isStale = mine.reusedSocket && cause.code === 'ECONNRESET' && !isAnswered;
          if (isStale && kind === 'kept' && !isOver) attempt('fresh');
          else finish(new ExchangeError('unreachable', { cause }));
        });
        mine.on('response', (incoming) => {
          isAnswered = true;
          readAnswer(incoming).then(finish, (cause: unknown) => {
            finish(cause instanceof ExchangeError ? cause : new ExchangeError('unreachable', { cause }));
          });
        });
        mine.end(request.body);
      };
      attempt('kept');
    });
  }

  /** What is under way is broken off. */
  close(): void {
    this.#closing.abort();
    for (const { kept, fresh } of [this.#https, this.#http]) {
      kept.destroy();
      fresh.destroy();
    }
  }

  #open(url: URL, { method, headers }: ExchangeRequest, kind: keyof Agents): ClientRequest {
    return url.protocol === 'https:'
      ? httpsRequest(url, { method, headers, agent: this.#https[kind] })
      : httpRequest(url, { method, headers, agent: this.#http[kind] });
  }
}

/** HTTPS; plain HTTP only to this machine, for development. */
export function isSafeAddress({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
  );
}

async function readAnswer(incoming: IncomingMessage): Promise<ExchangeAnswer> {
  const status = incoming.statusCode ?? 0;
  // Of no HTTP: what stands there is no such service.
  if (status < 200 || status > 599) throw new ExchangeError('unreachable');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new ExchangeError('too-large');
    chunks.push(chunk);
  }
  return { status, headers: incoming.headers, body: Buffer.concat(chunks) };
}
