import fc from 'fast-check';
import t from 'tap';
import { REPLAY_WINDOW_SIZE, ReplayVerdict, ReplayWindow } from '#src/srtp/replay-window.js';

t.test('in order, twice, late and too late', (t) => {
  const window = new ReplayWindow();
  t.equal(window.check(0), ReplayVerdict.Fresh);
  window.accept(0);
  t.equal(window.check(0), ReplayVerdict.Seen);
  window.accept(REPLAY_WINDOW_SIZE);
  t.equal(window.check(0), ReplayVerdict.Stale);
  t.equal(window.check(1), ReplayVerdict.Fresh, 'the oldest that still fits');
  window.accept(1);
  t.equal(window.check(1), ReplayVerdict.Seen);
  t.equal(window.highest, REPLAY_WINDOW_SIZE, 'a late packet does not move the window');
  t.end();
});

t.test('says the same as a set of all indices', (t) => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -200, max: 40 }) },
    { weight: 1, arbitrary: fc.integer({ min: -1200, max: -900 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 400 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 ** 33 }) },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(0, 31, 2 ** 31 - 50, 2 ** 32 - 50, 2 ** 47),
      fc.constantFrom(undefined, 32, 64, 1024),
      fc.array(step, { maxLength: 300 }),
      (start, asked, steps) => {
        const window = new ReplayWindow(asked);
        const size = asked ?? REPLAY_WINDOW_SIZE;
        const seen = new Set<number>();
        let highest = -1;
        let base = start;
        for (const move of steps) {
          const index = Math.max(0, base + move);
          const expected =
            index > highest || (highest - index < size && !seen.has(index))
              ? ReplayVerdict.Fresh
              : seen.has(index) && highest - index < size
                ? ReplayVerdict.Seen
                : ReplayVerdict.Stale;
          if (window.check(index) !== expected) return false;
          if (expected === ReplayVerdict.Fresh) {
            window.accept(index);
            seen.add(index);
            highest = Math.max(highest, index);
            base = highest;
          }
        }
        return window.highest === highest;
      },
    ),
    { numRuns: 300 },
  );
  t.end();
});
