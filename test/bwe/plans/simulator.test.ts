/** The plans prove something only if the network in them behaves as it says. */
import t from 'tap';
import { Link, type Packet } from '../../support/netem/link.js';
import type { LinkOptions } from '../../support/netem/link-options.js';
import { linkUse } from '../../support/netem/measures.js';
import type { Plan } from '../../support/netem/plan.js';
import { STEP_PLANS } from '../../support/netem/plans/steps.js';
import { Random } from '../../support/netem/random.js';
import { runPlan } from '../../support/netem/run-plan.js';
import { VirtualTime } from '../../support/netem/virtual-time.js';

interface Numbered extends Packet {
  number: number;
}

/** Sends `count` packets of 1250 bytes (10,000 bits) every `intervalMs`; what arrives, and the link. */
function flood(options: LinkOptions, count: number, intervalMs: number, until = 1e9) {
  const time = new VirtualTime();
  const link = new Link(time, new Random(7), options);
  const arrivals: { at: number; number: number }[] = [];
  const receiver = {
    receive: (at: number, { number }: Numbered) => void arrivals.push({ at, number }),
  };
  for (let number = 0; number < count; number++) {
    time.at(number * intervalMs, () => link.send({ flow: 0, bytes: 1250, number }, receiver));
  }
  time.run(until);
  return { arrivals, record: link.record };
}

const ONE_MBPS = [{ at: 0, bps: 1_000_000 }];

t.test('events happen in the order of their times, then of their making', (t) => {
  const time = new VirtualTime();
  const happened: string[] = [];
  const random = new Random(1);
  const times = Array.from({ length: 500 }, () => Math.floor(random.uniform() * 50));
  times.forEach((at, index) => time.at(at, () => void happened.push(`${at} ${index}`)));
  time.run(49);
  const expected = times.map((at, index) => ({ at, index })).sort((a, b) => a.at - b.at || a.index - b.index);
  t.same(
    happened,
    expected.map(({ at, index }) => `${at} ${index}`),
  );
  t.end();
});

t.test('serialization, queueing and propagation', (t) => {
  const { arrivals, record } = flood({ capacity: ONE_MBPS, delayMs: 30 }, 3, 0);
  t.same(
    arrivals.map(({ at }) => at),
    [40, 50, 60],
  );
  t.same(record.queueDelay, [0, 10, 20]);
  t.end();
});

t.test('a change of capacity counts for the packet under way, zero holds everything', (t) => {
  const capacity = [...ONE_MBPS, { at: 5, bps: 0 }, { at: 105, bps: 500_000 }];
  const { arrivals } = flood({ capacity, delayMs: 0 }, 2, 0);
  t.same(
    arrivals.map(({ at }) => Math.round(at)),
    [115, 135],
  );
  t.end();
});

t.test('a full queue drops the newest, in milliseconds or in bytes', (t) => {
  const byTime = flood({ capacity: ONE_MBPS, delayMs: 0, queueMs: 50 }, 20, 0);
  t.same(
    byTime.arrivals.map(({ number }) => number),
    [0, 1, 2, 3, 4],
  );
  t.equal(byTime.record.lost.length, 15);
  t.equal(byTime.record.lost[0].cause, 'queue');
  const byBytes = flood({ capacity: ONE_MBPS, delayMs: 0, queueBytes: 2500 }, 20, 0);
  t.equal(byBytes.arrivals.length, 2);
  t.end();
});

t.test('random loss and bursts lose what they say', (t) => {
  const random = flood({ capacity: ONE_MBPS, delayMs: 0, loss: 0.1 }, 20_000, 11);
  t.ok(Math.abs(random.record.lost.length / 20_000 - 0.1) < 0.01, `${random.record.lost.length} lost`);
  const burstLoss = { enter: 0.01, leave: 0.2, lossInside: 1 };
  const bursts = flood({ capacity: ONE_MBPS, delayMs: 0, burstLoss }, 20_000, 11);
  const expected = 0.01 / (0.01 + 0.2);
  t.ok(Math.abs(bursts.record.lost.length / 20_000 - expected) < 0.012, `${bursts.record.lost.length} lost`);
  const times = bursts.record.lost.map(({ at }) => at);
  const together = times.filter((at, index) => index > 0 && at - times[index - 1] < 12).length;
  t.ok(together > times.length * 0.7, 'mostly several in a row');
  t.end();
});

