/** The table of docs/closures.md. */
import t, { type Test } from 'tap';
import { type Consumer } from '#src/api/consumer.js';
import { type Producer } from '#src/api/producer.js';
import { NotFoundError, WorkerClosedError } from '#src/api/errors.js';
import { recordEvents } from './support/events.js';
import { localWorker, type LocalWorker } from './support/local-worker.js';
import { audioParameters, deviceCapabilities, listenInfo, mediaCodecs } from './support/parameters.js';

/** A worker with a server, a router, a producer on one transport and a consumer on another. */
async function everything(t: Pick<Test, 'teardown'>) {
  const local = localWorker(t);
  const { worker } = local;
  const server = await worker.createWebRtcServer({ listenInfos: [listenInfo] });
  const router = await worker.createRouter({ mediaCodecs });
  const sending = await router.createWebRtcTransport({ webRtcServer: server });
  const receiving = await router.createPlainTransport({ listenInfo });
  const producer = await sending.produce({ kind: 'audio', rtpParameters: audioParameters });
  const consumer = await receiving.consume({ producerId: producer.id, rtpCapabilities: deviceCapabilities });
  const observer = await router.createAudioLevelObserver();
  await observer.addProducer({ producerId: producer.id });
  const log: string[] = [];
  recordEvents(log, 'worker', worker, ['died']);
  recordEvents(log, 'server', server, ['workerclose']);
  recordEvents(log, 'router', router, ['workerclose']);
  recordEvents(log, 'sending', sending, ['routerclose', 'listenserverclose']);
  recordEvents(log, 'receiving', receiving, ['routerclose', 'listenserverclose']);
  recordEvents(log, 'producer', producer, ['transportclose']);
  recordEvents(log, 'consumer', consumer, ['transportclose', 'producerclose']);
  recordEvents(log, 'rtpObserver', observer, ['routerclose']);
  return { ...local, server, router, sending, receiving, producer, consumer, observer, log };
}

/** All messages that were under way have arrived. */
async function roundTrip({ worker }: LocalWorker): Promise<void> {
  await worker.dump();
}

async function goneInWorker(t: Pick<Test, 'rejects'>, media: Producer | Consumer): Promise<void> {
  const calls: Promise<unknown>[] = [
    media.dump(),
    media.getStats(),
    media.pause(),
    media.resume(),
    media.enableTraceEvent(['rtp']),
  ];
  for (const call of calls) {
    await t.rejects(() => call, NotFoundError);
  }
}

void t.test('consumer.close(): observer close only, and nothing else', async (t) => {
  const all = await everything(t);
  all.consumer.close();
  all.consumer.close();
  await roundTrip(all);
  t.same(all.log, ['consumer.observer close']);
  t.notOk(all.producer.closed);
  await goneInWorker(t, all.consumer);
  t.match(await all.receiving.dump(), { consumerIds: [] });
});

void t.test('producer.close(): its consumers get producerclose', async (t) => {
  const all = await everything(t);
  all.producer.close();
  all.producer.close();
  t.ok(all.producer.closed);
  await roundTrip(all);
  t.same(all.log, ['producer.observer close', 'consumer producerclose', 'consumer.observer close']);
  t.ok(all.consumer.closed);
  await goneInWorker(t, all.producer);
  t.notOk(all.router.canConsume({ producerId: all.producer.id, rtpCapabilities: deviceCapabilities }));
  await t.rejects(
    all.receiving.consume({ producerId: all.producer.id, rtpCapabilities: deviceCapabilities }),
    NotFoundError,
  );
});

void t.test(
  'transport.close(): its producers get transportclose, their consumers elsewhere producerclose',
  async (t) => {
    const all = await everything(t);
    all.sending.close();
    all.sending.close();
    await roundTrip(all);
    t.same(all.log, [
      'producer transportclose',
      'producer.observer close',
      'sending.observer close',
      'consumer producerclose',
      'consumer.observer close',
    ]);
    t.notOk(all.receiving.closed);
    await t.rejects(all.sending.dump(), NotFoundError);
    await t.rejects(all.sending.produce({ kind: 'audio', rtpParameters: audioParameters }), NotFoundError);
    t.equal(all.sending.iceState, 'closed');
    t.equal(all.sending.dtlsState, 'closed');
  },
);

void t.test('transport.close() of the receiving side: its consumers get transportclose, once', async (t) => {
  const all = await everything(t);
  all.receiving.close();
  all.producer.close();
  await roundTrip(all);
  t.same(all.log, [
    'consumer transportclose',
    'consumer.observer close',
    'receiving.observer close',
    'producer.observer close',
  ]);
});

