import { once } from 'node:events';
import t, { type Test } from 'tap';
import { NotFoundError, UnsupportedError } from '#src/api/errors.js';
import { type PipeTransport } from '#src/api/pipe-transport.js';
import { type Router } from '#src/api/router.js';
import { type Worker } from '#src/api/worker.js';
import { localWorker } from './support/local-worker.js';
import {
  audioParameters,
  deviceCapabilities,
  listenInfo,
  mediaCodecs,
  videoParameters,
} from './support/parameters.js';

async function setUp(t: Pick<Test, 'teardown'>) {
  const one = localWorker(t);
  const two = localWorker(t);
  const near = await one.worker.createRouter({ mediaCodecs });
  const far = await two.worker.createRouter({ mediaCodecs, appData: { side: 'far' } });
  const source = await near.createWebRtcTransport({ listenInfos: [listenInfo] });
  const audio = await source.produce({
    kind: 'audio',
    rtpParameters: audioParameters,
    appData: { who: 'Ada' },
  });
  const video = await source.produce({ kind: 'video', rtpParameters: videoParameters });
  return { one, two, near, far, source, audio, video };
}

function pipesOf(router: Router): PipeTransport[] {
  const pipes: PipeTransport[] = [];
  router.observer.on('newtransport', (transport) => {
    if (transport.type === 'pipe') pipes.push(transport as PipeTransport);
  });
  return pipes;
}

/** All that was said between the workers has been heard. */
async function settled(...workers: { worker: Worker }[]): Promise<void> {
  for (let round = 0; round < 3; round++) await Promise.all(workers.map(({ worker }) => worker.dump()));
}

void t.test('audio', async (t) => {
  const { near, far, audio } = await setUp(t);
  const { pipeConsumer, pipeProducer, ...data } = await near.pipeToRouter({
    producerId: audio.id,
    router: far,
  });
  t.same(data, {});
  t.match(pipeConsumer, {
    type: 'pipe',
    kind: 'audio',
    producerId: audio.id,
    closed: false,
    paused: false,
    producerPaused: false,
    score: { score: 10, producerScore: 10, producerScores: [] },
  });
  t.match(pipeProducer, {
    id: audio.id,
    type: 'simple',
    kind: 'audio',
    closed: false,
    paused: false,
    appData: { who: 'Ada' },
  });
  t.same(pipeProducer!.rtpParameters, pipeConsumer!.rtpParameters);
  t.ok(
    pipeProducer!.rtpParameters.headerExtensions!.some(({ uri }) => uri.endsWith('ssrc-audio-level')),
    'so that observers there hear it too',
  );
  t.match(await near.dump(), { mapConsumerIdProducerId: [{ key: pipeConsumer!.id, value: audio.id }] });
  t.ok(far.canConsume({ producerId: audio.id, rtpCapabilities: deviceCapabilities }));
});

void t.test('video with simulcast', async (t) => {
  const { near, far, video } = await setUp(t);
  await video.pause();
  const { pipeConsumer, pipeProducer } = await near.pipeToRouter({ producerId: video.id, router: far });
  t.match(pipeConsumer, { type: 'pipe', paused: false, producerPaused: true });
  t.match(pipeProducer, { id: video.id, type: 'simulcast', paused: true });
  t.equal(pipeConsumer!.rtpParameters.encodings!.length, 3);
  t.same(
    pipeProducer!.rtpParameters.encodings!.map(({ ssrc }) => ssrc),
    pipeConsumer!.rtpParameters.encodings!.map(({ ssrc }) => ssrc),
  );
  const viewing = await far.createPlainTransport({ listenInfo });
  const consumer = await viewing.consume({ producerId: video.id, rtpCapabilities: deviceCapabilities });
  t.match(consumer, { type: 'simulcast', producerPaused: true });
  t.match(consumer.rtpParameters, { encodings: [{ scalabilityMode: 'L3T3' }] });
});

