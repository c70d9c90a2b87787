/**
 * The other side of the negotiation is mediasoup-client: what we generate must be taken by it, and what it
 * generates by us. Its FakeHandler stands for the browser.
 */
import t from 'tap';
import { Device, FakeHandler, testFakeParameters, type types } from 'mediasoup-client';
import { getConsumableRtpParameters } from '#src/api/ortc/consumable-rtp-parameters.js';
import { canConsume, getConsumerRtpParameters } from '#src/api/ortc/consumer-rtp-parameters.js';
import { getProducerRtpParametersMapping } from '#src/api/ortc/producer-mapping.js';
import { getProducerType } from '#src/api/ortc/producer-type.js';
import { generateRouterRtpCapabilities } from '#src/api/ortc/router-rtp-capabilities.js';
import { getSupportedRtpCapabilities } from '#src/api/supported-rtp-capabilities.js';
import { type MediaKind, type RtpCapabilities, type RtpParameters } from '#src/rtp/rtp-parameters.js';
import { deepFreeze, h264Capability, mediaCodecs, rtxCapability, uris } from './fixtures.js';

type NativeCapabilities = () => types.RtpCapabilities;

const routerRtpCapabilities = deepFreeze(generateRouterRtpCapabilities(mediaCodecs));

const videoFeedback = [
  { type: 'goog-remb' },
  { type: 'transport-cc' },
  { type: 'ccm', parameter: 'fir' },
  { type: 'nack' },
  { type: 'nack', parameter: 'pli' },
];

/** Codecs and extensions in the manner of a current Chrome, with its payload types and ids. */
function chromeCapabilities(): types.RtpCapabilities {
  const video = (mimeType: string, preferredPayloadType: number, parameters = {}) => ({
    kind: 'video' as const,
    mimeType,
    preferredPayloadType,
    clockRate: 90000,
    parameters,
    rtcpFeedback: videoFeedback,
  });
  const extensions: [kind: MediaKind, uri: types.RtpHeaderExtension['uri'], id: number][] = [
    ['audio', uris.audioLevel, 1],
    ['audio', uris.absSendTime, 2],
    ['audio', uris.twcc, 3],
    ['audio', uris.mid, 4],
    ['video', uris.toffset, 14],
    ['video', uris.absSendTime, 2],
    ['video', uris.videoOrientation, 13],
    ['video', uris.twcc, 3],
    ['video', uris.playoutDelay, 5],
    ['video', uris.mid, 4],
    ['video', uris.dependencyDescriptor, 12],
  ];
  return {
    codecs: [
      {
        kind: 'audio',
        mimeType: 'audio/opus',
        preferredPayloadType: 111,
        clockRate: 48000,
        channels: 2,
        parameters: { minptime: 10, useinbandfec: 1 },
        rtcpFeedback: [{ type: 'transport-cc' }],
      },
      video('video/VP8', 96),
      rtxCapability(96, 97),
      { ...(h264Capability('42e01f', 108) as types.RtpCodecCapability), rtcpFeedback: videoFeedback },
      rtxCapability(108, 109),
      video('video/AV1', 45, { profile: 0, 'level-idx': 5, tier: 0 }),
      rtxCapability(45, 46),
      video('video/VP9', 98, { 'profile-id': 0 }),
      rtxCapability(98, 99),
    ],
    headerExtensions: extensions.map(([kind, uri, preferredId]) => ({ kind, uri, preferredId })),
  };
}

async function loadDevice(
  generateNativeRtpCapabilities: NativeCapabilities,
  router: RtpCapabilities = routerRtpCapabilities,
): Promise<Device> {
  const handlerFactory = FakeHandler.createFactory({ ...testFakeParameters, generateNativeRtpCapabilities });
  const device = new Device({ handlerFactory });
  await device.load({ routerRtpCapabilities: structuredClone(router) });
  return device;
}

/** As much of a MediaStreamTrack as mediasoup-client looks at. */
class Track extends EventTarget {
  readonly id = 'track';
  readonly readyState = 'live';
  enabled = true;

  constructor(readonly kind: MediaKind) {
    super();
  }

