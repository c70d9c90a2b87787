import t from 'tap';
import { type MessageFromThread, type MessageToThread, type RequestMethod } from '#src/worker/messages.js';
import { WorkerHost } from '#src/worker/worker-host.js';
import { FakeCore, threadSettings } from '../api/support/local-worker.js';

function hostWithFakeCore() {
  const sent: MessageFromThread[] = [];
  const core = new FakeCore((targetId, event, data) =>
    sent.push({ kind: 'notification', targetId, event, data }),
  );
  let turns = 0;
  const host = new WorkerHost({
    settings: { ...threadSettings },
    core,
    now: () => 0,
    post: (message) => sent.push(message),
    endTurn: () => void turns++,
    updateLog: () => {},
    log: () => {},
  });
  let id = 0;
  const request = (method: RequestMethod, targetId: string, data?: unknown): number => {
    host.receive({ kind: 'request', id: ++id, method, target: { id: targetId }, data } as MessageToThread);
    return id;
  };
  const answer = (requestId: number): MessageFromThread | undefined =>
    sent.find((message) => message.kind === 'response' && message.id === requestId);
  return { host, core, sent, request, answer, turns: () => turns };
}

const webRtcOptions = {
  transportId: 't1',
  listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
  iceConsentTimeout: 30,
  initialAvailableOutgoingBitrate: 600000,
};

