import t, { type Test } from 'tap';
import { NotFoundError, UnsupportedError } from '#src/api/errors.js';
import { type TransportTraceEventData } from '#src/api/transport.js';
import { localWorker } from './support/local-worker.js';
import { listenInfo, mediaCodecs } from './support/parameters.js';

const fingerprint = { algorithm: 'sha-256' as const, value: '82:5A:68:3D' };

async function withRouter(t: Pick<Test, 'teardown'>) {
  const local = localWorker(t);
  const router = await local.worker.createRouter({ mediaCodecs });
  const transport = await router.createWebRtcTransport({ listenInfos: [listenInfo], appData: { peer: 'a' } });
  return { ...local, router, transport };
}

void t.test('getters after creation', async (t) => {
  const { transport } = await withRouter(t);
  t.equal(transport.type, 'webrtc');
  t.same(transport.appData, { peer: 'a' });
  t.equal(transport.iceRole, 'controlled');
  t.match(transport.iceParameters, { usernameFragment: String, password: String, iceLite: true });
  t.equal(transport.iceState, 'new');
  t.equal(transport.iceSelectedTuple, undefined);
  t.equal(transport.dtlsState, 'new');
  t.equal(transport.dtlsRemoteCert, undefined);
  t.equal(transport.sctpParameters, undefined);
  t.equal(transport.sctpState, undefined);
  transport.dtlsParameters.fingerprints.length = 0;
  t.equal(transport.dtlsParameters.fingerprints.length, 1, 'getters give copies');
  t.match(await transport.getStats(), [{ transportId: transport.id }]);
});

void t.test('malformed options are refused by name', async (t) => {
  const { worker, router } = await withRouter(t);
  const server = await worker.createWebRtcServer({ listenInfos: [listenInfo] });
  const cases: [options: object, name: string, message: RegExp][] = [
    [{}, 'TypeError', /webRtcServer, options.listenInfos and options.listenIps is required, got none/],
    [{ webRtcServer: server, listenInfos: [listenInfo] }, 'TypeError', /got webRtcServer and listenInfos/],
    [{ webRtcServer: { id: 'x' } }, 'TypeError', /webRtcServer/],
    [{ listenInfos: listenInfo }, 'TypeError', /listenInfos/],
    [{ listenInfos: [] }, 'TypeError', /listenInfos/],
    [{ listenInfos: [{ ...listenInfo, ip: 'example.org' }] }, 'TypeError', /listenInfo\.ip/],
    [{ listenInfos: [{ ...listenInfo, port: 70000 }] }, 'TypeError', /port/],
    [{ listenInfos: [{ ...listenInfo, portRange: { min: 10, max: 5 } }] }, 'TypeError', /portRange\.max/],
    [{ listenInfos: [{ ...listenInfo, announcedAddress: 5 }] }, 'TypeError', /announcedAddress/],
    [{ listenInfos: [{ ...listenInfo, flags: { ipv6Only: 'yes' } }] }, 'TypeError', /flags\.ipv6Only/],
    [{ listenIps: [123] }, 'TypeError', /listenIps\[0\]/],
    [{ listenInfos: [listenInfo], enableUdp: 1 }, 'TypeError', /enableUdp/],
    [{ listenInfos: [listenInfo], iceConsentTimeout: -1 }, 'TypeError', /iceConsentTimeout/],
    [
      { listenInfos: [listenInfo], initialAvailableOutgoingBitrate: '1' },
      'TypeError',
      /initialAvailableOutgoingBitrate/,
    ],
    [{ listenInfos: [listenInfo], appData: 'text' }, 'TypeError', /appData/],
    [{ listenInfos: [{ protocol: 'tcp', ip: '127.0.0.1' }] }, 'UnsupportedError', /TCP alone/],
    [{ listenIps: ['127.0.0.1'], enableUdp: false, enableTcp: true }, 'UnsupportedError', /TCP alone/],
    [{ listenIps: ['127.0.0.1'], enableUdp: false }, 'TypeError', /enableUdp/],
    [{ listenInfos: [listenInfo], enableSctp: true }, 'UnsupportedError', /enableSctp/],
  ];
  for (const [options, name, message] of cases) {
    await t.rejects(
      router.createWebRtcTransport(options as never),
      { name, message },
      JSON.stringify(message.source),
    );
  }
});

