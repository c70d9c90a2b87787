/** Media from worker to worker, with real threads and sockets. */
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { type Consumer } from '#src/api/consumer.js';
import { type Router } from '#src/api/router.js';
import { type Worker } from '#src/api/worker.js';
import * as sluss from '#src/index.js';
import { deviceCapabilities, listenInfo, mediaCodecs } from './support/parameters.js';
import { cameraParameters, LossyPath, SocketCamera, SocketViewer } from './support/piped-media.js';

const VP8 = 101;

const [one, two] = await Promise.all([startWorker(), startWorker()]);

async function startWorker(): Promise<Worker> {
  const worker = await sluss.createWorker({ logLevel: 'warn' });
  t.teardown(() => worker.close());
  return worker;
}

async function routerOf(t: Test, worker: Worker): Promise<Router> {
  const router = await worker.createRouter({ mediaCodecs });
  t.teardown(() => router.close());
  return router;
}

async function film(t: Test, router: Router) {
  const transport = await router.createPlainTransport({ listenInfo, comedia: true });
  const producer = await transport.produce({ kind: 'video', rtpParameters: cameraParameters });
  return { producer, camera: await SocketCamera.start(t, transport) };
}

async function watch(t: Test, router: Router, producerId: string) {
  const transport = await router.createPlainTransport({ listenInfo });
  const viewer = await SocketViewer.open(t, transport);
  const consumer = await transport.consume({ producerId, rtpCapabilities: deviceCapabilities });
  return { viewer, consumer };
}

async function prefer(consumer: Consumer, viewer: SocketViewer, spatialLayer: number): Promise<void> {
  await consumer.setPreferredLayers({ spatialLayer });
  await viewer.until(() => viewer.seen.at(-1)?.layer === spatialLayer);
}

void t.test('a viewer in another worker sees the camera, and chooses its layer', async (t) => {
  for (const options of [{}, { enableSrtp: true, enableRtx: true }]) {
    const [near, far] = [await routerOf(t, one), await routerOf(t, two)];
    const { producer, camera } = await film(t, near);
    const { pipeConsumer, pipeProducer } = await near.pipeToRouter({
      producerId: producer.id,
      router: far,
      ...options,
    });
    const { viewer, consumer } = await watch(t, far, producer.id);
    await viewer.until(() => viewer.seen.at(-1)?.layer === 2);
    t.ok(viewer.seen[0].keyFrame, 'begins with a key frame');
    const before = camera.asked[0];
    await prefer(consumer, viewer, 0);
    t.ok(camera.asked[0] > before, 'the switch was asked for through the pipe');
    const media = viewer.seen.filter(({ payloadType }) => payloadType === VP8);
    t.ok(media.every(({ sequenceNumber }, n) => sequenceNumber === ((media[0].sequenceNumber + n) & 0xffff)));
    t.same(consumer.currentLayers, { spatialLayer: 0, temporalLayer: 0 });
    t.match(
      await pipeConsumer!.getStats(),
      [0, 1, 2].map(() => ({ type: 'outbound-rtp', packetCount: Number, bitrate: Number })),
    );
    t.equal((await pipeProducer!.getStats()).length, 3);
    if (pipeProducer!.score.length < 3) await once(pipeProducer!, 'score');
    t.same(
      pipeProducer!.score.map(({ score }) => score),
      [10, 10, 10],
    );
  }
});

void t.test('within one worker, and on to a third router', async (t) => {
  const [near, beside, end] = [await routerOf(t, one), await routerOf(t, one), await routerOf(t, two)];
  const { producer } = await film(t, near);
  const first = await near.pipeToRouter({ producerId: producer.id, router: beside, keepId: false });
  const { id } = first.pipeProducer!;
  await beside.pipeToRouter({ producerId: id, router: end });
  const { viewer, consumer } = await watch(t, end, id);
  await viewer.until(() => viewer.seen.at(-1)?.layer === 2);
  t.ok(viewer.seen[0].keyFrame);

  const paused = once(consumer, 'producerpause');
  await producer.pause();
  await paused;
  const before = viewer.seen.length;
  const resumed = once(consumer, 'producerresume');
  await producer.resume();
  await resumed;
  await viewer.until(() => viewer.seen.slice(before).some(({ keyFrame, layer }) => keyFrame && layer === 2));
  const closed = once(consumer, 'producerclose');
  producer.close();
  await closed;
  t.ok(consumer.closed);
});

void t.test('what a bad path loses is repaired in the pipe', async (t) => {
  const [near, far] = [await routerOf(t, one), await routerOf(t, two)];
  const { producer } = await film(t, near);
  const out = await near.createPipeTransport({ listenInfo, enableRtx: true });
  const into = await far.createPipeTransport({ listenInfo, enableRtx: true });
  let media = 0;
  const path = await LossyPath.connect(t, out, into, (datagram) => {
    const isMedia = (datagram[1] & 0x7f) === VP8;
    return isMedia && ++media % 10 === 9;
  });
  const pipeConsumer = await out.consume({ producerId: producer.id });
  const { kind, rtpParameters } = pipeConsumer;
  const piped = await into.produce({ id: producer.id, kind, rtpParameters });
  const { viewer } = await watch(t, far, piped.id);
  await viewer.until(() => viewer.seen.length > 200);
  t.ok(path.lost > 20, `${path.lost} lost`);
  const stats = await piped.getStats();
  const repaired = stats.map(({ packetsRepaired }) => packetsRepaired);
  t.ok(Math.max(...repaired) > 5, `${repaired.join()} repaired`);
  // The newest of the lost ones may be under way still.
  const numbers = new Set(viewer.seen.map(({ sequenceNumber }) => sequenceNumber));
  const [{ sequenceNumber: first }] = viewer.seen;
  for (let n = 0; n < 150; n++) if (!numbers.has((first + n) & 0xffff)) t.fail(`packet ${n} never came`);
});
