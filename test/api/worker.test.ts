/** With real threads and sockets. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { WorkerClosedError } from '#src/api/errors.js';
import { type WorkerSettings } from '#src/api/worker-settings.js';
import { type Worker } from '#src/api/worker.js';
import * as sluss from '#src/index.js';
import { DtlsCertificate } from '#src/transport/dtls/dtls-certificate.js';
import { recordEvents } from './support/events.js';
import { audioParameters, deviceCapabilities, listenInfo, mediaCodecs } from './support/parameters.js';

async function start(t: Pick<Test, 'teardown'>, settings?: WorkerSettings): Promise<Worker> {
  const worker = await sluss.createWorker(settings);
  t.teardown(async () => {
    worker.close();
    if (!worker.subprocessClosed) await once(worker, 'subprocessclose');
  });
  return worker;
}

void t.test('public entry', async (t) => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  t.equal(sluss.version, version);
  t.same(Object.keys(sluss).sort(), [
    'createWorker',
    'errors',
    'getSupportedRtpCapabilities',
    'observer',
    'ortc',
    'parseScalabilityMode',
    'setLogEventListeners',
    'version',
  ]);
  t.equal(sluss.errors.InvalidStateError, sluss.errors.WorkerClosedError);
});

void t.test('createWorker: observer event, ids, dump, usage', async (t) => {
  const seen: unknown[] = [];
  sluss.observer.once('newworker', (worker) => seen.push(worker));
  const worker = await start(t, { appData: { core: 1 } });
  t.same(seen, [worker]);
  t.equal(worker.pid, process.pid);
  t.ok(worker.threadId > 0);
  t.same([worker.closed, worker.died, worker.subprocessClosed], [false, false, false]);
  t.same(worker.appData, { core: 1 });
  const router = await worker.createRouter({ mediaCodecs });
  const server = await worker.createWebRtcServer({ listenInfos: [listenInfo] });
  t.same(await worker.dump(), {
    pid: process.pid,
    webRtcServerIds: [server.id],
    routerIds: [router.id],
    channelMessageHandlers: {
      channelRequestHandlers: [server.id, router.id],
      channelNotificationHandlers: [],
    },
  });
  t.match(await worker.getResourceUsage(), { ru_utime: Number, ru_stime: Number, ru_maxrss: Number });
  t.match(await server.dump(), {
    id: server.id,
    udpSockets: [{ ip: '127.0.0.1', port: Number }],
    tcpServers: [],
  });
});

void t.test('createWorker refuses malformed settings by name', async (t) => {
  const cases: [settings: unknown, message: RegExp][] = [
    [{ logLevel: 'chicken' }, /logLevel/],
    [{ logTags: ['chicken'] }, /logTags/],
    [{ rtcMinPort: 80 }, /rtcMinPort/],
    [{ rtcMinPort: 2000, rtcMaxPort: 1999 }, /rtcMaxPort/],
    [{ dtlsCertificateFile: '/nowhere/cert.pem' }, /dtlsPrivateKeyFile/],
    [
      { dtlsCertificateFile: '/nowhere/cert.pem', dtlsPrivateKeyFile: '/nowhere/key.pem' },
      /cannot read \/nowhere\/cert.pem/,
    ],
    [{ dtlsCertificateFile: 'package.json', dtlsPrivateKeyFile: 'package.json' }, /DTLS/],
    [{ appData: 'text' }, /appData/],
  ];
  for (const [settings, message] of cases) {
    await t.rejects(
      sluss.createWorker(settings as WorkerSettings),
      { name: 'TypeError', message },
      message.source,
    );
  }
});

void t.test('the certificate of the settings is used, the port range too', async (t) => {
  const directory = t.testdir();
  const certificate = await DtlsCertificate.generate();
  const dtlsCertificateFile = join(directory, 'cert.pem');
  const dtlsPrivateKeyFile = join(directory, 'key.pem');
  await writeFile(dtlsCertificateFile, certificate.certPem);
  await writeFile(dtlsPrivateKeyFile, certificate.keyPem);
  const worker = await start(t, {
    dtlsCertificateFile,
    dtlsPrivateKeyFile,
    rtcMinPort: 41000,
    rtcMaxPort: 41999,
  });
  const router = await worker.createRouter();
  const transport = await router.createWebRtcTransport({
    listenInfos: [{ ...listenInfo, announcedAddress: '9.9.9.9' }],
  });
  t.same(transport.dtlsParameters.fingerprints, certificate.fingerprints);
  const [candidate, ...rest] = transport.iceCandidates;
  t.match(candidate, { address: '9.9.9.9', ip: '9.9.9.9', protocol: 'udp', type: 'host' });
  t.ok(candidate.port >= 41000 && candidate.port <= 41999);
  t.same(rest, []);
});

void t.test('an address that is not ours is a plain Error', async (t) => {
  const worker = await start(t);
  const router = await worker.createRouter();
  const foreign = { protocol: 'udp' as const, ip: '192.0.2.1' };
  await t.rejects(router.createWebRtcTransport({ listenInfos: [foreign] }), {
    name: 'Error',
    message: /192\.0\.2\.1/,
  });
  await t.rejects(router.createPlainTransport({ listenInfo: foreign }), {
    name: 'Error',
    message: /192\.0\.2\.1/,
  });
  await t.rejects(worker.createWebRtcServer({ listenInfos: [foreign] }), {
    name: 'Error',
    message: /192\.0\.2\.1/,
  });
  t.match(await router.dump(), { transportIds: [] });
});

void t.test('updateSettings, and log lines by level and tag', async (t) => {
  const lines: string[] = [];
  sluss.setLogEventListeners({ onwarn: (namespace, log) => lines.push(`${namespace} ${log}`) });
  t.teardown(() => sluss.setLogEventListeners());
  const worker = await start(t);
  await t.rejects(worker.updateSettings({ logLevel: 'chicken' as never }), {
    name: 'TypeError',
    message: /logLevel/,
  });
  const router = await worker.createRouter();
  const fail = async (): Promise<void> =>
    void (await t.rejects(router.createPlainTransport({ listenInfo: { protocol: 'udp', ip: '192.0.2.1' } })));
  await fail();
  await worker.updateSettings({ logLevel: 'warn', logTags: ['info'] });
  await fail();
  await worker.dump();
  t.match(lines, [/^sluss:Worker:info router.createPlainTransport .* failed: Error: .*192\.0\.2\.1/]);
  t.equal(lines.length, 1);
});

void t.test('produce, consume and closures through the thread', async (t) => {
  const worker = await start(t);
  const router = await worker.createRouter({ mediaCodecs });
  const server = await worker.createWebRtcServer({ listenInfos: [listenInfo] });
  const sending = await router.createWebRtcTransport({ webRtcServer: server });
  const receiving = await router.createPlainTransport({ listenInfo });
  await receiving.connect({ ip: '127.0.0.1', port: 9 });
  t.match(receiving.tuple, { remoteIp: '127.0.0.1', remotePort: 9 });
  await t.rejects(receiving.connect({ ip: '127.0.0.1', port: 9 }), {
    name: 'Error',
    message: /already called/,
  });
  const dtlsParameters = { fingerprints: [{ algorithm: 'sha-256' as const, value: 'AB:CD' }] };
  await sending.connect({ dtlsParameters });
  t.equal(sending.dtlsParameters.role, 'server');
  await t.rejects(sending.connect({ dtlsParameters }), { name: 'Error', message: /already called/ });
  const { usernameFragment } = sending.iceParameters;
  t.not((await sending.restartIce()).usernameFragment, usernameFragment);
  for (const transport of [sending, receiving]) {
    await transport.setMaxIncomingBitrate(100000);
    await transport.setMaxOutgoingBitrate(100000);
    await transport.setMinOutgoingBitrate(50000);
    await transport.enableTraceEvent(['probation']);
    t.match(await transport.getStats(), [{ transportId: transport.id, timestamp: Number, bytesReceived: 0 }]);
  }

  const producer = await sending.produce({ kind: 'audio', rtpParameters: audioParameters });
  const consumer = await receiving.consume({ producerId: producer.id, rtpCapabilities: deviceCapabilities });
  await producer.pause();
  if (!consumer.producerPaused) await once(consumer, 'producerpause');
  t.ok(consumer.producerPaused);
  t.match(await sending.dump(), { producerIds: [producer.id] });
  const closed = once(consumer, 'producerclose');
  server.close();
  await closed;
  t.same([sending.closed, producer.closed, consumer.closed, receiving.closed], [true, true, true, false]);
  t.match(await router.dump(), { transportIds: [receiving.id] });
});

void t.test('close: the thread ends, its ports are free again', async (t) => {
  const worker = await start(t);
  const server = await worker.createWebRtcServer({ listenInfos: [listenInfo] });
  const { udpSockets } = await server.dump();
  const pending = worker.dump();
  const gone = once(worker, 'subprocessclose');
  worker.close();
  await t.rejects(pending, WorkerClosedError);
  t.notOk(worker.subprocessClosed);
  await gone;
  t.ok(worker.subprocessClosed);
  t.notOk(worker.died);
  const second = await start(t);
  t.ok(await second.createWebRtcServer({ listenInfos: [{ ...listenInfo, port: udpSockets[0].port }] }));
});

/** Ways to lose a thread, and what the error says. */
const crashes: [name: string, crash: (worker: Worker) => void, message: RegExp][] = [
  ['the thread is killed', (worker) => void worker.threadForTesting.terminate(), /ended unexpectedly/],
  ['an exception inside', (worker) => worker.threadForTesting.postMessage(null), /null/],
];

