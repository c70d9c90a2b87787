import fc from 'fast-check';
import t from 'tap';
import type { ProbeCluster } from '#src/bwe/congestion-types.js';
import { PACKET_OVERHEAD } from '#src/bwe/packet-overhead.js';
import { type PacedOwner, Pacer } from '#src/bwe/pacer.js';

interface Sent {
  at: number;
  owner: string;
  output: number;
  rtx: boolean;
  probe: number;
  bytes: number;
}

/** A pacer, what it sent, and the clock that drives it as the transport would. */
class Bench {
  now = 1000;
  readonly sent: Sent[] = [];
  runs = 0;
  padding = true;
  readonly pacer = new Pacer({
    sendPadding: (at, bytes, probe) => {
      if (!this.padding) return 0;
      this.sent.push({ at, owner: 'padding', output: -1, rtx: false, probe, bytes });
      return bytes;
    },
  });

  /** Packets whose input is 0 are gone when they are asked for; else it is their size. */
  owner(name: string): PacedOwner {
    return {
      sendPaced: (at, output, input, _era, rtx, probe) => {
        if (input > 0) this.sent.push({ at, owner: name, output, rtx, probe, bytes: input });
        return input;
      },
      sendPadding: () => 0,
    };
  }

  advance(ms: number): void {
    for (const end = this.now + ms; this.now < end;) {
      this.now += 1;
      if (this.pacer.nextTimeout() > this.now) continue;
      this.runs += 1;
      this.pacer.run(this.now);
    }
  }

  media(owner: PacedOwner, output: number, bytes = 1000, rtx = false): boolean {
    return this.pacer.enqueue(this.now, owner, output, bytes, 0, rtx, bytes);
  }

  /** Sends directly until the pacer says no. */
  exhaust(): number {
    let bytes = 0;
    for (; this.pacer.admits(this.now); bytes += 1000) this.pacer.spent(this.now, 1000);
    return bytes;
  }
}

t.test('a small frame goes directly, and nothing is scheduled for it', async (t) => {
  const bench = new Bench();
  bench.pacer.setRate(bench.now, 3_200_000);
  for (let frame = 0; frame < 100; frame++) {
    // 25 frames of 4 kB a second are 800 kbps: a quarter of what may be sent.
    for (let packet = 0; packet < 4; packet++) {
      t.ok(bench.pacer.admits(bench.now));
      bench.pacer.spent(bench.now, 1000);
    }
    t.equal(bench.pacer.nextTimeout(), Infinity);
    bench.advance(40);
  }
  t.equal(bench.runs, 0);
});

t.test('no more than a burst goes directly, and the burst follows the rate', async (t) => {
  for (const [rate, least, most] of [
    [100_000, 2000, 4000],
    [2_000_000, 2400, 4500],
    [100_000_000, 31_000, 34_000],
  ]) {
    const bench = new Bench();
    bench.pacer.setRate(bench.now, rate);
    const bytes = bench.exhaust();
    t.ok(bytes >= least && bytes <= most, `${bytes} bytes at ${rate} bps`);
  }
});

t.test('what waits is sent at the rate, in order, with few timers', async (t) => {
  const bench = new Bench();
  const owner = bench.owner('a');
  bench.pacer.setRate(bench.now, 2_000_000);
  bench.exhaust();
  for (let output = 0; output < 100; output++) t.ok(bench.media(owner, output, 1000 - PACKET_OVERHEAD));
  const from = bench.now;
  bench.advance(1000);
  t.same(
    bench.sent.map((entry) => entry.output),
    Array.from({ length: 100 }, (_, index) => index),
  );
  const last = bench.sent[99].at - from;
  t.ok(last > 380 && last < 420, `100 kB at 2 Mbps took ${last} ms`);
  t.ok(bench.runs <= 82, `${bench.runs} timers`);
  t.equal(bench.pacer.nextTimeout(), Infinity);
  t.equal(bench.pacer.queuedBytes, 0);
});

t.test('never more than rate and burst in any stretch of time', async () => {
  const load = fc.array(fc.record({ wait: fc.nat(60), bytes: fc.integer({ min: 60, max: 1200 }) }), {
    maxLength: 150,
  });
  fc.assert(
    fc.property(fc.integer({ min: 100_000, max: 5_000_000 }), load, (rate, packets) => {
      const largest = (1200 + PACKET_OVERHEAD) * 8;
      const bench = new Bench();
      const owner = bench.owner('a');
      bench.pacer.setRate(bench.now, rate);
      let output = 0;
      for (const { wait, bytes } of packets) {
        bench.advance(wait);
        // With the largest packet (100 ms at the least rate) at most 290 ms wait, and the first of them, behind a debt of
        // one more packet, less long: all in time at 290 / (500 - 290) = 1.4 times the rate, the most the pace is raised to.
        if (bench.pacer.queueDelayMs(bench.now) > 190) continue;
        if (bench.pacer.admits(bench.now)) {
          bench.sent.push({ at: bench.now, owner: 'a', output: 0, rtx: false, probe: -1, bytes });
          bench.pacer.spent(bench.now, bytes);
        } else bench.media(owner, output++, bytes);
      }
      // The last one waits for a debt of one packet, for what was there when it came, and for a quantum and a timer of 1 ms.
      bench.advance((largest * 1000) / rate + 190 + 6);
      const burst = Math.max(19_200, rate * 0.01) + largest;
      for (let first = 0; first < bench.sent.length; first++) {
        let bits = 0;
        for (let last = first; last < bench.sent.length; last++) {
          bits += (bench.sent[last].bytes + PACKET_OVERHEAD) * 8;
          const ms = bench.sent[last].at - bench.sent[first].at;
          if (bits > burst + (ms * rate * 1.45) / 1000) return false;
        }
      }
      return bench.pacer.queuedPackets === 0;
    }),
    { numRuns: 60 },
  );
});

