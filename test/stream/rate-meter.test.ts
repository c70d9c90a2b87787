import t from 'tap';
import { RateMeter } from '#src/stream/rate-meter.js';

t.test('bits per second over the window, and zero when it has passed', (t) => {
  const meter = new RateMeter();
  t.equal(meter.rate(0), 0);
  for (let now = 0; now < 5000; now += 10) meter.add(now, 1250);
  const rate = meter.rate(5000);
  t.ok(Math.abs(rate - 1_000_000) < 50_000, `${rate} of 1,000,000`);
  t.equal(meter.rate(60_000), 0);
  meter.add(60_000, 1250);
  t.ok(meter.rate(60_000) > 0, 'and it starts again');
  t.end();
});
