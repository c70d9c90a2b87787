import t from 'tap';
import { getSupportedRtpCapabilities } from '#src/api/supported-rtp-capabilities.js';
import { validateRtpHeaderExtension } from '#src/api/ortc/validate-rtp-capabilities.js';
import { validateRouterRtpCodecCapability } from '#src/api/ortc/validate-rtp-codecs.js';

t.test('a fresh deep copy at every call', (t) => {
  const first = getSupportedRtpCapabilities();
  const untouched = getSupportedRtpCapabilities();
  for (const codec of first.codecs) {
    const others = first.codecs.filter((other) => other !== codec);
    t.notOk(
      others.some((other) => other.rtcpFeedback === codec.rtcpFeedback),
      `${codec.mimeType} owns its list`,
    );
    codec.rtcpFeedback!.forEach((feedback) => (feedback.type = 'changed'));
    codec.mimeType = 'changed';
  }
  first.headerExtensions.length = 0;
  t.same(getSupportedRtpCapabilities(), untouched);
  t.end();
});

t.test('codecs', (t) => {
  const { codecs } = getSupportedRtpCapabilities();
  for (const codec of codecs) {
    t.doesNotThrow(() => validateRouterRtpCodecCapability(codec), codec.mimeType);
  }
  const find = (mimeType: string, clockRate?: number) =>
    codecs.find((codec) => codec.mimeType === mimeType && (clockRate ?? codec.clockRate) === codec.clockRate);
  t.match(find('audio/opus'), { kind: 'audio', clockRate: 48000, channels: 2 });
  t.same(find('audio/opus')?.rtcpFeedback, [{ type: 'nack' }, { type: 'transport-cc' }]);
  t.same(
    codecs.filter((codec) => codec.mimeType === 'audio/multiopus').map((codec) => codec.channels),
    [4, 6, 8],
  );
  const fixed = codecs.filter((codec) => codec.preferredPayloadType !== undefined);
  t.same(
    fixed.map((codec) => [codec.mimeType, codec.preferredPayloadType]),
    [
      ['audio/PCMU', 0],
      ['audio/PCMA', 8],
      ['audio/G722', 9],
      ['audio/CN', 13],
    ],
  );
  t.same(find('video/H264')?.parameters, { 'level-asymmetry-allowed': 1 });
  for (const mimeType of ['video/VP8', 'video/VP9', 'video/H264', 'video/AV1']) {
    t.same(
      find(mimeType, 90000)?.rtcpFeedback,
      [
        { type: 'nack' },
        { type: 'nack', parameter: 'pli' },
        { type: 'ccm', parameter: 'fir' },
        { type: 'goog-remb' },
        { type: 'transport-cc' },
      ],
      mimeType,
    );
  }
  t.end();
});

t.test('header extensions: one id per URI, unique among the extensions of a kind', (t) => {
  const { headerExtensions } = getSupportedRtpCapabilities();
  headerExtensions.forEach((extension) => t.same(validateRtpHeaderExtension(extension), extension));
  const ids = new Map(headerExtensions.map(({ uri, preferredId }) => [uri, preferredId]));
  t.ok(headerExtensions.every(({ uri, preferredId }) => ids.get(uri) === preferredId));
  t.same(
    [...ids.values()].sort((a, b) => a - b),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  );
  const directionOf = (kind: string, id: number) =>
    headerExtensions.find((extension) => extension.kind === kind && extension.preferredId === id)?.direction;
  t.equal(directionOf('audio', 5), 'sendrecv', 'what arrives is reported also when only audio flows');
  t.equal(directionOf('video', 5), 'sendrecv');
  t.equal(directionOf('video', 2), 'recvonly');
  t.equal(directionOf('video', 3), 'recvonly');
  t.end();
});
