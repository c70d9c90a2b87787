import t from 'tap';
import { LinkCapacityEstimator } from '#src/bwe/link-capacity-estimator.js';

t.test('unknown, then the mean of the throughput at overuse, with bounds around it', (t) => {
  const capacity = new LinkCapacityEstimator();
  t.equal(capacity.known, false);
  t.equal(capacity.upper, Infinity);
  t.equal(capacity.lower, 0);
  capacity.overuse(1_000_000);
  t.equal(capacity.estimate, 1_000_000);
  t.ok(capacity.lower < 1_000_000 && capacity.upper > 1_000_000);
  const { upper } = capacity;
  for (let i = 0; i < 30; i++) capacity.overuse(i % 2 === 0 ? 700_000 : 1_300_000);
  t.ok(capacity.upper > upper, 'the spread grows with that of the samples');
  capacity.reset();
  t.equal(capacity.known, false);
  t.end();
});