t.test('an outage loses all, and nothing else', (t) => {
  const outages = [{ from: 100, to: 200 }];
  const { arrivals, record } = flood({ capacity: [{ at: 0, bps: Infinity }], delayMs: 5, outages }, 30, 10);
  t.equal(arrivals.length, 20);
  t.ok(record.lost.every(({ at, cause }) => cause === 'outage' && at >= 100 && at < 200));
  t.end();
});

t.test('jitter keeps the order unless told otherwise; reordering and duplicates', (t) => {
  const inOrder = (arrivals: { number: number }[]) =>
    arrivals.every(({ number }, index) => index === 0 || number >= arrivals[index - 1].number);
  const open = { capacity: [{ at: 0, bps: Infinity }], delayMs: 10 };
  const jitter = { deviationMs: 5, maxMs: 30 };
  const kept = flood({ ...open, jitter }, 2000, 1);
  t.ok(inOrder(kept.arrivals));
  t.ok(kept.arrivals.every(({ at, number }) => at >= number + 10 && at <= number + 40));
  t.notOk(inOrder(flood({ ...open, jitter: { ...jitter, reorders: true } }, 2000, 1).arrivals));
  const reordered = flood({ ...open, reordering: { probability: 0.1, delayMs: 20 } }, 2000, 1);
  const late = reordered.arrivals.filter(({ at, number }) => Math.round(at - number) === 30).length;
  t.ok(late > 150 && late < 250, `${late} late`);
  const twice = flood({ ...open, duplication: 0.1 }, 2000, 1).arrivals.length - 2000;
  t.ok(twice > 150 && twice < 250, `${twice} duplicates`);
  t.end();
});

t.test('TCP flows fill the link and share it; a download ends', (t) => {
  const link: LinkOptions = { capacity: [{ at: 0, bps: 4_000_000 }], delayMs: 25, queueMs: 200 };
  const tcp = { kind: 'tcp', start: 0, stop: 60_000 } as const;
  const plan: Plan = {
    ...{ name: 'tcp', title: '', source: '', duration: 60_000, forward: link, backward: link, goals: [] },
    flows: [
      { ...tcp, name: 'a' },
      { ...tcp, name: 'b' },
    ],
  };
  const run = runPlan(plan, 1);
  t.ok(linkUse(run, 'forward') > 0.95, `link use ${linkUse(run, 'forward')}`);
  const share = run.forward.bits(10_000, 60_000, 0) / run.forward.bits(10_000, 60_000);
  t.ok(share > 0.3 && share < 0.7, `share ${share}`);

  const downloads = { minBytes: 150_000, maxBytes: 150_000, meanIdleMs: 1e9, startsIdle: false };
  const short = runPlan({ ...plan, flows: [{ ...tcp, name: 'c', downloads }] }, 1);
  t.equal(short.forward.bits(0, 60_000), 100 * 1500 * 8, 'each byte once when nothing is lost');
  t.end();
});

t.test('constant-rate traffic comes and goes', (t) => {
  const link: LinkOptions = { capacity: [{ at: 0, bps: 4_000_000 }], delayMs: 25 };
  const plan: Plan = {
    ...{ name: 'udp', title: '', source: '', duration: 10_000, forward: link, backward: link, goals: [] },
    flows: [{ kind: 'udp', name: 'udp', start: 0, stop: 8000, bitrate: 960_000, onMs: 1000, offMs: 3000 }],
  };
  const { forward } = runPlan(plan, 1);
  const perSecond = Array.from({ length: 10 }, (_, second) =>
    forward.bits(second * 1000, second * 1000 + 1000),
  );
  t.same(
    perSecond.map((bits) => Math.round(bits / 96_000)),
    [10, 0, 0, 0, 10, 0, 0, 0, 0, 0],
  );
  t.end();
});

t.test('the same seed gives the same run, another seed another', (t) => {
  const plan = STEP_PLANS.find(({ name }) => name === 'radio')!;
  const [once, again, other] = [4, 4, 5].map((seed) => runPlan(plan, seed));
  t.same(once.forward.servedAt, again.forward.servedAt);
  t.same(once.media[0]!.estimateChanges, again.media[0]!.estimateChanges);
  t.not(once.forward.servedAt.length, other.forward.servedAt.length);
  t.end();
});
