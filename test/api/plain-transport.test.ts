import t, { type Test } from 'tap';
import { type PlainTransportOptions } from '#src/api/plain-transport-options.js';
import { localWorker } from './support/local-worker.js';
import { listenInfo, mediaCodecs } from './support/parameters.js';

const srtpParameters = {
  cryptoSuite: 'AES_CM_128_HMAC_SHA1_80' as const,
  keyBase64: 'ZnQ3eWJraDg0d3ZoYzM5cXN1Y2pnaHU5NWxrZTVv',
};

async function plain(t: Pick<Test, 'teardown'>, options: Partial<PlainTransportOptions> = {}) {
  const local = localWorker(t);
  const router = await local.worker.createRouter({ mediaCodecs });
  const transport = await router.createPlainTransport({ listenInfo, ...options });
  return { ...local, router, transport };
}

void t.test('getters, stats, dump', async (t) => {
  const { transport } = await plain(t, { appData: { ffmpeg: true } });
  t.equal(transport.type, 'plain');
  t.same(transport.appData, { ffmpeg: true });
  t.match(transport.tuple, { localAddress: '127.0.0.1', localPort: Number, protocol: 'udp' });
  t.equal(transport.tuple.remoteIp, undefined);
  t.equal(transport.rtcpTuple, undefined);
  t.equal(transport.srtpParameters, undefined);
  t.match(await transport.dump(), { id: transport.id });
  t.match(await transport.getStats(), [{ transportId: transport.id }]);
});

void t.test('malformed options are refused by name', async (t) => {
  const { router } = await plain(t);
  const cases: [options: object, name: string, message: RegExp][] = [
    [{}, 'TypeError', /listenInfo and options.listenIp is required, got none/],
    [{ listenInfo, listenIp: '127.0.0.1' }, 'TypeError', /got both/],
    [{ listenInfo: [listenInfo] }, 'TypeError', /listenInfo/],
    [{ listenInfo: { ip: '127.0.0.1' } }, 'TypeError', /protocol/],
    [{ listenIp: 123 }, 'TypeError', /listenIp/],
    [{ listenInfo, rtcpListenInfo: 'x' }, 'TypeError', /rtcpListenInfo/],
    [{ listenInfo, rtcpMux: 'no' }, 'TypeError', /rtcpMux/],
    [{ listenInfo, comedia: 0 }, 'TypeError', /comedia/],
    [{ listenInfo, srtpCryptoSuite: 'ROT13' }, 'TypeError', /srtpCryptoSuite/],
    [{ listenInfo, appData: null }, 'never', /./],
    [{ listenInfo, appData: 1 }, 'TypeError', /appData/],
    [{ listenInfo: { ...listenInfo, protocol: 'tcp' } }, 'UnsupportedError', /UDP only/],
    [{ listenInfo, enableSctp: true }, 'UnsupportedError', /enableSctp/],
  ];
  for (const [options, name, message] of cases) {
    const creating = router.createPlainTransport(options);
    if (name === 'never') {
      t.same((await creating).appData, {}, 'null counts as left out');
    } else {
      await t.rejects(creating, { name, message }, message.source);
    }
  }
});

void t.test('connect() with an address', async (t) => {
  const { transport } = await plain(t);
  const cases: [options: unknown, message: RegExp][] = [
    [{}, /ip/],
    [{ ip: 'example.org', port: 5 }, /ip/],
    [{ ip: '127.0.0.1' }, /port/],
    [{ ip: '127.0.0.1', port: 0 }, /port/],
    [{ ip: '127.0.0.1', port: 1234, rtcpPort: 1235 }, /rtcpPort/],
    [{ ip: '127.0.0.1', port: 1234, srtpParameters }, /srtpParameters/],
  ];
  for (const [options, message] of cases) {
    await t.rejects(transport.connect(options as never), { name: 'TypeError', message });
  }
  await transport.connect({ ip: '127.0.0.1', port: 1234 });
  t.match(transport.tuple, { remoteIp: '127.0.0.1', remotePort: 1234 });
});

void t.test('connect() without rtcpMux needs rtcpPort', async (t) => {
  const { transport } = await plain(t, { rtcpMux: false });
  await t.rejects(transport.connect({ ip: '127.0.0.1', port: 1234 }), {
    name: 'TypeError',
    message: /rtcpPort/,
  });
  t.equal(await transport.connect({ ip: '127.0.0.1', port: 1234, rtcpPort: 1235 }), undefined);
});

void t.test('connect() with comedia is for SRTP only', async (t) => {
  const { router, transport } = await plain(t, { comedia: true });
  await t.rejects(transport.connect(), { name: 'TypeError', message: /comedia/ });
  await t.rejects(transport.connect({ ip: '127.0.0.1' }), { name: 'TypeError', message: /options\.ip/ });
  const secure = await router.createPlainTransport({ listenInfo, comedia: true, enableSrtp: true });
  t.match(secure.srtpParameters, { cryptoSuite: 'AES_CM_128_HMAC_SHA1_80', keyBase64: String });
  await t.rejects(secure.connect(), { name: 'TypeError', message: /srtpParameters/ });
  await t.rejects(secure.connect({ srtpParameters: { ...srtpParameters, cryptoSuite: 'ROT13' as never } }), {
    name: 'TypeError',
    message: /cryptoSuite/,
  });
  t.equal(await secure.connect({ srtpParameters }), undefined);
});

void t.test('tuple events of comedia', async (t) => {
  const { worker, transport, notify } = await plain(t, { comedia: true, rtcpMux: false });
  const tuple = { ...transport.tuple, remoteIp: '127.0.0.1', remotePort: 5000 };
  const seen: unknown[] = [];
  transport.on('tuple', (learnt) => seen.push(['tuple', learnt, transport.tuple]));
  transport.observer.on('rtcptuple', (learnt) => seen.push(['rtcptuple', learnt, transport.rtcpTuple]));
  notify(transport.id, 'tuple', { tuple });
  notify(transport.id, 'rtcptuple', { rtcpTuple: tuple });
  await worker.dump();
  t.same(seen, [
    ['tuple', tuple, tuple],
    ['rtcptuple', tuple, tuple],
  ]);
});
