import assert from 'node:assert/strict';
import t from 'tap';
import fc from 'fast-check';
import { validateRtpCapabilities } from '#src/api/ortc/validate-rtp-capabilities.js';
import { validateRtpParameters } from '#src/api/ortc/validate-rtp-parameters.js';
import { deepFreeze, endpointCapabilities, simulcastParameters } from './fixtures.js';

const opus = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, channels: 2 };

function capsMessage(caps: unknown): string {
  return messageOf(() => validateRtpCapabilities(caps));
}

function paramsMessage(params: unknown): string {
  return messageOf(() => validateRtpParameters(params));
}

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof TypeError) {
      return error.message;
    }
    throw error;
  }
  throw new Error('expected a TypeError, and nothing was thrown');
}

t.test('capabilities: defaults, and a copy', (t) => {
  const caps = deepFreeze({
    codecs: [
      { mimeType: 'audio/PCMU', preferredPayloadType: 0, clockRate: 8000, unknown: true },
      { kind: 'audio', mimeType: 'VIDEO/VP8', preferredPayloadType: 96, clockRate: 90000, channels: 2 },
    ],
    headerExtensions: [{ kind: 'audio', uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', preferredId: 1 }],
  });
  t.same(validateRtpCapabilities(caps), {
    codecs: [
      {
        kind: 'audio',
        mimeType: 'audio/PCMU',
        preferredPayloadType: 0,
        clockRate: 8000,
        channels: 1,
        parameters: {},
        rtcpFeedback: [],
      },
      {
        kind: 'video',
        mimeType: 'VIDEO/VP8',
        preferredPayloadType: 96,
        clockRate: 90000,
        parameters: {},
        rtcpFeedback: [],
      },
    ],
    headerExtensions: [
      {
        kind: 'audio',
        uri: 'urn:ietf:params:rtp-hdrext:sdes:mid',
        preferredId: 1,
        preferredEncrypt: false,
        direction: 'sendrecv',
      },
    ],
  });
  t.same(validateRtpCapabilities({}), { codecs: [], headerExtensions: [] });
  t.end();
});

t.test('parameters: defaults', (t) => {
  t.same(validateRtpParameters({ codecs: [] }), {
    codecs: [],
    headerExtensions: [],
    encodings: [],
    rtcp: { reducedSize: true },
  });
  const { codecs, encodings, headerExtensions } = validateRtpParameters({
    mid: '',
    codecs: [{ ...opus, parameters: { stereo: null, useinbandfec: 1 }, rtcpFeedback: [{ type: 'nack' }] }],
    headerExtensions: [{ uri: 'urn:x', id: 15 }],
    encodings: [{ ssrc: 0, active: true, rtx: null }],
  });
  t.same(codecs, [
    {
      ...opus,
      parameters: { stereo: '', useinbandfec: 1 },
      rtcpFeedback: [{ type: 'nack', parameter: '' }],
    },
  ]);
  t.same(encodings, [{ ssrc: 0, dtx: false }]);
  t.same(headerExtensions, [{ uri: 'urn:x', id: 15, encrypt: false, parameters: {} }]);
  t.end();
});

t.test('messages name the field, where it is, what was expected and what was there', (t) => {
  const codec = { mimeType: 'audio/opus', preferredPayloadType: 100, clockRate: 48000 };
  const extension = { kind: 'audio', uri: 'urn:x', preferredId: 1 };
  t.equal(capsMessage(null), 'caps is not an object: got null');
  t.equal(capsMessage({ codecs: {} }), 'invalid caps.codecs: expected an array, got an object');
  t.equal(capsMessage({ codecs: [7] }), 'caps.codecs[0] is not an object: got 7');
  t.equal(
    capsMessage({ codecs: [codec, { ...codec, clockRate: undefined }] }),
    'missing codec.clockRate in caps.codecs[1]: expected an integer from 1 to 4294967295',
  );
  t.equal(
    capsMessage({ codecs: [{ ...codec, clockRate: '48000' }] }),
    'invalid codec.clockRate in caps.codecs[0]: expected an integer from 1 to 4294967295, got "48000"',
  );
  t.match(
    capsMessage({ codecs: [{ ...codec, mimeType: 'text/plain' }] }),
    /^invalid codec.mimeType .*"text\/plain"$/,
  );
  t.match(
    capsMessage({ codecs: [{ ...codec, preferredPayloadType: undefined }] }),
    /^missing codec.preferredPayloadType/,
  );
  t.match(
    capsMessage({ codecs: [{ ...codec, preferredPayloadType: 128 }] }),
    /^invalid codec.preferredPayloadType/,
  );
  t.match(capsMessage({ codecs: [{ ...codec, channels: 0 }] }), /^invalid codec.channels/);
  t.match(capsMessage({ codecs: [{ ...codec, parameters: [] }] }), /codecs\[0\].parameters is not an object/);
  t.match(capsMessage({ codecs: [{ ...codec, parameters: { a: {} } }] }), /^invalid codec.parameters.a /);
  t.match(
    capsMessage({ codecs: [{ ...codec, parameters: { apt: '96' } }] }),
    /^invalid codec.parameters.apt /,
  );
  t.match(
    capsMessage({ codecs: [{ ...codec, rtcpFeedback: [{}] }] }),
    /^missing rtcpFeedback.type in caps.codecs\[0\]/,
  );
  t.match(capsMessage({ headerExtensions: [{ ...extension, kind: 'x' }] }), /^invalid headerExtension.kind/);
  t.match(capsMessage({ headerExtensions: [{ ...extension, uri: '' }] }), /^invalid headerExtension.uri/);
  t.match(
    capsMessage({ headerExtensions: [{ ...extension, preferredId: 0 }] }),
    /^invalid headerExtension.preferredId/,
  );
  t.match(
    capsMessage({ headerExtensions: [{ ...extension, direction: 'up' }] }),
    /one of sendrecv, sendonly/,
  );

  t.equal(paramsMessage({}), 'missing params.codecs: expected an array');
  t.match(paramsMessage({ mid: 7, codecs: [] }), /^invalid params.mid/);
  t.match(
    paramsMessage({ codecs: [{ ...opus, payloadType: 1.5 }] }),
    /^invalid codec.payloadType .* got 1.5$/,
  );
  t.match(paramsMessage({ codecs: [], headerExtensions: [{ uri: 'urn:x' }] }), /^missing headerExtension.id/);
  t.match(paramsMessage({ codecs: [], encodings: [{ ssrc: 2 ** 32 }] }), /^invalid encoding.ssrc/);
  t.match(paramsMessage({ codecs: [], encodings: [{ rid: 'r'.repeat(256) }] }), /^invalid encoding.rid/);
  t.match(paramsMessage({ codecs: [], encodings: [{ rtx: {} }] }), /^missing encoding.rtx.ssrc/);
  t.match(paramsMessage({ codecs: [], encodings: [{ maxBitrate: -1 }] }), /^invalid encoding.maxBitrate/);
  t.match(paramsMessage({ codecs: [], encodings: [{ dtx: 1 }] }), /^invalid encoding.dtx/);
  t.match(paramsMessage({ codecs: [], rtcp: { reducedSize: 'no' } }), /^invalid params.rtcp.reducedSize/);
  t.match(paramsMessage({ codecs: [], rtcp: [] }), /^params.rtcp is not an object/);
  t.match(
    paramsMessage({ codecs: [opus, { ...opus, mimeType: 'audio/CN' }] }),
    /^duplicated codec.payloadType 111/,
  );
  const extensions = [
    { uri: 'urn:x', id: 1 },
    { uri: 'urn:y', id: 1 },
  ];
  t.match(paramsMessage({ codecs: [], headerExtensions: extensions }), /^duplicated headerExtension.id 1/);
  t.ok(
    paramsMessage({ codecs: [{ mimeType: 'x'.repeat(1e6) }] }).length < 200,
    'long input gives no long message',
  );
  t.end();
});

t.test('no field reaches a prototype, and none comes from one', (t) => {
  const params = JSON.parse(
    '{"codecs":[{"mimeType":"audio/opus","payloadType":1,"clockRate":8000,"parameters":{"__proto__":1,"constructor":"c"}}]}',
  ) as unknown;
  const [{ parameters }] = validateRtpParameters(params).codecs;
  t.same(Object.keys(parameters), ['__proto__', 'constructor']);
  t.equal(Object.getPrototypeOf(parameters), Object.prototype);
  t.throws(() => validateRtpParameters(Object.create({ codecs: [] })), TypeError);
  t.end();
});

/** A valid object in which some value, anywhere, is replaced by random JSON. */
function damaged(valid: unknown): fc.Arbitrary<unknown> {
  const paths = pathsOf(valid);
  return fc.tuple(fc.constantFrom(...paths), fc.jsonValue()).map(([path, value]) => {
    const copy = structuredClone(valid);
    let parent = copy as Record<string, unknown>;
    for (const key of path.slice(0, -1)) {
      parent = parent[key] as Record<string, unknown>;
    }
    parent[path[path.length - 1]] = value;
    return copy;
  });
}

function pathsOf(value: unknown, path: string[] = []): string[][] {
  const inner =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]))
      : [];
  return path.length === 0 ? inner : [path, ...inner];
}

for (const [name, validate, valid] of [
  ['capabilities', validateRtpCapabilities, endpointCapabilities()],
  ['parameters', validateRtpParameters, simulcastParameters()],
] as const) {
  t.test(`${name}: any JSON is refused with a TypeError or gives a valid copy; it is never changed`, (t) => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), damaged(valid)), (input) => {
        deepFreeze(input);
        let copy: unknown;
        try {
          copy = validate(input);
        } catch (error) {
          if (
            !(error instanceof TypeError) ||
            !/^(missing|invalid|duplicated|\S+ is not an object)/.test(error.message)
          ) {
            throw error;
          }
          return;
        }
        assert.deepStrictEqual(validate(deepFreeze(copy)), copy);
      }),
      { numRuns: 500 },
    );
    t.pass('500 inputs');
    t.end();
  });
}
