import t from 'tap';
import { CloseCode } from '#src/signalling/protocol.js';
import { dtlsParameters, produceData, startGateway, TestClient, transportId } from './test-client.js';

t.test(
  'a lost socket resumes within the grace time: media went on, nobody noticed, the state is told',
  async (t) => {
    const { url, media, gateway } = await startGateway(t);
    const anna = await TestClient.join(t, url);
    const bo = await TestClient.join(t, url);
    const { producerId } = await anna.client.request('produce', {
      ...produceData(anna.joined),
      paused: true,
    });
    const boProducer = await bo.client.request('produce', produceData(bo.joined, 'audio/opus'));
    const [{ consumerId }] = (await anna.client.notification('newConsumers')).consumers;
    await anna.client.request('consumerReady', { consumerIds: [consumerId] });
    await anna.client.request('connectTransport', {
      transportId: transportId(anna.joined, 'send'),
      dtlsParameters,
    });
    bo.client.pendingNotifications();

    anna.client.socket.terminate();
    await anna.client.closed;
    const again = await TestClient.join(t, url, {
      resumeToken: anna.joined.resumeToken,
      transports: ['send', 'recv'],
    });
    t.match(again.joined, {
      resumed: true,
      peerId: anna.joined.peerId,
      resumeToken: anna.joined.resumeToken,
      peers: [{ peerId: bo.joined.peerId }],
      producers: [{ producerId, source: 'camera', paused: true }],
      consumers: [{ consumerId, producerId: boProducer.producerId, ready: true }],
    });
    t.strictSame(
      again.joined.transports.map((transport) => [transport.transportId, transport.connected]),
      [
        [transportId(anna.joined, 'send'), true],
        [transportId(anna.joined, 'recv'), false],
      ],
    );
    t.equal(media.router.transports.length, 4, 'no transport was made anew');
    t.equal(media.router.producers.get(producerId)!.closed, false);
    t.equal(gateway.peerCount, 2);
    t.notOk(bo.client.pendingNotifications().includes('peerLeft'));
    await again.client.request('resumeProducer', { producerId });
  },
);

t.test('who does not come back in time has left', async (t) => {
  const { url, gateway, media } = await startGateway(t, { timing: { grace: 60 } });
  const anna = await TestClient.join(t, url);
  const bo = await TestClient.join(t, url);
  anna.client.socket.terminate();
  t.strictSame(await bo.client.notification('peerLeft'), { peerId: anna.joined.peerId, reason: 'timeout' });
  t.equal(media.router.transports[0].closed, true);
  const again = await TestClient.join(t, url, { resumeToken: anna.joined.resumeToken });
  t.equal(again.joined.resumed, false, 'a fresh join in the same round trip');
  t.not(again.joined.peerId, anna.joined.peerId);
  t.equal(gateway.peerCount, 2);
});

t.test('a token opens its own session only', async (t) => {
  const { url } = await startGateway(t);
  const anna = await TestClient.join(t, url, { room: 'one' });
  const other = await TestClient.join(t, url, { room: 'two', resumeToken: anna.joined.resumeToken });
  t.equal(other.joined.resumed, false);
  const guess = await TestClient.join(t, url, { room: 'one', resumeToken: 'A'.repeat(43) });
  t.equal(guess.joined.resumed, false);
});

t.test('a resume takes over from a socket that still looks alive', async (t) => {
  const { url, gateway } = await startGateway(t);
  const anna = await TestClient.join(t, url);
  const again = await TestClient.join(t, url, { resumeToken: anna.joined.resumeToken });
  t.equal(again.joined.resumed, true);
  t.strictSame(await anna.client.closed, { code: CloseCode.Replaced, reason: 'replaced' });
  await again.client.request('createTransport', { direction: 'recv' });
  t.equal(gateway.peerCount, 1);
});

