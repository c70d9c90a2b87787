import t from 'tap';
import { UnsupportedError } from '#src/api/errors.js';
import { generateRouterRtpCapabilities } from '#src/api/ortc/router-rtp-capabilities.js';
import { validateRtpCapabilities } from '#src/api/ortc/validate-rtp-capabilities.js';
import { getSupportedRtpCapabilities } from '#src/api/supported-rtp-capabilities.js';
import { type RouterRtpCodecCapability } from '#src/rtp/rtp-parameters.js';
import { deepFreeze } from './fixtures.js';

const opus: RouterRtpCodecCapability = {
  kind: 'audio',
  mimeType: 'audio/opus',
  clockRate: 48000,
  channels: 2,
};
const vp8: RouterRtpCodecCapability = { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 };

function payloadTypes(mediaCodecs: RouterRtpCodecCapability[]): [string, number][] {
  return generateRouterRtpCapabilities(mediaCodecs).codecs.map((codec) => [
    codec.mimeType,
    codec.preferredPayloadType,
  ]);
}

t.test('codecs in order, each video codec followed by its RTX, with feedback and merged parameters', (t) => {
  const mediaCodecs = deepFreeze<RouterRtpCodecCapability[]>([
    { ...opus, parameters: { useinbandfec: 1, foo: 'bar' } },
    vp8,
    {
      kind: 'video',
      mimeType: 'video/h264',
      clockRate: 90000,
      parameters: { 'level-asymmetry-allowed': 1, 'profile-level-id': '42e01f', foo: 'bar' },
      rtcpFeedback: [],
    },
  ]);
  const videoFeedback = [
    { type: 'nack', parameter: '' },
    { type: 'nack', parameter: 'pli' },
    { type: 'ccm', parameter: 'fir' },
    { type: 'goog-remb', parameter: '' },
    { type: 'transport-cc', parameter: '' },
  ];
  const caps = generateRouterRtpCapabilities(mediaCodecs);
  t.same(caps.codecs, [
    {
      kind: 'audio',
      mimeType: 'audio/opus',
      preferredPayloadType: 100,
      clockRate: 48000,
      channels: 2,
      parameters: { useinbandfec: 1, foo: 'bar' },
      rtcpFeedback: [
        { type: 'nack', parameter: '' },
        { type: 'transport-cc', parameter: '' },
      ],
    },
    {
      kind: 'video',
      mimeType: 'video/VP8',
      preferredPayloadType: 101,
      clockRate: 90000,
      parameters: {},
      rtcpFeedback: videoFeedback,
    },
    {
      kind: 'video',
      mimeType: 'video/rtx',
      preferredPayloadType: 102,
      clockRate: 90000,
      parameters: { apt: 101 },
      rtcpFeedback: [],
    },
    {
      kind: 'video',
      mimeType: 'video/H264',
      preferredPayloadType: 103,
      clockRate: 90000,
      parameters: { 'level-asymmetry-allowed': 1, 'profile-level-id': '42e01f', foo: 'bar' },
      rtcpFeedback: videoFeedback,
    },
    {
      kind: 'video',
      mimeType: 'video/rtx',
      preferredPayloadType: 104,
      clockRate: 90000,
      parameters: { apt: 103 },
      rtcpFeedback: [],
    },
  ]);
  t.same(caps.headerExtensions, getSupportedRtpCapabilities().headerExtensions);
  t.same(validateRtpCapabilities(caps), caps, 'valid and complete in itself');
  t.end();
});

t.test('payload types that are asked for, and those of RFC 3551', (t) => {
  const pcmu: RouterRtpCodecCapability = { kind: 'audio', mimeType: 'audio/PCMU', clockRate: 8000 };
  t.same(payloadTypes([{ ...opus, preferredPayloadType: 111 }, pcmu, vp8]), [
    ['audio/opus', 111],
    ['audio/PCMU', 0],
    ['video/VP8', 100],
    ['video/rtx', 101],
  ]);
  t.same(payloadTypes([{ ...pcmu, preferredPayloadType: 120 }]), [['audio/PCMU', 120]]);
  t.same(
    payloadTypes([vp8, { ...opus, preferredPayloadType: 100 }]),
    [
      ['video/VP8', 101],
      ['video/rtx', 102],
      ['audio/opus', 100],
    ],
    'a choice made by itself gives way to one that was asked for',
  );
  t.throws(
    () =>
      payloadTypes([
        { ...opus, preferredPayloadType: 111 },
        { ...vp8, preferredPayloadType: 111 },
      ]),
    new TypeError('duplicated codec.preferredPayloadType 111: used by audio/opus and by video/VP8'),
  );
  t.throws(
    () => payloadTypes([pcmu, pcmu]),
    { name: 'TypeError', message: /^duplicated/ },
    'RFC 3551 has one PCMU',
  );
  t.end();
});

t.test('100-127 are used first, then 96-99, then there is no more', (t) => {
  const vp9 = (id: number): RouterRtpCodecCapability => ({
    kind: 'video',
    mimeType: 'video/VP9',
    clockRate: 90000,
    parameters: { 'profile-id': id },
  });
  const full = Array.from({ length: 16 }, (_, id) => vp9(id));
  t.same(
    payloadTypes(full).map(([, payloadType]) => payloadType),
    [...Array.from({ length: 28 }, (_, index) => 100 + index), 96, 97, 98, 99],
  );
  t.throws(() => payloadTypes([...full, opus]), { name: 'Error', message: /^cannot allocate more dynamic/ });
  t.end();
});

t.test('codecs that are not supported', (t) => {
  const unsupported: RouterRtpCodecCapability[] = [
    { kind: 'audio', mimeType: 'audio/chicken', clockRate: 8000, channels: 4 },
    { ...opus, channels: 1 },
    { ...vp8, clockRate: 8000 },
    { kind: 'video', mimeType: 'video/rtx', clockRate: 90000, parameters: { apt: 96 } },
    {
      kind: 'audio',
      mimeType: 'audio/multiopus',
      clockRate: 48000,
      channels: 6,
      parameters: { num_streams: 6 },
    },
  ];
  for (const codec of unsupported) {
    t.throws(() => generateRouterRtpCapabilities([codec]), UnsupportedError, codec.mimeType);
  }
  t.end();
});

t.test('malformed mediaCodecs', (t) => {
  t.throws(() => generateRouterRtpCapabilities({}), {
    name: 'TypeError',
    message: /^mediaCodecs is not an array/,
  });
  t.throws(() => generateRouterRtpCapabilities(null), TypeError);
  t.throws(() => generateRouterRtpCapabilities([opus, { kind: 'video', mimeType: 'video/VP8' }]), {
    name: 'TypeError',
    message: 'missing codec.clockRate in mediaCodecs[1]: expected an integer from 1 to 4294967295',
  });
  t.same(generateRouterRtpCapabilities().codecs, []);
  t.end();
});
