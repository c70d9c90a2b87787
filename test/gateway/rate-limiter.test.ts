import t from 'tap';
import { TokenBucket } from '#src/gateway/rate-limiter.js';

t.test('a burst, then the long-run rate, never more than the burst', (t) => {
  const bucket = new TokenBucket(10, 3, 0);
  t.strictSame(
    [1, 2, 3, 4].map(() => bucket.take(0)),
    [true, true, true, false],
  );
  t.equal(bucket.take(99), false);
  t.equal(bucket.take(100), true);
  t.strictSame(
    [1, 2, 3, 4].map(() => bucket.take(60_000)),
    [true, true, true, false],
  );
  t.end();
});

t.test('a cost that cannot be paid takes nothing, and time that runs back gives nothing', (t) => {
  const bucket = new TokenBucket(1, 5, 1_000);
  t.equal(bucket.take(1_000, 6), false);
  t.equal(bucket.take(1_000, 5), true);
  t.equal(bucket.take(0), false);
  t.end();
});
