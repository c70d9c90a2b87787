import { createSocket } from 'node:dgram';
import { type EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import t from 'tap';
import { createGateway, createWorkerPool } from '#src/gateway/index.js';
import { createWorker, type types } from '#src/index.js';
import { until } from '../support/until.js';
import { dtlsParameters, produceData, silent, TestClient, transportId } from './test-client.js';

const loopback = { protocol: 'udp' as const, ip: '127.0.0.1' };

t.test('real workers: routers go where the load is least, and a health check reaches all', async (t) => {
  const pool = await createWorkerPool({ workers: 2, listenInfos: [loopback] }, silent);
  t.teardown(() => pool.close());
  t.equal(pool.workerCount, 2);
  t.ok(pool.rtpCapabilities.codecs!.some(({ mimeType }) => mimeType === 'video/VP8'));
  t.equal(await pool.isResponsive(5_000), true);
  const [one, two] = [await pool.createRouter(), await pool.createRouter()];
  const ports = await Promise.all(
    [one, two].map(async (router) => (await router.createTransport()).iceCandidates[0].port),
  );
  t.not(ports[0], ports[1], 'each on a worker of its own');
  one.close();
  const three = await pool.createRouter();
  t.equal((await three.createTransport()).iceCandidates[0].port, ports[0], 'the worker that became free');
});

t.test('what is expected counts as load, and workers may be left out', async (t) => {
  const pool = await createWorkerPool({ workers: 2, listenInfos: [loopback] }, silent);
  t.teardown(() => pool.close());
  let expected = 5;
  const one = await pool.createRouter({ expected: () => expected });
  t.strictSame([one.workerLoad, pool.leastLoad([]), pool.leastLoad([one])], [5, 0, 0]);
  const [two, three] = await Promise.all([pool.createRouter(), pool.createRouter()]);
  t.strictSame([two.workerLoad, three.workerLoad], [0, 0], 'both where nothing is expected');
  t.equal(pool.leastLoad([one, two]), Infinity);
  await t.rejects(pool.createRouter({ notOn: [one, two] }), { name: 'WorkerClosedError' });
  expected = 0;
  t.equal((await pool.createRouter({ notOn: [two] })).workerLoad, 0);
  const { port } = (await one.createTransport()).iceCandidates[0];
  const beside = await pool.createRouter({ notOn: [two] });
  t.equal((await beside.createTransport()).iceCandidates[0].port, port);
  await t.rejects(one.pipe('unknown', two), { name: 'NotFoundError' });
  await t.rejects(one.pipe('unknown', { ...two }), /of the same pool/);
});

t.test('a worker that dies is replaced, and its rooms are told', async (t) => {
  const workers: EventEmitter[] = [];
  const lines: string[] = [];
  const log = pino(
    { level: 'info' },
    new Writable({ write: (chunk, _encoding, done) => (lines.push(String(chunk)), done()) }),
  );
  const pool = await createWorkerPool({ listenInfos: [loopback] }, log, async (settings) => {
    const worker = await createWorker(settings);
    workers.push(worker);
    return worker;
  });
  t.teardown(() => pool.close());
  const router = await pool.createRouter();
  const told = new Promise<void>((resolve) => router.onWorkerClosed(resolve));
  const died = once(workers[0], 'died');
  // As the library does when the thread ends by itself.
  workers[0].emit('died', new Error('test'));
  await died;
  t.equal(pool.workerDeaths, 1);
  t.equal(await pool.isResponsive(1_000), false);
  await t.rejects(pool.createRouter(), { name: 'WorkerClosedError' });
  (workers[0] as unknown as { close(): void }).close();
  await told;
  await until(() => pool.workerCount > 0);
  t.equal(await pool.isResponsive(5_000), true);
  await pool.createRouter();
  t.ok(lines.some((line) => line.includes('clients are told this address')));
  t.ok(lines.some((line) => line.includes('only clients on this machine')));
});

t.test('figures of real sockets, kept when the worker is replaced', async (t) => {
  const workers: types.Worker[] = [];
  const pool = await createWorkerPool({ workers: 2, listenInfos: [loopback] }, silent, async (settings) => {
    const worker = await createWorker(settings);
    workers.push(worker);
    return worker;
  });
  t.teardown(() => pool.close());
  t.match(await pool.getStats(5_000), {
    datagramsReceived: 0,
    drops: { 'unknown-tuple': 0 },
    answeringWorkers: 2,
  });
  const [one, two] = [await pool.createRouter(), await pool.createRouter()];
  const sockets = [createSocket('udp4'), createSocket('udp4')];
  for (const [index, router] of [one, two].entries()) {
    const { port } = (await router.createTransport()).iceCandidates[0];
    // Looks like RTP, from somebody whom nobody knows.
    await new Promise((resolve) => sockets[index].send(Buffer.alloc(100, 0x80), port, '127.0.0.1', resolve));
    sockets[index].close();
  }
  const all = { datagramsReceived: 2, bytesReceived: 200, drops: { 'unknown-tuple': 2 } };
  let stats = await pool.getStats(5_000);
  while (stats.datagramsReceived < 2) stats = await pool.getStats(5_000);
  t.match(stats, { ...all, datagramsSent: 0, bytesSent: 0, sendQueueBytes: 0 });
  t.equal(stats.workerCpuSeconds.length, 2);
  t.ok(stats.workerCpuSeconds.every((seconds) => seconds > 0));

  workers[0].emit('died', new Error('test'));
  workers[0].close();
  t.match(await pool.getStats(5_000), { ...all, answeringWorkers: 1 });
  await until(() => pool.workerCount === 2);
  const later = await pool.getStats(5_000);
  t.match(later, { ...all, answeringWorkers: 2 });
  t.ok(later.workerCpuSeconds.every((seconds, index) => seconds >= stats.workerCpuSeconds[index]));
});

t.test('a worker that does not answer costs the given time, and its last figures are served', async (t) => {
  let answering = true;
  const pool = await createWorkerPool({ listenInfos: [loopback] }, silent, async (settings) => {
    const worker = await createWorker(settings);
    const real = worker.getResourceUsage.bind(worker);
    worker.getResourceUsage = () => (answering ? real() : new Promise(() => {}));
    return worker;
  });
  t.teardown(() => pool.close());
  const before = await pool.getStats(5_000);
  answering = false;
  t.strictSame(await pool.getStats(50), { ...before, answeringWorkers: 0 });
});

t.test('a pool that cannot start says why and leaves nothing behind', async (t) => {
  await t.rejects(createWorkerPool({ listenInfos: [{ protocol: 'udp', ip: '192.0.2.77' }] }, silent));
});

t.test('a gateway with real workers carries a stream from one peer to another', async (t) => {
  const gateway = await createGateway({
    listen: { ip: '127.0.0.1', port: 0 },
    rtc: { listenInfos: [{ ...loopback, announcedAddress: '203.0.113.7' }] },
    logger: silent,
  });
  t.teardown(() => gateway.close());
  const url = `ws://127.0.0.1:${gateway.port}/signalling`;
  const anna = await TestClient.join(t, url);
  const bo = await TestClient.join(t, url);
  t.match(anna.joined.transports[0].iceCandidates, [
    { address: '203.0.113.7', protocol: 'udp', type: 'host' },
  ]);
  await anna.client.request('connectTransport', {
    transportId: transportId(anna.joined, 'send'),
    dtlsParameters,
  });
  const { producerId } = await anna.client.request('produce', produceData(anna.joined));
  const { consumers } = await bo.client.notification('newConsumers');
  t.match(consumers, [
    { producerId, kind: 'video', type: 'simple', rtpParameters: { codecs: [{ mimeType: 'video/VP8' }] } },
  ]);
  const [{ consumerId }] = consumers;
  await bo.client.request('consumerReady', { consumerIds: [consumerId] });
  await bo.client.request('requestKeyFrame', { consumerId });
  const { iceParameters } = await bo.client.request('restartIce', {
    transportId: transportId(bo.joined, 'recv'),
  });
  t.not(iceParameters.password, bo.joined.transports[1].iceParameters.password);
  t.type((await bo.client.request('getStats', { id: consumerId })).stats, Array);
  await anna.client.request('pauseProducer', { producerId });
  t.strictSame(await bo.client.notification('consumerPaused'), { consumerId });
  await anna.client.request('leave', {});
  t.match(await bo.client.notification('peerLeft'), { reason: 'left' });
  t.equal((await fetch(`http://127.0.0.1:${gateway.port}/healthz`)).status, 200);
});
