/** What the HTTP kit promises, the same over uWebSockets.js and over its JavaScript stand-in. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import type { Test } from 'tap';
import type * as uWebSockets from 'uWebSockets.js';
import type { EventStream } from '../../../examples/meeting/server/http/event-stream.js';
import { HttpServer, type HttpServerSettings } from '../../../examples/meeting/server/http/http-server.js';
import { TrustedProxies } from '../../../examples/meeting/server/http/client-address.js';
import { RateLimits } from '../../../examples/meeting/server/http/rate-limits.js';
import { refusal } from '../../../examples/meeting/server/http/refusal.js';
import {
  empty,
  events,
  file,
  json,
  redirect,
  type Route,
  textReply,
} from '../../../examples/meeting/server/http/route.js';
import { integer, object, text } from '../../../examples/meeting/server/http/shape.js';

interface Served {
  port: number;
  base: string;
  log: string[];
  streams: EventStream[];
}

type Uws = Pick<typeof uWebSockets, 'App' | 'us_listen_socket_close' | 'us_socket_local_port'>;

async function serve(
  t: Test,
  uWS: Uws,
  routes: Route[],
  settings: Partial<HttpServerSettings> = {},
): Promise<Served> {
  const log: string[] = [];
  const server = new HttpServer({
    routes,
    page: (path) => ({
      kind: 'static',
      status: 200,
      headers: [['Content-Type', 'text/html']],
      body: Buffer.from(path),
    }),
    ownOrigin: null,
    tls: false,
    proxies: new TrustedProxies([]),
    limits: new RateLimits(() => performance.now()),
    log: pino({ level: 'info' }, { write: (line: string) => log.push(line) }),
    ...settings,
  });
  const app = uWS.App();
  server.attach(app);
  const port = await new Promise<number>((resolve) => {
    app.listen('127.0.0.1', 0, (socket) => {
      t.teardown(() => {
        server.close();
        uWS.us_listen_socket_close(socket);
      });
      resolve(uWS.us_socket_local_port(socket));
    });
  });
  return { port, base: `http://127.0.0.1:${port}`, log, streams: [] };
}

/** Bytes as written, the answer as it came: for what `fetch` would not do. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.write(request);
  await Promise.race([once(socket, 'close'), once(socket, 'data')]);
  socket.destroy();
  return answer;
}

async function code(answer: Response): Promise<[number, string]> {
  const body = (await answer.json()) as { error: { code: string; message: { sv: string; en: string } } };
  if (!body.error.message.sv || !body.error.message.en) throw new Error('an error without words');
  return [answer.status, body.error.code];
}

export function httpSuite(t: Test, uWS: Uws): void {
  t.test('routes: words before names, decoded parameters, other methods, the page', async (t) => {
    const answer = (word: string): Route['handler'] => {
      return ({ params, query }) => json({ word, params, q: query.get('q') });
    };
    const { base } = await serve(t, uWS, [
      { method: 'GET', pattern: '/api/things/:id', handler: answer('one') },
      { method: 'GET', pattern: '/api/things/all', handler: answer('all') },
      { method: 'DELETE', pattern: '/api/things/:id', handler: () => empty() },
      { method: 'GET', pattern: '/go', handler: () => redirect('/there') },
      { method: 'GET', pattern: '/text', handler: () => textReply('text/plain', 'åäö') },
    ]);
    t.strictSame(await (await fetch(`${base}/api/things/all`)).json(), { word: 'all', params: {}, q: null });
    t.strictSame(await (await fetch(`${base}/api/things/a%2Fb?q=%C3%A5`)).json(), {
      word: 'one',
      params: { id: 'a/b' },
      q: 'å',
    });
    t.strictSame(await code(await fetch(`${base}/api/things/%E5`)), [404, 'not-found']);
    t.strictSame(
      await code(await fetch(`${base}/api/things/a%00b`)),
      [404, 'not-found'],
      'what nothing is called',
    );
    t.strictSame(await code(await fetch(`${base}/api/other`)), [404, 'not-found']);
    t.strictSame(await code(await fetch(`${base}/api/things/1`, { method: 'PUT' })), [
      405,
      'method-not-allowed',
    ]);
    t.strictSame(await code(await fetch(`${base}/x`, { method: 'OPTIONS' })), [405, 'method-not-allowed']);
    t.equal(
      (await fetch(`${base}/api/things/1`, { method: 'DELETE', headers: { origin: base } })).status,
      204,
    );
    const moved = await fetch(`${base}/go`, { redirect: 'manual' });
    t.strictSame([moved.status, moved.headers.get('location')], [303, '/there']);
    t.equal(await (await fetch(`${base}/text`)).text(), 'åäö');
    t.equal(await (await fetch(`${base}/some/page?x=1`)).text(), '/some/page');
    const head = await fetch(`${base}/some/page`, { method: 'HEAD' });
    t.strictSame([head.status, await head.text()], [200, '']);
    t.throws(
      () =>
        new HttpServer({
          routes: ['a', 'b'].map((name) => ({
            method: 'GET',
            pattern: `/x/:${name}`,
            handler: () => empty(),
          })),
        } as never),
      /two routes/,
    );
  });

  t.test('bodies: type, size, JSON, shape; told by the field, never by a stack', async (t) => {
    const { base, log } = await serve(t, uWS, [
      {
        method: 'POST',
        pattern: '/api/people',
        handler: async (call) =>
          json(await call.json(object({ name: text(1, 10), age: integer(0, 150) })), { status: 201 }),
      },
    ]);
    const post = (body: BodyInit, type = 'application/json'): Promise<Response> =>
      fetch(`${base}/api/people`, { method: 'POST', body, headers: { origin: base, 'content-type': type } });
    const good = await post('{"name":"Anna","age":40,"admin":true}', 'application/json; charset=utf-8');
    t.strictSame([good.status, await good.json()], [201, { name: 'Anna', age: 40 }]);
    t.strictSame(await code(await post('{"name":"Anna","age":40}', 'text/plain')), [
      415,
      'unsupported-media-type',
    ]);
    t.strictSame(await code(await post('name=Anna', 'application/x-www-form-urlencoded')), [
      415,
      'unsupported-media-type',
    ]);
    t.strictSame(await code(await post('{"name":')), [400, 'bad-request']);
    t.strictSame(await code(await post(new Uint8Array([0x22, 0xff, 0x22]))), [400, 'bad-request']);
    const wrong = (await (await post('{"name":"Anna","age":"forty"}')).json()) as {
      error: { field: string };
    };
    t.match(wrong.error, {
      code: 'bad-request',
      field: 'age',
      message: { sv: /heltal/, en: /whole number/ },
    });
    t.strictSame(await code(await post(JSON.stringify({ name: 'x'.repeat(70_000) }))), [413, 'too-big']);
    t.equal((await post('{"name":"Bo","age":1}')).status, 201, 'the connection goes on');
    t.strictSame(log, []);
  });

  t.test('a body without a length is bounded too, and one that is cut does no harm', async (t) => {
    let ended: () => void = () => {};
    const over = new Promise<void>((resolve) => (ended = resolve));
    const { base, port, log } = await serve(t, uWS, [
      {
        method: 'POST',
        pattern: '/api/any',
        handler: async (call) => {
          try {
            await call.json((value) => value);
            return empty();
          } finally {
            ended();
          }
        },
      },
    ]);
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /api/any HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":`,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
    await over;
    t.equal((await fetch(`${base}/page`)).status, 200);
    t.strictSame(log, [], 'nobody is to blame');
  });

  t.test('changes come from a page of this service only', async (t) => {
    let changes = 0;
    const routes: Route[] = [
      { method: 'POST', pattern: '/api/change', handler: () => json({ changes: ++changes }) },
      {
        method: 'POST',
        pattern: '/api/v1/change',
        withoutCookies: true,
        handler: (call) => json({ cookie: call.cookie('a') }),
      },
      { method: 'GET', pattern: '/api/cookie', handler: (call) => json({ cookie: call.cookie('a') }) },
    ];
    const { base } = await serve(t, uWS, routes);
    const post = (headers: Record<string, string>, at = base): Promise<Response> =>
      fetch(`${at}/api/change`, { method: 'POST', headers });
    for (const headers of [
      {},
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { origin: `${base}.evil.example` },
      { origin: base, 'sec-fetch-site': 'cross-site' },
      { origin: base, 'sec-fetch-site': 'same-site' },
    ] as Record<string, string>[]) {
      t.strictSame(await code(await post(headers)), [403, 'bad-origin'], JSON.stringify(headers));
    }
    t.equal(changes, 0);
    t.equal((await post({ origin: base })).status, 200);
    t.equal((await post({ origin: base, 'sec-fetch-site': 'same-origin' })).status, 200);
    const keyed = await fetch(`${base}/api/v1/change`, { method: 'POST', headers: { cookie: 'a=1' } });
    t.strictSame(await keyed.json(), { cookie: '' }, 'routes for keys do not see cookies');
    const read = await fetch(`${base}/api/cookie`, { headers: { cookie: 'aa=0; a=1=2; b=3' } });
    t.strictSame(await read.json(), { cookie: '1=2' });

    const fixed = await serve(t, uWS, routes, { ownOrigin: 'https://meet.example' });
    t.strictSame(await code(await post({ origin: fixed.base }, fixed.base)), [403, 'bad-origin']);
    t.equal((await post({ origin: 'https://meet.example' }, fixed.base)).status, 200);
  });

  t.test('every answer is guarded: data, pages of errors, over TLS also for the next time', async (t) => {
    const routes: Route[] = [
      { method: 'GET', pattern: '/api/data', handler: (call) => json({ ip: call.ip, secure: call.secure }) },
      { method: 'GET', pattern: '/api/broken', handler: () => Promise.reject(new Error('secret detail')) },
    ];
    const { base, log } = await serve(t, uWS, routes, { proxies: new TrustedProxies(['127.0.0.1']) });
    for (const path of ['/api/data', '/api/none', '/api/broken']) {
      const { headers } = await fetch(base + path);
      t.match(headers.get('content-security-policy'), /frame-ancestors 'none'/, path);
      t.equal(headers.get('x-content-type-options'), 'nosniff');
      t.equal(headers.get('cache-control'), 'no-store');
      t.equal(headers.get('referrer-policy'), 'no-referrer');
      t.equal(headers.get('strict-transport-security'), null, 'not over plain http');
    }
    const broken = await fetch(`${base}/api/broken`);
    t.notMatch(await broken.text(), /secret detail/);
    t.match(log.join(), /secret detail/, 'the log has it');
    const proxied = await fetch(`${base}/api/data`, {
      headers: { 'x-forwarded-for': '203.0.113.1, 198.51.100.7', 'x-forwarded-proto': 'https' },
    });
    t.match(proxied.headers.get('strict-transport-security'), /max-age=\d{8}/);
    t.strictSame(await proxied.json(), { ip: '198.51.100.7', secure: true });

    const direct = await serve(t, uWS, routes);
    const spoofed = await fetch(`${direct.base}/api/data`, {
      headers: { 'x-forwarded-for': '198.51.100.7', 'x-forwarded-proto': 'https' },
    });
    t.strictSame(await spoofed.json(), { ip: '127.0.0.1', secure: false });
  });

  t.test('rate limits: per address, told when to come again', async (t) => {
    let now = 0;
    const { base } = await serve(
      t,
      uWS,
      [{ method: 'GET', pattern: '/api/x', limits: ['otp'], handler: () => empty() }],
      { limits: new RateLimits(() => now), proxies: new TrustedProxies(['127.0.0.1']) },
    );
    const get = (ip: string): Promise<Response> =>
      fetch(`${base}/api/x`, { headers: { 'x-forwarded-for': ip } });
    for (let index = 0; index < 10; index++) t.equal((await get('198.51.100.7')).status, 204);
    const refused = await get('198.51.100.7');
    t.equal(refused.headers.get('retry-after'), '12');
    t.strictSame(await code(refused), [429, 'rate-limited']);
    t.equal((await get('198.51.100.8')).status, 204);
    now += 12_000;
    t.equal((await get('198.51.100.7')).status, 204);
    t.equal((await get('198.51.100.7')).status, 429);
    await get('2001:db8:1:2::1');
    for (let index = 0; index < 9; index++) await get(`2001:db8:1:2:ffff::${index}`);
    t.equal((await get('2001:db8:1:2::abcd')).status, 429, 'a whole /64 is one subscriber');
  });

  t.test('events: at once, in order, until either side ends', async (t) => {
    const opened: EventStream[] = [];
    const { base, port } = await serve(t, uWS, [
      {
        method: 'GET',
        pattern: '/api/events',
        handler: () =>
          events((stream) => {
            opened.push(stream);
            stream.send('me', { name: 'Å\nB' });
          }),
      },
    ]);
    const answer = await fetch(`${base}/api/events`);
    t.equal(answer.headers.get('content-type'), 'text/event-stream');
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    while (!seen.includes('data: ')) seen += (await reader.read()).value;
    t.match(seen, /event: me\ndata: {"name":"Å\\nB"}\n\n/);
    opened[0].send('me', { name: 'C' });
    t.match((await reader.read()).value, /"C"/);
    opened[0].end();
    opened[0].send('me', {});
    t.equal((await reader.read()).done, true);

    const head = await fetch(`${base}/api/events`, { method: 'HEAD' });
    t.strictSame([head.status, await head.text()], [200, '']);
    t.equal(opened.length, 1, 'nobody looks on');

    const leaving = connect(port, '127.0.0.1');
    leaving.write('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(leaving, 'data');
    const gone = new Promise<void>((resolve) => opened[1].onClose(resolve));
    leaving.destroy();
    await gone;
    t.equal(opened[1].closed, true);
    opened[1].send('me', {});
  });

  t.test('events: who reads nothing is cut off instead of filling the memory', async (t) => {
    let opened: (stream: EventStream) => void;
    const stream = new Promise<EventStream>((resolve) => (opened = resolve));
    const { port } = await serve(t, uWS, [
      { method: 'GET', pattern: '/api/events', handler: () => events((one) => opened(one)) },
    ]);
    const deaf: Socket = connect(port, '127.0.0.1');
    deaf.on('error', () => {});
    deaf.write('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n');
    const full = await stream;
    deaf.pause();
    const closed = new Promise<void>((resolve) => full.onClose(resolve));
    const filler = 'x'.repeat(60_000);
    let sent = 0;
    while (!full.closed && sent < 4_000) {
      full.send('fill', filler);
      if (++sent % 20 === 0) await new Promise(setImmediate);
    }
    await closed;
    t.ok(sent < 4_000, `cut off after ${sent} events`);
    deaf.destroy();
  });

  t.test(
    'binary bodies in and out: whole, to the byte, at the pace of the disk and of the reader',
    async (t) => {
      const folder = t.testdir();
      const size = 3_000_001;
      const content = randomBytes(size);
      const { base, port } = await serve(t, uWS, [
        {
          method: 'PUT',
          pattern: '/api/blob',
          handler: async (call) => {
            const target = createWriteStream(`${folder}/blob`);
            await call.bytes(size, async (chunk) => {
              if (!target.write(chunk)) await once(target, 'drain');
            });
            target.end();
            await once(target, 'close');
            return empty();
          },
        },
        {
          method: 'GET',
          pattern: '/api/blob',
          handler: () => file(`${folder}/blob`, size, 'application/octet-stream'),
        },
        {
          method: 'GET',
          pattern: '/api/short',
          handler: () => file(`${folder}/blob`, size + 10, 'application/octet-stream'),
        },
        { method: 'GET', pattern: '/api/gone', handler: () => file(`${folder}/none`, 5, 'text/plain') },
        { method: 'PUT', pattern: '/api/no', handler: () => Promise.reject(refusal('forbidden')) },
      ]);
      const put = (body: Uint8Array, path = '/api/blob'): Promise<Response> =>
        fetch(base + path, {
          method: 'PUT',
          body: body as BodyInit,
          headers: { origin: base, 'content-type': 'application/octet-stream' },
        });
      t.equal((await put(content)).status, 204);
      const back = await fetch(`${base}/api/blob`);
      t.equal(back.headers.get('content-length'), String(size));
      t.ok(content.equals(Buffer.from(await back.arrayBuffer())), 'the same bytes');
      t.strictSame(await code(await put(content.subarray(1))), [400, 'bad-request']);
      t.strictSame(
        await code(
          await put(Buffer.concat([content.subarray(0, 1), content])).catch(() => fetch(`${base}/api/none`)),
        ),
        [413, 'too-big'],
      );
      t.strictSame(await code(await put(content.subarray(0, 200_000), '/api/no')), [403, 'forbidden']);
      t.equal((await fetch(`${base}/api/blob`, { method: 'HEAD' })).status, 200);
      await t.rejects(
        fetch(`${base}/api/short`).then((answer) => answer.arrayBuffer()),
        'cut, not passed for whole',
      );
      t.strictSame(await code(await fetch(`${base}/api/gone`)), [404, 'not-found']);

      t.equal((await put(content)).status, 204, 'the failed ones emptied the file');
      const slow = connect(port, '127.0.0.1');
      slow.write('GET /api/blob HTTP/1.1\r\nHost: x\r\n\r\n');
      let received = 0;
      const all = new Promise<void>((resolve) => {
        slow.on('data', (chunk: Buffer) => {
          received += chunk.length;
          slow.pause();
          setImmediate(() => slow.resume());
          if (received > size) resolve();
        });
      });
      await all;
      slow.destroy();
      const leaving = connect(port, '127.0.0.1');
      leaving.write('GET /api/blob HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(leaving, 'data');
      leaving.destroy();
      t.equal((await fetch(`${base}/page`)).status, 200);
    },
  );

  t.test('odd requests', async (t) => {
    const { port } = await serve(t, uWS, [{ method: 'GET', pattern: '/api/x', handler: () => empty() }]);
    t.match(await raw(port, 'GET /api/x?%zz=%E5&=& HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1.1 204/);
    t.match(await raw(port, 'GET //evil.example/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1.1 200/);
    t.match(
      await raw(port, 'POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'),
      /^HTTP\/1.1 405/,
    );
  });
}
