import t from 'tap';
import { UnsupportedError } from '#src/api/errors.js';
import { type Transport } from '#src/api/transport.js';
import { localWorker } from './support/local-worker.js';
import {
  audioParameters,
  deviceCapabilities,
  listenInfo,
  mediaCodecs,
  noVideoCapabilities,
  videoParameters,
} from './support/parameters.js';

void t.test('createRouter: capabilities, appData, observer event', async (t) => {
  const { worker } = localWorker(t);
  const seen: unknown[] = [];
  worker.observer.on('newrouter', (router) => seen.push(router));
  const router = await worker.createRouter({ mediaCodecs, appData: { room: 'blue' } });
  t.same(seen, [router]);
  t.same(router.appData, { room: 'blue' });
  router.appData = { room: 'red' };
  t.same(router.appData, { room: 'red' });
  t.notOk(router.closed);
  t.same(
    router.rtpCapabilities.codecs.map((codec) => codec.mimeType),
    ['audio/opus', 'video/VP8', 'video/rtx'],
  );
  router.rtpCapabilities.codecs.length = 0;
  t.equal(router.rtpCapabilities.codecs.length, 3, 'getters give copies');
  t.same(await router.dump(), {
    id: router.id,
    transportIds: [],
    rtpObserverIds: [],
    mapProducerIdConsumerIds: [],
    mapConsumerIdProducerId: [],
    mapProducerIdObserverIds: [],
    mapDataProducerIdDataConsumerIds: [],
    mapDataConsumerIdDataProducerId: [],
  });
});

void t.test('createRouter refuses malformed options by name', async (t) => {
  const { worker } = localWorker(t);
  await t.rejects(worker.createRouter({ mediaCodecs: {} as never }), {
    name: 'TypeError',
    message: /mediaCodecs/,
  });
  await t.rejects(worker.createRouter({ appData: 'text' as never }), {
    name: 'TypeError',
    message: /appData/,
  });
  const chicken = { kind: 'audio' as const, mimeType: 'audio/chicken', clockRate: 8000 };
  await t.rejects(worker.createRouter({ mediaCodecs: [chicken] }), UnsupportedError);
  t.match(await worker.dump(), { routerIds: [] });
});

void t.test('newtransport, dump with producers and consumers', async (t) => {
  const { worker } = localWorker(t);
  const router = await worker.createRouter({ mediaCodecs });
  const seen: Transport[] = [];
  router.observer.on('newtransport', (transport) => seen.push(transport));
  const one = await router.createWebRtcTransport({ listenInfos: [listenInfo] });
  const two = await router.createPlainTransport({ listenInfo });
  t.same(
    seen.map(({ id, type }) => [id, type]),
    [
      [one.id, 'webrtc'],
      [two.id, 'plain'],
    ],
  );
  const producer = await one.produce({ kind: 'audio', rtpParameters: audioParameters });
  const consumer = await two.consume({ producerId: producer.id, rtpCapabilities: deviceCapabilities });
  t.match(await router.dump(), {
    transportIds: [one.id, two.id],
    mapProducerIdConsumerIds: [{ key: producer.id, values: [consumer.id] }],
    mapConsumerIdProducerId: [{ key: consumer.id, value: producer.id }],
  });
});

void t.test('canConsume() says no instead of throwing', async (t) => {
  const { worker } = localWorker(t);
  const router = await worker.createRouter({ mediaCodecs });
  const transport = await router.createWebRtcTransport({ listenInfos: [listenInfo] });
  const { id: producerId } = await transport.produce({ kind: 'video', rtpParameters: videoParameters });
  t.ok(router.canConsume({ producerId, rtpCapabilities: deviceCapabilities }));
  t.notOk(router.canConsume({ producerId, rtpCapabilities: noVideoCapabilities }));
  t.notOk(router.canConsume({ producerId, rtpCapabilities: { codecs: 'none' } as never }));
  t.notOk(router.canConsume({ producerId: 'nobody', rtpCapabilities: deviceCapabilities }));
});

void t.test('updateMediaCodecs() changes what producers to come may send', async (t) => {
  const { worker } = localWorker(t);
  const router = await worker.createRouter();
  const transport = await router.createWebRtcTransport({ listenInfos: [listenInfo] });
  await t.rejects(transport.produce({ kind: 'audio', rtpParameters: audioParameters }), UnsupportedError);
  t.throws(() => router.updateMediaCodecs('opus' as never), TypeError);
  router.updateMediaCodecs(mediaCodecs);
  t.equal(router.rtpCapabilities.codecs.length, 3);
  t.ok(await transport.produce({ kind: 'audio', rtpParameters: audioParameters }));
});

void t.test('what is still to come says so', async (t) => {
  const { worker } = localWorker(t);
  const router = await worker.createRouter({ mediaCodecs });
  await t.rejects(router.createDirectTransport(), {
    name: 'UnsupportedError',
    message: /\(\) is not supported yet; use /,
  });
});
