import t, { type Test } from 'tap';
import { NotFoundError } from '#src/api/errors.js';
import { type PipeTransportOptions } from '#src/api/pipe-transport.js';
import { localWorker } from './support/local-worker.js';
import {
  audioParameters,
  deviceCapabilities,
  listenInfo,
  mediaCodecs,
  videoParameters,
} from './support/parameters.js';

const srtpParameters = {
  cryptoSuite: 'AEAD_AES_256_GCM' as const,
  keyBase64: 'YTdjcDBvY2JoMGY5YXNlNDc0eDJsdGgwaWRvNnJsamRrdG16aWVpZHphdHo=',
};

async function setUp(t: Pick<Test, 'teardown'>, options: Partial<PipeTransportOptions> = {}) {
  const local = localWorker(t);
  const router = await local.worker.createRouter({ mediaCodecs });
  const source = await router.createWebRtcTransport({ listenInfos: [listenInfo] });
  const transport = await router.createPipeTransport({ listenInfo, ...options });
  return { ...local, router, source, transport };
}

void t.test('getters, stats, dump, observer event', async (t) => {
  const { router, transport } = await setUp(t, { appData: { region: 'north' } });
  t.equal(transport.type, 'pipe');
  t.same(transport.appData, { region: 'north' });
  t.match(transport.tuple, { localAddress: '127.0.0.1', localPort: Number, protocol: 'udp' });
  t.same(
    [transport.tuple.remoteIp, transport.srtpParameters, transport.sctpParameters, transport.sctpState],
    [undefined, undefined, undefined, undefined],
  );
  t.match(await transport.dump(), { id: transport.id });
  t.match(await transport.getStats(), [{ transportId: transport.id }]);
  const seen: unknown[] = [];
  router.observer.on('newtransport', (made) => seen.push(made));
  const another = await router.createPipeTransport({ listenIp: '127.0.0.1', port: 0 });
  t.same(seen, [another]);
});

void t.test('malformed options are refused by name', async (t) => {
  const { router } = await setUp(t);
  const cases: [options: object, name: string, message: RegExp][] = [
    [{}, 'TypeError', /listenInfo and options.listenIp is required, got none/],
    [{ listenInfo, listenIp: '127.0.0.1' }, 'TypeError', /got both/],
    [{ listenInfo: { ip: '127.0.0.1' } }, 'TypeError', /protocol/],
    [{ listenIp: 123 }, 'TypeError', /listenIp/],
    [{ listenInfo, enableRtx: 1 }, 'TypeError', /enableRtx/],
    [{ listenInfo, enableSrtp: 'yes' }, 'TypeError', /enableSrtp/],
    [{ listenInfo, appData: 1 }, 'TypeError', /appData/],
    [
      { listenInfo: { ...listenInfo, protocol: 'tcp' } },
      'UnsupportedError',
      /PipeTransport listens on UDP only/,
    ],
    [{ listenInfo, enableSctp: true }, 'UnsupportedError', /enableSctp/],
  ];
  for (const [options, name, message] of cases) {
    await t.rejects(router.createPipeTransport(options), { name, message }, message.source);
  }
});

void t.test('connect() without SRTP', async (t) => {
  const { transport } = await setUp(t);
  const cases: [options: unknown, message: RegExp][] = [
    [{}, /ip/],
    [{ ip: 'example.org', port: 5 }, /ip/],
    [{ ip: '127.0.0.1' }, /port/],
    [{ ip: '127.0.0.1', port: 65536 }, /port/],
    [{ ip: '127.0.0.1', port: 1234, srtpParameters }, /srtpParameters: expected none/],
    [{ ip: '127.0.0.1', port: 1234, srtpParameters: 'key' }, /srtpParameters/],
  ];
  for (const [options, message] of cases) {
    await t.rejects(transport.connect(options as never), { name: 'TypeError', message });
  }
  await transport.connect({ ip: '127.0.0.1', port: 1234 });
  t.match(transport.tuple, { remoteIp: '127.0.0.1', remotePort: 1234 });
});

void t.test('connect() with SRTP', async (t) => {
  const { transport } = await setUp(t, { enableSrtp: true });
  t.match(transport.srtpParameters, { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: String });
  const at = { ip: '127.0.0.1', port: 1234 };
  for (const given of [
    undefined,
    'key',
    {},
    { cryptoSuite: srtpParameters.cryptoSuite },
    { keyBase64: srtpParameters.keyBase64 },
    { ...srtpParameters, cryptoSuite: 'AES_CM_128_HMAC_SHA1_80' },
    { ...srtpParameters, keyBase64: 5 },
  ]) {
    await t.rejects(transport.connect({ ...at, srtpParameters: given as never }), TypeError);
  }
  t.equal(await transport.connect({ ...at, srtpParameters }), undefined);
});