t.test('a socket that answers no ping is lost, then its peer leaves after the grace time', async (t) => {
  const { url } = await startGateway(t, { timing: { pingInterval: 20, idleTimeout: 120, grace: 50 } });
  const watcher = await TestClient.join(t, url);
  const dead = await TestClient.open(t, url, { autoPong: false });
  const joined = await dead.request('join', { room: 'lobby', displayName: 'Gone' });
  t.strictSame(await watcher.client.notification('peerLeft'), { peerId: joined.peerId, reason: 'timeout' });
  t.equal((await dead.closed).code, 1006);
  await watcher.client.request('ping', {});
});

t.test('while the gateway itself stood still, nobody is lost', async (t) => {
  const { url } = await startGateway(t, {
    timing: { pingInterval: 20, idleTimeout: 120, joinDeadline: 150 },
  });
  const joined = await TestClient.join(t, url);
  const joining = await TestClient.open(t, url);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  await joined.client.request('ping', {});
  await joining.request('join', { room: 'lobby', displayName: 'Bo' });
  t.match(await joined.client.notification('peerJoined'), { displayName: 'Bo' });
});

t.test('a socket that never joins is closed', async (t) => {
  const { url } = await startGateway(t, { timing: { pingInterval: 20, joinDeadline: 60 } });
  const idle = await TestClient.open(t, url);
  t.strictSame(await idle.closed, { code: CloseCode.Policy, reason: 'join-deadline' });
});

t.test('after a leave the time to join begins anew', async (t) => {
  const { url } = await startGateway(t, {
    limits: { messageBurst: 1e6 },
    timing: { pingInterval: 20, joinDeadline: 400 },
  });
  const watcher = await TestClient.join(t, url, { room: 'other' });
  const { client, joined } = await TestClient.join(t, url);
  const openedAt = performance.now();
  while (performance.now() - openedAt < 450) await watcher.client.request('ping', {});
  await client.request('leave', {});
  // Several beats long, which would each close a socket that counts from its opening.
  const leftAt = performance.now();
  while (performance.now() - leftAt < 80) await watcher.client.request('ping', {});
  const again = await client.request('join', { room: 'lobby', displayName: 'Anna' });
  t.not(again.peerId, joined.peerId);
  await client.request('leave', {});
  t.strictSame(await client.closed, { code: CloseCode.Policy, reason: 'join-deadline' });
});

t.test('a room whose worker died says so, and a new join finds a new room', async (t) => {
  const { url, media, gateway } = await startGateway(t);
  const anna = await TestClient.join(t, url);
  const gone = await TestClient.join(t, url);
  gone.client.socket.terminate();
  await gone.client.closed;
  media.router.die();
  t.match(await anna.client.notification('closing'), { reason: 'worker-died' });
  t.strictSame(await anna.client.closed, { code: CloseCode.RoomClosed, reason: 'worker-died' });
  t.strictSame([gateway.roomCount, gateway.peerCount], [0, 0]);
  const again = await TestClient.join(t, url, { resumeToken: anna.joined.resumeToken });
  t.strictSame([again.joined.resumed, again.joined.peers], [false, []]);
  t.equal(media.routers.length, 2);
});

t.test('the authorize hook decides, sees the ticket and may set the name', async (t) => {
  const seen: object[] = [];
  const { url } = await startGateway(t, {
    authorize: (request) => {
      seen.push(request);
      if (request.ticket !== 'valid') return { allowed: false, message: 'show a ticket' };
      return Promise.resolve({ allowed: true, displayName: 'Anna from the ticket' });
    },
  });
  const watcher = await TestClient.join(t, url, { ticket: 'valid' });
  await t.rejects(TestClient.join(t, url), /unauthorized: show a ticket/);
  await TestClient.join(t, url, { ticket: 'valid' });
  t.match(await watcher.client.notification('peerJoined'), { displayName: 'Anna from the ticket' });
  t.match(seen[0], {
    room: 'lobby',
    displayName: 'Anna',
    ticket: 'valid',
    remoteAddress: '127.0.0.1',
    origin: '',
  });
});