void t.test('webRtcServer.close(): its transports get listenserverclose, others stay', async (t) => {
  const all = await everything(t);
  all.server.observer.on('webrtctransportunhandled', () => all.log.push('server.observer unhandled'));
  all.server.close();
  all.server.close();
  await roundTrip(all);
  t.same(all.log, [
    'producer transportclose',
    'producer.observer close',
    'server.observer unhandled',
    'sending listenserverclose',
    'sending.observer close',
    'server.observer close',
    'consumer producerclose',
    'consumer.observer close',
  ]);
  t.notOk(all.receiving.closed);
  await t.rejects(all.server.dump(), NotFoundError);
  t.match(await all.router.dump(), { transportIds: [all.receiving.id] });
  await t.rejects(all.router.createWebRtcTransport({ webRtcServer: all.server }), NotFoundError);
});

void t.test('rtpObserver.close(): observer close only; its producers go on', async (t) => {
  const all = await everything(t);
  all.observer.close();
  all.observer.close();
  await roundTrip(all);
  t.same(all.log, ['rtpObserver.observer close']);
  t.notOk(all.producer.closed);
  t.match(await all.router.dump(), { rtpObserverIds: [], mapProducerIdObserverIds: [] });
  const { id: producerId } = all.producer;
  for (const call of [
    () => all.observer.pause(),
    () => all.observer.resume(),
    () => all.observer.addProducer({ producerId }),
    () => all.observer.removeProducer({ producerId }),
  ]) {
    await t.rejects(call, NotFoundError);
  }
});

void t.test('router.close(): its transports and observers get routerclose', async (t) => {
  const all = await everything(t);
  all.router.close();
  all.router.close();
  await roundTrip(all);
  t.same(all.log, [
    'producer transportclose',
    'producer.observer close',
    'sending routerclose',
    'sending.observer close',
    'consumer transportclose',
    'consumer.observer close',
    'receiving routerclose',
    'receiving.observer close',
    'rtpObserver routerclose',
    'rtpObserver.observer close',
    'router.observer close',
  ]);
  t.notOk(all.server.closed);
  await t.rejects(all.router.dump(), NotFoundError);
  await t.rejects(all.router.createPlainTransport({ listenInfo }), NotFoundError);
  t.match(await all.worker.dump(), { routerIds: [], webRtcServerIds: [all.server.id] });
});

const belowWorker = [
  'producer transportclose',
  'producer.observer close',
  'sending routerclose',
  'sending.observer close',
  'consumer transportclose',
  'consumer.observer close',
  'receiving routerclose',
  'receiving.observer close',
  'rtpObserver routerclose',
  'rtpObserver.observer close',
  'router workerclose',
  'router.observer close',
  'server workerclose',
  'server.observer close',
];

void t.test(
  'worker.close(): router and server get workerclose; requests fail with WorkerClosedError',
  async (t) => {
    const all = await everything(t);
    const pending = all.router.dump();
    all.worker.close();
    all.worker.close();
    t.same(all.log, [...belowWorker, 'worker.observer close']);
    await t.rejects(pending, WorkerClosedError);
    t.ok(all.worker.closed);
    t.notOk(all.worker.died);
    const calls: Promise<unknown>[] = [
      all.worker.dump(),
      all.worker.createRouter(),
      all.worker.createWebRtcServer({ listenInfos: [listenInfo] }),
      all.worker.getResourceUsage(),
      all.worker.updateSettings({ logLevel: 'warn' }),
      all.router.dump(),
      all.router.createPlainTransport({ listenInfo }),
      all.server.dump(),
      all.sending.getStats(),
      all.sending.restartIce(),
      all.producer.pause(),
      all.consumer.requestKeyFrame(),
      all.observer.pause(),
    ];
    for (const call of calls) {
      await t.rejects(() => call, WorkerClosedError);
    }
  },
);

void t.test('a worker that dies: as close(), then died', async (t) => {
  const all = await everything(t);
  const pending = all.consumer.getStats();
  const errors: Error[] = [];
  all.worker.on('died', (error) => errors.push(error));
  all.die(new Error('boom'));
  t.same(all.log, [...belowWorker, 'worker died', 'worker.observer close']);
  await t.rejects(pending, WorkerClosedError);
  t.ok(all.worker.died);
  t.ok(all.worker.subprocessClosed);
  t.match(errors, [{ message: 'boom' }]);
  all.worker.close();
  t.equal(all.log.length, belowWorker.length + 2, 'closing a dead worker does nothing');
});

void t.test('what is made while its parent closes does not come to life', async (t) => {
  const { worker, core } = localWorker(t);
  const router = await worker.createRouter({ mediaCodecs });
  const transport = await router.createPlainTransport({ listenInfo });
  const producing = transport.produce({ kind: 'audio', rtpParameters: audioParameters });
  transport.close();
  await t.rejects(producing, NotFoundError);
  const creating = router.createPlainTransport({ listenInfo });
  const observing = router.createActiveSpeakerObserver();
  router.close();
  await t.rejects(creating, NotFoundError);
  await t.rejects(observing, NotFoundError);
  await worker.dump();
  t.equal(core.log.filter((line) => line === 'close transport').length, 2);
});
