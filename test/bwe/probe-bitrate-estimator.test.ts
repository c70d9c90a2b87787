import t from 'tap';
import { ProbeBitrateEstimator } from '#src/bwe/probe-bitrate-estimator.js';

const cluster = { id: 1, bitrate: 2_000_000, minPackets: 5, minBytes: 5000 };

/** Five packets of 1000 bytes sent each 4 ms (2 Mbps). */
function probe(gap: number): ProbeBitrateEstimator {
  const probes = new ProbeBitrateEstimator();
  probes.expect(cluster);
  for (let i = 0; i < 5; i++) {
    t.equal(probes.add(1, i * 4, 100 + i * gap, 1000), i >= 3, 'enough with four of five');
  }
  return probes;
}

t.test('arriving as far apart as sent: the probe got through', (t) => {
  const probes = probe(4);
  t.equal(probes.bitrate(1), 2_000_000);
  t.equal(probes.saturated, false);
  t.end();
});

t.test('arriving further apart: a little less than what came through', (t) => {
  const probes = probe(8);
  t.equal(probes.bitrate(1), 950_000);
  t.equal(probes.saturated, true);
  t.end();
});

t.test('arriving much closer together than sent says nothing', (t) => {
  t.equal(probe(1).bitrate(1), 0);
  t.equal(probe(0).bitrate(1), 0);
  t.end();
});

t.test('a large first packet does not make the rate look low', (t) => {
  const probes = new ProbeBitrateEstimator();
  probes.expect({ id: 2, bitrate: 1_000_000, minPackets: 3, minBytes: 1000 });
  // 1200 bytes take 9.6 ms at 1 Mbps, 200 bytes 1.6 ms; a link without limit.
  probes.add(2, 0, 50, 1200);
  probes.add(2, 9.6, 59.6, 200);
  probes.add(2, 11.2, 61.2, 200);
  t.ok(Math.abs(probes.bitrate(2) - 1_000_000) < 1);
  t.end();
});

t.test('packets of clusters that nobody announced are passed over', (t) => {
  const probes = new ProbeBitrateEstimator();
  t.equal(probes.add(5, 0, 0, 1000), false);
  t.equal(probes.bitrate(5), 0);
  probes.expect(cluster);
  t.equal(probes.add(9, 0, 0, 1000), false, 'not even of one that shares its place');
  t.end();
});
