import { once } from 'node:events';
import fc from 'fast-check';
import t from 'tap';
import { WebSocket } from 'ws';
import { encodeFrame } from '#src/signalling/codec.js';
import { CloseCode, SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK } from '#src/signalling/protocol.js';
import { produceData, startGateway, TestClient } from './test-client.js';

t.test('malformed messages are answered with a code and cost more than good ones', async (t) => {
  const { url } = await startGateway(t, { limits: { messageBurst: 45, messagesPerSecond: 0.001 } });
  const client = await TestClient.open(t, url);
  client.sendRaw(new Uint8Array([0xc1]));
  await t.rejects(client.response(null), /malformed/);
  client.send({ id: 3, request: 'fly' });
  await t.rejects(client.response(3), /unknown-request/);
  client.send({ id: 4, request: 'join', data: { room: '' } });
  await t.rejects(client.response(4), /bad-request: data.room/);
  client.send({ id: 5, request: 'produce', data: {} });
  await t.rejects(client.response(5), /bad-request: data.transportId/);
  client.sendRaw('text on a binary protocol');
  t.strictSame(await client.closed, { code: CloseCode.Policy, reason: 'rate-limited' });
});

t.test('a flood closes the socket and removes the peer; others are served on', async (t) => {
  const { url, gateway } = await startGateway(t, { limits: { messageBurst: 50 } });
  const good = await TestClient.join(t, url);
  const bad = await TestClient.join(t, url);
  for (let id = 0; id < 500; id++) bad.client.send({ id, request: 'ping', data: {} });
  t.strictSame(await bad.client.closed, { code: CloseCode.Policy, reason: 'rate-limited' });
  t.strictSame(await good.client.notification('peerLeft'), { peerId: bad.joined.peerId, reason: 'kicked' });
  await good.client.request('ping', {});
  t.equal(gateway.peerCount, 1);
});

t.test('pings count as messages: their pongs are something that must be read', async (t) => {
  const { url, gateway } = await startGateway(t, { limits: { messageBurst: 50 } });
  const { client } = await TestClient.join(t, url);
  for (let n = 0; n < 500; n++) client.socket.ping('x'.repeat(125));
  t.strictSame(await client.closed, { code: CloseCode.Policy, reason: 'rate-limited' });
  t.equal(gateway.peerCount, 0);
});

t.test('reconnecting brings no fresh allowance', async (t) => {
  const { url } = await startGateway(t, { limits: { messageBurst: 50, messagesPerSecond: 0.001 } });
  let { client, joined } = await TestClient.join(t, url);
  for (let n = 0; n < 40; n++) await client.request('ping', {});
  client.socket.terminate();
  ({ client, joined } = await TestClient.join(t, url, { resumeToken: joined.resumeToken }));
  t.equal(joined.resumed, true);
  for (let id = 1000; id < 1040; id++) client.send({ id, request: 'ping', data: {} });
  t.strictSame(await client.closed, { code: CloseCode.Policy, reason: 'rate-limited' });
});

t.test('too big a message closes the socket; a giant one cuts it off', async (t) => {
  const { url } = await startGateway(t, { limits: { maxMessageBytes: 1_000 } });
  const big = await TestClient.open(t, url);
  big.sendRaw(new Uint8Array(1_001));
  t.strictSame(await big.closed, { code: CloseCode.TooBig, reason: 'message-too-big' });
  const giant = await TestClient.open(t, url);
  giant.sendRaw(new Uint8Array(100_000));
  t.not((await giant.closed).code, 1000);
});

t.test('limits on peers, rooms, transports, producers and waiting requests', async (t) => {
  const { url } = await startGateway(t, {
    limits: {
      maxRooms: 2,
      maxPeersPerRoom: 2,
      maxTransportsPerPeer: 3,
      maxProducersPerPeer: 1,
      maxQueuedRequests: 2,
    },
  });
  const { client, joined } = await TestClient.join(t, url, { room: 'a' });
  await TestClient.join(t, url, { room: 'a' });
  await t.rejects(TestClient.join(t, url, { room: 'a' }), /room-full/);
  await TestClient.join(t, url, { room: 'b' });
  await t.rejects(TestClient.join(t, url, { room: 'c' }), /too-many-rooms/);

  await client.request('createTransport', { direction: 'send' });
  await t.rejects(client.request('createTransport', { direction: 'send' }), /limit-reached/);
  await client.request('produce', produceData(joined));
  await t.rejects(client.request('produce', produceData(joined)), /limit-reached/);

  const results = await Promise.allSettled(
    Array.from({ length: 6 }, () => client.request('getStats', { id: joined.transports[0].transportId })),
  );
  t.ok(results.some(({ status }) => status === 'fulfilled'));
  for (const result of results)
    if (result.status === 'rejected') t.match(String(result.reason), /limit-reached/);
});

