/**
 * From an `Exchange` to a `Route`'s handler and back. Nothing that goes wrong in here reaches uWebSockets.js, which would
 * end the process.
 */
import { open } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js';
import type { Language } from '../../shared/api.js';
import { BodyCut, BodyReader } from './body.js';
import { limitKey, type TrustedProxies } from './client-address.js';
import { EventStream } from './event-stream.js';
import { type Exchange, exchangeOf, type HeaderList } from './exchange.js';
import type { RateLimits } from './rate-limits.js';
import { Refusal, refusal } from './refusal.js';
import type { Call, Reply, Route } from './route.js';
import { LineWriter } from './line-writer.js';
import { RouteTable } from './route-table.js';
import { requireSameOrigin } from './same-origin.js';
import { DATA_HEADERS, TRANSPORT_SECURITY } from './security-headers.js';
import type { Parser } from './shape.js';

export interface HttpServerSettings {
  routes: readonly Route[];
  /** Every GET and HEAD that no route takes and that is not under `/api/`: the page and its files. */
  page: (path: string, acceptEncoding: string, ifNoneMatch: string) => Reply;
  /** `https://meet.example.se`; null in development: whatever host the request names. */
  ownOrigin: string | null;
  /** This server speaks TLS itself. */
  tls: boolean;
  proxies: TrustedProxies;
  limits: RateLimits;
  log: Logger;
}

