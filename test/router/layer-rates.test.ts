import t, { type Test } from 'tap';
import { LayerRates } from '#src/router/layer-rates.js';

/** Bytes per millisecond make 8 kbps. */
function send(
  rates: LayerRates,
  from: number,
  to: number,
  bytesPerFrame: number,
  layer: [number, number],
): void {
  for (let now = from; now < to; now += 40) rates.add(now, layer[0], layer[1], bytesPerFrame);
}

function near(t: Test, found: number, wanted: number, part: number, message: string): void {
  t.ok(Math.abs(found - wanted) <= wanted * part, `${message}: ${found} of ${wanted}`);
}

t.test('what is asked for is everything up to the layer', (t) => {
  const rates = new LayerRates();
  rates.began(0, 0);
  for (let now = 0; now < 5000; now += 40) {
    rates.add(now, 0, 0, 500);
    rates.add(now, 0, 1, 250);
    rates.add(now, 1, 0, 1000);
    rates.add(now, 1, 1, 500);
  }
  const at = 5000;
  near(t, rates.bitrate(at, 0, 0), 100_000, 0.05, 'the lowest');
  near(t, rates.bitrate(at, 0, 1), 150_000, 0.05, 'with its upper temporal layer');
  near(t, rates.bitrate(at, 1, 0), 300_000, 0.05, 'both spatial layers at the lower frame rate');
  near(t, rates.bitrate(at, 1, 1), 450_000, 0.05, 'all');
  t.equal(rates.bitrate(at, 7, 7), rates.bitrate(at, 1, 1), 'higher layers than there are mean all');
  t.same(Object.keys(rates.byLayer(at)), ['0.0', '0.1', '1.0', '1.1']);
  t.equal(rates.byLayer(at)['1.1'], rates.measured(at, 1, 1));
  t.end();
});

t.test('a rate that changes is followed within a second', (t) => {
  const rates = new LayerRates();
  rates.began(0, 0);
  send(rates, 0, 5000, 500, [0, 0]);
  send(rates, 5000, 6000, 1500, [0, 0]);
  near(t, rates.bitrate(6000, 0, 0), 300_000, 0.06, 'three times as much');
  send(rates, 6000, 7200, 250, [0, 0]);
  near(t, rates.bitrate(7200, 0, 0), 50_000, 0.06, 'and a sixth of it');
  t.end();
});

t.test('a key frame does not make a layer look dear', (t) => {
  const rates = new LayerRates();
  rates.began(0, 0);
  let highest = 0;
  for (let now = 0; now < 20_000; now += 40) {
    const ofKeyFrame = now % 5000 === 0;
    rates.add(now, 0, 0, ofKeyFrame ? 5000 : 500, ofKeyFrame);
    if (now > 4000) highest = Math.max(highest, rates.bitrate(now, 0, 0));
  }
  t.ok(highest < 115_000, `${highest} at the most; a second with the key frame in it alone holds 136,000`);
  t.end();
});

t.test('many key frames are a cost', (t) => {
  const rates = new LayerRates();
  rates.began(0, 0);
  for (let now = 0; now < 20_000; now += 40) {
    const ofKeyFrame = now % 400 === 0;
    rates.add(now, 0, 0, ofKeyFrame ? 5000 : 500, ofKeyFrame);
  }
  near(t, rates.bitrate(20_000, 0, 0), 190_000, 0.08, 'frame by frame');
  t.end();
});

t.test('a layer that just began counts for what is expected of it', (t) => {
  const rates = new LayerRates();
  rates.began(0, 900_000);
  send(rates, 0, 1000, 250, [0, 0]);
  t.equal(rates.bitrate(1000, 0, 0), 900_000, 'the encoder is still climbing');
  send(rates, 1000, 3500, 250, [0, 0]);
  near(t, rates.bitrate(3500, 0, 0), 50_000, 0.06, 'then what it is');
  t.end();
});

t.test('what a young stream is expected to cost is shared by its layers as they come', (t) => {
  const rates = new LayerRates();
  rates.began(0, 800_000);
  for (let now = 0; now < 1000; now += 40) {
    rates.add(now, 0, 0, 300);
    rates.add(now, 0, 1, 100);
  }
  near(t, rates.bitrate(1000, 0, 0), 600_000, 0.02, 'three quarters');
  near(t, rates.bitrate(1000, 0, 1), 800_000, 0.02, 'all');
  t.end();
});

t.test('what it cost is remembered, and a still picture costs a part of it', (t) => {
  const rates = new LayerRates();
  t.equal(rates.remembered, 0);
  rates.began(0, 0);
  send(rates, 0, 10_000, 2500, [0, 0]);
  near(t, rates.remembered, 500_000, 0.06, 'at the end');
  near(t, rates.bitrate(60_000, 0, 0), 125_000, 0.06, 'a quarter while nothing moves');
  near(t, rates.remembered, 500_000, 0.06, 'for as long as that takes');
  t.end();
});

t.test('the first packet of a layer alone tells nothing', (t) => {
  const rates = new LayerRates();
  t.equal(rates.bitrate(0, 0, 0), 0);
  rates.began(0, 0);
  rates.add(0, 0, 0, 1000);
  t.ok(rates.bitrate(30, 0, 0) <= 16_000, 'spread over half a second');
  t.end();
});