  stop(): void {}
}

/** What `transport.produce()` of the device sends to the server. */
async function produce(
  device: Device,
  kind: MediaKind,
  options: Omit<types.ProducerOptions, 'track'> = {},
): Promise<RtpParameters> {
  const transport = device.createSendTransport(testFakeParameters.generateTransportRemoteParameters());
  transport.on('connect', (_parameters, callback) => callback());
  const sent = new Promise<RtpParameters>((resolve) => {
    transport.on('produce', ({ rtpParameters }, callback) => {
      // The way it goes through signalling.
      resolve(JSON.parse(JSON.stringify(rtpParameters)) as RtpParameters);
      callback({ id: 'producer' });
    });
  });
  await transport.produce({ ...options, track: new Track(kind) as unknown as MediaStreamTrack });
  transport.close();
  return sent;
}

async function consume(
  device: Device,
  kind: MediaKind,
  rtpParameters: RtpParameters,
): Promise<types.Consumer> {
  const transport = device.createRecvTransport(testFakeParameters.generateTransportRemoteParameters());
  transport.on('connect', (_parameters, callback) => callback());
  return transport.consume({
    id: 'consumer',
    producerId: 'producer',
    kind,
    rtpParameters: rtpParameters,
  });
}

function throughRouter(kind: MediaKind, sent: RtpParameters) {
  const mapping = getProducerRtpParametersMapping(sent, routerRtpCapabilities);
  return deepFreeze(getConsumableRtpParameters(kind, sent, routerRtpCapabilities, mapping));
}

for (const [name, native] of [
  ['the fake browser', testFakeParameters.generateNativeRtpCapabilities],
  ['a Chrome', chromeCapabilities],
] as [string, NativeCapabilities][]) {
  t.test(`${name} loads the router's capabilities, produces and consumes`, async (t) => {
    const device = await loadDevice(native);
    t.equal(device.canProduce('audio'), true);
    t.equal(device.canProduce('video'), true);
    const remoteRtpCapabilities = deepFreeze(structuredClone(device.recvRtpCapabilities)) as RtpCapabilities;

    for (const kind of ['audio', 'video'] as const) {
      const consumable = throughRouter(kind, await produce(device, kind));
      t.equal(canConsume(consumable, remoteRtpCapabilities), true, kind);
      const rtpParameters = getConsumerRtpParameters({
        consumableRtpParameters: consumable,
        remoteRtpCapabilities,
      });
      const consumer = await consume(device, kind, { ...rtpParameters, mid: '0' });
      t.equal(consumer.kind, kind);
      const [codec] = rtpParameters.codecs;
      const bandwidthFeedback = codec.rtcpFeedback
        .map(({ type }) => type)
        .filter((type) => /remb|-cc$/.test(type));
      t.same(bandwidthFeedback, ['transport-cc'], `${kind} feedback`);
      t.equal(rtpParameters.encodings[0].rtx !== undefined, kind === 'video', `${kind} RTX`);
    }
  });
}

t.test('simulcast of a Chrome becomes one stream for its receiver', async (t) => {
  const device = await loadDevice(chromeCapabilities);
  const sent = await produce(device, 'video', {
    encodings: [
      { rid: 'r0', maxBitrate: 100000, scalabilityMode: 'L1T3' },
      { rid: 'r1', maxBitrate: 300000, scalabilityMode: 'L1T3' },
    ],
  });
  t.equal(getProducerType(sent), 'simulcast');
  const consumable = throughRouter('video', sent);
  t.match(consumable.codecs[0], { mimeType: 'video/VP8', payloadType: 101 });
  t.equal(new Set(consumable.encodings.map(({ ssrc }) => ssrc)).size, 2);
  const { encodings } = getConsumerRtpParameters({
    consumableRtpParameters: consumable,
    remoteRtpCapabilities: device.recvRtpCapabilities as RtpCapabilities,
  });
  t.match(encodings, [{ scalabilityMode: 'L2T3', maxBitrate: 300000 }]);
  t.equal(encodings.length, 1);
});