/** Most that is read of a body as JSON. */
const MAX_JSON_BYTES = 64 * 1024;
const FILE_CHUNK_BYTES = 128 * 1024;
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export class HttpServer {
  readonly #table: RouteTable;
  readonly #streams = new Set<EventStream>();

  constructor(private readonly settings: HttpServerSettings) {
    this.#table = new RouteTable(settings.routes);
  }

  /** For the gateway's `configureHttp`. */
  attach(app: TemplatedApp): void {
    const serve = (response: HttpResponse, request: HttpRequest): void => {
      let exchange: Exchange;
      try {
        exchange = exchangeOf(response, request);
      } catch (error) {
        this.settings.log.error({ err: error }, 'a request could not be read');
        response.close();
        return;
      }
      void this.#serve(exchange);
    };
    // One pattern for all: what uWebSockets.js matches and what its stand-in matches is not the same. Not `any`: two of the
    // same pattern, the gateway's being the other, end the process.
    for (const method of ['get', 'head', 'post', 'put', 'patch', 'del', 'options'] as const) {
      app[method]('/*', serve);
    }
  }

  /** Ends the event streams. */
  close(): void {
    for (const stream of [...this.#streams]) stream.end();
  }

  async #serve(exchange: Exchange): Promise<void> {
    const hasBody = exchange.method !== 'GET' && exchange.method !== 'HEAD';
    // At once: a body that nobody listens for is lost.
    const body = hasBody ? new BodyReader(exchange) : null;
    let stream: EventStream | null = null;
    const writer = new LineWriter(exchange);
    exchange.onAborted(() => {
      writer.wake();
      body?.handleAborted();
      stream?.handleClosed();
    });
    let isSecure = this.settings.tls;
    try {
      const call = this.#describe(exchange, body);
      isSecure = call.secure;
      const reply = await this.#answer(exchange, call);
      if (reply.kind === 'events') {
        if (exchange.aborted) return;
        const headers = this.#headers(isSecure, [
          ['Content-Type', 'text/event-stream'],
          ['X-Accel-Buffering', 'no'],
        ]);
        if (exchange.method === 'HEAD') return exchange.send(200, headers, null);
        exchange.begin(200, headers);
        stream = new EventStream(exchange);
        this.#streams.add(stream);
        const opened = stream;
        opened.onClose(() => this.#streams.delete(opened));
        reply.open(opened);
      } else if (reply.kind === 'file') {
        await this.#sendFile(exchange, reply, isSecure);
      } else if (reply.kind === 'lines') {
        const own = [['Content-Type', reply.contentType], ...(reply.headers ?? [])] as const;
        await this.#sendLines(exchange, writer, reply.lines, this.#headers(isSecure, own));
      } else {
        this.#send(exchange, reply, isSecure, body);
      }
    } catch (error) {
      if (stream) stream.end();
      this.#sendFailure(exchange, error, isSecure, body);
    }
  }

  async #answer(exchange: Exchange, call: ServedCall): Promise<Reply> {
    const { settings } = this;
    const method = exchange.method === 'HEAD' ? 'GET' : exchange.method;
    if (!METHODS.includes(method)) throw refusal('method-not-allowed');
    const match = this.#table.find(method, exchange.path);
    if (match === 'other-method') throw refusal('method-not-allowed');
    if (match === null) {
      const isData = exchange.path.startsWith('/api/');
      if (isData || method !== 'GET') throw refusal('not-found');
      return settings.page(
        exchange.path,
        exchange.header('accept-encoding'),
        exchange.header('if-none-match'),
      );
    }
    const { route, params } = match;
    const key = limitKey(call.ip);
    if (exchange.path.startsWith('/api/')) settings.limits.take('api', key);
    for (const name of route.limits ?? []) settings.limits.take(name, key);
    call.params = params;
    call.hasCookies = route.withoutCookies !== true;
    call.byItself = route.byItself === true;
    if (method !== 'GET' && route.withoutCookies !== true) {
      requireSameOrigin(
        {
          origin: exchange.header('origin'),
          host: exchange.header('host'),
          secFetchSite: exchange.header('sec-fetch-site'),
        },
        settings.ownOrigin,
      );
    }
    return route.handler(call);
  }

  #describe(exchange: Exchange, body: BodyReader | null): ServedCall {
    const { proxies, tls } = this.settings;
    const { remoteAddress } = exchange;
    const ip = proxies.clientAddress(remoteAddress, exchange.header('x-forwarded-for'));
    const secure = tls || proxies.isForwardedTls(remoteAddress, exchange.header('x-forwarded-proto'));
    return new ServedCall(exchange, body, ip, secure);
  }

  #headers(isSecure: boolean, more: HeaderList = [], base: HeaderList = DATA_HEADERS): HeaderList {
    return [...base, ...(isSecure ? [TRANSPORT_SECURITY] : []), ...more];
  }

  #send(
    exchange: Exchange,
    reply: Exclude<Reply, { kind: 'events' | 'file' | 'lines' }>,
    isSecure: boolean,
    body: BodyReader | null,
  ): void {
    const closeAfter = body?.abandon() ?? false;
    const isHead = exchange.method === 'HEAD';
    const own = reply.headers ?? [];
    const write = (status: number, headers: HeaderList, content: Uint8Array | string | null): void =>
      exchange.send(status, headers, isHead ? null : content, closeAfter);
    switch (reply.kind) {
      case 'json':
        return write(
          reply.status,
          this.#headers(isSecure, [['Content-Type', 'application/json'], ...own]),
          JSON.stringify(reply.body),
        );
      case 'text':
        return write(
          reply.status,
          this.#headers(isSecure, [['Content-Type', reply.contentType], ...own]),
          reply.body,
        );
      case 'empty':
        return write(reply.status, this.#headers(isSecure, own), reply.status === 204 ? null : '');
      case 'redirect':
        return write(303, this.#headers(isSecure, [['Location', reply.location], ...own]), '');
      case 'static':
        return write(
          reply.status,
          this.#headers(isSecure, own, []),
          reply.status === 304 ? null : (reply.body ?? ''),
        );
    }
  }

  #sendFailure(exchange: Exchange, error: unknown, isSecure: boolean, body: BodyReader | null): void {
    if (error instanceof BodyCut) return;
    if (!(error instanceof Refusal)) {
      this.settings.log.error({ err: error, method: exchange.method }, 'a request failed');
    }
    const shown = error instanceof Refusal ? error : refusal('internal');
    const { retryAfterSeconds } = shown.options;
    const headers: HeaderList =
      retryAfterSeconds === undefined ? [] : [['Retry-After', String(retryAfterSeconds)]];
    try {
      this.#send(
        exchange,
        { kind: 'json', status: shown.status, body: shown.toBody(), headers },
        isSecure,
        body,
      );
    } catch (failure) {
      this.settings.log.error({ err: failure }, 'an answer could not be sent');
    }
  }

  async #sendLines(
    exchange: Exchange,
    writer: LineWriter,
    source: AsyncIterable<string>,
    headers: HeaderList,
  ): Promise<void> {
    if (exchange.method === 'HEAD') return exchange.send(200, headers, null);
    exchange.begin(200, headers);
    try {
      for await (const line of source) if (!(await writer.add(line))) return;
      await writer.flush();
      exchange.end();
    } catch (error) {
      this.settings.log.error({ err: error }, 'an export could not be sent whole');
      exchange.abort();
    }
  }

  async #sendFile(
    exchange: Exchange,
    reply: Extract<Reply, { kind: 'file' }>,
    isSecure: boolean,
  ): Promise<void> {
    const headers = this.#headers(isSecure, [['Content-Type', reply.contentType], ...(reply.headers ?? [])]);
    if (exchange.method === 'HEAD') return exchange.send(200, headers, null);
    const handle = await open(reply.path, 'r').catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? refusal('not-found') : error;
    });
    try {
      const chunk = new Uint8Array(Math.min(FILE_CHUNK_BYTES, reply.size));
      exchange.beginSized(200, headers, reply.size);
      let sent = 0;
      while (sent < reply.size) {
        const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, reply.size - sent), sent);
        // The file is shorter than was said: only a cut connection tells the page that it did not get all.
        if (bytesRead === 0) return exchange.abort();
        if (!(await exchange.writeSized(chunk.subarray(0, bytesRead)))) return;
        sent += bytesRead;
      }
    } catch (error) {
      this.settings.log.error({ err: error }, 'a file could not be sent');
      exchange.abort();
    } finally {
      await handle.close();
    }
  }
}

