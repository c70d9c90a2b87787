import fc from 'fast-check';
import t from 'tap';
import { AimdRateControl, RateState } from '#src/bwe/aimd-rate-control.js';
import { Usage } from '#src/bwe/trendline-estimator.js';

t.test('grows by 8% a second while the capacity is unknown, up to 1.5 times what gets through', (t) => {
  const aimd = new AimdRateControl(1_000_000);
  for (let now = 0; now <= 1000; now += 100) aimd.update(now, Usage.Normal, 1_000_000, 100, true);
  t.ok(Math.abs(aimd.bitrate - 1_080_000) < 1000);
  for (let now = 1100; now <= 20_000; now += 100) aimd.update(now, Usage.Normal, 1_000_000, 100, true);
  t.equal(aimd.bitrate, 1_510_000);
  t.end();
});

t.test('does not grow while the application sends too little', (t) => {
  const aimd = new AimdRateControl(1_000_000);
  for (let now = 0; now <= 5000; now += 100) aimd.update(now, Usage.Normal, 1_000_000, 100, false);
  t.equal(aimd.bitrate, 1_000_000);
  t.end();
});

t.test('overuse takes it below what gets through, further when the queue is long', (t) => {
  const short = new AimdRateControl(2_000_000);
  short.update(0, Usage.Overusing, 1_000_000, 100, true);
  t.equal(short.bitrate, 900_000);
  t.equal(short.state, RateState.Hold);
  t.equal(short.capacity.estimate, 1_000_000);
  const long = new AimdRateControl(2_000_000);
  long.queueDelayMs = 100;
  long.update(0, Usage.Overusing, 1_000_000, 100, true);
  t.ok(long.bitrate < 800_000 && long.bitrate >= 650_000);
  t.end();
});

t.test('a second decrease waits until the first can have had an effect', (t) => {
  const aimd = new AimdRateControl(2_000_000);
  aimd.update(0, Usage.Overusing, 1_000_000, 100, true);
  const { bitrate } = aimd;
  aimd.update(100, Usage.Overusing, 500_000, 100, true);
  t.equal(aimd.bitrate, bitrate);
  aimd.update(250, Usage.Overusing, 500_000, 100, true);
  t.ok(aimd.bitrate < bitrate);
  t.end();
});

t.test('holds while the queue drains', (t) => {
  const aimd = new AimdRateControl(1_000_000);
  for (let now = 0; now <= 2000; now += 100) aimd.update(now, Usage.Underusing, 1_000_000, 100, true);
  t.equal(aimd.bitrate, 1_000_000);
  t.end();
});

t.test('returns soon to most of the known capacity, and goes on by steps', (t) => {
  const aimd = new AimdRateControl(2_000_000);
  aimd.queueDelayMs = 200;
  aimd.update(0, Usage.Overusing, 1_000_000, 100, true);
  aimd.queueDelayMs = 0;
  for (let now = 100; now <= 5000; now += 100) aimd.update(now, Usage.Normal, 900_000, 100, true);
  t.ok(aimd.bitrate > 850_000 && aimd.bitrate < 1_050_000, `${aimd.bitrate}`);
  t.end();
});

t.test('far more getting through than the known capacity means that it rose', (t) => {
  const aimd = new AimdRateControl(1_000_000);
  aimd.update(0, Usage.Overusing, 1_000_000, 100, true);
  t.ok(aimd.capacity.known);
  aimd.update(100, Usage.Normal, 2_000_000, 100, true);
  t.notOk(aimd.capacity.known);
  t.end();
});

t.test('property: finite and positive, and no decrease raises it', (t) => {
  const step = fc.record({
    usage: fc.constantFrom(Usage.Normal, Usage.Overusing, Usage.Underusing),
    acknowledged: fc.integer({ min: 0, max: 50_000_000 }),
    queue: fc.integer({ min: 0, max: 2000 }),
    wait: fc.integer({ min: 0, max: 2000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const aimd = new AimdRateControl(300_000);
      let now = 0;
      return steps.every(({ usage, acknowledged, queue, wait }) => {
        const before = aimd.bitrate;
        aimd.queueDelayMs = queue;
        aimd.update((now += wait), usage, acknowledged, 100, true);
        const fine = Number.isFinite(aimd.bitrate) && aimd.bitrate >= 0;
        return fine && (usage === Usage.Normal || aimd.bitrate <= before);
      });
    }),
  );
  t.end();
});