void t.test('malformed options are refused by name', async (t) => {
  const { one, near, far, audio } = await setUp(t);
  const { id: producerId } = audio;
  const sameWorker = await one.worker.createRouter({ mediaCodecs });
  const cases: [options: object, name: string, message: RegExp][] = [
    [{ router: far }, 'TypeError', /missing options.producerId/],
    [{ router: far, producerId, dataProducerId: 'd' }, 'TypeError', /only one of/],
    [{ router: far, dataProducerId: 'd' }, 'UnsupportedError', /dataProducerId/],
    [{ producerId }, 'TypeError', /missing options.router/],
    [{ producerId, router: { id: 'x' } }, 'TypeError', /options.router/],
    [{ producerId, router: near }, 'TypeError', /another router than this/],
    [{ producerId, router: near, keepId: false }, 'TypeError', /another router than this/],
    [{ producerId, router: sameWorker }, 'TypeError', /keepId/],
    [{ producerId, router: far, keepId: 'no' }, 'TypeError', /keepId/],
    [{ producerId, router: far, enableRtx: 'no' }, 'TypeError', /enableRtx/],
    [{ producerId, router: far, enableSctp: 5 }, 'TypeError', /enableSctp/],
    [{ producerId, router: far, listenInfo, listenIp: '127.0.0.1' }, 'TypeError', /got both/],
    [{ producerId, router: far, listenInfo: { ip: 'nowhere', protocol: 'udp' } }, 'TypeError', /ip/],
    [{ producerId: 'nobody', router: far }, 'NotFoundError', /nobody/],
  ];
  for (const [options, name, message] of cases) {
    await t.rejects(near.pipeToRouter(options as never), { name, message }, message.source);
  }
  t.match(await near.dump(), { transportIds: [String] }, 'nothing is left behind');
  t.match(await near.pipeToRouter({ producerId, router: far }), { pipeProducer: { id: producerId } });
});

void t.test('one pair for two routers, for calls at the same time and in both directions', async (t) => {
  const { near, far, audio, video } = await setUp(t);
  const back = await far.createWebRtcTransport({ listenInfos: [listenInfo] });
  const answer = await back.produce({ kind: 'audio', rtpParameters: audioParameters });
  const pipes = [pipesOf(near), pipesOf(far)];
  await Promise.all([
    near.pipeToRouter({ producerId: audio.id, router: far }),
    near.pipeToRouter({ producerId: video.id, router: far }),
    far.pipeToRouter({ producerId: answer.id, router: near }),
  ]);
  t.same(
    pipes.map(({ length }) => length),
    [1, 1],
  );
  const [[local], [remote]] = pipes;
  t.equal(local.tuple.remotePort, remote.tuple.localPort);
  t.equal(remote.tuple.remotePort, local.tuple.localPort);
  t.match(await local.dump(), { producerIds: [answer.id], consumerIds: [String, String] });
  t.match(await remote.dump(), { producerIds: [audio.id, video.id], consumerIds: [String] });

  await t.rejects(
    near.pipeToRouter({ producerId: audio.id, router: far }),
    TypeError,
    'the id is in use there',
  );
  t.match(await local.dump(), { consumerIds: [String, String] }, 'and the consumer for it is closed again');
});

void t.test('keepId: false, also within one worker', async (t) => {
  const { one, near, video } = await setUp(t);
  const beside = await one.worker.createRouter({ mediaCodecs });
  const { pipeConsumer, pipeProducer } = await near.pipeToRouter({
    producerId: video.id,
    router: beside,
    keepId: false,
  });
  t.not(pipeProducer!.id, video.id);
  t.ok(beside.canConsume({ producerId: pipeProducer!.id, rtpCapabilities: deviceCapabilities }));
  video.close();
  await settled(one);
  t.ok(pipeConsumer!.closed);
  t.ok(pipeProducer!.closed);
});

void t.test('three routers in a row', async (t) => {
  const { near, far, video } = await setUp(t);
  const three = localWorker(t);
  const end = await three.worker.createRouter({ mediaCodecs });
  await near.pipeToRouter({ producerId: video.id, router: far });
  const { pipeProducer } = await far.pipeToRouter({ producerId: video.id, router: end });
  t.match(pipeProducer, { id: video.id, type: 'simulcast' });
  t.equal(pipeProducer!.rtpParameters.rtcp?.cname, 'first', 'the name of the endpoint');
  const pipes = await Promise.all(
    [near, far, end].map(async (router) => (await router.dump()).transportIds.length),
  );
  t.same(pipes, [2, 2, 1]);
});

