import fc from 'fast-check';
import t from 'tap';
import { FeedbackResults } from '#src/bwe/feedback-results.js';
import { LossBasedEstimator } from '#src/bwe/loss-based-estimator.js';
import { seeded } from './support.js';

/** Feedback each 100 ms on packets of 1250 bytes sent at `bitrate`; `lose` decides of each. */
function run(
  loss: LossBasedEstimator,
  from: number,
  seconds: number,
  delayLimit: number,
  drop: () => number,
  queued = false,
): void {
  const results = new FeedbackResults();
  for (let tick = 0; tick < seconds * 10; tick++) {
    const now = from + tick * 100;
    results.begin(now);
    const bitrate = Math.min(delayLimit, loss.limit);
    const packets = Math.round(bitrate / 100_000);
    const part = drop();
    let owed = 0;
    for (let i = 0; i < packets; i++) {
      owed += part;
      const at = now + (i * 100) / packets;
      if (owed >= 1) results.addLost(at, 1250);
      else results.add(at, at + 50, 1250, -1);
      if (owed >= 1) owed -= 1;
    }
    loss.update(results, delayLimit, bitrate * (1 - part), queued);
  }
}

for (const percent of [5, 10]) {
  t.test(`${percent}% of random loss at 2 Mbps is taken for the link's own`, (t) => {
    const loss = new LossBasedEstimator();
    const random = seeded(percent);
    run(loss, 0, 60, 2_000_000, () => (percent / 100) * (0.5 + random()));
    t.ok(Math.min(loss.limit, 2_000_000) > (percent === 5 ? 1_500_000 : 1_000_000), `${loss.limit}`);
    t.ok(Math.abs(loss.loss - percent / 100) < 0.03);
    t.end();
  });
}

t.test('loss that comes from sending too fast is a limit, near what gets through', (t) => {
  const loss = new LossBasedEstimator();
  const capacity = 1_000_000;
  run(loss, 0, 20, 2_000_000, () => {
    const bitrate = Math.min(2_000_000, loss.limit);
    return Math.max(0, 1 - capacity / bitrate);
  });
  t.ok(loss.limit < 1_200_000 && loss.limit > 700_000, `${loss.limit}`);
  t.end();
});

t.test("loss beside a standing queue is never taken for the link's own, and leaves a fair share", (t) => {
  const loss = new LossBasedEstimator();
  run(loss, 0, 20, 2_000_000, () => 0.5, true);
  t.ok(loss.inherent <= 0.02, `${loss.inherent}`);
  t.ok(loss.limit >= 250_000 && loss.limit < 400_000, `${loss.limit}`);
  t.end();
});

t.test('without loss there is no limit; after loss it goes, and a probe takes it away sooner', (t) => {
  const loss = new LossBasedEstimator();
  run(loss, 0, 5, 1_000_000, () => 0);
  t.equal(loss.limit, Infinity);
  run(loss, 5000, 3, 1_000_000, () => 0.5);
  t.ok(loss.limit < 800_000);
  const limited = loss.limit;
  loss.probed(limited * 1.2);
  t.equal(loss.limit, limited * 1.2);
  run(loss, 8000, 30, 1_000_000, () => 0);
  t.equal(loss.limit, Infinity);
  loss.reset();
  t.equal(loss.loss, 0);
  t.end();
});

t.test('property: the limit is never below zero and no number', (t) => {
  const tick = fc.record({
    received: fc.integer({ min: 0, max: 50 }),
    lost: fc.integer({ min: 0, max: 50 }),
    recovered: fc.integer({ min: 0, max: 50 }),
    step: fc.integer({ min: 0, max: 1000 }),
    delayLimit: fc.integer({ min: 30_000, max: 100_000_000 }),
  });
  fc.assert(
    fc.property(fc.array(tick, { maxLength: 60 }), (ticks) => {
      const loss = new LossBasedEstimator();
      const results = new FeedbackResults();
      let now = 0;
      return ticks.every(({ received, lost, recovered, step, delayLimit }) => {
        results.begin((now += step));
        for (let i = 0; i < received; i++) results.add(now + i, now + i, 1200, -1);
        for (let i = 0; i < lost; i++) results.addLost(now + i, 1200);
        results.recoveredPackets = recovered;
        loss.update(results, delayLimit, received * 9600, lost > 10);
        return loss.limit > 0 && loss.loss >= 0 && loss.loss <= 1 && loss.inherent > 0 && loss.inherent <= 1;
      });
    }),
  );
  t.end();
});
