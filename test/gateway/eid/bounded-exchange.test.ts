import { type AddressInfo, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { BoundedExchange, ExchangeError, isSafeAddress } from '#src/gateway/eid/bounded-exchange.js';
import { until } from '../../support/until.js';

/** What the service does with the nth request of a connection; it has come whole. */
type Conduct = (socket: Socket, request: number, connection: number) => void;

interface Place {
  exchange: BoundedExchange;
  /** Requests of all connections. */
  requests: () => number;
  send: (timeoutMs?: number) => Promise<string>;
}

async function open(t: Test, conduct: Conduct): Promise<Place> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    const connection = sockets.add(socket).size;
    let count = 0;
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (!text.endsWith('\r\n\r\nsecret')) return;
      text = '';
      requests++;
      conduct(socket, ++count, connection);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const exchange = new BoundedExchange();
  t.teardown(async () => {
    exchange.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`);
  const body = Buffer.from('secret');
  const headers = { 'Content-Length': String(body.length) };
  return {
    exchange,
    requests: () => requests,
    /** `200 text`, or the kind of the error. */
    send: async (timeoutMs = 30_000) => {
      try {
        const answer = await exchange.send(url, { method: 'POST', headers, body }, timeoutMs);
        return `${answer.status} ${answer.body.toString()}`;
      } catch (error) {
        t.ok(error instanceof ExchangeError);
        t.match((error as Error).message, /^the service of the e-ID: [a-z-]+$/, 'nothing of the request');
        return (error as ExchangeError).kind;
      }
    },
  };
}

function answer(text: string, line = '200 OK'): string {
  return `HTTP/1.1 ${line}\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

t.test('an idle connection that ends as it is used: another is taken, once', async (t) => {
  const { send, requests } = await open(t, (socket, request, connection) => {
    if (request === 1 && connection < 3) socket.write(answer(`by ${connection}`));
    else socket.resetAndDestroy();
  });
  t.equal(await send(), '200 by 1');
  t.equal(await send(), '200 by 2', 'the first connection was reset');
  t.equal(requests(), 3);
  t.equal(await send(), 'unreachable', 'a fresh connection that is reset is trouble');
  t.equal(requests(), 4, 'and not tried again');
});

t.test('the time is for all of it, the second attempt too', async (t) => {
  const { send, requests } = await open(t, (socket, request, connection) => {
    if (connection === 1 && request === 1) socket.write(answer('ok'));
    else if (connection === 1) socket.resetAndDestroy();
    // Nothing comes on the second.
  });
  t.equal(await send(), '200 ok');
  t.equal(await send(300), 'timeout');
  t.equal(requests(), 3);
});

t.test('answers that never end, are too large, or no answers', async (t) => {
  const limit = 256 * 1024;
  const conducts: Record<string, [Conduct, string | RegExp]> = {
    'drop by drop': [
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
        const drops = setInterval(() => socket.write('x'), 10);
        socket.on('close', () => clearInterval(drops));
      },
      'timeout',
    ],
    'as large as may be': [(socket) => socket.write(answer('x'.repeat(limit))), /^200 x{1000}/],
    'too large': [(socket) => socket.write(answer('x'.repeat(limit + 1))), 'too-large'],
    'cut off': [(socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'), 'unreachable'],
    'no HTTP': [(socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'), 'unreachable'],
    'an odd status': [(socket) => socket.write(answer('', '600 Odd')), 'unreachable'],
    'headers without end': [
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`),
      'unreachable',
    ],
    'a redirect': [
      (socket) =>
        socket.write('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'),
      '302 ',
    ],
  };
  for (const [name, [conduct, outcome]] of Object.entries(conducts)) {
    const { send, requests } = await open(t, conduct);
    t.match(await send(outcome === 'timeout' ? 300 : 30_000), outcome, name);
    t.equal(requests(), 1, name);
  }
});

t.test('closing breaks off what is under way; afterwards nothing is sent', async (t) => {
  const { exchange, send, requests } = await open(t, () => undefined);
  const outcome = send();
  await until(() => requests() === 1);
  exchange.close();
  t.equal(await outcome, 'closed');
  t.equal(await send(), 'closed');
  t.equal(requests(), 1);
});

t.test('plain HTTP is for this machine only', async (t) => {
  for (const url of ['https://idp.example', 'http://127.0.0.1:8080', 'http://localhost', 'http://[::1]']) {
    t.ok(isSafeAddress(new URL(url)), url);
  }
  for (const url of [
    'http://idp.example',
    'http://127.0.0.1.example',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
  ]) {
    t.notOk(isSafeAddress(new URL(url)), url);
  }
});
