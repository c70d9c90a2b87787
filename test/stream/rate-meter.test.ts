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

t.test('counts per second, and a young stream over a least span', (t) => {
  const frames = new RateMeter(1000, 1000);
  for (let now = 0; now < 2000; now += 40) frames.add(now, 1);
  t.ok(Math.abs(frames.perSecond(2000) - 25) <= 1, `${frames.perSecond(2000)} of 25`);
  const young = new RateMeter(1000, 500);
  young.add(0, 1000);
  t.equal(young.rate(10), 16_000, 'one packet is not a rate of its own');
  t.end();
});