void t.test('older option names are taken', async (t) => {
  const { router, core } = await withRouter(t);
  const seen: unknown[] = [];
  const create = core.createWebRtcTransport.bind(core);
  core.createWebRtcTransport = (coreRouter, server, options) => {
    seen.push(options.listenInfos);
    return create(coreRouter, server, options);
  };
  await router.createWebRtcTransport({
    listenIps: ['127.0.0.1', { ip: '127.0.0.1', announcedIp: '9.9.9.1' }],
    port: 44444,
    enableTcp: true,
    preferUdp: true,
  });
  await router.createWebRtcTransport({ listenInfos: [{ ...listenInfo, announcedIp: '9.9.9.2' }] });
  t.match(seen, [
    [
      { protocol: 'udp', ip: '127.0.0.1', port: 44444, announcedAddress: undefined },
      { ip: '127.0.0.1', port: 44444, announcedAddress: '9.9.9.1' },
    ],
    [{ announcedAddress: '9.9.9.2', portRange: { min: 40000, max: 40100 } }],
  ]);
});

void t.test('connect() checks its input and works once', async (t) => {
  const { transport } = await withRouter(t);
  const cases: [options: unknown, message: RegExp][] = [
    [undefined, /options/],
    [{}, /dtlsParameters/],
    [{ dtlsParameters: 'x' }, /dtlsParameters/],
    [{ dtlsParameters: {} }, /fingerprints/],
    [{ dtlsParameters: { fingerprints: [] } }, /fingerprints/],
    [{ dtlsParameters: { fingerprints: [{ ...fingerprint, algorithm: 'md5' }] } }, /algorithm/],
    [{ dtlsParameters: { fingerprints: [{ ...fingerprint, value: 'chicken' }] } }, /value/],
    [{ dtlsParameters: { role: 'chicken', fingerprints: [fingerprint] } }, /role/],
  ];
  for (const [options, message] of cases) {
    await t.rejects(transport.connect(options as never), { name: 'TypeError', message });
  }
  const dtlsParameters = { role: 'client' as const, fingerprints: [fingerprint] };
  t.equal(await transport.connect({ dtlsParameters }), undefined);
  t.equal(transport.dtlsParameters.role, 'server');
  await t.rejects(transport.connect({ dtlsParameters }), { name: 'Error', message: /already called/ });
});

void t.test('restartIce() gives new parameters', async (t) => {
  const { transport } = await withRouter(t);
  const before = transport.iceParameters.usernameFragment;
  const after = await transport.restartIce();
  t.not(after.usernameFragment, before);
  t.same(transport.iceParameters, after);
});

void t.test('events change the getters before listeners hear of them', async (t) => {
  const { worker, transport, notify } = await withRouter(t);
  const tuple = {
    localIp: '1.1.1.1',
    localAddress: '1.1.1.1',
    localPort: 1,
    remoteIp: '2.2.2.2',
    remotePort: 2,
    protocol: 'udp' as const,
  };
  const seen: unknown[] = [];
  transport.on('icestatechange', (state) => seen.push([state, transport.iceState]));
  transport.observer.on('icestatechange', (state) => seen.push(['observer', state]));
  transport.on('iceselectedtuplechange', (selected) => seen.push([selected, transport.iceSelectedTuple]));
  transport.on('dtlsstatechange', (state) =>
    seen.push([state, transport.dtlsState, transport.dtlsRemoteCert]),
  );
  transport.on('trace', (trace) => seen.push(trace));
  notify(transport.id, 'icestatechange', { iceState: 'completed' });
  notify(transport.id, 'iceselectedtuplechange', { iceSelectedTuple: tuple });
  notify(transport.id, 'dtlsstatechange', { dtlsState: 'connecting' });
  notify(transport.id, 'dtlsstatechange', { dtlsState: 'connected', dtlsRemoteCert: 'PEM' });
  notify(transport.id, 'trace', { type: 'bwe', timestamp: 1, direction: 'out', info: {} });
  await worker.dump();
  t.same(seen, [
    ['completed', 'completed'],
    ['observer', 'completed'],
    [tuple, tuple],
    ['connecting', 'connecting', undefined],
    ['connected', 'connected', 'PEM'],
    { type: 'bwe', timestamp: 1, direction: 'out', info: {} },
  ]);
  transport.close();
  t.equal(transport.iceState, 'closed');
  t.equal(transport.iceSelectedTuple, undefined);
  t.equal(transport.dtlsState, 'closed');
  notify(transport.id, 'icestatechange', { iceState: 'disconnected' });
  await worker.dump();
  t.equal(seen.length, 6, 'a closed transport is silent');
});

