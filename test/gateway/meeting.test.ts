import t from 'tap';
import { SUBPROTOCOL_JSON } from '#src/signalling/protocol.js';
import {
  dtlsParameters,
  produceData,
  RequestFailed,
  startGateway,
  TestClient,
  transportId,
} from './test-client.js';

t.test('the server speaks first, and one request gives a peer all it needs', async (t) => {
  const { url, media } = await startGateway(t);
  const client = await TestClient.open(t, url);
  const { routerRtpCapabilities } = await client.notification('welcome');
  t.match(routerRtpCapabilities, {
    codecs: media.rtpCapabilities.codecs!.map(({ mimeType }) => ({ mimeType })),
  });

  const { joined } = await TestClient.join(t, url);
  t.match(joined, { resumed: false, peers: [], consumers: [], producers: [], graceTimeMs: 10_000 });
  t.ok(joined.resumeToken.length >= 43, 'at least 256 bits');
  t.strictSame(
    joined.transports.map(({ direction, connected }) => [direction, connected]),
    [
      ['send', false],
      ['recv', false],
    ],
  );
});

t.test(
  'a stream reaches those present, then those who come later, and flows when they are ready',
  async (t) => {
    const { url, media } = await startGateway(t);
    const anna = await TestClient.join(t, url);
    const bo = await TestClient.join(t, url, { displayName: 'Bo' });
    t.strictSame(await anna.client.notification('peerJoined'), {
      peerId: bo.joined.peerId,
      displayName: 'Bo',
    });
    t.strictSame(bo.joined.peers, [{ peerId: anna.joined.peerId, displayName: 'Anna' }]);

    const { producerId } = await anna.client.request('produce', produceData(anna.joined));
    const { consumers } = await bo.client.notification('newConsumers');
    t.match(consumers, [
      {
        producerId,
        peerId: anna.joined.peerId,
        source: 'camera',
        kind: 'video',
        ready: false,
        producerPaused: false,
      },
    ]);
    t.equal(media.consumers[0].paused, true, 'paused until the client is ready');
    await bo.client.request('consumerReady', { consumerIds: [consumers[0].consumerId, 'gone-meanwhile'] });
    t.equal(media.consumers[0].paused, false);

    const cleo = await TestClient.join(t, url, { displayName: 'Cleo' });
    const late = await cleo.client.notification('newConsumers');
    t.match(late.consumers, [{ producerId }]);

    await anna.client.request('pauseProducer', { producerId });
    t.strictSame(await bo.client.notification('consumerPaused'), { consumerId: consumers[0].consumerId });
    await anna.client.request('resumeProducer', { producerId });
    t.strictSame(await bo.client.notification('consumerResumed'), { consumerId: consumers[0].consumerId });
    await anna.client.request('closeProducer', { producerId });
    t.strictSame(await bo.client.notification('consumerClosed'), { consumerId: consumers[0].consumerId });
  },
);

t.test('transports and capabilities may also come one by one', async (t) => {
  const { url } = await startGateway(t);
  const anna = await TestClient.join(t, url);
  await anna.client.request('produce', produceData(anna.joined));

  const bo = await TestClient.join(t, url, { rtpCapabilities: undefined, transports: [] });
  const transport = await bo.client.request('createTransport', { direction: 'recv' });
  t.match(transport, { direction: 'recv', connected: false, iceParameters: { usernameFragment: String } });
  await bo.client.request('connectTransport', { transportId: transport.transportId, dtlsParameters });
  t.notOk(
    bo.client.pendingNotifications().includes('newConsumers'),
    'nothing to receive without capabilities',
  );
  await bo.client.request('setConsumerCapabilities', {
    rtpCapabilities: {
      codecs: [{ kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 101, clockRate: 90000 }],
    },
  });
  t.equal((await bo.client.notification('newConsumers')).consumers.length, 1);
});