t.test('each codec that a Chrome shares with the router can be chosen', async (t) => {
  const device = await loadDevice(chromeCapabilities);
  const shared = device.sendRtpCapabilities.codecs!.filter(
    ({ kind, mimeType }) => kind === 'video' && mimeType !== 'video/rtx',
  );
  t.same(
    shared.map(({ mimeType }) => mimeType),
    ['video/VP8', 'video/H264', 'video/VP9'],
  );
  for (const codec of shared) {
    const consumable = throughRouter('video', await produce(device, 'video', { codec }));
    t.same(
      consumable.codecs.map(({ mimeType }) => mimeType),
      [codec.mimeType, 'video/rtx'],
    );
    const { codecs } = getConsumerRtpParameters({
      consumableRtpParameters: consumable,
      remoteRtpCapabilities: device.recvRtpCapabilities as RtpCapabilities,
    });
    t.same(
      codecs.map(({ payloadType }) => payloadType),
      consumable.codecs.map(({ payloadType }) => payloadType),
    );
  }
});

t.test('the header extensions that a client gets and sends are ours', async (t) => {
  const device = await loadDevice(chromeCapabilities);
  const received = device.recvRtpCapabilities.headerExtensions!;
  for (const { kind, uri, preferredId } of received) {
    const ours = routerRtpCapabilities.headerExtensions.find(
      (extension) => extension.kind === kind && extension.uri === uri,
    );
    t.equal(preferredId, ours?.preferredId, `${kind} ${uri}`);
  }
  const receives = (kind: MediaKind, uri: string) =>
    received.some((extension) => extension.kind === kind && extension.uri === uri);
  t.equal(receives('audio', uris.twcc), true);
  t.equal(receives('video', uris.twcc), true);
  t.equal(receives('video', uris.dependencyDescriptor), true);
  const { headerExtensions } = await produce(device, 'audio');
  t.same(
    headerExtensions!.map(({ uri, id }) => [uri, id]),
    [
      [uris.mid, 4],
      [uris.absSendTime, 2],
      [uris.twcc, 3],
      [uris.audioLevel, 1],
    ],
  );
});

t.test('a router of everything that is supported can be loaded', async (t) => {
  const { codecs } = getSupportedRtpCapabilities();
  const ofKind = (kind: MediaKind) => codecs.filter((codec) => codec.kind === kind);
  const everything = generateRouterRtpCapabilities([...ofKind('video'), ...ofKind('audio')]);
  const device = await loadDevice(chromeCapabilities, everything);
  t.equal(device.canProduce('audio'), true);
  t.ok(device.recvRtpCapabilities.codecs!.some(({ mimeType }) => mimeType === 'video/AV1'));
});

t.test(
  'a router with RED: a client still sends Opus alone, and receives RED from who sends it',
  async (t) => {
    const red = { kind: 'audio' as const, mimeType: 'audio/red', clockRate: 48000, channels: 2 };
    const router = deepFreeze(generateRouterRtpCapabilities([red, ...mediaCodecs]));
    const device = await loadDevice(() => {
      const native = chromeCapabilities();
      // As sdp-transform reads `a=fmtp:63 111/111`.
      const parameters = { '111/111': undefined };
      native.codecs?.unshift({ ...red, preferredPayloadType: 63, parameters, rtcpFeedback: [] });
      return native;
    }, router);
    const sent = await produce(device, 'audio');
    t.same(
      sent.codecs.map(({ mimeType }) => mimeType),
      ['audio/opus'],
    );

    const withRed = { ...sent, codecs: [{ ...red, payloadType: 63 }, ...sent.codecs] };
    const mapping = getProducerRtpParametersMapping(withRed, router);
    const rtpParameters = getConsumerRtpParameters({
      consumableRtpParameters: getConsumableRtpParameters('audio', withRed, router, mapping),
      remoteRtpCapabilities: device.recvRtpCapabilities as RtpCapabilities,
    });
    t.same(
      rtpParameters.codecs.map(({ mimeType }) => mimeType),
      ['audio/opus', 'audio/red'],
    );
    t.ok(await consume(device, 'audio', { ...rtpParameters, mid: '0' }));
  },
);
