import fc from 'fast-check';
import t from 'tap';
import { BitReader } from '#src/rtp/codecs/bit-reader.js';
import { fromHex } from '../hostile.js';
import { bytesFromBits } from './dependency-bits.js';

t.test('any split of any bits', async () => {
  const parts = fc.array(
    fc.integer({ min: 0, max: 32 }).chain((width) => fc.tuple(fc.constant(width), fc.maxSafeNat())),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(parts, (list) => {
      const values = list.map(([width, value]) => value % 2 ** width);
      const text = list
        .map(([width], i) => (width === 0 ? '' : values[i].toString(2).padStart(width, '0')))
        .join('');
      const bytes = Uint8Array.from([0xff, ...bytesFromBits(text), 0xff]);
      const reader = new BitReader();
      reader.begin(bytes, 1, bytes.length - 2);
      return list.every(([width], i) => reader.bits(width) === values[i]) && !reader.overrun;
    }),
  );
});

t.test('beyond the end there are zeros and a flag', async (t) => {
  const reader = new BitReader();
  reader.begin(fromHex('ffffff'), 1, 1);
  t.equal(reader.bits(4), 15);
  t.equal(reader.bits(5), 0);
  t.ok(reader.overrun);
  t.equal(reader.bits(1), 0, 'and it stays at the end');
  reader.begin(fromHex('80'), 0, 1);
  t.notOk(reader.overrun);
  t.ok(reader.flag());
  t.notOk(reader.flag());
});

t.test('non-symmetric numbers: the table for n = 5 of the specification', async (t) => {
  const reader = new BitReader();
  for (const [bits, value] of [
    ['00', 0],
    ['01', 1],
    ['10', 2],
    ['110', 3],
    ['111', 4],
  ] as const) {
    reader.begin(bytesFromBits(bits), 0, 1);
    t.equal(reader.nonSymmetric(5), value, bits);
  }
  reader.begin(fromHex('ff'), 0, 1);
  t.equal(reader.nonSymmetric(1), 0, 'one value needs no bit');
  t.equal(reader.bits(8), 0xff);
});
