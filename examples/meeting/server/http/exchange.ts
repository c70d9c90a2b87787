/**
 * One request and its answer over uWebSockets.js, or over its JavaScript stand-in on a Node.js without a native build.
 * The rest of the kit sees only `Exchange`; what either of them does in its own way ends here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRequest, HttpResponse } from 'uWebSockets.js';

export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface Exchange {
  /** Upper case. */
  readonly method: string;
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  /** As the socket saw it: a proxy's, when there is one. */
  readonly remoteAddress: string;
  readonly aborted: boolean;
  header(name: string): string;
  /** Called at most once; at once when it has happened already. */
  onAborted(handler: () => void): void;
  /** Before the first turn of the event loop ends, or the body is lost. `chunk` is valid during the call only. */
  onData(handler: (chunk: Uint8Array, isLast: boolean) => void): void;
  pauseBody(): void;
  resumeBody(): void;
  /** The whole answer; null: neither body nor length, for HEAD, 204 and 304 only. */
  send(status: number, headers: HeaderList, body: Uint8Array | string | null, closeAfter?: boolean): void;
  /** An answer of unknown length: `write` until `end`. */
  begin(status: number, headers: HeaderList): void;
  /** False: what was written waits in memory for the network. */
  write(chunk: string): boolean;
  /** After a `write` that was false: the network has taken what waited. */
  onWritable(handler: () => void): void;
  end(): void;
  /** An answer of known length above 0: `beginSized`, then `writeSized` until all is out. */
  beginSized(status: number, headers: HeaderList, size: number): void;
  /** Settles when the network has taken the chunk; false when the other side is gone. */
  writeSized(chunk: Uint8Array): Promise<boolean>;
  /** Cuts the connection. */
  abort(): void;
}

export function exchangeOf(response: HttpResponse, request: HttpRequest): Exchange {
  const inner = response as unknown as { response?: ServerResponse };
  return inner.response
    ? new FallbackExchange(inner.response, (request as unknown as { request: IncomingMessage }).request)
    : new NativeExchange(response, request);
}

const REASONS: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  303: 'See Other',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

class NativeExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly remoteAddress: string;
  aborted = false;
  readonly #headers = new Map<string, string>();
  /** After the last byte the response must not be touched: uWebSockets.js throws. */
  #done = false;
  #paused = false;
  #onAborted: () => void = () => {};
  #size = 0;

  constructor(
    private readonly response: HttpResponse,
    request: HttpRequest,
  ) {
    this.method = request.getMethod().toUpperCase();
    this.path = request.getUrl();
    this.query = request.getQuery();
    this.remoteAddress = Buffer.from(response.getRemoteAddressAsText()).toString();
    // The request is gone when the route's handler has returned. Doubled headers are joined, as RFC 9110 5.3 lets us.
    request.forEach((name, value) => {
      const earlier = this.#headers.get(name);
      this.#headers.set(
        name,
        earlier === undefined ? value : `${earlier}${name === 'cookie' ? '; ' : ', '}${value}`,
      );
    });
    response.onAborted(() => {
      this.aborted = true;
      this.#done = true;
      this.#onAborted();
    });
  }

  header(name: string): string {
    return this.#headers.get(name) ?? '';
  }

  onAborted(handler: () => void): void {
    if (this.aborted) handler();
    else this.#onAborted = handler;
  }

  onData(handler: (chunk: Uint8Array, isLast: boolean) => void): void {
    this.response.onData((chunk, isLast) => handler(new Uint8Array(chunk), isLast));
  }

  pauseBody(): void {
    if (this.#done || this.#paused) return;
    this.#paused = true;
    this.response.pause();
  }

  resumeBody(): void {
    if (this.#done || !this.#paused) return;
    this.#paused = false;
    this.response.resume();
  }

  send(status: number, headers: HeaderList, body: Uint8Array | string | null, closeAfter = false): void {
    if (this.#done) return;
    this.resumeBody();
    this.#done = true;
    this.response.cork(() => {
      this.#writeHead(status, headers);
      // Without the length as argument: given one, this version of uWebSockets.js ends the process.
      if (body === null) this.response.endWithoutBody();
      else this.response.end(body, closeAfter);
    });
  }

  begin(status: number, headers: HeaderList): void {
    if (this.#done) return;
    this.response.cork(() => this.#writeHead(status, headers));
  }

  write(chunk: string): boolean {
    if (this.#done) return false;
    let clear = true;
    this.response.cork(() => {
      clear = this.response.write(chunk);
    });
    return clear;
  }

  onWritable(handler: () => void): void {
    if (this.#done) return;
    this.response.onWritable(() => {
      handler();
      return true;
    });
  }

  end(): void {
    if (this.#done) return;
    this.#done = true;
    this.response.cork(() => this.response.end());
  }

  beginSized(status: number, headers: HeaderList, size: number): void {
    if (this.#done) return;
    this.#size = size;
    this.response.cork(() => this.#writeHead(status, headers));
  }

  writeSized(chunk: Uint8Array): Promise<boolean> {
    if (this.#done) return Promise.resolve(false);
    const { response } = this;
    const start = response.getWriteOffset();
    let ok = false;
    let finished = false;
    response.cork(() => {
      [ok, finished] = response.tryEnd(chunk, this.#size);
    });
    if (finished) this.#done = true;
    if (ok || finished) return Promise.resolve(true);
    return new Promise((resolve) => {
      const before = this.#onAborted;
      this.#onAborted = () => {
        before();
        resolve(false);
      };
      response.onWritable((offset) => {
        const [taken, last] = response.tryEnd(chunk.subarray(offset - start), this.#size);
        if (last) this.#done = true;
        if (taken || last) {
          this.#onAborted = before;
          resolve(true);
        }
        return taken;
      });
    });
  }

  abort(): void {
    if (this.#done) return;
    this.response.close();
  }

  #writeHead(status: number, headers: HeaderList): void {
    this.response.writeStatus(`${status} ${REASONS[status] ?? 'Status'}`);
    for (const [name, value] of headers) this.response.writeHeader(name, value);
  }
}

/** Over Node.js's own server, which the stand-in wraps while leaving out half of what is needed here. */
class FallbackExchange implements Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly remoteAddress: string;
  aborted = false;
  #onAborted: () => void = () => {};
  #missing = 0;

  constructor(
    private readonly response: ServerResponse,
    private readonly request: IncomingMessage,
  ) {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    this.method = request.method ?? 'GET';
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = mark < 0 ? '' : url.slice(mark + 1);
    this.remoteAddress = request.socket.remoteAddress ?? '';
    request.on('error', () => {});
    response.on('error', () => {});
    response.on('close', () => {
      if (response.writableFinished) return;
      this.aborted = true;
      this.#onAborted();
    });
  }

  header(name: string): string {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(', ') : (value ?? '');
  }

  onAborted(handler: () => void): void {
    if (this.aborted) handler();
    else this.#onAborted = handler;
  }

  onData(handler: (chunk: Uint8Array, isLast: boolean) => void): void {
    this.request.on('data', (chunk: Uint8Array) => handler(chunk, false));
    this.request.on('end', () => handler(new Uint8Array(0), true));
  }

  pauseBody(): void {
    this.request.pause();
  }

  resumeBody(): void {
    this.request.resume();
  }

  send(status: number, headers: HeaderList, body: Uint8Array | string | null, closeAfter = false): void {
    if (this.aborted) return;
    this.resumeBody();
    this.#writeHead(status, closeAfter ? [...headers, ['Connection', 'close']] : headers);
    this.response.end(body ?? undefined);
  }

  begin(status: number, headers: HeaderList): void {
    if (this.aborted) return;
    this.#writeHead(status, headers);
    this.response.flushHeaders();
  }

  write(chunk: string): boolean {
    return !this.aborted && this.response.write(chunk);
  }

  onWritable(handler: () => void): void {
    this.response.on('drain', handler);
  }

  end(): void {
    this.response.end();
  }

  beginSized(status: number, headers: HeaderList, size: number): void {
    if (this.aborted) return;
    this.#missing = size;
    this.#writeHead(status, [...headers, ['Content-Length', String(size)]]);
  }

  writeSized(chunk: Uint8Array): Promise<boolean> {
    if (this.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      // Called with an error when the connection ends first.
      this.response.write(chunk, (error) => {
        this.#missing -= chunk.length;
        if (!error && this.#missing <= 0) this.response.end();
        resolve(!error);
      });
    });
  }

  abort(): void {
    this.response.destroy();
  }

  #writeHead(status: number, headers: HeaderList): void {
    this.response.statusCode = status;
    const doubled = new Map<string, string[]>();
    for (const [name, value] of headers) doubled.set(name, [...(doubled.get(name) ?? []), value]);
    for (const [name, values] of doubled)
      this.response.setHeader(name, values.length === 1 ? values[0] : values);
  }
}
