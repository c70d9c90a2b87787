import fc from 'fast-check';
import t from 'tap';
import { FeedbackResults } from '#src/bwe/feedback-results.js';

t.test('begins empty and grows beyond its first capacity', (t) => {
  const results = new FeedbackResults();
  results.begin(1000);
  results.finish();
  t.equal(results.count, 0);
  t.ok(Number.isNaN(results.roundTripMs));
  for (let i = 0; i < 1000; i++) results.add(i, 5000 + i, 100, i % 3);
  results.finish();
  t.equal(results.count, 1000);
  t.equal(results.sizes[999], 100);
  t.equal(results.clusters[998], 2);
  t.equal(results.firstSend, 0);
  t.equal(results.lastSend, 999);
  results.begin(2000);
  t.equal(results.receivedBytes, 0);
  t.end();
});

t.test('property: the order is that of arrival, also when everything came backwards', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 400 }),
      fc.boolean(),
      (times, reverse) => {
        const results = new FeedbackResults();
        results.begin(0);
        if (reverse) times.sort((a, b) => b - a);
        times.forEach((time, index) => results.add(index, time, 1, -1));
        results.finish();
        const order = Array.from(results.order.subarray(0, results.count));
        return (
          new Set(order).size === times.length &&
          order.every((index, at) => at === 0 || times[order[at - 1]] <= times[index])
        );
      },
    ),
  );
  t.end();
});
