import t from 'tap';
import { ProbeController } from '#src/bwe/probe-controller.js';

function takeAll(probes: ProbeController, now: number): number[] {
  const bitrates: number[] = [];
  for (let next = probes.take(now); next !== null; next = probes.take(now)) bitrates.push(next.bitrate);
  return bitrates;
}

t.test('three and six times the estimate at the start, once', (t) => {
  const probes = new ProbeController();
  t.equal(probes.take(0), null);
  probes.start(0, 300_000);
  probes.start(10, 300_000);
  t.same(takeAll(probes, 0), [900_000, 1_800_000]);
  t.end();
});

t.test('a probe is at least five packets and 20 ms long, longer where there is jitter', (t) => {
  const probes = new ProbeController();
  probes.start(0, 300_000);
  const first = probes.take(0)!;
  t.equal(first.minPackets, 5);
  t.equal(first.minBytes, 2250);
  probes.jitterMs = 10;
  probes.request(100, 900_000, 300_000);
  probes.take(100);
  t.equal(probes.take(100)!.minBytes, 3375);
  t.end();
});

t.test('nothing is probed for that nobody wants, and never far above it', (t) => {
  const probes = new ProbeController();
  probes.setWanted(0, 250_000, 300_000);
  probes.start(0, 300_000);
  t.equal(probes.take(0), null);
  t.equal(probes.nextTimeout(300_000), Infinity);
  probes.setWanted(1000, 1_000_000, 300_000);
  t.same(takeAll(probes, 1000), [600_000], 'a larger wish is tried at once');
  probes.request(3000, 5_000_000, 300_000);
  t.same(takeAll(probes, 3000), [1_300_000]);
  t.equal(probes.nextTimeout(1_160_000), Infinity, 'enough room above the wish');
  t.end();
});

t.test('no probe goes beyond the limit of the application', (t) => {
  const probes = new ProbeController();
  probes.setMaxBitrate(500_000);
  probes.start(0, 300_000);
  t.same(takeAll(probes, 0), [500_000]);
  t.equal(probes.nextTimeout(500_000), Infinity);
  t.end();
});

t.test('success is followed by twice as much, failure by a pause that grows to a limit', (t) => {
  const probes = new ProbeController();
  probes.start(0, 300_000);
  takeAll(probes, 0);
  probes.result(200, probes.lastId, 1_800_000, 1_800_000, true);
  t.same(takeAll(probes, 200), [3_600_000]);
  probes.result(400, probes.lastId, 1_700_000, 1_800_000, true);
  t.equal(probes.take(400), null);
  const first = probes.nextTimeout(1_800_000);
  t.ok(first > 400 && first <= 3400, 'within three seconds');
  probes.handleTimeout(first, 1_800_000);
  t.same(takeAll(probes, first), [2_520_000], 'more modest than before');
  probes.handleTimeout(first + 1000, 1_800_000);
  const second = probes.nextTimeout(1_800_000);
  t.ok(second - first >= first - 200);
  t.ok(second - first <= 3000);
  t.end();
});

t.test('neither into a queue nor right after a decrease', (t) => {
  const probes = new ProbeController();
  probes.start(0, 300_000);
  takeAll(probes, 0);
  probes.result(100, probes.lastId, 300_000, 300_000, true);
  probes.decreased(5000);
  t.equal(probes.nextTimeout(300_000), 6000);
  probes.congested(5990);
  t.ok(probes.nextTimeout(300_000) > 6000);
  probes.handleTimeout(6000, 300_000);
  t.equal(probes.take(6000), null);
  t.end();
});

t.test('a result of a probe that is not the last one changes nothing', (t) => {
  const probes = new ProbeController();
  probes.start(0, 300_000);
  takeAll(probes, 0);
  probes.result(100, 12345, 9_000_000, 300_000, true);
  t.equal(probes.take(100), null);
  t.end();
});