void t.test('enableRtx and enableSrtp', async (t) => {
  const { near, far, video } = await setUp(t);
  const [pipe] = [pipesOf(near)];
  const { pipeConsumer, pipeProducer } = await near.pipeToRouter({
    producerId: video.id,
    router: far,
    enableRtx: true,
    enableSrtp: true,
    enableSctp: true,
    listenIp: '127.0.0.1',
  });
  t.match(pipeConsumer!.rtpParameters.codecs, [{}, { mimeType: 'video/rtx' }]);
  t.match(pipeProducer!.rtpParameters.encodings, [{ rtx: { ssrc: Number } }, {}, {}]);
  t.match(pipe[0].srtpParameters, { cryptoSuite: 'AEAD_AES_256_GCM' });
});

void t.test('pausing goes along, also what happens during the call', async (t) => {
  const { one, two, near, far, audio, video } = await setUp(t);
  const { pipeConsumer, pipeProducer } = await near.pipeToRouter({ producerId: audio.id, router: far });
  await audio.pause();
  if (!pipeProducer!.paused) await once(pipeProducer!.observer, 'pause');
  t.ok(pipeConsumer!.producerPaused);
  await audio.resume();
  if (pipeProducer!.paused) await once(pipeProducer!.observer, 'resume');
  await pipeConsumer!.pause();
  if (!pipeProducer!.paused) await once(pipeProducer!.observer, 'pause');
  await pipeConsumer!.resume();
  if (pipeProducer!.paused) await once(pipeProducer!.observer, 'resume');
  t.notOk(audio.paused, 'pausing the pipe is no affair of the original');

  const piping = near.pipeToRouter({ producerId: video.id, router: far });
  for (let round = 0; round < 3; round++) {
    await video.pause();
    await video.resume();
  }
  await video.pause();
  const piped = await piping;
  await settled(one, two);
  t.ok(piped.pipeConsumer!.producerPaused);
  t.ok(piped.pipeProducer!.paused);
});

void t.test('closing goes both ways', async (t) => {
  const { one, two, near, far, audio, video } = await setUp(t);
  const first = await near.pipeToRouter({ producerId: audio.id, router: far });
  const seen: string[] = [];
  first.pipeConsumer!.on('producerclose', () => seen.push('producerclose'));
  first.pipeProducer!.observer.on('close', () => seen.push('piped'));
  audio.close();
  await settled(one, two);
  t.same(seen, ['producerclose', 'piped']);

  const second = await near.pipeToRouter({ producerId: video.id, router: far });
  second.pipeProducer!.close();
  t.ok(second.pipeConsumer!.closed);
  t.notOk(video.closed);
  const third = await near.pipeToRouter({ producerId: video.id, router: far });
  third.pipeConsumer!.close();
  t.ok(third.pipeProducer!.closed);
  await settled(one, two);
  t.match(await far.dump(), { mapProducerIdConsumerIds: [] });
});

void t.test('a closed end closes the other, and the next call makes a new pair', async (t) => {
  const { one, two, near, far, video } = await setUp(t);
  const [local, remote] = [pipesOf(near), pipesOf(far)];
  const ends: ((made: number) => void)[] = [(made) => local[made].close(), (made) => remote[made].close()];
  for (const [made, end] of ends.entries()) {
    const { pipeConsumer, pipeProducer } = await near.pipeToRouter({ producerId: video.id, router: far });
    const seen: string[] = [];
    pipeConsumer!.on('transportclose', () => seen.push('consumer transportclose'));
    pipeProducer!.on('transportclose', () => seen.push('producer transportclose'));
    end(made);
    await settled(one, two);
    t.ok(local[made].closed && remote[made].closed);
    t.ok(pipeConsumer!.closed && pipeProducer!.closed);
    t.equal(seen.length, 1, 'the other one was closed by it');
    t.notOk(video.closed);
  }
  await near.pipeToRouter({ producerId: video.id, router: far });
  t.equal(local.length, 3);

  // Who hears of it may want a new one at once.
  let again: Promise<unknown> | undefined;
  remote[2].observer.prependOnceListener('close', () => {
    again = near.pipeToRouter({ producerId: video.id, router: far, keepId: false });
  });
  local[2].close();
  await again;
  await near.pipeToRouter({ producerId: video.id, router: far });
  t.equal(local.length, 4, 'and it is the one for all from then on');
});

