import t, { type Test } from 'tap';
import { NotFoundError, UnsupportedError } from '#src/api/errors.js';
import { localWorker } from './support/local-worker.js';
import {
  audioParameters,
  deviceCapabilities as rtpCapabilities,
  listenInfo,
  mediaCodecs,
  noVideoCapabilities,
  videoParameters,
} from './support/parameters.js';

async function withProducers(t: Pick<Test, 'teardown'>) {
  const local = localWorker(t);
  const router = await local.worker.createRouter({ mediaCodecs });
  const sending = await router.createWebRtcTransport({ listenInfos: [listenInfo] });
  const transport = await router.createWebRtcTransport({ listenInfos: [listenInfo] });
  const audio = await sending.produce({ kind: 'audio', rtpParameters: audioParameters });
  const video = await sending.produce({ kind: 'video', rtpParameters: videoParameters });
  return { ...local, router, transport, audio, video };
}

void t.test('consume(): getters, mids, observer event', async (t) => {
  const { transport, audio, video } = await withProducers(t);
  const seen: unknown[] = [];
  transport.observer.on('newconsumer', (consumer) => seen.push(consumer.id));
  const hear = await transport.consume({ producerId: audio.id, rtpCapabilities, appData: { speaker: 1 } });
  const see = await transport.consume({ producerId: video.id, rtpCapabilities, paused: true });
  const own = await transport.consume({ producerId: video.id, rtpCapabilities, mid: 'own' });
  const next = await transport.consume({ producerId: video.id, rtpCapabilities });
  t.same(seen, [hear.id, see.id, own.id, next.id]);
  t.same(
    [hear, see, own, next].map((consumer) => consumer.rtpParameters.mid),
    ['0', '1', 'own', '2'],
  );
  t.same([hear.producerId, hear.kind, hear.type, hear.paused], [audio.id, 'audio', 'simple', false]);
  t.same([see.producerId, see.kind, see.type, see.paused], [video.id, 'video', 'simulcast', true]);
  t.match(see.score, { score: 10, producerScore: Number, producerScores: [0, 0, 0] });
  t.match(see.preferredLayers, { spatialLayer: 2 }, 'the highest by default');
  t.same([see.currentLayers, see.priority, see.producerPaused], [undefined, 1, false]);
  t.same(hear.appData, { speaker: 1 });
  t.equal(see.rtpParameters.encodings?.length, 1);
  t.ok(see.rtpParameters.codecs.some(({ mimeType }) => mimeType === 'video/rtx'));
  t.match(await see.dump(), {
    id: see.id,
    producerId: video.id,
    kind: 'video',
    type: 'simulcast',
    paused: true,
  });
  t.match(await see.getStats(), [{ type: 'outbound-rtp', kind: 'video' }]);
  t.match(await transport.dump(), { consumerIds: [hear.id, see.id, own.id, next.id] });
});

void t.test('enableRtx: video has it by default', async (t) => {
  const { transport, video } = await withProducers(t);
  const consumer = await transport.consume({ producerId: video.id, rtpCapabilities, enableRtx: false });
  t.notOk(consumer.rtpParameters.codecs.some(({ mimeType }) => mimeType === 'video/rtx'));
});

void t.test('malformed options are refused by name', async (t) => {
  const { transport, audio, video } = await withProducers(t);
  const producerId = video.id;
  const cases: [options: unknown, message: RegExp][] = [
    [undefined, /options/],
    [{ rtpCapabilities }, /producerId/],
    [{ producerId: '', rtpCapabilities }, /producerId/],
    [{ producerId }, /caps/],
    [{ producerId, rtpCapabilities: { codecs: 'x' } }, /codecs/],
    [{ producerId, rtpCapabilities, mid: '' }, /mid/],
    [{ producerId, rtpCapabilities, mid: 5 }, /mid/],
    [{ producerId, rtpCapabilities, paused: 1 }, /paused/],
    [{ producerId, rtpCapabilities, ignoreDtx: 1 }, /ignoreDtx/],
    [{ producerId, rtpCapabilities, enableRtx: 1 }, /enableRtx/],
    [{ producerId, rtpCapabilities, preferredLayers: {} }, /preferredLayers\.spatialLayer/],
    [{ producerId, rtpCapabilities, appData: 'x' }, /appData/],
  ];
  for (const [options, message] of cases) {
    await t.rejects(transport.consume(options as never), { name: 'TypeError', message }, message.source);
  }
  await t.rejects(transport.consume({ producerId: 'nobody', rtpCapabilities }), NotFoundError);
  await t.rejects(transport.consume({ producerId, rtpCapabilities: noVideoCapabilities }), UnsupportedError);
  await t.rejects(transport.consume({ producerId, rtpCapabilities, pipe: true }), UnsupportedError);
  const first = await transport.consume({ producerId: audio.id, rtpCapabilities });
  t.equal(first.rtpParameters.mid, '0', 'what failed used up no mid');
});

