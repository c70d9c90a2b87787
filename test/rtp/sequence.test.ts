import fc from 'fast-check';
import t from 'tap';
import {
  seqAdd,
  seqDiff,
  seqNewer,
  SequenceUnwrapper,
  TimestampUnwrapper,
  tsAdd,
  tsDiff,
  tsNewer,
} from '#src/rtp/sequence.js';
import { u16, u32 } from './hostile.js';

t.test('sequence numbers across the wrap', async (t) => {
  t.equal(seqDiff(0, 65535), 1);
  t.equal(seqDiff(65535, 0), -1);
  t.equal(seqDiff(32768, 0), -32768);
  t.equal(seqDiff(32767, 0), 32767);
  t.equal(seqAdd(65535, 1), 0);
  t.equal(seqAdd(0, -1), 65535);
  t.notOk(seqNewer(7, 7));
  t.notOk(seqNewer(32768, 0), 'half the circle away, neither is newer');
  t.notOk(seqNewer(0, 32768));
});

t.test('timestamps across the wrap', async (t) => {
  t.equal(tsDiff(0, 0xffffffff), 1);
  t.equal(tsDiff(0xffffffff, 0), -1);
  t.equal(tsDiff(0x80000000, 0), -0x80000000);
  t.equal(tsAdd(0xffffffff, 1), 0);
  t.equal(tsAdd(0, -1), 0xffffffff);
});

t.test('adding a distance and measuring it are inverse', async () => {
  fc.assert(
    fc.property(u16, fc.integer({ min: -32768, max: 32767 }), (a, n) => seqDiff(seqAdd(a, n), a) === n),
  );
  fc.assert(
    fc.property(
      u32,
      fc.integer({ min: -0x80000000, max: 0x7fffffff }),
      (a, n) => tsDiff(tsAdd(a, n), a) === n,
    ),
  );
});

t.test('of two numbers that are not half a circle apart exactly one is newer', async () => {
  fc.assert(
    fc.property(u16, fc.integer({ min: -32767, max: 32767 }), (a, n) => {
      const b = seqAdd(a, n);
      return seqNewer(b, a) === n > 0 && seqNewer(a, b) === n < 0;
    }),
  );
  fc.assert(
    fc.property(u32, fc.integer({ min: -0x7fffffff, max: 0x7fffffff }), (a, n) => {
      const b = tsAdd(a, n);
      return tsNewer(b, a) === n > 0 && tsNewer(a, b) === n < 0;
    }),
  );
});

t.test('the unwrapper', async (t) => {
  const unwrapper = new SequenceUnwrapper();
  t.equal(unwrapper.unwrap(2), 2, 'the first value is the number itself');
  t.equal(unwrapper.peek(65535), -1, 'what was sent before it lies below zero');
  t.equal(unwrapper.peek(3), 3, 'peeking moves nothing');
  t.equal(unwrapper.unwrap(65535), -1);
  t.equal(unwrapper.unwrap(1), 1);
  t.equal(unwrapper.unwrap(30000), 30000);
  t.equal(unwrapper.unwrap(60000), 60000);
  t.equal(unwrapper.unwrap(5), 65541);
  unwrapper.reset();
  t.equal(unwrapper.unwrap(40000), 40000);
});

t.test('the unwrappers follow any walk of steps below half a circle', async () => {
  fc.assert(
    fc.property(
      u16,
      fc.array(fc.integer({ min: -32768, max: 32767 }), { maxLength: 200 }),
      (start, steps) => {
        const unwrapper = new SequenceUnwrapper();
        let truth = start;
        let ok = unwrapper.unwrap(start) === start;
        for (const step of steps) {
          truth += step;
          const wrapped = ((truth % 65536) + 65536) % 65536;
          ok &&= unwrapper.peek(wrapped) === truth && unwrapper.unwrap(wrapped) === truth;
        }
        return ok;
      },
    ),
  );
  fc.assert(
    fc.property(
      u32,
      fc.array(fc.integer({ min: -0x80000000, max: 0x7fffffff }), { maxLength: 200 }),
      (start, steps) => {
        const unwrapper = new TimestampUnwrapper();
        let truth = start;
        let ok = unwrapper.unwrap(start) === start;
        for (const step of steps) {
          truth += step;
          const wrapped = ((truth % 2 ** 32) + 2 ** 32) % 2 ** 32;
          ok &&= unwrapper.peek(wrapped) === truth && unwrapper.unwrap(wrapped) === truth;
        }
        return ok;
      },
    ),
  );
});
