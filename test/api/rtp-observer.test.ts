import t, { type Test } from 'tap';
import { NotFoundError } from '#src/api/errors.js';
import { type RtpObserver } from '#src/api/rtp-observer.js';
import { localWorker } from './support/local-worker.js';
import { audioParameters, listenInfo, mediaCodecs, videoParameters } from './support/parameters.js';

async function withProducers(t: Pick<Test, 'teardown'>) {
  const local = localWorker(t);
  const router = await local.worker.createRouter({ mediaCodecs });
  const transport = await router.createWebRtcTransport({ listenInfos: [listenInfo] });
  const audio = await transport.produce({ kind: 'audio', rtpParameters: audioParameters });
  const second = await router.createPlainTransport({ listenInfo });
  const other = await second.produce({ kind: 'audio', rtpParameters: audioParameters });
  const video = await transport.produce({ kind: 'video', rtpParameters: videoParameters });
  return { ...local, router, transport, audio, other, video };
}

void t.test('create: defaults, options, getters, newrtpobserver', async (t) => {
  const { router, core } = await withProducers(t);
  const seen: RtpObserver[] = [];
  router.observer.on('newrtpobserver', (observer) => seen.push(observer));
  const levels = await router.createAudioLevelObserver({ appData: { room: 1 } });
  const speaker = await router.createActiveSpeakerObserver();
  await router.createAudioLevelObserver({ maxEntries: 3, threshold: -60, interval: 500 });
  await router.createActiveSpeakerObserver({ interval: 1000 });
  t.same(seen.slice(0, 2), [levels, speaker]);
  t.same(
    core.log.filter((line) => /^(audioLevel|activeSpeaker)/.test(line)),
    [
      'audioLevel {"maxEntries":1,"threshold":-80,"interval":1000}',
      'activeSpeaker {"interval":300}',
      'audioLevel {"maxEntries":3,"threshold":-60,"interval":500}',
      'activeSpeaker {"interval":1000}',
    ],
  );
  t.same([levels.type, levels.closed, levels.paused], ['audiolevel', false, false]);
  t.same([speaker.type, speaker.closed, speaker.paused], ['activespeaker', false, false]);
  t.same(levels.appData, { room: 1 });
  levels.appData = { room: 2 };
  t.same(levels.appData, { room: 2 });
  t.same(
    (await router.dump()).rtpObserverIds,
    seen.map(({ id }) => id),
  );
});

void t.test('malformed options are refused by name', async (t) => {
  const { router } = await withProducers(t);
  for (const [options, message] of [
    [{ maxEntries: 0 }, /maxEntries/],
    [{ maxEntries: '1' }, /maxEntries/],
    [{ threshold: 1 }, /threshold/],
    [{ threshold: -128 }, /threshold/],
    [{ interval: 0 }, /interval/],
    [{ interval: 'x' }, /interval/],
    [{ appData: 'x' }, /appData/],
    [5, /options/],
  ] as const) {
    const call = router.createAudioLevelObserver(options as never);
    await t.rejects(call, { name: 'TypeError', message }, message.source);
  }
  for (const [options, message] of [
    [{ interval: -1 }, /interval/],
    [{ appData: 5 }, /appData/],
  ] as const) {
    const call = router.createActiveSpeakerObserver(options as never);
    await t.rejects(call, { name: 'TypeError', message }, message.source);
  }
  t.same((await router.dump()).rtpObserverIds, []);
});

