import fc from 'fast-check';
import t from 'tap';
import { Nack, writeNack } from '#src/rtp/rtcp/nack.js';
import { seqAdd } from '#src/rtp/sequence.js';
import { fromHex, toHex, u16, u32, withstands } from '../hostile.js';

const NACK_HEX = '81cd0004 00000001 00000002 000a0005 fffe8001';

function readAll(nack: Nack): number[] {
  const list = [];
  for (let seq = nack.next(); seq !== -1; seq = nack.next()) list.push(seq);
  return list;
}

t.test('byte by byte', async (t) => {
  const bytes = fromHex(NACK_HEX);
  const nack = new Nack();
  t.ok(nack.parse(bytes, 0, bytes.length));
  t.match(nack, { senderSsrc: 1, mediaSsrc: 2, itemCount: 2 });
  const lost = [10, 11, 13, 65534, 65535, 14];
  t.same(readAll(nack), lost);
  t.equal(nack.next(), -1, 'stays at the end');
  nack.begin();
  t.same(readAll(nack), lost, 'begin starts over');
  const out = new Uint8Array(bytes.length);
  t.equal(writeNack(out, 0, 1, 2, lost), bytes.length);
  t.equal(toHex(out), toHex(bytes));
});

t.test('what is packed together', async (t) => {
  const out = new Uint8Array(100);
  t.equal(writeNack(out, 0, 1, 2, [65535, 0, 15]), 16, '16 apart, across the wrap: one pair');
  t.equal(toHex(out.subarray(12, 16)), 'ffff8001');
  t.equal(writeNack(out, 0, 1, 2, [65535, 16]), 20, '17 apart: two');
  t.equal(writeNack(out, 0, 1, 2, [5, 5, 6]), 16, 'a duplicate is said once');
  t.equal(writeNack(out, 0, 1, 2, [1, 100, 200], 2), 20, 'only the first count');
  t.equal(writeNack(out, 0, 1, 2, []), -1, 'nothing lost');
  t.equal(writeNack(new Uint8Array(19), 0, 1, 2, [1, 100]), -1, 'no room');
});

t.test('any list of losses survives the round trip', async () => {
  const out = new Uint8Array(1500);
  const gaps = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3000 })), {
    minLength: 1,
    maxLength: 200,
    size: 'max',
  });
  fc.assert(
    fc.property(u16, gaps, u32, u32, (start, steps, senderSsrc, mediaSsrc) => {
      const lost = steps.map(
        (
          (seq) => (step: number) =>
            (seq = seqAdd(seq, step))
        )(start),
      );
      const end = writeNack(out, 8, senderSsrc, mediaSsrc, lost);
      const nack = new Nack();
      return (
        end <= 8 + 12 + 4 * lost.length &&
        nack.parse(out, 8, end - 8) &&
        nack.senderSsrc === senderSsrc &&
        nack.mediaSsrc === mediaSsrc &&
        JSON.stringify(readAll(nack)) === JSON.stringify(lost)
      );
    }),
  );
});

t.test('hostile bytes', async () => {
  const nack = new Nack();
  withstands(
    (bytes, offset, length) => {
      if (!nack.parse(bytes, offset, length)) return { facts: nack.next() };
      const lost = readAll(nack);
      if (lost.length > nack.itemCount * 17) throw new Error(`${lost.length} from ${nack.itemCount} items`);
      return { facts: lost };
    },
    [fromHex(NACK_HEX)],
  );
});
