/** The same gateway over the JavaScript stand-in that uWebSockets.js uses where it has no native build. */
import { connect } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { WebSocket } from 'ws';

process.env.UWS_USE_FALLBACK = 'true';
const { startGateway, TestClient, produceData } = await import('./test-client.js');
const { SUBPROTOCOL_JSON, CloseCode } = await import('#src/signalling/protocol.js');

t.test('joins, streams, resumes and leaves', async (t) => {
  const { url, http } = await startGateway(t);
  const anna = await TestClient.join(t, url);
  const bo = await TestClient.join(t, url);
  await anna.client.request('produce', produceData(anna.joined));
  t.equal((await bo.client.notification('newConsumers')).consumers.length, 1);
  anna.client.socket.terminate();
  await anna.client.closed;
  const again = await TestClient.join(t, url, { resumeToken: anna.joined.resumeToken });
  t.equal(again.joined.resumed, true);
  again.client.socket.close(1000);
  t.match(await bo.client.notification('peerLeft'), { reason: 'left' });
  const health = await fetch(`${http}/healthz`);
  t.strictSame([health.status, await health.json()], [200, { status: 'ok', rooms: 1, peers: 1 }]);
  const proxied = await fetch(`${http}/healthz`, { headers: { 'x-forwarded-for': '203.0.113.9' } });
  t.strictSame(await proxied.json(), { status: 'ok' });
  t.match(await (await fetch(`${http}/metrics`)).text(), /sluss_peers 1/);
});

t.test('pings, floods and sizes', async (t) => {
  const { url } = await startGateway(t, {
    timing: { pingInterval: 20, idleTimeout: 120, grace: 50 },
    limits: { messageBurst: 50, maxMessageBytes: 1_000 },
  });
  const watcher = await TestClient.join(t, url, { rtpCapabilities: undefined });
  const dead = await TestClient.open(t, url, { autoPong: false });
  const { peerId } = await dead.request('join', { room: 'lobby', displayName: 'Gone' });
  t.strictSame(await watcher.client.notification('peerLeft'), { peerId, reason: 'timeout' });
  const flood = await TestClient.open(t, url);
  for (let id = 0; id < 500; id++) flood.send({ id, request: 'ping', data: {} });
  t.strictSame(await flood.closed, { code: CloseCode.Policy, reason: 'rate-limited' });
  const giant = await TestClient.open(t, url);
  giant.sendRaw(new Uint8Array(100_000));
  t.not((await giant.closed).code, 1000);
  await watcher.client.request('ping', {});
});

t.test('origins and subprotocols are checked', async (t) => {
  const { url, http } = await startGateway(t);
  const status = async (protocol: string, origin?: string): Promise<number> => {
    const socket = new WebSocket(url, [protocol], { origin });
    socket.on('error', () => {});
    const outcome = await Promise.race([
      once(socket, 'open').then(() => 101),
      once(socket, 'unexpected-response').then(
        ([, response]) => (response as { statusCode: number }).statusCode,
      ),
    ]);
    socket.terminate();
    return outcome;
  };
  t.equal(await status(SUBPROTOCOL_JSON, http), 101);
  t.equal(await status(SUBPROTOCOL_JSON, 'https://evil.example'), 403);
  t.equal(await status('other.1'), 400);
});

t.test('frames that break the WebSocket protocol, and upgrades elsewhere, harm nobody', async (t) => {
  const { url, gateway } = await startGateway(t);
  const watcher = await TestClient.join(t, url);
  const bad = await TestClient.open(t, url, { protocol: SUBPROTOCOL_JSON });
  const { _socket: tcp } = bad.socket as unknown as { _socket: { write(bytes: Uint8Array): void } };
  // A masked text frame with a byte that is no UTF-8.
  tcp.write(new Uint8Array([0x81, 0x81, 0, 0, 0, 0, 0xff]));
  await bad.closed;
  const elsewhere = connect(gateway.port, '127.0.0.1');
  elsewhere.write(
    'GET /else HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  const [answer] = (await once(elsewhere, 'data')) as [Buffer];
  t.match(answer.toString(), /^HTTP\/1.1 404/);
  elsewhere.destroy();
  await watcher.client.request('ping', {});
});

t.test('a reset during a refused upgrade ends nothing but itself', async (t) => {
  const { http } = await startGateway(t);
  const { port } = new URL(http);
  for (let n = 0; n < 20; n++) {
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write('GET /other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    if (n % 2 === 0) await once(socket, 'data');
    const closed = once(socket, 'close');
    socket.write('x'.repeat(1000));
    socket.resetAndDestroy();
    await closed;
  }
  t.equal((await fetch(`${http}/healthz`)).status, 200);
});
