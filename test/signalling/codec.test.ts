import fc from 'fast-check';
import { Packr } from 'msgpackr';
import t from 'tap';
import {
  CLIENT_DECODE_LIMITS,
  decodeFrame,
  encodeFrame,
  SERVER_DECODE_LIMITS,
} from '#src/signalling/codec.js';
import { isPlainMsgpack } from '#src/signalling/msgpack-scan.js';
import { SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK, SUBPROTOCOLS } from '#src/signalling/protocol.js';

const limits = { maxDepth: 16, maxValues: 100_000 };
const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(
    0,
    -1,
    127,
    128,
    255,
    256,
    65536,
    2 ** 32 - 1,
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
    'x'.repeat(40),
    'y'.repeat(70_000),
  ),
);
const key = fc.string().filter((name) => name !== '__proto__');
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie('value'), { maxLength: 20 }),
    fc.dictionary(key, tie('value'), { maxKeys: 20, noNullPrototype: true }),
  ),
})).value;

/** What JSON makes of it: -0 becomes 0. */
const normal = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

t.test('plain values come back the same in both encodings', (t) => {
  for (const protocol of SUBPROTOCOLS) {
    fc.assert(
      fc.property(fc.dictionary(key, plain, { noNullPrototype: true }), (message) => {
        const decoded = decodeFrame(protocol, encodeFrame(protocol, message), limits);
        return decoded.ok && JSON.stringify(normal(decoded.value)) === JSON.stringify(normal(message));
      }),
      { numRuns: 60 },
    );
  }
  t.end();
});

t.test('undefined fields vanish', (t) => {
  for (const protocol of SUBPROTOCOLS) {
    const decoded = decodeFrame(
      protocol,
      encodeFrame(protocol, { a: 1, b: undefined, c: { d: undefined } }),
      limits,
    );
    t.strictSame(decoded, { ok: true, value: { a: 1, c: {} } });
  }
  t.end();
});

t.test('a frame of the wrong kind is refused', (t) => {
  t.equal(decodeFrame(SUBPROTOCOL_MSGPACK, '{}', limits).ok, false);
  t.equal(decodeFrame(SUBPROTOCOL_JSON, new Uint8Array([0x80]), limits).ok, false);
  t.end();
});

t.test('random bytes never throw, and whatever passes the scan is decoded', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const decoded = decodeFrame(SUBPROTOCOL_MSGPACK, bytes, limits);
      return decoded.ok === isPlainMsgpack(bytes, limits);
    }),
    { numRuns: 5_000 },
  );
  t.end();
});

t.test('random text never throws', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      decodeFrame(SUBPROTOCOL_JSON, text, limits);
    }),
  );
  t.end();
});

t.test('every proper prefix of a message is refused', (t) => {
  const frame = encodeFrame(SUBPROTOCOL_MSGPACK, {
    id: 1,
    request: 'ping',
    data: { a: [1.5, 'x', { b: null }], c: 70_000 },
  }) as Uint8Array;
  for (let length = 0; length < frame.length; length++) {
    t.equal(isPlainMsgpack(frame.subarray(0, length), limits), false, `${length} bytes`);
  }
  t.equal(isPlainMsgpack(frame, limits), true);
  t.equal(isPlainMsgpack(new Uint8Array([...frame, 0]), limits), false, 'a byte too many');
  t.end();
});

t.test('announced lengths and depths are no weapon', (t) => {
  const cases: Record<string, number[]> = {
    'array of 4 billion': [0xdd, 0xff, 0xff, 0xff, 0xff],
    'map of 4 billion': [0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61],
    'string of 4 billion': [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61],
    'nested far too deep': new Array<number>(5_000).fill(0x91),
    'map with a number as key': [0x81, 0x01, 0x01],
    binary: [0xc4, 0x01, 0x00],
    'reserved byte': [0xc1],
  };
  for (const [name, bytes] of Object.entries(cases)) {
    t.equal(decodeFrame(SUBPROTOCOL_MSGPACK, new Uint8Array(bytes), CLIENT_DECODE_LIMITS).ok, false, name);
  }
  const deep = '['.repeat(50_000) + ']'.repeat(50_000);
  t.equal(decodeFrame(SUBPROTOCOL_JSON, deep, SERVER_DECODE_LIMITS).ok, false);
  const wide = JSON.stringify(new Array(SERVER_DECODE_LIMITS.maxValues + 1).fill(0));
  t.equal(decodeFrame(SUBPROTOCOL_JSON, wide, SERVER_DECODE_LIMITS).ok, false);
  t.end();
});

t.test('extension types of msgpackr are refused', (t) => {
  const packr = new Packr({ moreTypes: true, structuredClone: true });
  const cyclic: { self?: object } = {};
  cyclic.self = cyclic;
  const records = new Packr({ useRecords: true });
  for (const bytes of [
    packr.pack({ a: new Date() }),
    packr.pack({ a: /x/g }),
    packr.pack({ a: new Error('x') }),
    packr.pack({ a: new Set([1]) }),
    packr.pack(cyclic),
    records.pack({ a: 1, b: 2 }),
  ]) {
    t.equal(decodeFrame(SUBPROTOCOL_MSGPACK, bytes, limits).ok, false);
  }
  t.end();
});
