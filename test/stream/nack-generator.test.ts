import t from 'tap';
import { NACK_MAX_MISSING, NACK_MAX_TRIES, NackGenerator } from '#src/stream/nack-generator.js';

t.test('asks for what is missing once it is not mere reordering', (t) => {
  const nack = new NackGenerator();
  const list: number[] = [];
  nack.receive(0, 65534);
  nack.receive(1, 1);
  t.equal(nack.nextTimeout(), 11);
  nack.receive(5, 65535);
  nack.handleTimeout(11, 100, list);
  t.same(list, [0], 'across the wrap; the reordered one is not asked for');
  t.end();
});

t.test('repeats a round trip apart, and not for ever', (t) => {
  const nack = new NackGenerator();
  const list: number[] = [];
  nack.receive(0, 1);
  nack.receive(0, 3);
  let now = 10;
  for (let attempt = 1; attempt <= NACK_MAX_TRIES; attempt++) {
    t.equal(nack.handleTimeout(now, 200, list), true);
    t.same(list, [2]);
    t.equal(nack.handleTimeout(now + 100, 200, list), true);
    t.same(list, [], 'an answer may be on its way');
    now = nack.nextTimeout();
  }
  t.equal(nack.handleTimeout(now, 200, list), false, 'a key frame is the way out');
  t.equal(nack.pending, 0);
  t.equal(nack.nextTimeout(), Number.POSITIVE_INFINITY);
  t.end();
});

t.test('an outage is not repaired packet by packet', (t) => {
  const nack = new NackGenerator();
  nack.receive(0, 1);
  t.equal(nack.receive(0, 1 + NACK_MAX_MISSING + 2), false);
  t.equal(nack.pending, 0);
  t.equal(nack.receive(0, 1 + NACK_MAX_MISSING + 3), true, 'and goes on from there');
  t.end();
});

t.test('a key frame makes older gaps pointless', (t) => {
  const nack = new NackGenerator();
  nack.receive(0, 10);
  nack.receive(0, 13);
  nack.receive(0, 16);
  nack.keyFrame(14);
  const list: number[] = [];
  nack.handleTimeout(1000, 0, list);
  t.same(list, [14, 15]);
  t.end();
});
