import fc from 'fast-check';
import t from 'tap';
import type { AllocatedStream, Rung } from '#src/bwe/congestion-types.js';
import { StreamAllocator } from '#src/bwe/stream-allocator.js';

interface Stream extends AllocatedStream {
  priority: number;
  rungs: Rung[];
  current: number;
}

/** One spatial layer per bitrate. */
function stream(bitrates: number[], priority = 1): Stream {
  return {
    priority,
    current: -1,
    rungs: bitrates.map((bitrate, spatialLayer) => ({ spatialLayer, temporalLayer: 0, bitrate })),
  };
}

const kbps = (...values: number[]): number[] => values.map((value) => value * 1000);
const SIMULCAST = kbps(100, 400, 1500);

/** Streams of 1 to 6 rising rungs. */
const streams = fc.array(
  fc.record({
    priority: fc.integer({ min: 1, max: 255 }),
    steps: fc.array(fc.integer({ min: 1000, max: 900_000 }), { minLength: 1, maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 8 },
);
type Drawn = { priority: number; steps: number[] }[];

function build(drawn: Drawn): Stream[] {
  return drawn.map(({ priority, steps }) => {
    let sum = 0;
    return stream(
      steps.map((step) => (sum += step)),
      priority,
    );
  });
}

function cost(all: readonly AllocatedStream[], granted: readonly number[]): number {
  return all.reduce((sum, { rungs }, index) => sum + (rungs[granted[index]]?.bitrate ?? 0), 0);
}

t.test('everybody gets the first rung before anybody gets the second', async (t) => {
  const three = [stream(SIMULCAST), stream(SIMULCAST), stream(SIMULCAST)];
  const allocate = (bitrate: number): number[] => new StreamAllocator().allocate(0, bitrate, three);
  t.same(allocate(90_000), [-1, -1, -1]);
  t.same(allocate(100_000), [0, -1, -1]);
  t.same(allocate(250_000), [0, 0, -1]);
  t.same(allocate(300_000), [0, 0, 0]);
  t.same(allocate(1_000_000), [1, 0, 0]);
  t.same(allocate(1_400_000), [1, 1, 1]);
  t.same(allocate(2_700_000), [2, 1, 1]);
  t.same(allocate(10_000_000), [2, 2, 2]);
});

t.test('a high priority gets its first rung first, and more of the turns', async (t) => {
  const camera = stream(SIMULCAST, 1);
  const screen = stream(kbps(200, 500, 900, 1400), 10);
  const allocate = (bitrate: number): number[] =>
    new StreamAllocator().allocate(0, bitrate, [camera, screen]);
  t.same(allocate(250_000), [-1, 0]);
  t.same(allocate(300_000), [0, 0]);
  t.same(allocate(700_000), [0, 1]);
  t.same(allocate(1_200_000), [0, 2]);
  t.same(allocate(1_800_000), [0, 3]);
  t.same(allocate(2_100_000), [1, 3]);

  const even = kbps(100, 200, 300, 400, 500, 600, 700);
  const pair = [stream(even, 2), stream(even, 1)];
  t.same(new StreamAllocator().allocate(0, 950_000, pair), [4, 2], 'twice the priority, twice the steps');
});

t.test('a stream whose first rung is too dear leaves the room to others', async (t) => {
  const allocator = new StreamAllocator();
  t.same(allocator.allocate(0, 200_000, [stream(kbps(500), 255), stream(SIMULCAST, 1)]), [-1, 0]);
  t.same(
    allocator.decisions.map(({ to, reason }) => [to, reason]),
    [
      [-1, 'no-bitrate'],
      [0, 'no-bitrate'],
    ],
  );
  t.equal(allocator.allocatedBitrate, 100_000);
  t.equal(allocator.wantedBitrate, 2_000_000);
});

t.test('a stream that offers nothing asks for nothing and keeps what it had', async (t) => {
  const allocator = new StreamAllocator();
  const one = stream(SIMULCAST);
  const { rungs } = one;
  t.same(allocator.allocate(0, 5_000_000, [one]), [2]);
  one.rungs = [];
  t.same(allocator.allocate(100, 5_000_000, [one]), [-1]);
  t.equal(allocator.wantedBitrate, 0);
  t.equal(allocator.decisions[0].reason, 'nothing-to-send');
  one.rungs = rungs;
  t.same(allocator.allocate(200, 1_500_000, [one]), [2], 'without the headroom of an upgrade');
});

t.test('a top layer that vanishes is not waited for, and comes back as an upgrade', async (t) => {
  const allocator = new StreamAllocator();
  const one = stream(SIMULCAST);
  const { rungs } = one;
  allocator.allocate(0, 1_800_000, [one]);
  one.rungs = rungs.slice(0, 2);
  t.same(allocator.allocate(100, 1_600_000, [one]), [1]);
  one.rungs = rungs;
  t.same(allocator.allocate(200, 1_600_000, [one]), [1]);
  t.equal(allocator.decisions[0].reason, 'no-headroom');
  t.same(allocator.allocate(300, 1_800_000, [one]), [2]);
});

t.test('what a stream sends already is kept when an allocator first sees it', async (t) => {
  const one = stream(SIMULCAST);
  one.current = 1;
  t.same(new StreamAllocator().allocate(0, 410_000, [one]), [1]);
});

t.test('small excess is left as it is, a short dip too, a big drop acts at once', async (t) => {
  const settled = (): { allocator: StreamAllocator; one: Stream } => {
    const allocator = new StreamAllocator();
    const one = stream(SIMULCAST);
    allocator.allocate(0, 2_000_000, [one]);
    return { allocator, one };
  };
  const small = settled();
  for (let now = 100; now < 60_000; now += 100) {
    t.same(small.allocator.allocate(now, 1_450_000, [small.one]), [2]);
  }
  t.equal(small.allocator.decisions[0].reason, 'top');

  const dip = settled();
  t.same(dip.allocator.allocate(1000, 1_250_000, [dip.one]), [2]);
  t.same(dip.allocator.allocate(1400, 1_250_000, [dip.one]), [2]);
  t.same(dip.allocator.allocate(1450, 1_500_000, [dip.one]), [2], 'over');
  t.same(dip.allocator.allocate(1600, 1_250_000, [dip.one]), [2], 'a new one');
  t.same(dip.allocator.allocate(2100, 1_250_000, [dip.one]), [1], 'it lasts');

  const drop = settled();
  t.same(drop.allocator.allocate(1000, 1_100_000, [drop.one]), [1]);
  t.same(drop.allocator.allocate(1001, 50_000, [drop.one]), [-1]);
});

t.test('an upgrade needs room to spare and a rest since the last downgrade', async (t) => {
  const allocator = new StreamAllocator();
  const one = stream(SIMULCAST);
  t.same(allocator.allocate(0, 450_000, [one]), [0]);
  t.equal(allocator.decisions[0].reason, 'no-headroom');
  t.same(allocator.allocate(100, 461_000, [one]), [1]);
  t.same(allocator.allocate(20_000, 300_000, [one]), [0]);
  t.same(allocator.allocate(20_500, 1_000_000, [one]), [0]);
  t.equal(allocator.decisions[0].reason, 'held-off');
  t.same(allocator.allocate(21_000, 1_000_000, [one]), [1]);
});

t.test('upgrades that fail again and again become rare, until there is clearly more bitrate', async (t) => {
  const allocator = new StreamAllocator();
  const one = stream(SIMULCAST);
  const upgrades: number[] = [];
  let last = allocator.allocate(0, 400_000, [one])[0];
  let failsAt = Infinity;
  let now = 100;
  for (; now < 120_000; now += 100) {
    // Offers 500 kbps until it is used, then turns out to have 300.
    const [granted] = allocator.allocate(now, now >= failsAt ? 300_000 : 500_000, [one]);
    if (granted > last) {
      upgrades.push(now);
      failsAt = now + 500;
    } else if (granted < last) failsAt = Infinity;
    last = granted;
  }
  const pauses = upgrades.slice(1).map((at, index) => at - upgrades[index]);
  t.ok(upgrades.length >= 5 && upgrades.length <= 8, `${upgrades.length} upgrades in two minutes`);
  t.ok(pauses.every((pause, index) => index === 0 || pause >= pauses[index - 1]));
  t.ok(pauses.at(-1)! >= 30_000);
  allocator.allocate(now, 300_000, [one]);
  t.same(allocator.allocate(now + 2000, 2_000_000, [one]), [2]);
});

t.test('a paused stream is back within seconds, however often it was paused', async (t) => {
  const allocator = new StreamAllocator();
  const one = stream(SIMULCAST);
  let now = 0;
  for (let round = 0; round < 10; round++) {
    const from = now;
    while (allocator.allocate((now += 100), 120_000, [one])[0] < 0) t.ok(now - from < 3000);
    t.same(allocator.allocate((now += 100), 50_000, [one]), [-1]);
  }
});

t.test('while a paused stream may not come back yet, its room is not given to another', async (t) => {
  const allocator = new StreamAllocator();
  const two = [stream(kbps(80, 120)), stream(kbps(80, 120))];
  t.same(allocator.allocate(0, 170_000, two), [0, 0]);
  t.same(allocator.allocate(1000, 120_000, two), [0, 0], 'who came a moment ago is spared');
  t.same(allocator.allocate(3000, 120_000, two), [0, -1]);
  t.same(allocator.allocate(3100, 170_000, two), [0, -1]);
  t.same(
    allocator.decisions.map((decision) => decision.reason),
    ['no-bitrate', 'held-off'],
  );
  t.same(allocator.allocate(6000, 170_000, two), [0, 0]);
});

t.test('first rungs outlast a dip that costs the second ones', async (t) => {
  const allocator = new StreamAllocator();
  const two = [stream(kbps(80, 120)), stream(kbps(80, 120))];
  t.same(allocator.allocate(0, 300_000, two), [1, 1]);
  t.same(allocator.allocate(20_000, 145_000, two), [0, 0]);
  t.same(allocator.allocate(21_900, 145_000, two), [0, 0]);
  t.same(allocator.allocate(22_100, 145_000, two), [0, -1]);
});

/** Two small pictures beside voices that take most of a link of 150 kbps. */
const BESIDE_VOICES = { narrow: true, besides: 110_000 };

t.test(
  'an estimate errs by a part of all: where voices take most of it, first rungs outlast its dips',
  async (t) => {
    const allocator = new StreamAllocator();
    const two = [stream(kbps(15)), stream(kbps(15))];
    t.same(allocator.allocate(0, 40_000, two, BESIDE_VOICES), [0, 0]);
    t.same(allocator.allocate(20_000, 3000, two, BESIDE_VOICES), [0, 0], 'a quarter too much of the whole');
    t.same(allocator.allocate(21_900, 3000, two, BESIDE_VOICES), [0, 0]);
    t.same(allocator.allocate(22_100, 3000, two, BESIDE_VOICES), [-1, -1], 'not for ever');
  },
);

t.test('of first rungs for which a dip is too deep, some go on', async (t) => {
  const allocator = new StreamAllocator();
  const two = [stream(kbps(15)), stream(kbps(15))];
  t.same(allocator.allocate(0, 40_000, two, BESIDE_VOICES), [0, 0]);
  t.same(allocator.allocate(20_000, -4000, two, BESIDE_VOICES), [0, -1]);
  t.same(allocator.allocate(20_100, -30_000, two, BESIDE_VOICES), [-1, -1]);
});

t.test('who has begun is not paused by what its first key frame does to the estimate', async (t) => {
  const allocator = new StreamAllocator();
  const two = [stream(kbps(15)), stream(kbps(15))];
  for (const one of two) one.current = 0;
  t.same(allocator.allocate(0, 600_000, two, { unproven: true }), [0, 0]);
  t.same(allocator.allocate(100, -4000, two, BESIDE_VOICES), [0, 0]);
  t.same(allocator.allocate(1400, -4000, two, BESIDE_VOICES), [0, 0]);
  t.same(allocator.allocate(2200, -4000, two, BESIDE_VOICES), [-1, -1]);
});

t.test('on a narrow link streams come back to room that lasts, and one after the other', async (t) => {
  const allocator = new StreamAllocator();
  const two = [stream(kbps(15)), stream(kbps(15))];
  const at = (now: number, bitrate: number): number[] => allocator.allocate(now, bitrate, two, BESIDE_VOICES);
  t.same(at(0, 40_000), [0, 0], 'the first time at once');
  t.same(at(20_000, -60_000), [-1, -1]);
  t.same(at(21_000, 45_000), [-1, -1]);
  t.same(at(21_600, 2000), [-1, -1], 'it was a moment');
  t.same(at(22_100, 45_000), [-1, -1]);
  t.same(at(22_900, 45_000), [-1, -1]);
  t.same(at(23_100, 45_000), [0, -1]);
  t.same(at(23_900, 45_000), [0, -1]);
  t.same(at(24_100, 45_000), [0, 0]);
});

t.test('who comes back wants room to spare, as a part of all that the link carries', async (t) => {
  const allocator = new StreamAllocator();
  const one = [stream(kbps(15))];
  allocator.allocate(0, 40_000, one, BESIDE_VOICES);
  t.same(allocator.allocate(20_000, -60_000, one, BESIDE_VOICES), [-1]);
  for (let now = 20_100; now < 40_000; now += 100) {
    t.same(allocator.allocate(now, 20_000, one, BESIDE_VOICES), [-1]);
  }
  t.equal(allocator.decisions[0].reason, 'no-headroom');
});

t.test('at equal turns, who has something keeps it', async (t) => {
  const allocator = new StreamAllocator();
  const first = stream(kbps(100, 500));
  const second = stream(kbps(100, 500));
  t.same(allocator.allocate(0, 580_000, [second]), [1]);
  t.same(allocator.allocate(5000, 700_000, [first, second]), [0, 1]);
});

t.test('never above the budget, beyond the tolerance for what is being sent', async () => {
  const budgets = fc.array(fc.integer({ min: 0, max: 6_000_000 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(streams, budgets, fc.integer({ min: 10, max: 3000 }), (drawn, values, interval) => {
      const allocator = new StreamAllocator();
      const all = build(drawn);
      let now = 0;
      let before = 0;
      for (const budget of values) {
        now += interval;
        const total = cost(all, allocator.allocate(now, budget, all));
        if (Math.abs(total - allocator.allocatedBitrate) > 1) return false;
        // A short dip; or first rungs of streams that came back a moment ago.
        if (total > budget * 1.5 + 1) return false;
        // Bitrates added in another order may differ by less than 1 bps.
        if (total > budget && total > before + 1) return false;
        before = total;
      }
      // Given time, only the standing tolerance is left.
      for (let step = 0; step < 40; step++) allocator.allocate((now += 100), values.at(-1)!, all);
      return allocator.allocatedBitrate <= values.at(-1)! * 1.05 + 1;
    }),
  );
});

t.test('for more bitrate nobody is worse off in total', async () => {
  fc.assert(
    fc.property(streams, fc.nat(6_000_000), fc.nat(3_000_000), (drawn, budget, more) => {
      const total = (bitrate: number): number => {
        const allocator = new StreamAllocator();
        allocator.allocate(0, bitrate, build(drawn));
        return allocator.allocatedBitrate;
      };
      // An upgrade wants headroom, a first rung does not: within that headroom totals may be equal, never lower.
      return total(budget * 1.15 + more) >= total(budget);
    }),
  );
});

t.test('nobody is paused while one of lower priority is sent in its place', async () => {
  fc.assert(
    fc.property(streams, fc.nat(4_000_000), (drawn, budget) => {
      const all = build(drawn);
      const granted = new StreamAllocator().allocate(0, budget, all);
      return all.every((paused, index) => {
        if (granted[index] >= 0) return true;
        // With the lower ones at rest and the higher ones at their first rung it would not have fitted either.
        let higher = 0;
        for (const [other, { priority, rungs }] of all.entries()) {
          const before = priority > paused.priority || (priority === paused.priority && other < index);
          if (before && granted[other] >= 0) higher += rungs[0].bitrate;
        }
        return higher + paused.rungs[0].bitrate > budget;
      });
    }),
  );
});

t.test(
  'of equal streams, one is two rungs ahead only by steps cheaper than the next of the other',
  async () => {
    const steps = fc.array(fc.integer({ min: 10_000, max: 500_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 2, max: 9 }), fc.nat(8_000_000), (drawn, count, budget) => {
        const all = build(Array.from({ length: count }, () => ({ priority: 1, steps: drawn })));
        const granted = new StreamAllocator().allocate(0, budget, all);
        const step = (rung: number): number => drawn[rung];
        return granted.every((ahead) =>
          granted.every((behind) => ahead < behind + 2 || step(behind + 1) > step(ahead)),
        );
      }),
    );
  },
);

t.test('the same calls give the same result', async () => {
  const budgets = fc.array(fc.nat(4_000_000), { maxLength: 20 });
  fc.assert(
    fc.property(streams, budgets, (drawn, values) => {
      const run = (): string => {
        const allocator = new StreamAllocator();
        const all = build(drawn);
        return JSON.stringify(values.map((budget, index) => allocator.allocate(index * 300, budget, all)));
      };
      return run() === run();
    }),
  );
});

t.test('noise of a tenth in estimate and bitrates does not make layers flap', async (t) => {
  let state = 12345;
  const noise = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 0.9 + (0.2 * state) / 2 ** 32;
  };
  let worst = 0;
  let sum = 0;
  let runs = 0;
  for (let budget = 150_000; budget < 4_000_000; budget *= 1.02) {
    const allocator = new StreamAllocator();
    const base = [SIMULCAST, SIMULCAST, kbps(60, 120, 250, 500, 1000)];
    const all = base.map((bitrates) => stream(bitrates));
    let before = '';
    let switches = 0;
    for (let now = 0; now < 60_000; now += 300) {
      for (const [index, { rungs }] of all.entries()) {
        for (const [rung, entry] of rungs.entries())
          entry.bitrate = base[index][rung] * (0.97 + (noise() - 0.9) * 0.3);
      }
      const granted = allocator.allocate(now, budget * noise(), all).join();
      if (now >= 10_000 && granted !== before) switches += 1;
      before = granted;
    }
    worst = Math.max(worst, switches);
    sum += switches;
    runs += 1;
  }
  t.ok(worst <= 8, `at most ${worst} switches in 50 s`);
  t.ok(sum / runs <= 1, `${(sum / runs).toFixed(2)} on average`);
});
