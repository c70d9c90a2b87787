import fc from 'fast-check';
import t from 'tap';
import { estimateIndex, rolloverCounter } from '#src/srtp/packet-index.js';

t.test('around a wrap', (t) => {
  t.equal(estimateIndex(0xffff, 0), 0x10000, 'the next after the last of a cycle');
  t.equal(estimateIndex(0x10000, 0xffff), 0xffff, 'one that was overtaken by the wrap');
  t.equal(estimateIndex(0x18000, 0), 0x10000, 'half a cycle back');
  t.equal(estimateIndex(0x17fff, 0xffff), 0x1ffff, 'half a cycle ahead');
  t.equal(estimateIndex(5, 0xfffa), 0xfffa, 'no index below zero');
  t.equal(rolloverCounter(0x1ffff), 1);
  t.equal(rolloverCounter(2 ** 48 - 1), 0xffffffff);
  t.end();
});

t.test('finds every index within half a cycle of the highest', (t) => {
  fc.assert(
    fc.property(
      fc.maxSafeNat().map((n) => n % (2 ** 48 - 0x10000)),
      fc.integer({ min: -0x7fff, max: 0x7fff }),
      (highest, distance) => {
        const index = highest + distance;
        fc.pre(index >= 0);
        return estimateIndex(highest, index % 0x10000) === index;
      },
    ),
    { numRuns: 1000 },
  );
  t.end();
});
