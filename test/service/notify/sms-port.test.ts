/** The SMS port against a local HTTP server. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { DeliveryError } from '../../../examples/meeting/server/notify/mailer.js';
import { HttpSmsPort } from '../../../examples/meeting/server/notify/sms-port.js';

interface Received {
  headers: IncomingMessage['headers'];
  body: string;
}

/** Answers with these statuses in turn; 0: never. */
async function provider(
  t: Test,
  statuses: number[],
): Promise<{ url: string; received: Received[]; server: Server }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      const status = statuses[received.length - 1] ?? 200;
      if (status === 302) response.writeHead(302, { Location: '/elsewhere' }).end();
      else if (status !== 0) response.writeHead(status).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`, received, server };
}

const sms = { to: '+46701234567', text: 'Demokommunen: inbjudan', id: 'message-1' };

function port(url: string, timeout = 5_000): HttpSmsPort {
  return new HttpSmsPort({ url, token: 'secret-token', from: 'Demokommun', timeout, retryDelays: [1, 1] });
}

async function failure(work: Promise<void>): Promise<DeliveryError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DeliveryError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

t.test('it fails twice, then takes the message', async (t) => {
  const { url, received } = await provider(t, [503, 429, 202]);
  await port(url).send(sms);
  t.equal(received.length, 3);
  for (const { headers, body } of received) {
    t.equal(headers.authorization, 'Bearer secret-token');
    t.equal(headers['content-type'], 'application/json');
    t.equal(headers['idempotency-key'], 'message-1', 'the same message, so that it is sent once');
    t.strictSame(JSON.parse(body), {
      to: '+46701234567',
      from: 'Demokommun',
      text: 'Demokommunen: inbjudan',
    });
  }
});

t.test('it stays down', async (t) => {
  const { url, received } = await provider(t, [500, 500, 500]);
  const error = await failure(port(url).send(sms));
  t.equal(received.length, 3);
  t.equal(error.permanent, false);
  t.equal(error.message, 'SMS provider: status 500');
});

t.test('a message that is refused is not sent again', async (t) => {
  const { url, received } = await provider(t, [422]);
  const error = await failure(port(url).send(sms));
  t.equal(received.length, 1);
  t.equal(error.permanent, true);
});

t.test(
  'no answer, no server, another place: trouble that may pass, told without number or token',
  async (t) => {
    const silent = await provider(t, [0, 0, 0]);
    const timedOut = await failure(port(silent.url, 50).send(sms));
    t.equal(timedOut.message, 'SMS provider: no answer in time');
    const moved = await provider(t, [302, 302, 302]);
    const redirected = await failure(port(moved.url).send(sms));
    t.equal(moved.received.length, 3, 'the token was not taken elsewhere');
    const { url, server } = await provider(t, []);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    const gone = await failure(port(url).send(sms));
    for (const error of [timedOut, redirected, gone]) {
      t.equal(error.permanent, false);
      t.notMatch(error.message, /467|secret/);
    }
  },
);