void t.test('the other worker dies', async (t) => {
  const { one, two, near, far, video } = await setUp(t);
  const [local] = [pipesOf(near)];
  const { pipeConsumer } = await near.pipeToRouter({ producerId: video.id, router: far });
  two.worker.on('died', () => {});
  two.die(new Error('fault'));
  await settled(one);
  t.ok(pipeConsumer!.closed);
  t.ok(local[0].closed);
  t.notOk(video.closed);
  await t.rejects(near.pipeToRouter({ producerId: video.id, router: far }));
  t.match(await near.dump(), { transportIds: [String] }, 'nothing is left behind');
});

void t.test('what closes during the call is cleaned up', async (t) => {
  const { one, two, near, far, audio, video } = await setUp(t);
  const pipes = pipesOf(near);
  const piping = near.pipeToRouter({ producerId: audio.id, router: far });
  audio.close();
  await t.rejects(piping, NotFoundError);
  await settled(one, two);
  t.match(await far.dump(), { mapProducerIdConsumerIds: [] });

  await near
    .pipeToRouter({ producerId: video.id, router: far })
    .then(({ pipeProducer }) => pipeProducer!.close());
  const again = near.pipeToRouter({ producerId: video.id, router: far });
  // In the middle: the consumer is there, the producer at the far end is under way.
  await once(pipes[0].observer, 'newconsumer');
  video.close();
  await t.rejects(again, NotFoundError);
  await settled(one, two);
  t.match(await far.dump(), { mapProducerIdConsumerIds: [] });
});

void t.test('sound with redundancy', async (t) => {
  const { one, two } = await setUp(t);
  const red = { kind: 'audio' as const, mimeType: 'audio/red', clockRate: 48000, channels: 2 };
  const [near, far] = await Promise.all(
    [one, two].map(({ worker }) => worker.createRouter({ mediaCodecs: [...mediaCodecs, red] })),
  );
  const transport = await near.createPlainTransport({ listenInfo });
  const redundant = { mimeType: 'audio/red', payloadType: 63, clockRate: 48000, channels: 2 };
  const rtpParameters = { ...audioParameters, codecs: [...audioParameters.codecs, redundant] };
  const { id: producerId } = await transport.produce({ kind: 'audio', rtpParameters });
  const { pipeProducer } = await near.pipeToRouter({ producerId, router: far });
  t.match(pipeProducer!.rtpParameters.codecs, [{ mimeType: 'audio/opus' }, { mimeType: 'audio/red' }]);
});

void t.test('a router that lacks the codec', async (t) => {
  const { near, two, video } = await setUp(t);
  const audioOnly = await two.worker.createRouter({ mediaCodecs: mediaCodecs.slice(0, 1) });
  const pipes = pipesOf(near);
  await t.rejects(near.pipeToRouter({ producerId: video.id, router: audioOnly }), UnsupportedError);
  t.match(await pipes[0].dump(), { consumerIds: [] });
});

void t.test('what is wanted at the far end is told to the near one', async (t) => {
  const { one, two, near, far, video } = await setUp(t);
  const { pipeConsumer, pipeProducer } = await near.pipeToRouter({ producerId: video.id, router: far });
  two.notify(pipeProducer!.id, 'wantedencodingschange', [true, false, false]);
  await settled(one, two);
  t.match(await pipeConsumer!.dump(), { wantedEncodings: [true, false, false] });
  two.notify(pipeProducer!.id, 'wantedencodingschange', [true, true, false]);
  await settled(one, two);
  t.match(await pipeConsumer!.dump(), { wantedEncodings: [true, true, false] });
});