void t.test(
  'pause and resume of consumer and producer: the observer hears when media stops and flows',
  async (t) => {
    const { worker, transport, audio } = await withProducers(t);
    const consumer = await transport.consume({ producerId: audio.id, rtpCapabilities });
    const seen: string[] = [];
    consumer.observer.on('pause', () => seen.push('pause'));
    consumer.observer.on('resume', () => seen.push('resume'));
    consumer.on('producerpause', () => seen.push('producerpause'));
    consumer.on('producerresume', () => seen.push('producerresume'));

    await consumer.pause();
    await consumer.pause();
    t.ok(consumer.paused);
    t.same(seen.splice(0), ['pause']);
    await audio.pause();
    await worker.dump();
    t.ok(consumer.producerPaused);
    t.same(seen.splice(0), ['producerpause'], 'it was silent already');
    await consumer.resume();
    t.notOk(consumer.paused);
    t.same(seen.splice(0), [], 'the producer is still paused');
    await audio.resume();
    await worker.dump();
    t.notOk(consumer.producerPaused);
    t.same(seen.splice(0), ['producerresume', 'resume']);
    await audio.pause();
    await worker.dump();
    t.same(seen.splice(0), ['producerpause', 'pause']);
    const late = await transport.consume({ producerId: audio.id, rtpCapabilities });
    t.ok(late.producerPaused, 'known from the beginning');
  },
);

void t.test('layers and priority', async (t) => {
  const { worker, transport, video, audio, notify } = await withProducers(t);
  const preferredLayers = { spatialLayer: 1, temporalLayer: 0 };
  const consumer = await transport.consume({ producerId: video.id, rtpCapabilities, preferredLayers });
  t.same(consumer.preferredLayers, preferredLayers);
  await consumer.setPreferredLayers({ spatialLayer: 0, temporalLayer: 1 });
  t.same(consumer.preferredLayers, { spatialLayer: 0, temporalLayer: 1 });
  for (const bad of [
    undefined,
    {},
    { spatialLayer: '1' },
    { spatialLayer: -1 },
    { spatialLayer: 1, temporalLayer: 'x' },
  ]) {
    await t.rejects(consumer.setPreferredLayers(bad as never), {
      name: 'TypeError',
      message: /preferredLayers/,
    });
  }

  await consumer.setPriority(255);
  t.equal(consumer.priority, 255);
  t.match(await consumer.dump(), { priority: 255 });
  for (const bad of [0, 256, 1.5, 'x', undefined]) {
    await t.rejects(consumer.setPriority(bad as never), { name: 'TypeError', message: /priority/ });
  }
  await consumer.unsetPriority();
  t.equal(consumer.priority, 1);

  const seen: unknown[] = [];
  consumer.on('layerschange', (layers) => seen.push(layers));
  consumer.observer.on('layerschange', (layers) => seen.push(layers));
  notify(consumer.id, 'layerschange', { spatialLayer: 2, temporalLayer: 2 });
  await worker.dump();
  t.same(consumer.currentLayers, { spatialLayer: 2, temporalLayer: 2 });
  notify(consumer.id, 'layerschange');
  await worker.dump();
  t.equal(consumer.currentLayers, undefined);
  t.same(seen, [
    { spatialLayer: 2, temporalLayer: 2 },
    { spatialLayer: 2, temporalLayer: 2 },
    undefined,
    undefined,
  ]);

  const hear = await transport.consume({ producerId: audio.id, rtpCapabilities });
  t.equal(await hear.requestKeyFrame(), undefined, 'no effect for audio');
  t.equal(await consumer.requestKeyFrame(), undefined);
});

void t.test('score and trace', async (t) => {
  const { worker, transport, video, notify } = await withProducers(t);
  const consumer = await transport.consume({ producerId: video.id, rtpCapabilities });
  const score = { score: 9, producerScore: 8, producerScores: [8, 0, 0] };
  const trace = { type: 'nack' as const, timestamp: 1, direction: 'in' as const, info: {} };
  const seen: unknown[] = [];
  consumer.on('score', (value) => seen.push(value));
  consumer.observer.on('score', (value) => seen.push(value));
  consumer.on('trace', (value) => seen.push(value));
  consumer.observer.on('trace', (value) => seen.push(value));
  notify(consumer.id, 'score', score);
  notify(consumer.id, 'trace', trace);
  await worker.dump();
  t.same(seen, [score, score, trace, trace]);
  t.same(consumer.score, score);
  await consumer.enableTraceEvent(['keyframe', 'chicken' as never]);
  t.same((await consumer.dump()).traceEventTypes, ['keyframe']);
  await t.rejects(consumer.enableTraceEvent(5 as never), { name: 'TypeError', message: /types/ });
});
