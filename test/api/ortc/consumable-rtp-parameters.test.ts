import t from 'tap';
import { UnsupportedError } from '#src/api/errors.js';
import { getConsumableRtpParameters } from '#src/api/ortc/consumable-rtp-parameters.js';
import { canConsume } from '#src/api/ortc/consumer-rtp-parameters.js';
import { getProducerRtpParametersMapping } from '#src/api/ortc/producer-mapping.js';
import { validateRtpParameters } from '#src/api/ortc/validate-rtp-parameters.js';
import { type RtpCapabilities, type RtpParameters } from '#src/rtp/rtp-parameters.js';
import {
  consumableSimulcast,
  endpointCapabilities,
  h264Capability,
  routerCapabilities as caps,
  simulcastParameters,
  uris,
} from './fixtures.js';

const random = () => 1000;

t.test('mapping: the matching profile, its RTX, and one SSRC per encoding', (t) => {
  t.same(getProducerRtpParametersMapping(simulcastParameters(), caps, random), {
    codecs: [
      { payloadType: 111, mappedPayloadType: 105 },
      { payloadType: 112, mappedPayloadType: 106 },
    ],
    encodings: [
      { rid: 'low', scalabilityMode: 'L1T3', mappedSsrc: 1000 },
      { rid: 'mid', scalabilityMode: 'L1T3', mappedSsrc: 1001 },
      { rid: 'high', scalabilityMode: 'L1T3', mappedSsrc: 1002 },
    ],
  });
  const [{ mappedSsrc }] = getProducerRtpParametersMapping(simulcastParameters(), caps).encodings;
  t.ok(mappedSsrc >= 100_000_000 && mappedSsrc < 1_000_000_000, 'random by default');
  t.end();
});

t.test('mapping: what does not fit', (t) => {
  const h264: RtpParameters['codecs'][number] = {
    mimeType: 'video/H264',
    payloadType: 111,
    clockRate: 90000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f' },
  };
  const rtx = { mimeType: 'video/rtx', payloadType: 112, clockRate: 90000, parameters: { apt: 111 } };
  const map = (codecs: RtpParameters['codecs'], routerCaps: RtpCapabilities = caps) =>
    getProducerRtpParametersMapping({ codecs }, routerCaps);
  t.throws(
    () => map([{ ...h264, parameters: { 'packetization-mode': 1, 'profile-level-id': '640032' } }]),
    UnsupportedError,
    'profile',
  );
  t.throws(
    () => map([{ ...h264, parameters: { 'profile-level-id': '42e01f' } }]),
    { name: 'UnsupportedError', message: /^unsupported codec video\/H264 with payload type 111/ },
    'packetization mode',
  );
  t.throws(
    () =>
      map([{ mimeType: 'video/VP9', payloadType: 98, clockRate: 90000, parameters: { 'profile-id': 2 } }]),
    UnsupportedError,
    'VP9 profile',
  );
  t.throws(() => map([h264, { ...rtx, parameters: { apt: 110 } }]), {
    name: 'TypeError',
    message: /^missing media codec for RTX payload type 112/,
  });
  t.throws(() => map([h264, rtx], { codecs: [h264Capability('42e01f', 100)] }), {
    name: 'UnsupportedError',
    message: /no RTX codec for its payload type 100/,
  });
  t.end();
});

t.test(
  'consumable parameters: payload types, ids and SSRCs of the router, codec parameters of the producer',
  (t) => {
    const consumable = consumableSimulcast();
    t.same(
      consumable.codecs.map(({ mimeType, payloadType, clockRate, parameters }) => ({
        mimeType,
        payloadType,
        clockRate,
        parameters,
      })),
      [
        {
          mimeType: 'video/H264',
          payloadType: 105,
          clockRate: 90000,
          // Level 5.2 without asymmetry comes down to the router's 3.1.
          parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', foo: 1234 },
        },
        { mimeType: 'video/rtx', payloadType: 106, clockRate: 90000, parameters: { apt: 105 } },
      ],
    );
    t.same(consumable.codecs[0].rtcpFeedback, caps.codecs[5].rtcpFeedback);
    t.same(
      consumable.headerExtensions.map(({ id, uri }) => [id, uri]),
      [
        [1, uris.mid],
        [4, uris.absSendTime],
        [5, uris.twcc],
        [7, uris.dependencyDescriptor],
        [8, uris.videoOrientation],
        [9, uris.toffset],
        [10, uris.absCaptureTime],
        [11, uris.playoutDelay],
        [12, uris.packetId],
      ],
    );
    t.same(consumable.encodings, [
      { ssrc: 1000, maxBitrate: 111111, scalabilityMode: 'L1T3', dtx: false },
      { ssrc: 1001, maxBitrate: 222222, scalabilityMode: 'L1T3', dtx: false },
      { ssrc: 1002, maxBitrate: 333333, scalabilityMode: 'L1T3', dtx: false },
    ]);
    t.same(consumable.rtcp, { cname: 'qwerty1234', reducedSize: true });
    t.equal(consumable.msid, 'stream track');
    t.notOk('mid' in consumable);
    t.same(validateRtpParameters(consumable), consumable, 'valid and complete in itself');
    t.end();
  },
);

t.test('consumable parameters of audio', (t) => {
  const params: RtpParameters = {
    codecs: [
      { mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2, parameters: { usedtx: 1 } },
    ],
    encodings: [{ ssrc: 5, dtx: true }],
  };
  const mapping = getProducerRtpParametersMapping(params, caps, random);
  const consumable = getConsumableRtpParameters('audio', params, caps, mapping);
  t.same(
    consumable.headerExtensions.map(({ id }) => id),
    [1, 4, 5, 6, 10, 12],
  );
  t.match(consumable.codecs, [{ payloadType: 100, channels: 2, parameters: { usedtx: 1 } }]);
  t.same(consumable.encodings, [{ ssrc: 1000, dtx: true }]);
  t.same(consumable.rtcp, { reducedSize: true });
  t.throws(() => getConsumableRtpParameters('video', params, caps, mapping), {
    name: 'TypeError',
    message: 'invalid codec.mimeType: expected a codec of kind video, got audio/opus',
  });
  t.throws(() => getConsumableRtpParameters('audio', params, caps, { codecs: [], encodings: [] }), TypeError);
  t.throws(() => getConsumableRtpParameters('audio', params, caps, { ...mapping, encodings: [] }), TypeError);
  t.end();
});

t.test('producer codecs that are one codec of the router', (t) => {
  const [h264] = simulcastParameters().codecs;
  const params: RtpParameters = {
    codecs: [
      h264,
      { ...h264, payloadType: 120, parameters: { ...h264.parameters, 'profile-level-id': '42e01f' } },
    ],
    encodings: [{ ssrc: 1 }],
  };
  const mapping = getProducerRtpParametersMapping(params, caps);
  t.same(
    mapping.codecs.map(({ mappedPayloadType }) => mappedPayloadType),
    [105, 105],
  );
  const consumable = getConsumableRtpParameters('video', params, caps, mapping);
  t.same(
    consumable.codecs.map(({ payloadType }) => payloadType),
    [105, 106],
  );
  t.equal(canConsume(consumable, endpointCapabilities()), true);
  t.end();
});
