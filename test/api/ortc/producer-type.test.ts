import t from 'tap';
import { getProducerType } from '#src/api/ortc/producer-type.js';
import { type RtpEncodingParameters } from '#src/rtp/rtp-parameters.js';

function typeOf(mimeType: string, ...encodings: RtpEncodingParameters[]): string {
  return getProducerType({ codecs: [{ mimeType, payloadType: 100, clockRate: 90000 }], encodings });
}

t.equal(typeOf('audio/opus', { ssrc: 1 }), 'simple');
t.equal(typeOf('video/VP8', { ssrc: 1 }), 'simple');
t.equal(typeOf('video/VP9', { ssrc: 1, scalabilityMode: 'L1T1' }), 'simple');
t.equal(typeOf('video/VP9', { ssrc: 1, scalabilityMode: 'L3T3_KEY' }), 'svc');
t.equal(typeOf('video/AV1', { ssrc: 1, scalabilityMode: 'L1T3' }), 'svc');
t.equal(
  typeOf('video/VP8', { ssrc: 1, scalabilityMode: 'L1T3' }),
  'simulcast',
  'temporal layers without SVC',
);
t.equal(typeOf('video/h264', { rid: 'a' }, { rid: 'b' }), 'simulcast');
t.equal(typeOf('video/VP9', { rid: 'a', scalabilityMode: 'L1T3' }, { rid: 'b' }), 'simulcast');

t.throws(() => typeOf('audio/opus', { ssrc: 1 }, { ssrc: 2 }), TypeError);
t.throws(() => typeOf('audio/opus', { ssrc: 1, scalabilityMode: 'L2T1' }), TypeError);
t.throws(() => typeOf('video/VP8'), { name: 'TypeError', message: /^missing params.encodings/ });
t.throws(() => getProducerType({ codecs: [], encodings: [{}] }), {
  name: 'TypeError',
  message: /params.codecs/,
});

t.equal(
  getProducerType({
    codecs: [
      { mimeType: 'video/VP8', payloadType: 100, clockRate: 90000 },
      { mimeType: 'video/rtx', payloadType: 101, clockRate: 90000, parameters: { apt: 100 } },
      { mimeType: 'video/VP9', payloadType: 102, clockRate: 90000 },
    ],
    encodings: [{ ssrc: 1, codecPayloadType: 102, scalabilityMode: 'L2T2' }],
  }),
  'svc',
  'the codec that the encoding names decides',
);
t.throws(() => typeOf('video/VP9', { ssrc: 1, codecPayloadType: 99 }), {
  name: 'TypeError',
  message: /payload type 99/,
});
