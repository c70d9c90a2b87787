import fc from 'fast-check';
import t from 'tap';
import { TrendlineEstimator, Usage } from '#src/bwe/trendline-estimator.js';

/** Groups each 10 ms, of which each is delayed by `extra` more than the one before. */
function feed(trendline: TrendlineEstimator, groups: number, extra: number, from = 0): number {
  let arrival = from;
  for (let i = 0; i < groups; i++) {
    arrival += 10 + extra;
    trendline.update(10 + extra, 10, arrival);
  }
  return arrival;
}

t.test('a constant delay is normal, and the threshold comes down to its minimum', (t) => {
  const trendline = new TrendlineEstimator();
  feed(trendline, 200, 0);
  t.equal(trendline.usage, Usage.Normal);
  t.equal(trendline.trend, 0);
  t.equal(trendline.threshold, 6);
  t.equal(trendline.variationMs, 0);
  t.end();
});

t.test('a growing delay is overuse, a shrinking one underuse', (t) => {
  const trendline = new TrendlineEstimator();
  const at = feed(trendline, 40, 1);
  t.equal(trendline.usage, Usage.Overusing);
  t.ok(trendline.trend > 0.05);
  feed(trendline, 40, -1, at);
  t.equal(trendline.usage, Usage.Underusing);
  t.end();
});

t.test('the threshold follows a trend that stays, as that of a competing TCP', (t) => {
  const trendline = new TrendlineEstimator();
  feed(trendline, 5000, 0.8);
  t.ok(trendline.threshold > 15);
  t.ok(trendline.modifiedTrend - trendline.threshold < 0.01);
  t.end();
});

t.test('one late group is no overuse', (t) => {
  const trendline = new TrendlineEstimator();
  let at = feed(trendline, 60, 0);
  trendline.update(15, 10, (at += 15));
  trendline.update(5, 10, (at += 5));
  t.equal(trendline.usage, Usage.Normal);
  t.end();
});

t.test('reset keeps the threshold', (t) => {
  const trendline = new TrendlineEstimator();
  feed(trendline, 40, 1);
  const { threshold } = trendline;
  trendline.reset();
  t.equal(trendline.usage, Usage.Normal);
  t.equal(trendline.threshold, threshold);
  t.end();
});

t.test('property: the threshold stays between 6 and 600, all numbers stay finite', (t) => {
  const delta = fc.double({ min: -1e4, max: 1e4, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(delta, delta), { maxLength: 200 }), (deltas) => {
      const trendline = new TrendlineEstimator();
      let now = 0;
      for (const [arrival, sent] of deltas) trendline.update(arrival, sent, (now += Math.abs(arrival)));
      const { threshold, modifiedTrend } = trendline;
      return threshold >= 6 && threshold <= 600 && Number.isFinite(modifiedTrend);
    }),
  );
  t.end();
});
