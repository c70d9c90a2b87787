import t from 'tap';
import { type RtpParameters } from '#src/rtp/rtp-parameters.js';
import { SharedParameters } from '#src/rtp/shared-parameters.js';

function parameters(ssrc: number, payloadType = 96): RtpParameters {
  return {
    mid: String(ssrc),
    codecs: [{ mimeType: 'video/VP8', payloadType, clockRate: 90_000, parameters: {}, rtcpFeedback: [] }],
    headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 }],
    encodings: [{ ssrc }],
    rtcp: { cname: 'someone', reducedSize: true },
  };
}

t.test('equal parts are one, and say what they said', (t) => {
  const shared = new SharedParameters();
  const one = shared.share(parameters(1));
  const other = shared.share(parameters(2));
  t.same(one, parameters(1));
  t.same(other, parameters(2));
  t.equal(one.codecs, other.codecs);
  t.equal(one.headerExtensions, other.headerExtensions);
  t.equal(one.rtcp, other.rtcp);
  t.not(one.encodings, other.encodings);
  t.end();
});

t.test('parts that differ stay apart', (t) => {
  const shared = new SharedParameters();
  const one = shared.share(parameters(1, 96));
  const other = shared.share(parameters(2, 97));
  t.equal(other.codecs[0].payloadType, 97);
  t.not(one.codecs, other.codecs);
  t.equal(one.headerExtensions, other.headerExtensions);
  t.end();
});

t.test('what is not there is not made', (t) => {
  const { codecs } = parameters(1);
  t.same(Object.keys(new SharedParameters().share({ codecs })), ['codecs']);
  t.end();
});
