import t from 'tap';
import { getConsumableRtpParameters } from '#src/api/ortc/consumable-rtp-parameters.js';
import { canConsume, getConsumerRtpParameters } from '#src/api/ortc/consumer-rtp-parameters.js';
import { getPipeConsumerRtpParameters } from '#src/api/ortc/pipe-consumer-rtp-parameters.js';
import { getProducerRtpParametersMapping } from '#src/api/ortc/producer-mapping.js';
import { validateRtpParameters } from '#src/api/ortc/validate-rtp-parameters.js';
import { type RtpCapabilities, type RtpParameters } from '#src/rtp/rtp-parameters.js';
import {
  consumableSimulcast,
  endpointCapabilities,
  h264Capability,
  routerCapabilities as caps,
  rtxCapability,
  uris,
  videoExtension,
} from './fixtures.js';

const random = () => 1000;

t.test('canConsume()', (t) => {
  const consumable = consumableSimulcast();
  t.equal(canConsume(consumable, endpointCapabilities()), true);
  t.equal(canConsume(consumable, { codecs: [h264Capability('4d0032', 100)] }), false, 'other profile');
  t.equal(canConsume(consumable, { codecs: [rtxCapability(100, 101)] }), false, 'RTX alone is nothing');
  t.equal(canConsume(consumable, { codecs: [] }), false);
  t.equal(canConsume(consumable, {}), false);
  const malformed = { codecs: [{ mimeType: 'video/VP8' }] } as unknown as RtpCapabilities;
  t.throws(() => canConsume(consumable, malformed), TypeError);
  t.throws(() => canConsume(consumable, undefined as unknown as RtpCapabilities), TypeError);
  t.end();
});

t.test('consumer parameters: one encoding for a simulcast', (t) => {
  const consumer = getConsumerRtpParameters({
    consumableRtpParameters: consumableSimulcast(),
    remoteRtpCapabilities: endpointCapabilities([
      videoExtension(uris.mid, 1),
      videoExtension(uris.videoOrientation, 8),
      // Ids are the router's: another id is another extension.
      videoExtension(uris.toffset, 2),
    ]),
    random,
  });
  t.same(consumer.codecs, [
    {
      mimeType: 'video/H264',
      payloadType: 105,
      clockRate: 90000,
      parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', foo: 1234 },
      rtcpFeedback: [
        { type: 'nack', parameter: '' },
        { type: 'nack', parameter: 'pli' },
        { type: 'foo', parameter: 'FOO' },
      ],
    },
    {
      mimeType: 'video/rtx',
      payloadType: 106,
      clockRate: 90000,
      parameters: { apt: 105 },
      rtcpFeedback: [],
    },
  ]);
  t.same(
    consumer.headerExtensions.map(({ uri, id }) => [uri, id]),
    [
      [uris.mid, 1],
      [uris.videoOrientation, 8],
    ],
  );
  t.same(consumer.encodings, [
    { ssrc: 1000, rtx: { ssrc: 1001 }, scalabilityMode: 'L3T3', maxBitrate: 333333 },
  ]);
  t.same(consumer.rtcp, { cname: 'qwerty1234', reducedSize: true });
  t.equal(consumer.msid, 'stream track');
  t.notOk('mid' in consumer);
  t.same(validateRtpParameters(consumer), {
    ...consumer,
    encodings: [{ ...consumer.encodings[0], dtx: false }],
  });
  t.end();
});

t.test('consumer parameters: scalability mode', (t) => {
  const modeFor = (encodings: RtpParameters['encodings']) =>
    getConsumerRtpParameters({
      consumableRtpParameters: { ...consumableSimulcast(), encodings },
      remoteRtpCapabilities: endpointCapabilities(),
    }).encodings[0].scalabilityMode;
  t.equal(modeFor([{ ssrc: 1, scalabilityMode: 'L3T3_KEY' }]), 'L3T3_KEY', 'SVC as it is');
  t.equal(modeFor([{ ssrc: 1 }]), undefined);
  t.equal(modeFor([{ ssrc: 1 }, { ssrc: 2 }]), 'L2T1');
  t.equal(modeFor([{ ssrc: 1 }, { ssrc: 2, scalabilityMode: 'S1T2' }]), 'L2T2');
  t.end();
});

t.test('consumer parameters: RTX only if wanted and there for this codec', (t) => {
  const consume = (remoteRtpCapabilities: RtpCapabilities, enableRtx?: boolean) =>
    getConsumerRtpParameters({
      consumableRtpParameters: consumableSimulcast(),
      remoteRtpCapabilities,
      enableRtx,
    });
  const disabled = consume(endpointCapabilities(), false);
  t.same(
    disabled.codecs.map((codec) => codec.mimeType),
    ['video/H264'],
  );
  t.same(disabled.codecs[0].rtcpFeedback, [
    { type: 'nack', parameter: 'pli' },
    { type: 'foo', parameter: 'FOO' },
  ]);
  t.notOk(disabled.encodings[0].rtx);
  const forAnotherCodec = consume({ codecs: [h264Capability('42e01f', 96), rtxCapability(98, 99)] });
  t.equal(forAnotherCodec.codecs.length, 1);
  t.notOk(forAnotherCodec.encodings[0].rtx);
  const otherPayloadTypes = consume({ codecs: [h264Capability('42e01f', 96), rtxCapability(96, 97)] });
  t.same(
    otherPayloadTypes.codecs.map((codec) => codec.payloadType),
    [105, 106],
    "the router's payload types, whatever the endpoint prefers",
  );
  t.end();
});

