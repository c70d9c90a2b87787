import fc from 'fast-check';
import t from 'tap';
import { SequenceMapper } from '#src/stream/sequence-mapper.js';

t.test('a source is numbered from the first output on, gaps kept', (t) => {
  const mapper = new SequenceMapper(100);
  t.equal(mapper.map(60000), 100);
  t.equal(mapper.map(60001), 101);
  t.equal(mapper.map(60005), 105, 'loss stays visible');
  t.equal(mapper.map(60003), 103, 'a late packet fills its own place');
  t.end();
});

t.test('packets left out on purpose close up', (t) => {
  const mapper = new SequenceMapper(0);
  t.equal(mapper.map(10), 0);
  mapper.drop(11);
  mapper.drop(12);
  t.equal(mapper.map(13), 1);
  t.equal(mapper.map(11), -1, 'a dropped one is not sent later');
  mapper.drop(15);
  t.equal(mapper.map(16), 3, '14 is missing and may still come');
  t.equal(mapper.map(14), 2);
  t.end();
});

t.test('a new source continues behind the old one', (t) => {
  const mapper = new SequenceMapper(500);
  mapper.map(1);
  mapper.map(2);
  mapper.sync();
  t.equal(mapper.map(40000), 502);
  t.equal(mapper.map(39999), -1, 'from before the switch');
  mapper.sync(1);
  t.equal(mapper.map(7), 504, 'one number left out for a frame cut short');
  t.end();
});

t.test('both sides wrap', (t) => {
  const mapper = new SequenceMapper(65534);
  t.same(
    [65535, 0, 1].map((n) => mapper.map(n)),
    [65534, 65535, 0],
  );
  t.end();
});

t.test('property: whatever is lost, dropped and reordered, outputs are unique and in input order', (t) => {
  const step = fc.record({ advance: fc.integer({ min: 1, max: 4 }), drop: fc.boolean(), late: fc.boolean() });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 65535 }), fc.array(step, { maxLength: 300 }), (start, steps) => {
      const mapper = new SequenceMapper(0);
      let input = start;
      const outputs = new Map<number, number>();
      const place = (n: number): void => {
        const output = mapper.map(n & 0xffff);
        if (output >= 0) outputs.set(n, output);
      };
      place(input);
      for (const { advance, drop, late } of steps) {
        input += advance;
        if (drop) mapper.drop(input & 0xffff);
        else place(input);
        if (late && advance > 1) place(input - 1);
      }
      const ordered = [...outputs].sort(([a], [b]) => a - b).map(([, output]) => output);
      for (let index = 1; index < ordered.length; index++) {
        if (ordered[index] <= ordered[index - 1]) return false;
      }
      return true;
    }),
  );
  t.end();
});

t.test('a number that was given out to fill a hole is not given out again after a switch', (t) => {
  const mapper = new SequenceMapper(1000);
  t.equal(mapper.map(100), 1000);
  t.equal(mapper.drop(102), -1);
  t.equal(mapper.drop(101), 1001, 'a hole, to be filled');
  mapper.sync();
  t.equal(mapper.map(7000), 1002);
  t.end();
});

t.test('property: no number is given out twice, by map or by drop, across any switches', (t) => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ move: fc.integer({ min: -6, max: 5 }), drop: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ gap: fc.integer({ min: 0, max: 1 }), input: fc.nat(65535) }) },
  );
  fc.assert(
    fc.property(fc.nat(65535), fc.nat(0x3fff), fc.array(step, { maxLength: 400 }), (start, first, steps) => {
      const mapper = new SequenceMapper(first);
      const given = new Set<number>();
      let input = start;
      for (const one of steps) {
        if ('gap' in one) {
          mapper.sync(one.gap);
          input = one.input;
          continue;
        }
        input = (input + one.move) & 0xffff;
        const output = one.drop ? mapper.drop(input) : mapper.map(input);
        if (output < 0) continue;
        if (given.has(output)) return false;
        given.add(output);
      }
      return true;
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test('property: nor across jumps, far ones back and forth', (t) => {
  const step = fc.record({
    move: fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.integer({ min: -1200, max: 1200 }),
      fc.integer({ min: -20_000, max: 20_000 }),
    ),
    drop: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.nat(65535), fc.nat(0x3fff), fc.array(step, { maxLength: 60 }), (start, first, steps) => {
      const mapper = new SequenceMapper(first);
      const given = new Set<number>();
      let input = start;
      for (const { move, drop } of steps) {
        input = (input + move) & 0xffff;
        const before = mapper.highest;
        const output = drop ? mapper.drop(input) : mapper.map(input);
        if (output < 0) continue;
        // Not wrapped: the one near the highest so far.
        const extended = before + (((output - before) << 16) >> 16);
        if (given.has(extended)) return false;
        given.add(extended);
      }
      return true;
    }),
    { numRuns: 500 },
  );
  t.end();
});

t.test('a number that was missing keeps its place, however many behind it were left out', (t) => {
  const mapper = new SequenceMapper(0);
  t.equal(mapper.map(100), 0);
  for (let input = 102; input < 1100; input++) mapper.drop(input);
  t.equal(mapper.map(1100), 2);
  t.equal(mapper.map(101), 1);
  t.equal(mapper.map(101), -1, 'once');
  t.end();
});
