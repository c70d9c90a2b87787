/** Browsers that come to a proxy over TLS by the service's name: HTTP/1.1, HTTP/2, WebSocket. */
import { connect, constants } from 'node:http2';
import { request } from 'node:https';
import { once } from 'node:events';
import { testFakeParameters } from 'mediasoup-client';
import type { Test } from 'tap';
import { connect as connectTls } from 'node:tls';
import { TestClient } from '../gateway/test-client.js';
import { type Answer, Browser } from '../service/meetings/test-service.js';
import { NAME, type ProxyServer } from './proxy-servers.js';

export interface Plain {
  status: number;
  /** As they came: a header that came twice is there twice. */
  headers: [name: string, value: string][];
  body: Buffer;
}

export interface Asking {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** The address it comes from, one of 127.0.0.0/8. */
  from?: string;
}

const ORIGIN = `https://${NAME}`;

/** HTTP/1.1. The path goes out as it is. */
export function ask(proxy: ProxyServer, path: string, asking: Asking = {}): Promise<Plain> {
  const { method = 'GET', headers = {}, body, from = '127.0.0.1' } = asking;
  return new Promise((resolve, reject) => {
    const own = { host: NAME, ...(method === 'GET' ? {} : { origin: ORIGIN }), ...headers };
    const place = { host: '127.0.0.1', port: proxy.port, localAddress: from, servername: NAME };
    const options = { ...place, method, path, headers: own, ca: proxy.certificate, agent: false };
    const asked = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const raw = answer.rawHeaders;
        const headers = raw.flatMap((name, index): [string, string][] =>
          index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1]]] : [],
        );
        resolve({ status: answer.statusCode!, headers, body: Buffer.concat(chunks) });
      });
      answer.on('error', reject);
    });
    asked.on('error', reject).end(body);
  });
}

/** Of the service, through the proxy. */
export class Visitor extends Browser {
  constructor(private readonly proxy: ProxyServer) {
    super(ORIGIN);
  }

  get cookie(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  override async send<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const headers = {
      cookie: this.cookie,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await ask(this.proxy, path, { method, headers, body: text });
    for (const [name, line] of answer.headers) {
      if (name !== 'set-cookie') continue;
      const [, key, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      this.cookies.set(key, value);
    }
    const isJson = answer.headers.some(
      ([name, value]) => name === 'content-type' && value === 'application/json',
    );
    const content = isJson ? (JSON.parse(answer.body.toString()) as unknown) : answer.body;
    return { status: answer.status, body: content as T, headers: new Headers(answer.headers) };
  }

  /** HTTP/2, as browsers send a document. The status. */
  async upload(path: string, body: Uint8Array): Promise<number> {
    const session = this.#session();
    const sent = session.request({
      ':method': 'PUT',
      ':path': path,
      cookie: this.cookie,
      origin: ORIGIN,
      'content-type': 'application/octet-stream',
      'content-length': String(body.length),
    });
    sent.end(body);
    const [headers] = (await once(sent, 'response')) as [Record<string, string | number>];
    session.destroy();
    return Number(headers[constants.HTTP2_HEADER_STATUS]);
  }

  /** Server-sent events, over HTTP/2 as browsers take them. */
  stream(t: Test, path: string): EventsHeard {
    const session = this.#session();
    t.teardown(() => session.destroy());
    const stream = session.request({ ':path': path, cookie: this.cookie, accept: 'text/event-stream' });
    let text = '';
    let wake = (): void => {};
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      wake();
    });
    return {
      until: async (pattern) => {
        while (!pattern.test(text)) {
          if (stream.closed) throw new Error(`the events ended: ${text}`);
          await new Promise<void>((resolve) => (wake = resolve));
        }
      },
    };
  }

  /** Into the room. */
  async join(t: Test, meetingId: string): Promise<TestClient> {
    const { ticket, room, displayName } = await this.ticket(meetingId);
    const options = {
      origin: ORIGIN,
      ca: this.proxy.certificate,
      servername: NAME,
      headers: { host: NAME },
    } as Parameters<typeof TestClient.open>[2];
    const client = await TestClient.open(t, `wss://127.0.0.1:${this.proxy.port}/signalling`, options);
    const rtpCapabilities = testFakeParameters.generateRouterRtpCapabilities() as never;
    await client.request('join', {
      room,
      ticket,
      displayName,
      rtpCapabilities,
      transports: ['send', 'recv'],
    });
    return client;
  }

  #session(): ReturnType<typeof connect> {
    const { port, certificate: ca } = this.proxy;
    const place = { host: '127.0.0.1', port, ca, servername: NAME, ALPNProtocols: ['h2'] };
    const session = connect(ORIGIN, { createConnection: () => connectTls(place) });
    session.on('error', () => {});
    return session;
  }
}

export interface EventsHeard {
  /** Resolves as soon as what came in all so far holds it. */
  until: (pattern: RegExp) => Promise<void>;
}