t.test('retransmissions go first', async (t) => {
  const bench = new Bench();
  const owner = bench.owner('a');
  bench.pacer.setRate(bench.now, 1_000_000);
  bench.exhaust();
  bench.media(owner, 1);
  bench.media(owner, 2);
  bench.media(owner, 3, 1000, true);
  bench.media(owner, 4, 1000, true);
  bench.advance(200);
  t.same(
    bench.sent.map(({ output, rtx }) => [output, rtx]),
    [
      [3, true],
      [4, true],
      [1, false],
      [2, false],
    ],
  );
});

t.test('nothing waits longer than about half a second: the pace is raised', async (t) => {
  const bench = new Bench();
  const owner = bench.owner('a');
  bench.pacer.setRate(bench.now, 300_000);
  bench.exhaust();
  // 200 kB at 300 kbps would be more than five seconds.
  for (let output = 0; output < 200; output++) bench.media(owner, output);
  t.ok(bench.pacer.queueDelayMs(bench.now) > 5000);
  const from = bench.now;
  bench.advance(2000);
  t.equal(bench.sent.length, 200);
  t.ok(bench.sent[199].at - from <= 620, `the last one waited ${bench.sent[199].at - from} ms`);
  const early = bench.sent.filter((entry) => entry.at - from < 250).length;
  t.ok(early > 60 && early < 140, `${early} of 200 in the first half`);
});

t.test('audio is never held up, and its debt is forgiven in the end', async (t) => {
  const bench = new Bench();
  const owner = bench.owner('a');
  bench.pacer.setRate(bench.now, 30_000);
  for (let index = 0; index < 500; index++) {
    bench.pacer.spent(bench.now, 200);
    bench.advance(20);
  }
  t.notOk(bench.pacer.admits(bench.now));
  bench.media(owner, 1);
  bench.advance(700);
  t.equal(bench.sent.length, 1, 'ten seconds of overdraft do not mean ten seconds of silence');
});

t.test('what nobody sent for two seconds is given up and counted', async (t) => {
  const bench = new Bench();
  const owner = bench.owner('a');
  bench.pacer.setRate(bench.now, 300_000);
  bench.exhaust();
  for (let output = 0; output < 5; output++) bench.media(owner, output);
  bench.now += 1900;
  bench.media(owner, 5);
  bench.now += 200;
  bench.pacer.run(bench.now);
  t.same(
    bench.sent.map((entry) => entry.output),
    [5],
  );
  t.equal(bench.pacer.expired, 5);
  t.equal(bench.pacer.queuedBytes, 0);
});

t.test('the queue grows to its bound, keeps its order, and then refuses', async (t) => {
  const bench = new Bench();
  const owner = bench.owner('a');
  bench.pacer.setRate(bench.now, 300_000);
  bench.exhaust();
  let next = 0;
  for (; next < 50; next++) bench.media(owner, next, 10);
  bench.advance(60);
  t.ok(bench.sent.length > 0, 'the head is no longer at the beginning');
  while (bench.media(owner, next, 10)) next += 1;
  t.equal(bench.pacer.queuedPackets, 4096);
  t.equal(bench.pacer.queuedBytes, 40_960);
  bench.advance(1000);
  t.same(
    bench.sent.map((entry) => entry.output),
    Array.from({ length: next }, (_, index) => index),
  );
});

t.test('one run sends a bounded number, and asks for another at once', async (t) => {
  const bench = new Bench();
  const owner = bench.owner('a');
  bench.pacer.setRate(bench.now, 1_000_000_000);
  bench.exhaust();
  for (let output = 0; output < 1000; output++) bench.media(owner, output, 10);
  bench.now += 50;
  bench.pacer.run(bench.now);
  t.equal(bench.sent.length, 128);
  t.ok(bench.pacer.nextTimeout() <= bench.now);
});

t.test('a packet that is gone costs nothing', async (t) => {
  const bench = new Bench();
  const owner = bench.owner('a');
  bench.pacer.setRate(bench.now, 100_000);
  bench.exhaust();
  for (let output = 0; output < 20; output++) bench.pacer.enqueue(bench.now, owner, output, 0, 0, false, 100);
  bench.media(owner, 20);
  bench.advance(300);
  t.same(
    bench.sent.map((entry) => entry.output),
    [20],
  );
});

