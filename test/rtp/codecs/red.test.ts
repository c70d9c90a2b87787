import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import {
  isRed,
  mapRedPayloadTypes,
  MAX_RED_BLOCKS,
  NO_PAYLOAD_TYPE,
  RedPayload,
} from '#src/rtp/codecs/red.js';
import { fromHex, toHex, withstands } from '../hostile.js';

/** Payload type 111: two blocks, 1920 and 960 units older, of 3 and 2 bytes; then the primary block of 4. */
const TWO_BLOCKS = fromHex('ef 1e0003 ef 0f0002 6f a1a2a3 b1b2 c1c2c3c4');

function parse(bytes: Uint8Array, offset = 0, length = bytes.length): RedPayload | null {
  const payload = new RedPayload();
  return payload.parse(bytes, offset, length) ? payload : null;
}

function mapping(...pairs: [from: number, to: number][]): Uint8Array {
  const table = new Uint8Array(128).fill(NO_PAYLOAD_TYPE);
  for (const [from, to] of pairs) table[from] = to;
  return table;
}

void t.test('two redundant blocks and the primary one', (t) => {
  const payload = parse(TWO_BLOCKS)!;
  t.match(payload, { blockCount: 2, primaryPayloadType: 111, primaryOffset: 14, primaryLength: 4 });
  t.same([...payload.blockPayloadTypes.slice(0, 2)], [111, 111]);
  t.same([...payload.blockTimestampOffsets.slice(0, 2)], [1920, 960]);
  t.same([...payload.blockOffsets.slice(0, 2)], [9, 12]);
  t.same([...payload.blockLengths.slice(0, 2)], [3, 2]);
  t.end();
});

void t.test('the primary block alone, and inside a larger buffer', (t) => {
  t.match(parse(fromHex('6f c1')), { blockCount: 0, primaryOffset: 1, primaryLength: 1 });
  const buffer = fromHex('ff ff 6f c1 c2 ff');
  t.match(parse(buffer, 2, 3), { blockCount: 0, primaryOffset: 3, primaryLength: 2 });
  t.end();
});

void t.test('the widest fields', (t) => {
  const bytes = new Uint8Array(4 + 1 + 1023 + 1);
  bytes.set([0xff, 0xff, 0xff, 0xff, 0x7f]);
  const payload = parse(bytes)!;
  t.equal(payload.blockTimestampOffsets[0], 0x3fff);
  t.equal(payload.blockLengths[0], 1023);
  t.match(payload, { primaryPayloadType: 127, primaryOffset: 1028, primaryLength: 1 });
  t.end();
});

void t.test('refused: cut short anywhere, no primary data, too many blocks', (t) => {
  for (let length = 0; length <= 14; length++) t.equal(parse(TWO_BLOCKS, 0, length), null, `${length} bytes`);
  t.ok(parse(TWO_BLOCKS, 0, 15));
  t.equal(parse(TWO_BLOCKS, 0, TWO_BLOCKS.length + 1), null, 'a window that the buffer cannot hold');
  const headers = (count: number): Uint8Array => fromHex(`${'ef000000'.repeat(count)} 6f c1`);
  t.ok(parse(headers(MAX_RED_BLOCKS)));
  t.equal(parse(headers(MAX_RED_BLOCKS + 1)), null);
  t.end();
});

void t.test('mapRedPayloadTypes', (t) => {
  const bytes = TWO_BLOCKS.slice();
  t.ok(mapRedPayloadTypes(bytes, 0, bytes.length, mapping([111, 100])));
  t.equal(toHex(bytes), 'e41e0003e40f000264a1a2a3b1b2c1c2c3c4');
  const strange = TWO_BLOCKS.slice();
  t.notOk(mapRedPayloadTypes(strange, 0, strange.length, mapping([112, 100])));
  const half = fromHex('ef 000001 70 a1 c1');
  t.notOk(mapRedPayloadTypes(half, 0, half.length, mapping([111, 100])));
  t.same(half, fromHex('ef 000001 70 a1 c1'), 'left as it was');
  t.end();
});

void t.test('random and damaged payloads', (t) => {
  withstands(
    (bytes, offset, length) => {
      const payload = new RedPayload();
      if (!payload.parse(bytes, offset, length)) return { facts: null };
      const { blockCount, primaryPayloadType, primaryLength } = payload;
      const ranges = Array.from({ length: blockCount }, (_, block) => ({
        offset: payload.blockOffsets[block],
        length: payload.blockLengths[block],
      }));
      return {
        facts: { blockCount, primaryPayloadType, primaryLength },
        ranges: [...ranges, { offset: payload.primaryOffset, length: primaryLength }],
      };
    },
    [TWO_BLOCKS],
  );
  t.end();
});

void t.test('mapping takes what parse takes, and changes nothing but payload types', (t) => {
  const identity = mapping(...Array.from({ length: 128 }, (_, type): [number, number] => [type, type]));
  const swap = mapping(...Array.from({ length: 128 }, (_, type): [number, number] => [type, 127 - type]));
  const payloads = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .record({ at: fc.nat(TWO_BLOCKS.length - 1), value: fc.nat(255), length: fc.nat(TWO_BLOCKS.length) })
      .map(({ at, value, length }) => {
        const bytes = TWO_BLOCKS.slice();
        bytes[at] = value;
        return bytes.slice(0, length);
      }),
  );
  fc.assert(
    fc.property(payloads, (given) => {
      const before = parse(given);
      const same = given.slice();
      assert.equal(mapRedPayloadTypes(same, 0, same.length, identity), before !== null);
      assert.deepEqual(same, given);
      const swapped = given.slice();
      if (!mapRedPayloadTypes(swapped, 0, swapped.length, swap)) return;
      const after = parse(swapped)!;
      assert.equal(after.primaryPayloadType, 127 - before!.primaryPayloadType);
      assert.deepEqual(after.blockOffsets, before!.blockOffsets);
      assert.deepEqual(swapped.slice(after.primaryOffset), given.slice(before!.primaryOffset));
      assert.ok(mapRedPayloadTypes(swapped, 0, swapped.length, swap));
      assert.deepEqual(swapped, given, 'twice is back');
    }),
    { numRuns: 200 },
  );
  t.end();
});

void t.test('isRed', (t) => {
  t.ok(isRed({ mimeType: 'audio/RED' }));
  t.notOk(isRed({ mimeType: 'video/red' }), 'another thing, of which nothing is known here');
  t.notOk(isRed({ mimeType: 'audio/opus' }));
  t.end();
});
