/** One socket's output, over a port that notes what it is given. */
import t from 'tap';
import { Connection, type ConnectionEnvironment, type SocketPort } from '#src/gateway/connection.js';
import { GatewayMetrics } from '#src/gateway/gateway-metrics.js';
import { DEFAULT_LIMITS } from '#src/gateway/options.js';
import { SharedNotification } from '#src/gateway/shared-notification.js';
import { SUBPROTOCOL_JSON } from '#src/signalling/protocol.js';
import { silent } from './test-client.js';

function open(maxBackpressureBytes = DEFAULT_LIMITS.maxBackpressureBytes) {
  const done: string[][] = [];
  const port: SocketPort = {
    protocol: SUBPROTOCOL_JSON,
    remoteAddress: '',
    origin: '',
    send: (frames) => done.push(frames.map((frame) => Buffer.from(frame).toString())),
    bufferedBytes: () => 0,
    ping: () => {},
    end: (_code, reason) => done.push([`end ${reason}`]),
    terminate: () => done.push(['terminate']),
  };
  const env: ConnectionEnvironment = {
    limits: { ...DEFAULT_LIMITS, maxBackpressureBytes },
    metrics: new GatewayMetrics(),
    log: silent,
    now: () => 0,
    handle: () => Promise.resolve({}),
    closed: () => {},
  };
  return { connection: new Connection(port, env), done };
}

const left = (peerId: string) => ({ peerId, reason: 'left' }) as const;
const frame = (peerId: string) => JSON.stringify({ notification: 'peerLeft', data: left(peerId) });
const shared = (peerId: string) => SharedNotification.of('peerLeft', left(peerId));

t.test('what one turn says goes out together and in order', async (t) => {
  const { connection, done } = open();
  connection.deliver(shared('a'));
  connection.notify('peerLeft', left('b'));
  connection.deliver(shared('c'));
  t.strictSame(done, []);
  await Promise.resolve();
  t.strictSame(done, [['a', 'b', 'c'].map(frame)]);
  connection.deliver(shared('d'));
  await Promise.resolve();
  t.strictSame(done.slice(1), [[frame('d')]]);
});

t.test('much does not wait for the end of the turn', async (t) => {
  const { connection, done } = open();
  const long = 'x'.repeat(5000);
  for (let n = 0; n < 5; n++) connection.deliver(shared(long));
  t.strictSame(done, [[long, long, long, long].map(frame)]);
  await Promise.resolve();
  t.strictSame(done.slice(1), [[frame(long)]]);
});

t.test('what was said before a close goes out before it, and nothing after it', async (t) => {
  const { connection, done } = open();
  connection.deliver(shared('a'));
  connection.close(4001, 'worker-died');
  connection.deliver(shared('b'));
  await Promise.resolve();
  t.strictSame(done, [[frame('a')], ['end worker-died']]);
});

t.test('a socket that was lost is given nothing', async (t) => {
  const { connection, done } = open();
  connection.deliver(shared('a'));
  connection.handleClosed(1006);
  await Promise.resolve();
  t.strictSame(done, []);
});

t.test('what waits for the end of the turn counts as unsent', async (t) => {
  const { connection, done } = open(2 * frame('a').length);
  for (const id of ['a', 'b', 'c']) connection.deliver(shared(id));
  await Promise.resolve();
  t.strictSame(done, [['terminate']]);
});