t.test('consumer controls, events, ICE restart and statistics', async (t) => {
  const { url, media } = await startGateway(t);
  const anna = await TestClient.join(t, url);
  const bo = await TestClient.join(t, url);
  const { producerId } = await anna.client.request('produce', produceData(anna.joined));
  const [{ consumerId }] = (await bo.client.notification('newConsumers')).consumers;
  const [consumer] = media.consumers;

  await bo.client.request('setPreferredLayers', { consumerId, spatialLayer: 1, temporalLayer: 2 });
  t.strictSame(consumer.preferredLayers, { spatialLayer: 1, temporalLayer: 2 });
  await bo.client.request('requestKeyFrame', { consumerId });
  t.equal(consumer.keyFrameRequests, 1);
  await bo.client.request('consumerReady', { consumerIds: [consumerId] });
  t.equal(consumer.paused, false);
  await bo.client.request('pauseConsumer', { consumerId });
  t.equal(consumer.paused, true);
  await bo.client.request('resumeConsumer', { consumerId });
  t.equal(consumer.paused, false);

  consumer.emit('layerschange', { spatialLayer: 2, temporalLayer: 0 });
  t.strictSame(await bo.client.notification('layersChanged'), {
    consumerId,
    layers: { spatialLayer: 2, temporalLayer: 0 },
  });
  consumer.emit('layerschange', undefined);
  t.strictSame(await bo.client.notification('layersChanged'), { consumerId, layers: null });
  consumer.emit('score', { score: 9, producerScore: 10, producerScores: [10] });
  t.strictSame(await bo.client.notification('consumerScore'), { consumerId, score: 9, producerScore: 10 });
  media.router.producers.get(producerId)!.emit('score', [{ ssrc: 1, score: 7 }]);
  t.strictSame(await anna.client.notification('producerScore'), { producerId, scores: [7] });
  media.router.transports[0].emit('dtlsstatechange', 'failed');
  t.strictSame(await anna.client.notification('transportFailed'), {
    transportId: media.router.transports[0].id,
  });

  const restarted = await bo.client.request('restartIce', { transportId: transportId(bo.joined, 'recv') });
  t.type(restarted.iceParameters.password, 'string');
  t.match(await bo.client.request('getStats', { id: consumerId }), { stats: [{ id: consumerId }] });
});

t.test('leaving is seen by the others at once, and the last one out closes the room', async (t) => {
  const { url, gateway, media } = await startGateway(t);
  const anna = await TestClient.join(t, url);
  const bo = await TestClient.join(t, url);
  const cleo = await TestClient.join(t, url);
  await bo.client.request('leave', {});
  t.strictSame(await anna.client.notification('peerLeft'), { peerId: bo.joined.peerId, reason: 'left' });
  await t.rejects(bo.client.request('createTransport', { direction: 'send' }), /not-joined/);
  cleo.client.socket.close(1001);
  t.strictSame(await anna.client.notification('peerLeft'), { peerId: cleo.joined.peerId, reason: 'left' });
  t.equal(gateway.peerCount, 1);
  await anna.client.request('leave', {});
  t.strictSame([gateway.peerCount, gateway.roomCount, media.router.closed], [0, 0, true]);
});

t.test('rooms are apart', async (t) => {
  const { url, gateway } = await startGateway(t);
  const anna = await TestClient.join(t, url, { room: 'one' });
  const bo = await TestClient.join(t, url, { room: 'two' });
  t.strictSame(bo.joined.peers, []);
  await anna.client.request('produce', produceData(anna.joined));
  await bo.client.request('ping', {});
  t.strictSame(bo.client.pendingNotifications(), ['welcome']);
  t.equal(gateway.roomCount, 2);
});

t.test('JSON in text frames works as well', async (t) => {
  const { url } = await startGateway(t);
  const client = await TestClient.open(t, url, { protocol: SUBPROTOCOL_JSON });
  client.sendRaw('{"id":7,"request":"join","data":{"room":"r","displayName":"Hand"}}');
  t.match(await client.response(7), { peerId: String, resumed: false });
});

t.test('what the media layer refuses is answered with a code', async (t) => {
  const { url } = await startGateway(t);
  const { client, joined } = await TestClient.join(t, url);
  const refused = async (promise: Promise<unknown>): Promise<string> => {
    try {
      await promise;
    } catch (error) {
      if (error instanceof RequestFailed) return `${error.info.code} ${error.info.field ?? '-'}`;
    }
    return 'not refused';
  };
  t.equal(await refused(client.request('produce', produceData(joined, 'video/unheard-of'))), 'unsupported -');
  const wrongWay = { ...produceData(joined), transportId: transportId(joined, 'recv') };
  t.equal(await refused(client.request('produce', wrongWay)), 'unsupported data.transportId');
  t.equal(
    await refused(client.request('produce', { ...wrongWay, transportId: 'x' })),
    'not-found data.transportId',
  );
  t.equal(await refused(client.request('pauseProducer', { producerId: 'x' })), 'not-found data.producerId');
  t.equal(await refused(client.request('requestKeyFrame', { consumerId: 'x' })), 'not-found data.consumerId');
  const connect = { transportId: transportId(joined, 'send'), dtlsParameters };
  await client.request('connectTransport', connect);
  t.equal(await refused(client.request('connectTransport', connect)), 'unsupported -');
  t.equal(await refused(client.request('join', { room: 'r', displayName: 'd' })), 'already-joined -');
});
