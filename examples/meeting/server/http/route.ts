/** What a part of the service gives to the HTTP kit (`Route`), what it is called with (`Call`), and what it answers (`Reply`). */
import type { Language } from '../../shared/api.js';
import type { EventStream } from './event-stream.js';
import type { LimitName } from './rate-limits.js';
import type { Parser } from './shape.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Route {
  readonly method: Method;
  /** `/api/portal/meetings/:id`: a name after a colon matches one segment, which is then in `Call.params`. */
  readonly pattern: string;
  readonly handler: Handler;
  /** A token is taken from each for the caller's address, before anything else is done. */
  readonly limits?: readonly LimitName[];
  /**
   * True: this route does not look at cookies at all, so a request from another site can do no harm (API keys). All
   * others that change something must come from a page of this service.
   */
  readonly withoutCookies?: boolean;
  /** True: pages ask this by themselves, so it says nothing about whether anybody sits there: see `Call.byItself`. */
  readonly byItself?: boolean;
}

/** May throw a `Refusal`; anything else thrown is `internal` and goes to the log. */
export type Handler = (call: Call) => Reply | Promise<Reply>;

export interface Call {
  readonly method: string;
  /** Without query, percent escapes left as they are. */
  readonly path: string;
  /** Decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** `name` in lower case; '' when absent. */
  header(name: string): string;
  /** '' when absent; always so on routes `withoutCookies`. */
  cookie(name: string): string;
  /** A page asks by itself, without the person doing anything. */
  readonly byItself: boolean;
  /** The person's address: the first one beyond the trusted proxies. */
  readonly ip: string;
  /** The page was loaded over TLS, ours or a trusted proxy's. */
  readonly secure: boolean;
  /** From `Accept-Language`: what to speak to a person whose choice is not known. */
  readonly language: Language;
  /** Body, `application/json`, at most `maxBytes` (64 KiB). */
  json<T>(parser: Parser<T>, maxBytes?: number): Promise<T>;
  /**
   * Body, `application/octet-stream` of exactly `size` bytes, in pieces; the sender is slowed down to the pace at which
   * `take` is done with them.
   */
  bytes(size: number, take: (chunk: Uint8Array) => Promise<void>): Promise<void>;
  /** True when nobody waits for the answer any more. */
  readonly aborted: boolean;
}

export type Reply =
  JsonReply | EmptyReply | RedirectReply | TextReply | FileReply | LinesReply | EventsReply | StaticReply;

interface Common {
  readonly headers?: readonly (readonly [name: string, value: string])[];
}
interface JsonReply extends Common {
  readonly kind: 'json';
  readonly status: number;
  readonly body: unknown;
}
interface EmptyReply extends Common {
  readonly kind: 'empty';
  readonly status: number;
}
interface RedirectReply extends Common {
  readonly kind: 'redirect';
  readonly location: string;
}
interface TextReply extends Common {
  readonly kind: 'text';
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}
interface FileReply extends Common {
  readonly kind: 'file';
  readonly path: string;
  readonly size: number;
  readonly contentType: string;
}
interface LinesReply extends Common {
  readonly kind: 'lines';
  readonly contentType: string;
  readonly lines: AsyncIterable<string>;
}
interface EventsReply extends Common {
  readonly kind: 'events';
  readonly open: (stream: EventStream) => void;
}
/** Files of the page: caching headers are their own. */
interface StaticReply extends Common {
  readonly kind: 'static';
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | null;
}

type Headers = Common['headers'];

export function json(body: unknown, options: { status?: number; headers?: Headers } = {}): Reply {
  return { kind: 'json', status: options.status ?? 200, body, headers: options.headers };
}

export function empty(options: { status?: number; headers?: Headers } = {}): Reply {
  return { kind: 'empty', status: options.status ?? 204, headers: options.headers };
}

/** 303: the browser asks for `location` with GET. */
export function redirect(location: string, headers?: Headers): Reply {
  return { kind: 'redirect', location, headers };
}

export function textReply(
  contentType: string,
  body: string,
  options: { status?: number; headers?: Headers } = {},
): Reply {
  return { kind: 'text', status: options.status ?? 200, contentType, body, headers: options.headers };
}

/** Streams a file of known size. */
export function file(path: string, size: number, contentType: string, headers?: Headers): Reply {
  return { kind: 'file', path, size, contentType, headers };
}

/** Streams lines as they come, at the pace of whoever reads them; each gets its line break here. */
export function lines(contentType: string, source: AsyncIterable<string>, headers?: Headers): Reply {
  return { kind: 'lines', contentType, lines: source, headers };
}

/** text/event-stream: `open` gets the stream as soon as the headers are out. */
export function events(open: (stream: EventStream) => void): Reply {
  return { kind: 'events', open };
}