void t.test(
  'consume(): all encodings, each with SSRCs of its own, nothing that is of the path',
  async (t) => {
    const { source, transport } = await setUp(t);
    const producer = await source.produce({ kind: 'video', rtpParameters: videoParameters });
    const seen: unknown[] = [];
    transport.observer.on('newconsumer', (made) => seen.push(made));
    const consumer = await transport.consume({ producerId: producer.id, appData: { via: 'pipe' } });
    t.same(seen, [consumer]);
    t.match(consumer, {
      type: 'pipe',
      kind: 'video',
      producerId: producer.id,
      paused: false,
      producerPaused: false,
      appData: { via: 'pipe' },
      score: { score: 10, producerScore: 10, producerScores: [] },
      preferredLayers: undefined,
      currentLayers: undefined,
    });
    const { mid, codecs, headerExtensions, encodings, rtcp } = consumer.rtpParameters;
    t.equal(mid, undefined);
    t.same(
      codecs.map(({ mimeType, payloadType, rtcpFeedback }) => [mimeType, payloadType, rtcpFeedback]),
      [
        [
          'video/VP8',
          101,
          [
            { type: 'nack', parameter: 'pli' },
            { type: 'ccm', parameter: 'fir' },
          ],
        ],
      ],
    );
    const uris = headerExtensions!.map(({ uri }) => uri);
    t.ok(uris.includes('urn:3gpp:video-orientation'));
    t.notOk(uris.some((uri) => /sdes|abs-send-time|transport-wide/.test(uri)));
    const [first] = encodings!;
    t.match(
      encodings,
      [0, 1, 2].map((index) => ({ ssrc: first.ssrc! + index, scalabilityMode: 'L1T3' })),
    );
    t.ok(encodings!.every(({ rtx, rid }) => rtx === undefined && rid === undefined));
    t.equal(rtcp!.cname, 'second');
    t.equal((await consumer.getStats()).length, 3);
    t.equal(await consumer.setPreferredLayers({ spatialLayer: 1 }), undefined);
    t.equal(consumer.preferredLayers, undefined);

    const again = await transport.consume({ producerId: producer.id });
    const ssrcs = [consumer, again].flatMap(({ rtpParameters }) =>
      rtpParameters.encodings!.map(({ ssrc }) => ssrc),
    );
    t.equal(new Set(ssrcs).size, 6, 'no SSRC twice on one transport');
  },
);

void t.test('consume() with enableRtx', async (t) => {
  const { source, transport } = await setUp(t, { enableRtx: true });
  const producer = await source.produce({ kind: 'video', rtpParameters: videoParameters });
  const { codecs, encodings } = (await transport.consume({ producerId: producer.id })).rtpParameters;
  t.same(
    codecs.map(({ mimeType, parameters }) => [mimeType, parameters?.['apt']]),
    [
      ['video/VP8', undefined],
      ['video/rtx', 101],
    ],
  );
  t.same(codecs[0].rtcpFeedback?.[0], { type: 'nack', parameter: '' });
  const ssrcs = encodings!.flatMap(({ ssrc, rtx }) => [ssrc, rtx?.ssrc]);
  t.equal(new Set(ssrcs).size, 6);
});

void t.test('consume() refuses what is wrong', async (t) => {
  const { transport } = await setUp(t);
  await t.rejects(transport.consume({} as never), { name: 'TypeError', message: /producerId/ });
  await t.rejects(transport.consume({ producerId: 'x', appData: 1 as never }), TypeError);
  await t.rejects(transport.consume({ producerId: 'nobody' }), NotFoundError);
});

void t.test('produce(): each producer keeps the name of its source', async (t) => {
  const near = await setUp(t);
  const far = await setUp(t);
  const video = await near.source.produce({ kind: 'video', rtpParameters: videoParameters });
  const other = await near.router.createWebRtcTransport({ listenInfos: [listenInfo] });
  const audio = await other.produce({ kind: 'audio', rtpParameters: audioParameters });
  const names = [];
  for (const producer of [video, audio]) {
    const { kind, rtpParameters } = await near.transport.consume({ producerId: producer.id });
    const piped = await far.transport.produce({ kind, rtpParameters });
    names.push([piped.type, piped.rtpParameters.rtcp?.cname]);
  }
  t.same(names, [
    ['simulcast', 'second'],
    ['simple', 'first'],
  ]);
});

void t.test('setWantedEncodings()', async (t) => {
  const { router, source, transport } = await setUp(t);
  const { id: producerId } = await source.produce({ kind: 'video', rtpParameters: videoParameters });
  const consumer = await transport.consume({ producerId });
  await consumer.setWantedEncodings([true, false, true]);
  t.match(await consumer.dump(), { wantedEncodings: [true, false, true] });
  await t.rejects(consumer.setWantedEncodings('none' as never), TypeError);
  await t.rejects(consumer.setWantedEncodings([1] as never), TypeError);
  const plain = await router.createPlainTransport({ listenInfo });
  const simple = await plain.consume({ producerId, rtpCapabilities: deviceCapabilities });
  await t.rejects(simple.setWantedEncodings([true]), { message: /for consumers of a PipeTransport/ });
});

void t.test('an id of a producer is unique in its worker', async (t) => {
  const { worker, source } = await setUp(t);
  await source.produce({ id: 'camera', kind: 'video', rtpParameters: videoParameters });
  const elsewhere = await worker.createRouter({ mediaCodecs });
  const transport = await elsewhere.createPlainTransport({ listenInfo });
  await t.rejects(transport.produce({ id: 'camera', kind: 'video', rtpParameters: videoParameters }), {
    message: /"camera" already exists in this worker/,
  });
});