void t.test('addProducer() and removeProducer()', async (t) => {
  const { router, audio, other, video } = await withProducers(t);
  const levels = await router.createAudioLevelObserver();
  const speaker = await router.createActiveSpeakerObserver();
  const seen: unknown[] = [];
  levels.observer.on('addproducer', (producer) => seen.push(['add', producer.id]));
  levels.observer.on('removeproducer', (producer) => seen.push(['remove', producer.id]));
  await levels.addProducer({ producerId: audio.id });
  await levels.addProducer({ producerId: other.id });
  await speaker.addProducer({ producerId: audio.id });
  t.same((await router.dump()).mapProducerIdObserverIds, [
    { key: audio.id, values: [levels.id, speaker.id] },
    { key: other.id, values: [levels.id] },
  ]);
  await levels.removeProducer({ producerId: audio.id });
  t.same((await router.dump()).mapProducerIdObserverIds, [
    { key: other.id, values: [levels.id] },
    { key: audio.id, values: [speaker.id] },
  ]);
  t.same(seen, [
    ['add', audio.id],
    ['add', other.id],
    ['remove', audio.id],
  ]);

  await t.rejects(levels.addProducer({ producerId: video.id }), { name: 'TypeError', message: /audio/ });
  await t.rejects(levels.addProducer({ producerId: 'nobody' }), NotFoundError);
  await t.rejects(levels.removeProducer({ producerId: 'nobody' }), NotFoundError);
  await t.rejects(levels.addProducer({} as never), { name: 'TypeError', message: /producerId/ });
  await t.rejects(levels.removeProducer(undefined as never), { name: 'TypeError', message: /options/ });
});

void t.test('a producer that closes leaves its observers', async (t) => {
  const { router, transport, audio } = await withProducers(t);
  const levels = await router.createAudioLevelObserver();
  await levels.addProducer({ producerId: audio.id });
  transport.close();
  t.same((await router.dump()).mapProducerIdObserverIds, []);
  t.notOk(levels.closed);
  await t.rejects(levels.addProducer({ producerId: audio.id }), NotFoundError);
});

void t.test('pause() and resume(): the observer hears of changes only', async (t) => {
  const { router } = await withProducers(t);
  const levels = await router.createAudioLevelObserver();
  const seen: string[] = [];
  levels.observer.on('pause', () => seen.push('pause'));
  levels.observer.on('resume', () => seen.push('resume'));
  await levels.resume();
  await levels.pause();
  await levels.pause();
  t.ok(levels.paused);
  await levels.resume();
  t.notOk(levels.paused);
  t.same(seen, ['pause', 'resume']);
});

void t.test('volumes and silence', async (t) => {
  const { worker, router, audio, other, notify } = await withProducers(t);
  const levels = await router.createAudioLevelObserver({ maxEntries: 2 });
  const seen: unknown[] = [];
  for (const emitter of [levels, levels.observer]) {
    emitter.on('volumes', (volumes) => seen.push(volumes.map(({ producer, volume }) => [producer, volume])));
    emitter.on('silence', () => seen.push('silence'));
  }
  notify(levels.id, 'volumes', [
    { producerId: other.id, volume: -20 },
    { producerId: audio.id, volume: -30 },
    { producerId: 'closed meanwhile', volume: -40 },
  ]);
  await worker.dump();
  const both = [
    [other, -20],
    [audio, -30],
  ];
  t.equal(seen.length, 2);
  t.strictSame(seen.splice(0), [both, both]);
  notify(levels.id, 'volumes', [{ producerId: 'closed meanwhile', volume: -40 }]);
  notify(levels.id, 'silence');
  await worker.dump();
  t.same(seen.splice(0), ['silence', 'silence']);
  levels.close();
  notify(levels.id, 'silence');
  await worker.dump();
  t.same(seen, []);
});

void t.test('dominantspeaker', async (t) => {
  const { worker, router, audio, notify } = await withProducers(t);
  const speaker = await router.createActiveSpeakerObserver();
  const seen: unknown[] = [];
  speaker.on('dominantspeaker', ({ producer }) => seen.push(producer));
  speaker.observer.on('dominantspeaker', ({ producer }) => seen.push(producer));
  notify(speaker.id, 'dominantspeaker', { producerId: audio.id });
  notify(speaker.id, 'dominantspeaker', { producerId: 'closed meanwhile' });
  await worker.dump();
  t.equal(seen.length, 2);
  t.ok(seen.every((producer) => producer === audio));
});