t.test('consumers stop at their limit', async (t) => {
  const { url, media } = await startGateway(t, { limits: { maxConsumersPerPeer: 2 } });
  const anna = await TestClient.join(t, url);
  await anna.client.request('produce', produceData(anna.joined));
  await anna.client.request('produce', produceData(anna.joined, 'audio/opus'));
  await anna.client.request('produce', { ...produceData(anna.joined), source: 'screen' });
  const bo = await TestClient.join(t, url);
  t.equal((await bo.client.notification('newConsumers')).consumers.length, 2);
  t.equal(media.consumers.length, 2);
});

t.test('one connection too many is told so', async (t) => {
  const { url } = await startGateway(t, { limits: { maxConnections: 1 } });
  await TestClient.open(t, url);
  const second = await TestClient.open(t, url);
  t.strictSame(await second.closed, { code: 1013, reason: 'too-many-connections' });
});

t.test('a socket that does not read is cut off, not buffered for without end', async (t) => {
  const { url, http } = await startGateway(t, {
    limits: { maxBackpressureBytes: 100_000, messageBurst: 1e6 },
  });
  const client = await TestClient.open(t, url);
  client.socket.pause();
  const { _socket: tcp } = client.socket as unknown as { _socket: { pause(): void } };
  tcp.pause();
  const request = encodeFrame(SUBPROTOCOL_MSGPACK, { id: 1, request: 'x'.repeat(60), data: {} });
  const isCut = async (): Promise<boolean> =>
    (await (await fetch(`${http}/metrics`)).text()).includes(
      'sluss_websocket_closes_total{cause="backpressure"} 1',
    );
  while (!(await isCut())) {
    for (let n = 0; n < 5_000; n++) client.sendRaw(request);
  }
  t.pass('cut off');
});

t.test('only pages of an allowed origin, and only known subprotocols, get in', async (t) => {
  const refusal = async (url: string, protocols: string[], origin?: string): Promise<number> => {
    const socket = new WebSocket(url, protocols, { origin });
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
  const own = await startGateway(t);
  t.equal(await refusal(own.url, [SUBPROTOCOL_JSON]), 101, 'not a browser');
  t.equal(await refusal(own.url, [SUBPROTOCOL_JSON], own.http), 101, 'the own page');
  t.equal(await refusal(own.url, [SUBPROTOCOL_JSON], 'https://evil.example'), 403);
  t.equal(await refusal(own.url, [SUBPROTOCOL_JSON], 'null'), 403, 'a sandboxed page');
  t.equal(await refusal(own.url, ['other.1']), 400);
  t.equal(await refusal(own.url, ['other.1', SUBPROTOCOL_JSON]), 101);
  const listed = await startGateway(t, { allowedOrigins: ['https://meet.example'] });
  t.equal(await refusal(listed.url, [SUBPROTOCOL_JSON], 'https://meet.example'), 101);
  t.equal(await refusal(listed.url, [SUBPROTOCOL_JSON], listed.http), 403);
  const open = await startGateway(t, { allowedOrigins: '*' });
  t.equal(await refusal(open.url, [SUBPROTOCOL_JSON], 'https://anywhere.example'), 101);
});

t.test('random frames before and after the join never bring the gateway down', async (t) => {
  const { url, http } = await startGateway(t, { limits: { messageBurst: 1e6 } });
  const { client } = await TestClient.join(t, url);
  const seed = Date.now() | 0;
  t.comment(`seed ${seed}`);
  // Ids that none of this test's own requests has.
  const names = ['join', 'produce', 'createTransport', 'consumerReady', 'leave', 'getStats'];
  const message = fc.record(
    { id: fc.integer({ min: 1_000 }), request: fc.constantFrom(...names), data: fc.anything() },
    { requiredKeys: ['id', 'request'] },
  );
  for (const value of fc.sample(message, { numRuns: 300, seed }))
    client.sendRaw(encodeFrame(SUBPROTOCOL_MSGPACK, JSON.parse(JSON.stringify(value)) as object));
  for (const bytes of fc.sample(fc.uint8Array({ maxLength: 300 }), { numRuns: 300, seed }))
    client.sendRaw(bytes);
  await client.request('ping', {});
  t.equal((await fetch(`${http}/healthz`)).status, 200);
});