/** Lets the promises of answers under way settle. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

void t.test('answers, and ends the turn after each message', async (t) => {
  const { request, answer, turns } = hostWithFakeCore();
  const created = request('worker.createRouter', '', { routerId: 'r1' });
  t.same(answer(created), { kind: 'response', id: created, data: undefined });
  t.same(answer(request('worker.dump', '')), {
    kind: 'response',
    id: 2,
    data: { webRtcServerIds: [], routerIds: ['r1'] },
  });
  t.equal(turns(), 2);
});

void t.test('an entity that is gone is a NotFoundError that names it', async (t) => {
  const { request, answer } = hostWithFakeCore();
  for (const [method, kind] of [
    ['router.dump', 'Router'],
    ['webRtcServer.dump', 'WebRtcServer'],
    ['transport.dump', 'Transport'],
    ['rtpObserver.pause', 'RtpObserver'],
    ['producer.dump', 'Producer'],
    ['consumer.dump', 'Consumer'],
  ] as const) {
    const response = answer(request(method, 'nobody'));
    t.match(response, { error: { name: 'NotFoundError', message: `${kind} with id "nobody" not found` } });
  }
});

void t.test('commands for what is gone are no fault', async (t) => {
  const { host } = hostWithFakeCore();
  for (const command of [
    'webRtcServer.close',
    'router.close',
    'rtpObserver.close',
    'transport.close',
    'producer.close',
    'consumer.close',
  ] as const) {
    t.doesNotThrow(() => host.receive({ kind: 'command', command, target: { id: 'nobody' } }), command);
  }
});

void t.test('a message that the API cannot have sent throws: it brings the thread down', async (t) => {
  const { host, request } = hostWithFakeCore();
  t.throws(() => request('worker.nonsense' as RequestMethod, ''), {
    message: /unknown request 'worker.nonsense'/,
  });
  t.throws(() => host.receive(null as unknown as MessageToThread), TypeError);
});

void t.test('connect() is for the kind of transport that it was made for', async (t) => {
  const { request, answer } = hostWithFakeCore();
  request('worker.createRouter', '', { routerId: 'r1' });
  request('router.createWebRtcTransport', 'r1', webRtcOptions);
  await settled();
  const dtlsParameters = { fingerprints: [{ algorithm: 'sha-256', value: 'AB:CD' }] };
  t.match(answer(request('transport.connectWebRtc', 't1', { dtlsParameters })), {
    data: { dtlsLocalRole: 'server' },
  });
  t.match(answer(request('transport.connectWebRtc', 't1', { dtlsParameters })), {
    error: { name: 'Error', message: 'connect() already called' },
  });
  t.match(answer(request('transport.connectPlain', 't1', {})), { error: { message: /of another type/ } });
});

void t.test('pipes: made, connected, and consumers of all encodings', async (t) => {
  const { request, answer } = hostWithFakeCore();
  request('worker.createRouter', '', { routerId: 'r1' });
  const pipe = { listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, enableRtx: false, enableSrtp: false };
  const created = request('router.createPipeTransport', 'r1', { transportId: 'pipe', ...pipe });
  request('router.createWebRtcTransport', 'r1', webRtcOptions);
  await settled();
  t.match(answer(created), { data: { tuple: { localAddress: '127.0.0.1' } } });
  const connected = request('transport.connectPipe', 'pipe', { ip: '127.0.0.1', port: 7 });
  t.match(answer(connected), { data: { tuple: { remotePort: 7 } } });
  t.match(answer(request('transport.connectPipe', 't1', {})), { error: { message: /of another type/ } });
  t.match(answer(request('transport.connectPlain', 'pipe', {})), { error: { message: /of another type/ } });

  const codecs = [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90000 }];
  const producer = {
    id: 'p',
    kind: 'video',
    type: 'simulcast',
    rtpParameters: { codecs, encodings: [{ ssrc: 1 }, { ssrc: 2 }] },
    rtpMapping: {
      codecs: [{ payloadType: 101, mappedPayloadType: 101 }],
      encodings: [{ mappedSsrc: 11 }, { mappedSsrc: 12 }],
    },
    keyFrameRequestDelay: 0,
    paused: false,
  };
  t.match(answer(request('transport.produce', 't1', producer)), { error: undefined });
  t.match(answer(request('transport.produce', 'pipe', producer)), {
    error: { name: 'Error', message: /"p" already exists in this worker/ },
  });
  const consumer = {
    id: 'c',
    producerId: 'p',
    kind: 'video',
    type: 'pipe',
    rtpParameters: { codecs, encodings: [{ ssrc: 21 }, { ssrc: 22 }] },
    consumableRtpEncodings: [],
    paused: false,
    ignoreDtx: false,
  };
  t.match(answer(request('transport.consume', 'pipe', consumer)), {
    data: { paused: false, score: { score: 10, producerScore: 10, producerScores: [] } },
  });
  t.match(answer(request('transport.dump', 'pipe')), {
    data: { mapSsrcConsumerId: [{ key: 21 }, { key: 22 }] },
  });
});

void t.test('an observer goes with its router', async (t) => {
  const { host, request, answer } = hostWithFakeCore();
  request('worker.createRouter', '', { routerId: 'r1' });
  request('router.createActiveSpeakerObserver', 'r1', { rtpObserverId: 'o1', interval: 300 });
  t.match(answer(request('router.dump', 'r1')), { data: { rtpObserverIds: ['o1'] } });
  t.match(answer(request('rtpObserver.addProducer', 'o1', { producerId: 'nobody' })), {
    error: { name: 'NotFoundError', message: /Producer with id "nobody"/ },
  });
  host.receive({ kind: 'command', command: 'router.close', target: { id: 'r1' } });
  t.match(answer(request('rtpObserver.resume', 'o1')), { error: { name: 'NotFoundError' } });
  t.match(answer(request('router.createAudioLevelObserver', 'r1', { rtpObserverId: 'o2' })), {
    error: { name: 'NotFoundError', message: /Router/ },
  });
});

void t.test('a transport whose router closes while its socket is opened is closed again', async (t) => {
  const { host, core, request, answer } = hostWithFakeCore();
  let open = (): void => {};
  core.gate = new Promise((resolve) => (open = resolve));
  request('worker.createRouter', '', { routerId: 'r1' });
  const pending = request('router.createWebRtcTransport', 'r1', webRtcOptions);
  host.receive({ kind: 'command', command: 'router.close', target: { id: 'r1' } });
  open();
  await settled();
  t.match(answer(pending), { error: { name: 'NotFoundError', message: /Router with id "r1"/ } });
  t.same(core.log, ['close router', 'close transport']);
});

void t.test('a transport whose server closes while it is made is closed again', async (t) => {
  const { host, core, request, answer } = hostWithFakeCore();
  request('worker.createRouter', '', { routerId: 'r1' });
  request('worker.createWebRtcServer', '', { webRtcServerId: 's1', listenInfos: [] });
  await settled();
  let open = (): void => {};
  core.gate = new Promise((resolve) => (open = resolve));
  const pending = request('router.createWebRtcTransport', 'r1', { ...webRtcOptions, webRtcServerId: 's1' });
  host.receive({ kind: 'command', command: 'webRtcServer.close', target: { id: 's1' } });
  open();
  await settled();
  t.match(answer(pending), { error: { name: 'NotFoundError', message: /WebRtcServer with id "s1"/ } });
  t.same(core.log, ['close server', 'close transport']);
});

void t.test('close: transports, routers, servers', async (t) => {
  const { host, core, request } = hostWithFakeCore();
  request('worker.createRouter', '', { routerId: 'r1' });
  request('worker.createWebRtcServer', '', { webRtcServerId: 's1', listenInfos: [] });
  await settled();
  request('router.createWebRtcTransport', 'r1', { ...webRtcOptions, webRtcServerId: 's1' });
  await settled();
  host.receive({ kind: 'command', command: 'worker.close', target: { id: '' } });
  t.same(core.log, ['close transport', 'close router', 'close server']);
});

void t.test('what a request brings about is told after its answer', async (t) => {
  const { host, sent, core } = hostWithFakeCore();
  const createRouter = core.createRouter.bind(core);
  core.createRouter = (id) => {
    host.notify('somebody', 'score', 1);
    return createRouter(id);
  };
  host.receive({
    kind: 'request',
    id: 1,
    method: 'worker.createRouter',
    target: { id: '' },
    data: { routerId: 'r' },
  });
  host.notify('somebody', 'score', 2);
  t.match(sent, [
    { kind: 'response', id: 1 },
    { kind: 'notification', targetId: 'somebody', event: 'score', data: 1 },
    { kind: 'notification', data: 2 },
  ]);
});
