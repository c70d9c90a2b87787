import t from 'tap';
import { ProbeController } from '#src/bwe/probe-controller.js';

function takeAll(probes: ProbeController, now: number): number[] {
  const bitrates: number[] = [];
  for (let next = probes.take(now); next !== null; next = probes.take(now)) bitrates.push(next.bitrate);
  return bitrates;
}

/** The first probes are over: the first one found less than it tried. */
function explored(probes: ProbeController): void {
  takeAll(probes, 0);
  probes.result(0, probes.lastId, 300_000, 300_000, true);
}

t.test('one probe at the start, once; higher ones as long as each comes through undisturbed', (t) => {
  const probes = new ProbeController();
  t.equal(probes.take(0), null);
  probes.start(0, 300_000);
  probes.start(10, 300_000);
  t.ok(probes.exploring);
  t.same(takeAll(probes, 0), [600_000], '50 ms of queue on a link of 250 kbps');
  probes.result(150, probes.lastId, 580_000, 580_000, true);
  t.same(takeAll(probes, 150), [2_320_000]);
  probes.result(300, probes.lastId, 2_300_000, 2_300_000, true);
  t.same(takeAll(probes, 300), [4_600_000]);
  t.notOk(probes.isLimit(4_500_000));
  t.ok(probes.isLimit(3_000_000));
  probes.result(450, probes.lastId, 3_000_000, 3_000_000, true);
  t.equal(probes.take(450), null);
  t.notOk(probes.exploring);
  t.end();
});

t.test('the first probes end when one leaves a queue, or never comes back', (t) => {
  const crowded = new ProbeController();
  crowded.start(0, 600_000);
  takeAll(crowded, 0);
  crowded.crowded = true;
  crowded.result(150, crowded.lastId, 600_000, 600_000, true);
  t.equal(crowded.take(150), null);
  t.notOk(crowded.exploring);

  const lost = new ProbeController();
  lost.start(0, 600_000);
  t.equal(lost.nextTimeout(600_000), Infinity, 'it is not sent yet');
  takeAll(lost, 20);
  const end = lost.nextTimeout(600_000);
  t.equal(end, 1020);
  lost.handleTimeout(end, 600_000);
  t.notOk(lost.exploring);
  t.ok(lost.nextTimeout(600_000) > end);
  t.end();
});

t.test('what nobody tried is tried at the start although no more is wanted', (t) => {
  const probes = new ProbeController();
  probes.setWanted(0, 400_000, 600_000);
  probes.start(0, 600_000);
  t.same(takeAll(probes, 0), [520_000]);
  probes.result(150, probes.lastId, 500_000, 600_000, true);
  t.notOk(probes.exploring);
  t.equal(probes.take(150), null);
  t.end();
});

t.test('a probe is at least five packets and 20 ms long, longer where there is jitter', (t) => {
  const probes = new ProbeController();
  probes.start(0, 300_000);
  const first = probes.take(0)!;
  t.equal(first.minPackets, 5);
  t.equal(first.minBytes, 1500);
  probes.jitterMs = 10;
  probes.request(100, 900_000, 300_000);
  t.equal(probes.take(100)!.minBytes, 3375);
  t.end();
});

t.test('nothing is probed for that nobody wants, and never far above it', (t) => {
  const probes = new ProbeController();
  probes.setWanted(0, 250_000, 300_000);
  probes.start(0, 300_000);
  explored(probes);
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
  probes.result(0, probes.lastId, 490_000, 500_000, true);
  t.equal(probes.nextTimeout(500_000), Infinity);
  t.end();
});

t.test('success is followed by twice as much, failure by a pause that grows to a limit', (t) => {
  const probes = new ProbeController();
  probes.start(0, 300_000);
  explored(probes);
  probes.request(100, 1_800_000, 900_000);
  takeAll(probes, 100);
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