class ServedCall implements Call {
  params: Readonly<Record<string, string>> = {};
  hasCookies = true;
  byItself = false;
  #query: URLSearchParams | undefined;

  constructor(
    private readonly exchange: Exchange,
    private readonly body: BodyReader | null,
    readonly ip: string,
    readonly secure: boolean,
  ) {}

  get method(): string {
    return this.exchange.method;
  }

  get path(): string {
    return this.exchange.path;
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.exchange.query));
  }

  get aborted(): boolean {
    return this.exchange.aborted;
  }

  get language(): Language {
    // Whoever asks for neither gets Swedish.
    const wanted = this.exchange.header('accept-language').toLowerCase();
    const [sv, en] = [wanted.search(/\bsv\b/), wanted.search(/\ben\b/)];
    return en >= 0 && (sv < 0 || en < sv) ? 'en' : 'sv';
  }

  header(name: string): string {
    return this.exchange.header(name);
  }

  cookie(name: string): string {
    if (!this.hasCookies) return '';
    for (const pair of this.exchange.header('cookie').split(';')) {
      const equals = pair.indexOf('=');
      if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim();
    }
    return '';
  }

  async json<T>(parser: Parser<T>, maxBytes = MAX_JSON_BYTES): Promise<T> {
    // A form of another site can send other types without asking, but not this one.
    this.#requireType('application/json');
    if (Number(this.exchange.header('content-length') || 0) > maxBytes) throw refusal('too-big');
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (let chunk = await this.#read(); chunk !== null; chunk = await this.#read()) {
      length += chunk.length;
      if (length > maxBytes) throw refusal('too-big');
      chunks.push(chunk);
    }
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)));
    } catch {
      throw refusal('bad-request');
    }
    return parser(value, '');
  }

  async bytes(size: number, take: (chunk: Uint8Array) => Promise<void>): Promise<void> {
    this.#requireType('application/octet-stream');
    const declared = this.exchange.header('content-length');
    if (declared !== '' && Number(declared) > size) throw refusal('too-big');
    if (declared !== '' && Number(declared) !== size) throw refusal('bad-request');
    let length = 0;
    for (let chunk = await this.#read(); chunk !== null; chunk = await this.#read()) {
      length += chunk.length;
      if (length > size) throw refusal('too-big');
      await take(chunk);
    }
    if (length !== size) throw refusal('bad-request');
  }

  #read(): Promise<Uint8Array | null> {
    return this.body?.read() ?? Promise.resolve(null);
  }

  #requireType(expected: string): void {
    const type = this.exchange.header('content-type').split(';')[0].trim().toLowerCase();
    if (type !== expected) throw refusal('unsupported-media-type');
  }
}
