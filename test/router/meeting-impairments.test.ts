/** Two cameras through networks that lose, delay, break down and become narrow. */
import t from 'tap';
import {
  checkFluent,
  checkIntegrity,
  checkSound,
  layerChanges,
  twoCameras,
} from '../support/virtual-meeting/two-cameras.js';

t.test('5 % random loss on 5 Mbps: no freeze, the top layer stays, every hole is filled', (t) => {
  // A path that keeps losing packets is trusted with some 2.3 Mbps, and with more only slowly (bwe/moderate-loss-cap).
  const room = twoCameras({
    capacity: 5_000_000,
    down: { loss: 0.05 },
    bitrates: [150_000, 400_000, 800_000],
  });
  const { meeting, videos, from } = room;
  meeting.run(30_000);
  for (const { playback, stream, plis } of videos) {
    t.ok(playback.firstAt(2) - from < 5000);
    t.same(playback.layers(from + 5000, meeting.now), [2]);
    t.ok(playback.framesPerSecond(from + 5000, meeting.now) > 24);
    t.equal(stream.lost.length, 0, 'every packet was repaired');
    t.ok(stream.repaired > 100, 'by retransmission');
    t.equal(plis.length, 0);
  }
  for (const video of videos) t.ok(layerChanges(meeting, video, from + 5000, meeting.now) <= 2);
  checkFluent(t, videos, from + 1000, meeting.now, 200);
  checkSound(t, room, from + 500, meeting.now - 500);
  checkIntegrity(t, room);
  t.end();
});

t.test(
  '5 % random loss with twice the room: last packets of pictures are repaired before they are missed',
  (t) => {
    const room = twoCameras({
      capacity: 5_000_000,
      down: { loss: 0.05 },
      bitrates: [50_000, 100_000, 300_000],
    });
    const { meeting, videos, from } = room;
    // It takes a while to know that the path is lossy and that there is room.
    meeting.run(5000);
    const before = videos.map(({ stream }) => ({ received: stream.received, nacked: stream.nacked }));
    meeting.run(25_000);
    for (const [index, { playback, stream }] of videos.entries()) {
      t.same(playback.layers(from + 5000, meeting.now), [2]);
      t.equal(stream.lost.length, 0, 'every packet was repaired');
      const lost = (stream.received - before[index].received) * 0.05;
      const nacked = stream.nacked - before[index].nacked;
      t.ok(nacked < lost * 0.7, `${nacked} of some ${lost.toFixed(0)} lost packets were asked for`);
    }
    checkFluent(t, videos, from + 1000, meeting.now, 150);
    checkIntegrity(t, room);
    t.end();
  },
);

t.test('200 ms there and back: the same, somewhat later', (t) => {
  const room = twoCameras({ capacity: 5_000_000, down: { delayMs: 100 }, up: { delayMs: 100 } });
  const { meeting, videos, from } = room;
  meeting.run(20_000);
  for (const video of videos) {
    t.ok(video.playback.firstAt(0) - from < 600);
    t.ok(video.playback.firstAt(2) - from < 5000);
    t.same(video.playback.layers(from + 5000, meeting.now), [2]);
    t.equal(layerChanges(meeting, video, from + 5000, meeting.now), 0);
  }
  checkFluent(t, videos, from + 1000, meeting.now, 150);
  checkSound(t, room, from + 500, meeting.now - 500, 0.002);
  checkIntegrity(t, room);
  t.end();
});

for (const lost of [true, false]) {
  t.test(`two seconds without network, ${lost ? 'all lost' : 'the queue kept'}: back within 3 s`, (t) => {
    const [begin, end] = [15_000, 17_000];
    const room = twoCameras(
      lost
        ? { capacity: 5_000_000, down: { outages: [{ from: begin, to: end }] } }
        : {
            capacity: [
              { at: 0, bps: 5_000_000 },
              { at: begin, bps: 0 },
              { at: end, bps: 5_000_000 },
            ],
          },
    );
    const { meeting, videos, viewer, from } = room;
    meeting.run(30_000);
    for (const { playback } of videos) {
      t.ok(playback.firstAt(0, end + 1) - end < 1000, 'a picture');
      t.ok(playback.share(2, end + 5000, meeting.now) > 0.9, 'the top layer');
      t.ok(playback.framesPerSecond(end + 2000, meeting.now) > 24);
    }
    checkFluent(t, videos, end + 3000, meeting.now, 200);
    checkSound(t, room, from + 500, begin - 500, 0.002);
    checkSound(t, room, end + 500, meeting.now - 500, 0.002);
    const crowd = viewer.transport.down.record.lost.filter(({ at, cause }) => cause === 'queue' && at > end);
    t.ok(crowd.length < 20, `what was missed is not thrown into the network all at once: ${crowd.length}`);
    checkIntegrity(t, room);
    t.end();
  });
}

t.test('from 5 to 0.6 Mbps and back', (t) => {
  const [narrow, wide] = [15_000, 35_000];
  const room = twoCameras({
    capacity: [
      { at: 0, bps: 5_000_000 },
      { at: narrow, bps: 600_000 },
      { at: wide, bps: 5_000_000 },
    ],
  });
  const { meeting, videos, from } = room;
  meeting.run(50_000);
  for (const { playback } of videos) {
    t.same(playback.layers(from + 5000, narrow), [2]);
    t.ok(playback.share(0, narrow + 3000, wide) > 0.8, 'the lowest layer when there is room for no more');
    t.ok(playback.framesPerSecond(narrow + 8000, wide) > 12);
    t.ok(playback.firstAt(2, wide) - wide < 8000, 'the top layer again');
    t.ok(playback.share(2, wide + 8000, meeting.now) > 0.9);
  }
  checkFluent(t, videos, narrow + 8000, meeting.now);
  checkSound(t, room, from + 500, narrow, 0.002);
  checkSound(t, room, narrow + 5000, meeting.now - 500);
  checkIntegrity(t, room);
  t.end();
});