for (const [name, crash, message] of crashes) {
  void t.test(`${name}: died, everything below closes, the other worker goes on`, async (t) => {
    const worker = await start(t);
    const other = await start(t);
    const otherRouter = await other.createRouter({ mediaCodecs });
    const router = await worker.createRouter({ mediaCodecs });
    const transport = await router.createPlainTransport({ listenInfo });
    const producer = await transport.produce({ kind: 'audio', rtpParameters: audioParameters });
    const log: string[] = [];
    recordEvents(log, 'worker', worker, ['subprocessclose']);
    recordEvents(log, 'router', router, ['workerclose']);
    recordEvents(log, 'transport', transport, ['routerclose']);
    recordEvents(log, 'producer', producer, ['transportclose']);
    const died = once(worker, 'died') as Promise<[Error]>;
    const gone = once(worker, 'subprocessclose');
    crash(worker);
    const unanswered = t.rejects(producer.getStats(), WorkerClosedError);
    const [error] = await died;
    t.match(error, { message });
    await unanswered;
    await gone;
    t.same(log, [
      'producer transportclose',
      'producer.observer close',
      'transport routerclose',
      'transport.observer close',
      'router workerclose',
      'router.observer close',
      'worker.observer close',
      'worker subprocessclose',
    ]);
    t.same([worker.closed, worker.died, worker.subprocessClosed], [true, true, true]);
    t.match(await otherRouter.dump(), { id: otherRouter.id });
    t.ok(await otherRouter.createPlainTransport({ listenInfo }));
  });
}
