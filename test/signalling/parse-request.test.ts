import fc from 'fast-check';
import { testFakeParameters } from 'mediasoup-client';
import t from 'tap';
import { decodeFrame, encodeFrame, SERVER_DECODE_LIMITS } from '#src/signalling/codec.js';
import { parseRequest } from '#src/signalling/parse-request.js';
import { parseServerMessage } from '#src/signalling/parse-server-message.js';
import { ERROR_CODES, SUBPROTOCOLS } from '#src/signalling/protocol.js';

const names = [
  'join',
  'produce',
  'connectTransport',
  'setConsumerCapabilities',
  'consumerReady',
  'setPreferredLayers',
  'toString',
];

t.test('random values give coded errors, never a throw', (t) => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true });
  const envelope = fc.record(
    {
      id: fc.oneof(fc.nat(), anything),
      request: fc.oneof(fc.constantFrom(...names), anything),
      data: anything,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(anything, envelope), (value) => {
      const parsed = parseRequest(value);
      return parsed.ok || (ERROR_CODES.includes(parsed.error.code) && parsed.error.message !== '');
    }),
    { numRuns: 2_000 },
  );
  t.end();
});

t.test('a message that was right in all but one place names that place', (t) => {
  const { dtlsParameters } = testFakeParameters.generateTransportRemoteParameters();
  const good = { id: 4, request: 'connectTransport', data: { transportId: 't', dtlsParameters } };
  t.match(parseRequest(good), { ok: true, message: { id: 4, request: 'connectTransport' } });

  const bad = {
    ...good,
    data: { transportId: 't', dtlsParameters: { fingerprints: [{ algorithm: 'md5', value: 'x' }] } },
  };
  t.match(parseRequest(bad), {
    ok: false,
    id: 4,
    error: { code: 'bad-request', field: 'data.dtlsParameters.fingerprints[0].algorithm' },
  });
  t.match(parseRequest({ id: 4, request: 'fly', data: {} }), {
    ok: false,
    id: 4,
    error: { code: 'unknown-request' },
  });
  t.match(parseRequest({ id: 4, request: 'constructor' }), {
    ok: false,
    id: 4,
    error: { code: 'unknown-request' },
  });
  t.match(parseRequest({ request: 'ping' }), {
    ok: false,
    id: null,
    error: { code: 'malformed', field: 'message.id' },
  });
  t.match(parseRequest('hello'), { ok: false, id: null, error: { code: 'malformed' } });
  t.end();
});

t.test('real capabilities and parameters pass both encodings unharmed', (t) => {
  const capabilities = testFakeParameters.generateNativeRtpCapabilities();
  const generated = testFakeParameters.generateConsumerRemoteParameters({ codecMimeType: 'video/VP8' });
  // `mux` is long always true and no part of the protocol.
  const rtpParameters = { ...generated.rtpParameters, rtcp: { cname: 'c', reducedSize: true } };
  const requests = [
    {
      id: 1,
      request: 'join',
      data: { room: 'r', displayName: 'd', rtpCapabilities: capabilities, transports: ['send', 'recv'] },
    },
    {
      id: 2,
      request: 'produce',
      data: { transportId: 't', kind: 'video', rtpParameters, source: 'camera', paused: false },
    },
  ];
  for (const protocol of SUBPROTOCOLS) {
    for (const request of requests) {
      const decoded = decodeFrame(protocol, encodeFrame(protocol, request), SERVER_DECODE_LIMITS);
      t.ok(decoded.ok);
      if (decoded.ok)
        t.match(parseRequest(decoded.value), {
          ok: true,
          message: JSON.parse(JSON.stringify(request)) as object,
        });
    }
  }
  t.end();
});

t.test('the client takes well-formed server messages only', (t) => {
  t.ok(parseServerMessage({ id: 1, ok: true, data: {} }));
  t.ok(parseServerMessage({ id: null, ok: false, error: { code: 'malformed', message: '' } }));
  t.ok(parseServerMessage({ notification: 'peerLeft', data: { peerId: 'a', reason: 'left' } }));
  for (const bad of [
    null,
    1,
    [],
    {},
    { id: 1, ok: true },
    { ok: true, data: {} },
    { notification: 'x' },
    { ok: false, error: 1 },
  ]) {
    t.equal(parseServerMessage(bad), null, JSON.stringify(bad));
  }
  fc.assert(fc.property(fc.anything(), (value) => void parseServerMessage(value)));
  t.end();
});
