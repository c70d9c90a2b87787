/** Two cameras and two voices that all but fill a link of 250 kbps: sound first, and pictures that do not swing. */
import t from 'tap';
import {
  checkIntegrity,
  layerChanges,
  twoCameras,
  type TwoCameras,
} from '../support/virtual-meeting/two-cameras.js';

const SEEDS = [1, 2, 3, 4, 5, 6];
/** Layers of 160, 320 and 640 pixels. Of the capacity the voices take 104 kbps with all headers, the lowest layers 117. */
const NARROW = {
  capacity: 250_000,
  bitrates: [50_000, 100_000, 180_000],
  framesPerSecond: 15,
  voiceBytes: 60,
  warmUpMs: 4000,
};

function queueDelays({ viewer, from }: TwoCameras): number[] {
  const { record } = viewer.transport.down;
  return record.queueDelay.slice(record.firstAfter(from)).sort((a, b) => a - b);
}

for (const [delayMs, keyFrameFactor] of [
  [2, 6],
  [25, 4],
]) {
  t.test(`250 kbps, ${2 * delayMs} ms there and back, key frames ${keyFrameFactor} times as large`, (t) => {
    for (const seed of SEEDS) {
      const path = { delayMs };
      const room = twoCameras({ ...NARROW, seed, keyFrameFactor, down: path, up: path });
      const { meeting, videos, sounds, viewer, from } = room;
      meeting.run(20_000);
      const name = `seed ${seed}`;
      for (const { audio } of sounds) {
        const concealed = audio!.concealed(from + 200, meeting.now - 300);
        t.ok(concealed < 0.008, `${name}: ${(concealed * 100).toFixed(2)} % concealed`);
      }
      t.equal(viewer.transport.down.record.lost.length, 0, `${name}: the queue never overflows`);
      const delays = queueDelays(room);
      const p95 = delays[Math.floor(delays.length * 0.95)];
      t.ok(p95 < 70, `${name}: p95 of the queueing delay ${p95.toFixed()} ms`);
      t.ok(delays.at(-1)! < 200, `${name}: at most ${delays.at(-1)!.toFixed()} ms`);
      for (const video of videos) {
        const changes = layerChanges(meeting, video, from, meeting.now);
        const keyFrames = video.playback.shown.filter(({ key }) => key).length;
        t.ok(video.playback.firstAt(0) - from < 700, `${name}: a picture soon`);
        t.ok(changes <= 8, `${name}: ${changes} changes of layers`);
        t.ok(keyFrames <= 3, `${name}: ${keyFrames} key frames`);
        t.ok(video.playback.framesPerSecond(from + 2000, meeting.now) > 10, `${name}: it moves`);
      }
      checkIntegrity(t, room);
    }
    t.end();
  });
}

t.test('what the network carries is found out before more than the lowest layer is sent', (t) => {
  for (const [capacity, top] of [
    [250_000, 0],
    [5_000_000, 2],
  ]) {
    const room = twoCameras({ ...NARROW, capacity });
    const { meeting, videos, from } = room;
    meeting.run(1000);
    for (const { playback } of videos) {
      t.ok(playback.firstAt(0) - from < 500, 'a picture soon');
      const first = playback.firstAt(2) - from;
      if (top === 0) t.equal(playback.firstAt(1), Infinity, 'no larger one than fits, not even for a moment');
      else t.ok(first < 1000, `the full picture on a good network after ${first.toFixed()} ms`);
    }
  }
  t.end();
});
