/** What one viewer of two cameras gets through networks of different width, with the whole router at work. */
import t from 'tap';
import {
  checkFluent,
  checkIntegrity,
  checkSound,
  layerChanges,
  twoCameras,
} from '../support/virtual-meeting/two-cameras.js';

t.test('5 Mbps: both top layers within 5 s, and they stay', (t) => {
  const room = twoCameras({ capacity: 5_000_000 });
  const { meeting, videos, from } = room;
  meeting.run(30_000);
  for (const { playback, stream, plis } of videos) {
    t.ok(playback.firstAt(0) - from < 400, 'a picture at once');
    t.ok(playback.firstAt(2) - from < 5000, 'the top layer');
    t.same(playback.layers(from + 5000, meeting.now), [2]);
    t.ok(playback.framesPerSecond(from + 5000, meeting.now) > 24.5);
    t.equal(stream.lost.length, 0);
    t.equal(plis.length, 0);
  }
  for (const video of videos) t.equal(layerChanges(meeting, video, from + 5000, meeting.now), 0);
  checkFluent(t, videos, from, meeting.now, 150);
  checkSound(t, room, from + 500, meeting.now - 500, 0.002);
  checkIntegrity(t, room);
  t.end();
});

t.test('1.5 Mbps: both middle layers; the top one of either does not fit', (t) => {
  const room = twoCameras({ capacity: 1_500_000 });
  const { meeting, viewer, videos, from } = room;
  meeting.run(30_000);
  for (const video of videos) {
    const { playback } = video;
    t.ok(playback.share(1, from + 5000, meeting.now) > 0.9);
    t.ok(playback.framesPerSecond(from + 2000, meeting.now) > 23);
    t.ok(layerChanges(meeting, video, from + 2000, meeting.now) <= 6, 'tries little');
  }
  t.ok(viewer.bitrate(from + 5000, meeting.now) > 1_100_000, 'what there is is used');
  checkFluent(t, videos, from + 1000, meeting.now);
  checkSound(t, room, from + 500, meeting.now - 500);
  checkIntegrity(t, room);
  t.end();
});

t.test('600 kbps: both lowest layers, a step more at times', (t) => {
  const room = twoCameras({ capacity: 600_000 });
  const { meeting, videos, from } = room;
  meeting.run(30_000);
  for (const video of videos) {
    const { playback } = video;
    t.ok(playback.firstAt(0) - from < 500, 'a picture at once');
    t.equal(playback.firstAt(2), Infinity);
    t.ok(playback.share(0, from + 2000, meeting.now) > 0.8);
    t.ok(playback.framesPerSecond(from + 3000, meeting.now) > 20);
    t.ok(layerChanges(meeting, video, from + 2000, meeting.now) <= 12, 'tries little');
  }
  checkFluent(t, videos, from + 1000, meeting.now);
  checkSound(t, room, from + 500, meeting.now - 500);
  checkIntegrity(t, room);
  t.end();
});

t.test(
  '250 kbps, of which sound takes 110: both pictures in their lowest layer, at what frame rate fits',
  (t) => {
    const room = twoCameras({ capacity: 250_000, bitrates: [100_000, 400_000, 1_500_000] });
    const { meeting, videos, from } = room;
    meeting.run(40_000);
    const settled = from + 10_000;
    for (const video of videos) {
      const { playback } = video;
      t.same(playback.layers(settled, meeting.now), [0]);
      t.ok(playback.framesPerSecond(settled, meeting.now) > 6, 'the lowest temporal layer at least');
      t.ok(layerChanges(meeting, video, settled, meeting.now) <= 15);
    }
    for (const { playback } of videos) {
      // Where the last bit counts a picture is taken back at times; it returns soon.
      const freezes = playback.freezes(settled, meeting.now).filter(({ ms }) => ms > 500);
      t.ok(freezes.length <= 2 && freezes.every(({ ms }) => ms < 2500), JSON.stringify(freezes));
    }
    checkSound(t, room, from + 3000, meeting.now - 500);
    checkIntegrity(t, room);
    t.end();
  },
);
