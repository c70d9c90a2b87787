/** RED for Opus (RFC 2198): who gets it, who gets Opus alone, and that nobody gets it unasked. */
import t from 'tap';
import { getConsumableRtpParameters } from '#src/api/ortc/consumable-rtp-parameters.js';
import { canConsume, getConsumerRtpParameters } from '#src/api/ortc/consumer-rtp-parameters.js';
import { getPipeConsumerRtpParameters } from '#src/api/ortc/pipe-consumer-rtp-parameters.js';
import { getProducerRtpParametersMapping } from '#src/api/ortc/producer-mapping.js';
import { getProducerType } from '#src/api/ortc/producer-type.js';
import { generateRouterRtpCapabilities } from '#src/api/ortc/router-rtp-capabilities.js';
import {
  type RtpCapabilities,
  type RtpCodecParameters,
  type RtpParameters,
} from '#src/rtp/rtp-parameters.js';
import { deepFreeze } from './fixtures.js';

const opusCodec = { kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48000, channels: 2 };
const redCodec = { kind: 'audio' as const, mimeType: 'audio/red', clockRate: 48000, channels: 2 };
const pcmu = { kind: 'audio' as const, mimeType: 'audio/PCMU', clockRate: 8000 };

const router = deepFreeze(
  generateRouterRtpCapabilities([
    { ...redCodec, preferredPayloadType: 101 },
    { ...opusCodec, preferredPayloadType: 100 },
    pcmu,
  ]),
);

const opus: RtpCodecParameters = {
  mimeType: 'audio/opus',
  payloadType: 111,
  clockRate: 48000,
  channels: 2,
  parameters: { useinbandfec: 1 },
};
const red: RtpCodecParameters = {
  mimeType: 'audio/red',
  payloadType: 63,
  clockRate: 48000,
  channels: 2,
  parameters: { '111/111': '' },
};

const sent = (...codecs: RtpCodecParameters[]): RtpParameters =>
  deepFreeze({ mid: '0', codecs, encodings: [{ ssrc: 1 }] });

function consumable(parameters: RtpParameters) {
  const mapping = getProducerRtpParametersMapping(parameters, router);
  return { mapping, parameters: getConsumableRtpParameters('audio', parameters, router, mapping) };
}

const endpoint = (...mimeTypes: string[]): RtpCapabilities => ({
  codecs: router.codecs.filter(({ mimeType }) => mimeTypes.includes(mimeType)),
  headerExtensions: [],
});

const names = ({ codecs }: { codecs: { mimeType: string }[] }): string[] =>
  codecs.map(({ mimeType }) => mimeType);

void t.test('a router lists RED last, whatever the order of its mediaCodecs', (t) => {
  t.same(names(router), ['audio/opus', 'audio/PCMU', 'audio/red']);
  t.match(router.codecs.at(-1), { preferredPayloadType: 101, clockRate: 48000, channels: 2 });
  t.same(names(generateRouterRtpCapabilities([redCodec, opusCodec])), ['audio/opus', 'audio/red']);
  t.end();
});

void t.test('a producer may list RED before or behind Opus: to the router it is the same', (t) => {
  for (const codecs of [
    [red, opus],
    [opus, red],
  ]) {
    const { mapping, parameters } = consumable(sent(...codecs));
    t.same(
      new Set(
        mapping.codecs.map(({ payloadType, mappedPayloadType }) => `${payloadType} ${mappedPayloadType}`),
      ),
      new Set(['63 101', '111 100']),
    );
    t.same(
      parameters.codecs.map(({ payloadType }) => payloadType),
      [100, 101],
    );
    t.same(parameters.codecs[1].parameters, {}, 'nothing of the payload types of the sender');
    t.match(parameters.codecs[0].parameters, { useinbandfec: 1 });
    t.equal(getProducerType(sent(...codecs)), 'simple');
  }
  t.end();
});

void t.test('RED without Opus is refused', (t) => {
  t.throws(() => consumable(sent(red)), { name: 'TypeError', message: /RED payload type 63.*audio\/opus/ });
  t.throws(
    () => consumable(sent(red, { mimeType: 'audio/PCMU', payloadType: 0, clockRate: 8000 })),
    TypeError,
  );
  t.end();
});

void t.test('who has RED gets both, who lacks it Opus, who has RED alone nothing', (t) => {
  const { parameters: consumableRtpParameters } = consumable(sent(red, opus));
  const codecsFor = (remoteRtpCapabilities: RtpCapabilities): string[] =>
    names(getConsumerRtpParameters({ consumableRtpParameters, remoteRtpCapabilities }));
  t.same(codecsFor(endpoint('audio/opus', 'audio/red')), ['audio/opus', 'audio/red']);
  t.same(codecsFor(endpoint('audio/opus')), ['audio/opus']);
  t.ok(canConsume(consumableRtpParameters, endpoint('audio/opus')));
  t.notOk(canConsume(consumableRtpParameters, endpoint('audio/red')));
  t.throws(() => codecsFor(endpoint('audio/red')), { name: 'UnsupportedError' });
  t.same(names(getPipeConsumerRtpParameters({ consumableRtpParameters })), ['audio/opus', 'audio/red']);
  t.end();
});

void t.test('a producer of Opus alone is as before for endpoints with RED', (t) => {
  const { parameters: consumableRtpParameters } = consumable(sent(opus));
  const { codecs } = getConsumerRtpParameters({
    consumableRtpParameters,
    remoteRtpCapabilities: endpoint('audio/opus', 'audio/red'),
  });
  t.same(names({ codecs }), ['audio/opus']);
  t.end();
});
