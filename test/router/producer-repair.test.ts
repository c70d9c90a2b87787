import t from 'tap';
import { buildRtp, vp8Payload } from '../support/rtp-builder.js';
import { FakeReceiver, ProducerHarness } from '../support/producer-harness.js';
import { vp8Sender } from '../support/virtual-room.js';

function frame(layer: number, sequenceNumber: number, keyFrame = false): Uint8Array {
  return buildRtp({
    payloadType: 96,
    sequenceNumber: sequenceNumber & 0xffff,
    timestamp: sequenceNumber * 3000,
    ssrc: 100 + layer,
    marker: true,
    payload: vp8Payload({ pictureId: sequenceNumber & 0x7fff, tl0PicIdx: 0, keyFrame }),
  });
}

function watched(layers: number[]): { harness: ProducerHarness; viewer: FakeReceiver } {
  const harness = new ProducerHarness(vp8Sender([{ rid: 'lo' }, { rid: 'hi' }]));
  const viewer = new FakeReceiver('viewer', layers);
  harness.producer.consumers.push(viewer);
  return { harness, viewer };
}

t.test('gaps are asked for in the layer that somebody watches, and in no other', (t) => {
  const { harness } = watched([1]);
  for (const layer of [0, 1]) {
    harness.receive(layer, frame(layer, 1, true));
    harness.receive(layer, frame(layer, 4));
  }
  harness.advance(5000);
  t.ok(harness.nacks.length > 0);
  t.same([...new Set(harness.nacks.map(({ ssrc }) => ssrc))], [101]);
  t.same(harness.nacks[0].sequenceNumbers, [2, 3]);
  t.same(
    [...new Set(harness.plis.map(({ ssrc }) => ssrc))],
    [101],
    'nor are key frames, when that is in vain',
  );
  t.end();
});

t.test('an outage of a layer that nobody watches costs nothing', (t) => {
  const { harness } = watched([1]);
  harness.receive(0, frame(0, 1, true));
  harness.receive(0, frame(0, 900));
  harness.receive(1, frame(1, 1, true));
  harness.advance(3000);
  t.same(harness.plis, []);
  harness.receive(1, frame(1, 900));
  t.equal(harness.plis.length, 1, 'of the watched one it does');
  t.end();
});

t.test('what a layer lacks when its first viewer comes is not asked for: a key frame is', (t) => {
  const { harness, viewer } = watched([1]);
  harness.receive(0, frame(0, 1, true));
  harness.receive(0, frame(0, 3));
  harness.advance(100);
  viewer.wanted.add(0);
  harness.producer.requestKeyFrame(harness.now, 0);
  harness.receive(0, frame(0, 4));
  harness.receive(0, frame(0, 6, true));
  harness.advance(100);
  t.same(harness.nacks, [], 'gaps before the key frame do not matter');
  harness.receive(0, frame(0, 8));
  harness.advance(20);
  t.same(
    harness.nacks.map(({ sequenceNumbers }) => sequenceNumbers),
    [[7]],
  );
  t.end();
});

t.test('requests for one packet are a round trip apart, as soon as that is known', (t) => {
  const { harness } = watched([0]);
  harness.senderRoundTripMs = 300;
  harness.receive(0, frame(0, 65535, true));
  harness.receive(0, frame(0, 65537));
  harness.advance(1200);
  t.same(
    [...new Set(harness.nacks.flatMap(({ sequenceNumbers }) => sequenceNumbers))],
    [0],
    'across the wrap',
  );
  const gaps = harness.nacks.slice(1).map(({ at }, index) => at - harness.nacks[index].at);
  t.ok(gaps.length >= 2 && gaps.every((gap) => gap >= 300), `${gaps.join(', ')} ms`);
  t.end();
});

t.test('a key frame is asked of a silent sender until it comes, ever more patiently', (t) => {
  const { harness } = watched([0]);
  harness.receive(0, frame(0, 1, true));
  harness.advance(60_000);
  t.same(harness.plis, [], 'nobody asked');
  const begin = harness.now;
  for (let viewer = 0; viewer < 50; viewer++) harness.producer.requestKeyFrame(harness.now, 0);
  harness.advance(120_000);
  const times = harness.plis.map(({ at }) => at - begin);
  t.same(times.slice(0, 5), [0, 500, 1500, 3500, 7500]);
  t.ok(times.length >= 30 && times.length <= 34, `${times.length} in two minutes`);
  t.ok(times.at(-1)! > 115_000, 'it goes on');
  harness.receive(0, frame(0, 2, true));
  const sent = harness.plis.length;
  harness.advance(60_000);
  t.equal(harness.plis.length, sent, 'and ends with the key frame');
  t.end();
});

t.test('nobody waits any more: nobody asks', (t) => {
  const { harness, viewer } = watched([0]);
  harness.receive(0, frame(0, 1, true));
  harness.producer.requestKeyFrame(harness.now, 0);
  t.equal(harness.plis.length, 1);
  viewer.wanted.clear();
  harness.advance(60_000);
  t.equal(harness.plis.length, 1);
  t.end();
});

t.test('a layer that its sender stopped is not asked on and on', (t) => {
  const { harness } = watched([1]);
  harness.receive(0, frame(0, 0, true));
  harness.receive(1, frame(1, 0, true));
  harness.producer.requestKeyFrame(harness.now, 1);
  for (let n = 1; n < 500; n++) {
    harness.receive(0, frame(0, n));
    harness.advance(40);
  }
  t.same(
    harness.plis.map(({ ssrc }) => ssrc),
    [101],
    'once, while it may have been a late answer',
  );
  t.end();
});

t.test('a retransmission is taken once, and the rest are counted', (t) => {
  const { harness, viewer } = watched([0]);
  harness.receive(0, frame(0, 1, true));
  harness.receive(0, frame(0, 3));
  const lost = frame(0, 2);
  const rtx = buildRtp({
    payloadType: 97,
    sequenceNumber: 70,
    timestamp: 6000,
    ssrc: 200,
    marker: true,
    payload: Uint8Array.from([0, 2, ...lost.slice(12)]),
  });
  harness.receive(0, rtx.slice());
  harness.receive(0, rtx.slice());
  t.same(
    viewer.forwarded.map(({ sequenceNumber }) => sequenceNumber),
    [1, 3, 2],
  );
  const [stats] = harness.stats();
  t.equal(stats['packetsRepaired'], 1);
  t.equal(stats['rtxPacketsDiscarded'], 1);
  t.equal(stats['packetsRetransmitted'], 2);
  t.equal(stats['packetsLost'], 0);
  harness.advance(500);
  t.same(harness.nacks, [], 'it came before it was asked for');
  t.end();
});
