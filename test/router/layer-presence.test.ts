import t from 'tap';
import fc from 'fast-check';
import { LayerPresence } from '#src/router/layer-presence.js';

const LOW = 0;
const HIGH = 1;

interface Arrival {
  at: number;
  layer: number;
  timestamp: number;
}

/** Packets of one layer, three for each picture and a millisecond apart. */
function sent(layer: number, fps: number, until: number, { from = 0, delayMs = layer * 3 } = {}): Arrival[] {
  const packets: Arrival[] = [];
  for (let picture = Math.ceil((from * fps) / 1000); (picture * 1000) / fps < until; picture++) {
    const captured = (picture * 1000) / fps;
    const timestamp = (Math.round(captured * 90) + layer * 0x7fff_ff00) >>> 0;
    for (let part = 0; part < 3; part++) packets.push({ at: captured + delayMs + part, layer, timestamp });
  }
  return packets;
}

/** @returns what changed: a layer that went or came, and when */
function run(arrivals: Arrival[], layers = 2): { at: number; layer: number; arrives: boolean }[] {
  const presence = new LayerPresence(layers);
  const known = new Array<boolean>(layers).fill(false);
  const changes: { at: number; layer: number; arrives: boolean }[] = [];
  for (const { at, layer, timestamp } of arrivals.toSorted((a, b) => a.at - b.at)) {
    const told = presence.received(at, layer, timestamp);
    let changed = false;
    for (let index = 0; index < layers; index++) {
      const arrives = presence.arrives(index);
      if (arrives === known[index]) continue;
      known[index] = arrives;
      changed = true;
      changes.push({ at, layer: index, arrives });
    }
    if (told !== changed) throw new Error(`told ${told}, changed ${changed}`);
  }
  return changes;
}

/** What changed after both were there. */
function later(arrivals: Arrival[]): ReturnType<typeof run> {
  return run(arrivals).filter(({ at }) => at > 1000);
}

const STOP = 10_000;

for (const { fps, least, most } of [
  { fps: 60, least: 150, most: 170 },
  { fps: 30, least: 150, most: 190 },
  { fps: 25, least: 150, most: 210 },
  { fps: 15, least: 150, most: 250 },
  { fps: 10, least: 200, most: 400 },
  { fps: 5, least: 300, most: 600 },
  { fps: 1, least: 1000, most: 2100 },
]) {
  t.test(`a layer that stops at ${fps} pictures a second is gone after ${least} to ${most} ms`, async (t) => {
    for (const stopped of [LOW, HIGH]) {
      const changes = later([
        ...sent(1 - stopped, fps, STOP + 5000),
        ...sent(stopped, fps, STOP),
        ...sent(stopped, fps, STOP + 5000, { from: STOP + 4000 }),
      ]);
      t.equal(changes.length, 2, 'once, and it comes back once');
      const [gone, back] = changes;
      t.same([gone.layer, gone.arrives, back.layer, back.arrives], [stopped, false, stopped, true]);
      const silence = gone.at - Math.max(...sent(stopped, fps, STOP).map(({ at }) => at));
      t.ok(silence >= least && silence <= most, `layer ${stopped} after ${silence.toFixed(0)} ms`);
      t.ok(back.at - STOP - 4000 < 10, 'with its first packet');
    }
  });
}

t.test('a layer with fewer pictures than the other is not given up between them', async (t) => {
  for (const [fast, slow] of [
    [30, 15],
    [30, 10],
    [30, 7.5],
    [15, 5],
    [5, 4],
  ]) {
    t.same(later([...sent(LOW, fast, 20_000), ...sent(HIGH, slow, 20_000)]), [], `${slow} of ${fast}`);
    t.same(later([...sent(LOW, slow, 20_000), ...sent(HIGH, fast, 20_000)]), [], `${slow} of ${fast}`);
  }
});

t.test('a slow screen share, whichever layer comes first', async (t) => {
  for (const fps of [1, 2, 3, 5]) {
    for (const delayMs of [-3, 3, 60]) {
      t.same(later([...sent(LOW, fps, 30_000), ...sent(HIGH, fps, 30_000, { delayMs })]), []);
    }
  }
});

t.test('when nothing comes for a while, nothing is gone', async (t) => {
  const both = [...sent(LOW, 30, 20_000), ...sent(HIGH, 30, 20_000)];
  t.same(later(both.filter(({ at }) => at < 5000 || at >= 9000)), []);
});

t.test('a layer that pauses now and then is given up later the next time', async (t) => {
  const pauses = [5000, 6000, 7000, 8000];
  const paused = (at: number): boolean => pauses.some((from) => at >= from && at < from + 200);
  const changes = later([
    ...sent(LOW, 30, 20_000),
    ...sent(HIGH, 30, 20_000).filter(({ at }) => !paused(at)),
  ]);
  t.same(
    changes.map(({ arrives }) => arrives),
    [false, true],
    'the first time only',
  );
});

t.test('a jittery uplink that stalls and lets go at once what waited does not flap', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom(5, 15, 30),
      fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 50, maxLength: 200 }),
      fc.array(fc.integer({ min: 1000, max: 9500 }), { maxLength: 5 }),
      (fps, jitter, stalls) => {
        const both = [...sent(LOW, fps, 10_000), ...sent(HIGH, fps, 10_000)].toSorted((a, b) => a.at - b.at);
        let last = 0;
        const arrivals = both.map((packet, index) => {
          const stall = stalls.find((from) => packet.at >= from && packet.at < from + 400);
          last = Math.max(
            last,
            (stall === undefined ? packet.at : stall + 400) + jitter[index % jitter.length],
          );
          return { ...packet, at: last };
        });
        return later(arrivals).length === 0;
      },
    ),
    { numRuns: 300 },
  );
});

t.test('a stalled pacer that lets the small packets go first is no reason either', async (t) => {
  const both = [...sent(LOW, 30, 10_000), ...sent(HIGH, 30, 10_000)];
  const stalled = both.map((packet) => {
    const waits = packet.at >= 5000 && packet.at < 5400;
    return { ...packet, at: waits ? 5400 + packet.layer * 20 : packet.at };
  });
  t.same(later(stalled), []);
});

t.test('of three layers each is judged by itself', async (t) => {
  const changes = run([...sent(0, 30, 12_000), ...sent(1, 30, 8000), ...sent(2, 30, 5000)], 3).filter(
    ({ at }) => at > 1000,
  );
  t.same(
    changes.map(({ layer, arrives }) => [layer, arrives]),
    [
      [2, false],
      [1, false],
    ],
  );
});

t.test('another stream in its place is there with its first packet', async (t) => {
  const presence = new LayerPresence(2);
  presence.received(0, LOW, 0);
  presence.received(1, HIGH, 0);
  presence.reset(HIGH);
  t.notOk(presence.arrives(HIGH));
  t.ok(presence.received(40, HIGH, 123_456));
  t.ok(presence.arrives(HIGH));
});