t.test('remove() takes out one owner and leaves the others in order', async () => {
  const owners = fc.array(fc.tuple(fc.nat(2), fc.boolean()), { maxLength: 300 });
  fc.assert(
    fc.property(owners, fc.nat(20), (entries, advance) => {
      const bench = new Bench();
      const names = ['a', 'b', 'c'];
      const list = names.map((name) => bench.owner(name));
      bench.pacer.setRate(bench.now, 2_000_000);
      bench.exhaust();
      for (const [index, [owner, rtx]] of entries.entries()) bench.media(list[owner], index, 500, rtx);
      bench.advance(advance);
      const before = bench.sent.length;
      bench.pacer.remove(list[1]);
      const waiting = bench.pacer.queuedBytes;
      bench.advance(1000);
      const after = bench.sent.slice(before);
      const order = after.map(({ output, rtx }) => (rtx ? output - 1000 : output));
      return (
        after.every((entry) => entry.owner !== 'b') &&
        after.reduce((sum, entry) => sum + entry.bytes, 0) === waiting &&
        order.every((value, index) => index === 0 || value > order[index - 1])
      );
    }),
    { numRuns: 60 },
  );
});

const cluster = (bitrate: number, id = 7): ProbeCluster => ({
  id,
  bitrate,
  minPackets: 5,
  minBytes: (bitrate * 15) / 8000,
});

t.test('a probe is padding at its bitrate when there is no media', async (t) => {
  for (const bitrate of [900_000, 3_000_000, 20_000_000]) {
    const bench = new Bench();
    bench.pacer.setRate(bench.now, 300_000);
    bench.pacer.startProbe(cluster(bitrate));
    bench.advance(200);
    const bytes = bench.sent.reduce((sum, entry) => sum + entry.bytes + PACKET_OVERHEAD, 0);
    t.ok(bench.sent.length >= 5 && bench.sent.every((entry) => entry.probe === 7));
    t.ok(bytes >= (bitrate * 15) / 8000, 'as many bytes as asked for');
    const last = bench.sent.at(-1)!;
    const measured = ((bytes - last.bytes) * 8000) / (last.at - bench.sent[0].at);
    t.ok(measured > bitrate * 0.8 && measured < bitrate * 1.35, `${measured} for ${bitrate}`);
    t.equal(bench.pacer.probeCluster, -1);
    t.equal(bench.pacer.nextTimeout(), Infinity);
    t.ok(bench.pacer.admits(bench.now));
  }
});

t.test('a probe is filled with media first, which goes faster for it', async (t) => {
  const bench = new Bench();
  const owner = bench.owner('a');
  bench.pacer.setRate(bench.now, 300_000);
  bench.exhaust();
  for (let output = 0; output < 4; output++) bench.media(owner, output);
  bench.pacer.startProbe(cluster(3_000_000));
  bench.advance(30);
  t.same(
    bench.sent.map((entry) => entry.owner),
    ['a', 'a', 'a', 'a', ...bench.sent.slice(4).map(() => 'padding')],
  );
  t.ok(bench.sent[3].at - bench.sent[0].at < 15);
  t.ok(bench.sent.length > 4, 'and padding fills it up');
});

t.test('media sent directly counts to the probe, and a probe leaves no debt', async (t) => {
  const bench = new Bench();
  bench.pacer.setRate(bench.now, 2_000_000);
  bench.pacer.startProbe(cluster(2_000_000));
  for (let packet = 0; packet < 6; packet++) bench.pacer.spent(bench.now, 1000);
  t.equal(bench.pacer.probeCluster, -1, 'six packets are the whole probe');
  bench.advance(10);
  t.equal(bench.sent.length, 0, 'no padding was needed');

  const idle = new Bench();
  idle.pacer.setRate(idle.now, 300_000);
  idle.pacer.startProbe(cluster(6_000_000));
  idle.advance(8);
  t.ok(idle.sent.length > 3);
  t.ok(idle.pacer.admits(idle.now), 'media in the middle of a probe does not wait');
  idle.advance(50);
  t.ok(idle.exhaust() >= 2000, 'nor after it');
});

t.test('a probe that cannot be filled ends, and one that was held up does not burst', async (t) => {
  const dry = new Bench();
  dry.padding = false;
  dry.pacer.setRate(dry.now, 300_000);
  dry.pacer.startProbe(cluster(3_000_000));
  dry.advance(5);
  t.equal(dry.pacer.probeCluster, -1);
  t.equal(dry.pacer.nextTimeout(), Infinity);

  const late = new Bench();
  late.pacer.setRate(late.now, 300_000);
  late.pacer.startProbe({ ...cluster(8_000_000), minBytes: 100_000 });
  late.advance(5);
  const before = late.sent.length;
  late.now += 60;
  late.pacer.run(late.now);
  const burst = late.sent.slice(before).reduce((sum, entry) => sum + entry.bytes, 0);
  t.ok(burst > 1000 && burst <= 9500, `${burst} bytes at once, not the 60 kB of 60 ms`);
});