t.test('consumer parameters: bandwidth feedback follows the header extensions', (t) => {
  const feedbackWith = (...extensions: ReturnType<typeof videoExtension>[]) =>
    getConsumerRtpParameters({
      consumableRtpParameters: consumableSimulcast(),
      remoteRtpCapabilities: endpointCapabilities(extensions),
    })
      .codecs[0].rtcpFeedback.map(({ type }) => type)
      .filter((type) => type === 'goog-remb' || type === 'transport-cc');
  t.same(feedbackWith(videoExtension(uris.twcc, 5), videoExtension(uris.absSendTime, 4)), ['transport-cc']);
  t.same(feedbackWith(videoExtension(uris.absSendTime, 4)), ['goog-remb']);
  t.same(feedbackWith(), []);
  t.end();
});

t.test('consumer parameters: the dependency descriptor goes to those who know it', (t) => {
  const { headerExtensions } = getConsumerRtpParameters({
    consumableRtpParameters: consumableSimulcast(),
    remoteRtpCapabilities: endpointCapabilities([
      videoExtension(uris.dependencyDescriptor, 7),
      videoExtension(uris.playoutDelay, 11),
    ]),
  });
  t.same(
    headerExtensions.map(({ id }) => id),
    [7, 11],
  );
  t.end();
});

t.test('consumer parameters: no codec in common', (t) => {
  t.throws(
    () =>
      getConsumerRtpParameters({
        consumableRtpParameters: consumableSimulcast(),
        remoteRtpCapabilities: { codecs: [h264Capability('640032', 100), rtxCapability(100, 101)] },
      }),
    { name: 'UnsupportedError', message: /^no compatible media codecs: the producer sends video\/H264,/ },
  );
  t.end();
});

t.test('consumer parameters with pipe: all encodings, with own SSRCs', (t) => {
  const { encodings } = getConsumerRtpParameters({
    consumableRtpParameters: consumableSimulcast(),
    remoteRtpCapabilities: endpointCapabilities(),
    pipe: true,
    random: () => 7000,
  });
  t.match(encodings, [
    { ssrc: 7000, rtx: { ssrc: 7003 }, maxBitrate: 111111, scalabilityMode: 'L1T3' },
    { ssrc: 7001, rtx: { ssrc: 7004 } },
    { ssrc: 7002, rtx: { ssrc: 7005 } },
  ]);
  t.end();
});

t.test('pipe parameters: all codecs and encodings, without what belongs to one hop', (t) => {
  const plain = getPipeConsumerRtpParameters({ consumableRtpParameters: consumableSimulcast(), random });
  t.match(plain.codecs, [{ mimeType: 'video/H264', payloadType: 105 }]);
  t.equal(plain.codecs.length, 1);
  t.same(plain.codecs[0].rtcpFeedback, [
    { type: 'nack', parameter: 'pli' },
    { type: 'ccm', parameter: 'fir' },
  ]);
  t.same(
    plain.headerExtensions.map(({ uri }) => uri),
    [
      uris.dependencyDescriptor,
      uris.videoOrientation,
      uris.toffset,
      uris.absCaptureTime,
      uris.playoutDelay,
      uris.packetId,
    ],
  );
  t.same(
    plain.encodings.map(({ ssrc, rtx }) => [ssrc, rtx]),
    [
      [1000, undefined],
      [1001, undefined],
      [1002, undefined],
    ],
  );
  t.equal(plain.rtcp.cname, 'qwerty1234');

  const withRtx = getPipeConsumerRtpParameters({
    consumableRtpParameters: consumableSimulcast(),
    enableRtx: true,
    random,
  });
  t.same(
    withRtx.codecs.map((codec) => codec.mimeType),
    ['video/H264', 'video/rtx'],
  );
  t.same(withRtx.codecs[0].rtcpFeedback, [
    { type: 'nack', parameter: '' },
    { type: 'nack', parameter: 'pli' },
    { type: 'ccm', parameter: 'fir' },
  ]);
  t.same(
    withRtx.encodings.map(({ rtx }) => rtx?.ssrc),
    [1003, 1004, 1005],
  );
  t.end();
});

t.test('a pipe hands on what a producer at the far end can be made of', (t) => {
  const piped = getPipeConsumerRtpParameters({
    consumableRtpParameters: consumableSimulcast(),
    enableRtx: true,
  });
  const mapping = getProducerRtpParametersMapping(piped, caps);
  t.same(
    mapping.codecs.map((codec) => codec.mappedPayloadType),
    [105, 106],
  );
  t.same(
    mapping.encodings.map(({ ssrc }) => ssrc),
    piped.encodings.map(({ ssrc }) => ssrc),
  );
  const again = getConsumableRtpParameters('video', piped, caps, mapping);
  t.same(again.codecs, consumableSimulcast().codecs);
  t.end();
});