void t.test('trace: the type tells what `info` is', async (t) => {
  const { worker, transport, notify } = await withRouter(t);
  const seen: unknown[] = [];
  const listener = (trace: TransportTraceEventData): void => {
    if (trace.type === 'bwe') seen.push(trace.info.availableBitrate, trace.info.type);
    else seen.push(trace.info.size, trace.info.probeCluster);
  };
  transport.on('trace', listener);
  transport.observer.on('trace', listener);
  const bitrates = { desiredBitrate: 2e6, effectiveDesiredBitrate: 1e6, minBitrate: 30000, maxBitrate: 1e6 };
  const traces: TransportTraceEventData[] = [
    {
      type: 'bwe',
      timestamp: 1,
      direction: 'out',
      info: {
        ...bitrates,
        type: 'transport-cc',
        startBitrate: 600000,
        maxPaddingBitrate: 0,
        availableBitrate: 800000,
      },
    },
    {
      type: 'probation',
      timestamp: 2,
      direction: 'out',
      info: { probeCluster: 3, bitrate: 9e5, size: 255, rtx: true },
    },
  ];
  for (const trace of traces) notify(transport.id, 'trace', trace);
  await worker.dump();
  t.same(seen, [800000, 'transport-cc', 800000, 'transport-cc', 255, 3, 255, 3]);
});

void t.test('bitrate limits', async (t) => {
  const { transport, core } = await withRouter(t);
  for (const bad of [-1, 1.5, NaN, '9' as never, undefined as never]) {
    await t.rejects(transport.setMaxIncomingBitrate(bad), { name: 'TypeError', message: /bitrate/ });
    await t.rejects(transport.setMaxOutgoingBitrate(bad), { name: 'TypeError', message: /bitrate/ });
    await t.rejects(transport.setMinOutgoingBitrate(bad), { name: 'TypeError', message: /bitrate/ });
  }
  await t.rejects(transport.setMaxOutgoingBitrate(29999), { name: 'TypeError', message: /30000/ });
  await transport.setMaxIncomingBitrate(100000);
  await transport.setMinOutgoingBitrate(100000);
  await t.rejects(transport.setMaxOutgoingBitrate(50000), { name: 'Error', message: /below the minimum/ });
  await transport.setMaxOutgoingBitrate(200000);
  await t.rejects(transport.setMinOutgoingBitrate(300000), { name: 'Error', message: /above the maximum/ });
  await transport.setMinOutgoingBitrate(0);
  t.same(
    core.log.filter((line) => /Incoming|Outgoing/.test(line)),
    ['maxIncoming 100000', 'minOutgoing 100000', 'maxOutgoing 200000', 'minOutgoing 0'],
  );
});

void t.test('enableTraceEvent() keeps to known types', async (t) => {
  const { transport, core } = await withRouter(t);
  await t.rejects(transport.enableTraceEvent('bwe' as never), { name: 'TypeError', message: /types/ });
  await t.rejects(transport.enableTraceEvent([1] as never), { name: 'TypeError', message: /types/ });
  await transport.enableTraceEvent(['bwe', 'chicken' as never]);
  await transport.enableTraceEvent();
  t.same(core.log, ['trace bwe', 'trace ']);
});

void t.test('data channels are off', async (t) => {
  const { transport } = await withRouter(t);
  await t.rejects(transport.produceData(), { name: 'Error', message: /SCTP not enabled/ });
  await t.rejects(transport.consumeData(), { name: 'Error', message: /SCTP not enabled/ });
});

void t.test('a closed server cannot be used', async (t) => {
  const { worker, router } = await withRouter(t);
  const server = await worker.createWebRtcServer({ listenInfos: [listenInfo] });
  await t.rejects(router.createWebRtcTransport({ webRtcServer: server, enableUdp: false }), UnsupportedError);
  const creating = router.createWebRtcTransport({ webRtcServer: server });
  server.close();
  await t.rejects(creating, NotFoundError);
  await t.rejects(router.createWebRtcTransport({ webRtcServer: server }), NotFoundError);
});
