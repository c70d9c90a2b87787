/** A screen that seldom changes, who only listens and then watches, and a network that is lost and found. */
import t from 'tap';
import type { PathOptions } from '../support/virtual-meeting/meeting-transport.js';
import { VirtualMeeting } from '../support/virtual-meeting/virtual-meeting.js';

function network(bps: number, more: PathOptions['down'] = {}): PathOptions {
  return { down: { capacity: [{ at: 0, bps }], delayMs: 25, ...more }, up: { delayMs: 25 } };
}

const SCREEN = { bitrates: [200_000, 1_000_000], running: false };

t.test('a screen before cameras: it gets its best layer, and a still one can be joined', (t) => {
  const meeting = new VirtualMeeting(7);
  const alice = meeting.publisher('alice');
  const camera = alice.camera();
  const screen = alice.camera('screen', SCREEN);
  const shoot = (count: number): void => {
    for (let picture = 0; picture < count; picture++, meeting.run(40)) screen.shoot();
  };
  shoot(25);
  const viewer = meeting.viewer('viewer', network(2_200_000));
  const from = meeting.now;
  const face = viewer.watch(camera);
  const slides = viewer.watch(screen, { priority: 255 });
  meeting.run(100);
  shoot(150);
  t.equal(slides.playback.shown.at(-1)?.layer, 1, 'the screen in full');
  t.ok(slides.playback.firstAt(1) - from < 5000);
  t.ok(face.playback.framesPerSecond(from + 2000, meeting.now) > 20, 'the camera with what is left');

  // The screen stands still. Somebody who joins asks, and is answered although nothing comes by itself.
  meeting.run(6000);
  const joined = meeting.now;
  const late = meeting.viewer('late', network(3_000_000));
  const still = late.watch(screen);
  const asked = screen.keyFrameRequests.length;
  meeting.run(300);
  t.ok(screen.keyFrameRequests.length > asked, 'the publisher is asked for a key frame at once');
  meeting.run(3000);
  const repeated = screen.keyFrameRequests.length - asked;
  t.ok(repeated >= 2 && repeated <= 8, `and again while nothing comes: ${repeated}`);
  late.sendPli(still);
  late.sendPli(still);
  meeting.run(100);
  screen.shoot();
  meeting.run(500);
  t.ok(still.playback.shown.length >= 1, 'one picture is enough');
  t.ok(still.playback.firstAt(0, joined) < Infinity);
  t.same(
    [slides, still, face].flatMap(({ video }) => video?.assembly.faults ?? []),
    [],
  );
  t.end();
});

t.test('who listened for long and then watches: the estimate is sane', (t) => {
  for (const bps of [700_000, 5_000_000]) {
    const meeting = new VirtualMeeting(8);
    const alice = meeting.publisher('alice');
    const microphone = alice.microphone();
    const camera = alice.camera();
    const viewer = meeting.viewer('viewer', network(bps));
    const sound = viewer.listen(microphone);
    meeting.run(20_000);
    const from = meeting.now;
    const face = viewer.watch(camera);
    meeting.run(500);
    t.ok(viewer.estimate > 300_000 && viewer.estimate < bps * 1.5, `${bps}: ${viewer.estimate} at first`);
    meeting.run(14_500);
    // More than what the camera sends at its best is of no use.
    t.ok(viewer.estimate > Math.min(bps * 0.7, 1_800_000), `${bps}: ${viewer.estimate} later`);
    t.ok(viewer.estimate < bps * 1.5);
    t.ok(face.playback.firstAt(0) - from < 600, 'a picture at once');
    t.equal(face.playback.shown.at(-1)?.layer, bps < 1_000_000 ? 1 : 2);
    t.same(
      face.playback.freezes(from + 1000, meeting.now).filter(({ ms }) => ms > 500),
      [],
    );
    t.ok(sound.audio!.concealed(2000, meeting.now - 500) < 0.005);
  }
  t.end();
});

t.test(
  'with no room for any picture the network is still asked, and pictures come when there is room',
  (t) => {
    const meeting = new VirtualMeeting(9);
    const camera = meeting.publisher('alice').camera();
    meeting.run(1000);
    const [gone, back] = [6000, 16_000];
    const capacity = [
      { at: 0, bps: 3_000_000 },
      { at: gone, bps: 30_000 },
      { at: back, bps: 3_000_000 },
    ];
    const viewer = meeting.viewer('viewer', { down: { capacity, queueBytes: 8000 } });
    const face = viewer.watch(camera);
    meeting.run(back - meeting.now);
    t.equal(face.consumer.currentLayers, undefined, 'paused for lack of bitrate');
    t.ok(viewer.probationPackets > 10, `${viewer.probationPackets} packets over the SSRC for probing`);
    t.ok(viewer.probationPackets < 200);
    meeting.run(15_000);
    t.ok(face.playback.firstAt(0, back) - back < 4000, 'a picture');
    t.ok(face.playback.firstAt(2, back) - back < 12_000, 'the best one');
    t.ok(face.playback.framesPerSecond(back + 5000, meeting.now) > 22);
    t.same(face.video?.assembly.faults, []);
    t.end();
  },
);

t.test('paused by the application and resumed: a picture at once, no matter how long', (t) => {
  const meeting = new VirtualMeeting(10);
  const camera = meeting.publisher('alice').camera();
  meeting.run(1000);
  const viewer = meeting.viewer('viewer', network(3_000_000));
  const face = viewer.watch(camera);
  meeting.run(5000);
  for (const pause of [500, 20_000]) {
    meeting.enter((now) => face.consumer.pause(now));
    meeting.run(100);
    const shown = face.playback.shown.length;
    meeting.run(pause - 100);
    t.ok(face.playback.shown.length <= shown + 1);
    const resumed = meeting.now;
    meeting.enter((now) => face.consumer.resume(now));
    meeting.run(6000);
    t.ok(face.playback.firstAt(0, resumed) - resumed < 500);
    t.ok(face.playback.firstAt(2, resumed) - resumed < 4000);
  }
  t.equal(face.plis.length, 0);
  t.same(face.video?.assembly.faults, []);
  t.end();
});