t.test('a transport that failed while the socket was away is told after the resume', async (t) => {
  const { url, media } = await startGateway(t);
  const { client, joined } = await TestClient.join(t, url);
  client.socket.terminate();
  await client.closed;
  const { transportId } = joined.transports[0];
  const transports = media.routers.flatMap((router) => router.transports);
  transports.find(({ id }) => id === transportId)?.emit('dtlsstatechange', 'failed');
  const again = await TestClient.join(t, url, { resumeToken: joined.resumeToken });
  t.equal(again.joined.resumed, true);
  t.strictSame(await again.client.notification('transportFailed'), { transportId });
});

t.test('what may be sent as what', async (t) => {
  const { url } = await startGateway(t);
  const { client, joined } = await TestClient.join(t, url);
  const produce = (mimeType: string, source: 'camera' | 'microphone' | 'screen') =>
    client.request('produce', { ...produceData(joined, mimeType), source });
  await t.rejects(produce('video/VP8', 'microphone'), /bad-request: a microphone sends audio, not video/);
  await t.rejects(produce('audio/opus', 'camera'), /bad-request: a camera sends video, not audio/);
  await produce('video/VP8', 'screen');
  await produce('audio/opus', 'screen');
});

t.test('a consumer flows when it is ready and not held, and starts once', async (t) => {
  const { url, media } = await startGateway(t);
  const { client: anna, joined } = await TestClient.join(t, url);
  await anna.request('produce', produceData(joined));
  const { client: bo } = await TestClient.join(t, url);
  const { consumers } = await bo.notification('newConsumers');
  const [{ consumerId }] = consumers;
  const [consumer] = media.consumers;
  let resumed = 0;
  consumer.resume = () => {
    resumed++;
    consumer.paused = false;
    return Promise.resolve();
  };
  await bo.request('pauseConsumer', { consumerId });
  await bo.request('consumerReady', { consumerIds: [consumerId, consumerId] });
  t.equal(consumer.paused, true, 'held');
  await bo.request('resumeConsumer', { consumerId });
  t.equal(consumer.paused, false);
  t.equal(resumed, 1);
  await bo.request('consumerReady', { consumerIds: Array<string>(100).fill(consumerId) });
  t.equal(resumed, 1, 'it has started');

  await anna.request('produce', produceData(joined, 'audio/opus'));
  const [voice] = (await bo.notification('newConsumers')).consumers;
  const second = media.consumers[1];
  await bo.request('resumeConsumer', { consumerId: voice.consumerId });
  t.equal(second.paused, true, 'not ready');
  await bo.request('consumerReady', { consumerIds: [voice.consumerId] });
  t.equal(second.paused, false);
});

t.test('a resume tells layers, scores and the sizes of pictures', async (t) => {
  const { url, media } = await startGateway(t);
  const { client: anna, joined } = await TestClient.join(t, url);
  const { producerId } = await anna.request('produce', produceData(joined));
  const { client: bo, joined: boJoined } = await TestClient.join(t, url);
  const { consumers } = await bo.notification('newConsumers');
  t.notOk('layers' in consumers[0] || 'producerScore' in consumers[0]);
  const [consumer] = media.consumers;
  consumer.emit('layerschange', { spatialLayer: 1, temporalLayer: 2 });
  consumer.emit('layerschange', undefined);
  consumer.emit('score', { score: 9, producerScore: 4 });
  const videoLayers = [{ width: 320, height: 180 }];
  await anna.request('setVideoLayers', { producerId, videoLayers });
  const { consumerId } = consumers[0];
  t.strictSame(await bo.notification('videoLayersChanged'), { consumerId, videoLayers });
  bo.socket.terminate();
  const { resumeToken } = boJoined;
  const { joined: resumed } = await TestClient.join(t, url, { resumeToken });
  t.match(resumed.consumers, [{ consumerId, layers: null, producerScore: 4, videoLayers }]);
});
