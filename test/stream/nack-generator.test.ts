import fc from 'fast-check';
import t from 'tap';
import {
  NACK_MAX_AGE_MS,
  NACK_MAX_MISSING,
  NACK_MAX_TRIES,
  NackGenerator,
} from '#src/stream/nack-generator.js';

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
    t.equal(nack.handleTimeout(now, 100, list), true);
    t.same(list, [2]);
    t.equal(nack.handleTimeout(now + 50, 100, list), true);
    t.same(list, [], 'an answer may be on its way');
    now = nack.nextTimeout();
  }
  t.equal(nack.handleTimeout(now, 100, list), false, 'a key frame is the way out');
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

t.test('what would come too late to be shown is given up, however few the tries', (t) => {
  const tries = (roundTripMs: number): { count: number; end: number } => {
    const nack = new NackGenerator();
    const list: number[] = [];
    nack.receive(0, 1);
    nack.receive(0, 3);
    let now = 10;
    let count = 0;
    while (nack.handleTimeout(now, roundTripMs, list)) {
      count += list.length;
      now = nack.nextTimeout();
    }
    return { count, end: now };
  };
  const { count, end } = tries(400);
  t.ok(count < NACK_MAX_TRIES, `${count} tries`);
  t.ok(end >= NACK_MAX_AGE_MS && end < NACK_MAX_AGE_MS + 500, `given up after ${end} ms`);
  t.ok(tries(1000).end >= 3000, 'a long way gets three round trips');
  t.end();
});

t.test('what is missing can be forgotten', (t) => {
  const nack = new NackGenerator();
  const list: number[] = [];
  nack.receive(0, 1);
  nack.receive(0, 5);
  nack.forget();
  t.equal(nack.pending, 0);
  t.equal(nack.givenUp, 0);
  nack.receive(0, 7);
  nack.handleTimeout(100, 100, list);
  t.same(list, [6], 'later gaps are noticed');
  t.equal(nack.nackCount, 1);
  t.equal(nack.nackedPackets, 1);
  t.end();
});

t.test('property: across any loss and reordering, only what is missing is asked for', (t) => {
  const scenario = fc.record({
    start: fc.integer({ min: 65_400, max: 65_535 }),
    lost: fc.uniqueArray(fc.integer({ min: 1, max: 198 }), { maxLength: 60 }),
    late: fc.uniqueArray(fc.integer({ min: 1, max: 190 }), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(scenario, ({ start, lost, late }) => {
      const nack = new NackGenerator();
      const never = new Set(lost);
      const delayed = late.filter((n) => !never.has(n));
      const order = Array.from({ length: 200 }, (_, n) => ({ n, at: n + (delayed.includes(n) ? 6.5 : 0) }))
        .filter(({ n }) => !never.has(n))
        .sort((a, b) => a.at - b.at);
      for (const { n, at } of order) nack.receive(at, (start + n) & 0xffff);
      const list: number[] = [];
      nack.handleTimeout(10_000, 100, list);
      const wanted = [...never].sort((a, b) => a - b).map((n) => (start + n) & 0xffff);
      return JSON.stringify(list) === JSON.stringify(wanted);
    }),
  );
  t.end();
});
