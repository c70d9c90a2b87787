/** Layers: those that nobody watches are not sent, those that are left out leave no holes, and descriptors tell the truth. */
import t, { type Test } from 'tap';
import { seqDiff } from '#src/rtp/sequence.js';
import type { Camera, CameraOptions } from '../support/virtual-meeting/camera.js';
import type { PathOptions } from '../support/virtual-meeting/meeting-transport.js';
import { VirtualMeeting } from '../support/virtual-meeting/virtual-meeting.js';
import type { Viewer, WatchOptions } from '../support/virtual-meeting/viewer.js';
import type { Watched } from '../support/virtual-meeting/watched.js';

interface Scene {
  meeting: VirtualMeeting;
  camera: Camera;
  viewer: Viewer;
  watched: Watched;
}

function scene(
  camera: CameraOptions,
  publisher: PathOptions,
  viewer: PathOptions,
  watch: WatchOptions,
): Scene {
  const meeting = new VirtualMeeting(5);
  const source = meeting.publisher('alice', publisher).camera('camera', camera);
  meeting.run(1000);
  const spectator = meeting.viewer('viewer', viewer);
  return { meeting, camera: source, viewer: spectator, watched: spectator.watch(source, watch) };
}

function wide(bps: number): PathOptions {
  return { down: { capacity: [{ at: 0, bps }] } };
}

t.test('a layer that nobody watches is switched off after 5 s, and on again at once', (t) => {
  const { meeting, camera, watched } = scene({}, {}, wide(5_000_000), {
    preferredLayers: { spatialLayer: 1 },
  });
  const from = meeting.now;
  meeting.run(10_000);
  t.same(
    camera.wanted.map(({ encodings }) => encodings),
    [[true, true, false]],
  );
  const off = camera.wanted[0].at;
  t.ok(off - from >= 4000 && off - from <= 7000, `after ${off - from} ms`);
  t.same(watched.playback.layers(from + 2000, meeting.now), [1]);

  const other = meeting.viewer('other', wide(5_000_000));
  const joined = meeting.now;
  const eager = other.watch(camera);
  meeting.run(10_000);
  const on = camera.wanted[1];
  t.same(on.encodings, [true, true, true]);
  t.ok(on.at - joined < 3000, `on after ${on.at - joined} ms`);
  t.ok(eager.playback.firstAt(0) - joined < 500, 'a picture at once, of what there is');
  t.ok(eager.playback.firstAt(2) - on.at < 1000, 'and the best when it comes');
  t.same(eager.playback.freezes(joined, meeting.now), []);
  t.same(watched.playback.layers(from + 2000, meeting.now), [1], 'the first viewer notices nothing');
  t.same(watched.playback.freezes(from, meeting.now), []);
  t.end();
});

t.test(
  'a publisher without room for its top layer: viewers get what there is, and the rest when it is back',
  (t) => {
    const { meeting, camera, watched } = scene({}, {}, wide(5_000_000), {});
    meeting.run(5000);
    t.same(watched.playback.layers(meeting.now - 3000, meeting.now), [2]);
    const gone = meeting.now;
    camera.limit(2);
    meeting.run(5000);
    t.same(watched.playback.layers(gone + 2000, meeting.now), [1]);
    t.ok(watched.playback.longestGap(gone, meeting.now) < 1000);
    const back = meeting.now;
    camera.limit(3);
    meeting.run(5000);
    t.ok(watched.playback.firstAt(2, back) - back < 2000);
    t.same(watched.video?.assembly.faults, []);
    t.end();
  },
);

t.test('pictures left out leave no hole, though some come late', (t) => {
  const lossyUp = { up: { loss: 0.08, delayMs: 40 } };
  const limits = { preferredLayers: { spatialLayer: 2, temporalLayer: 0 } };
  const { meeting, watched } = scene({}, lossyUp, wide(5_000_000), limits);
  const from = meeting.now;
  meeting.run(30_000);
  const { stream, playback, fillers } = watched;
  t.ok(fillers > 20, `${fillers} packets turned out to be of a layer that is left out`);
  t.equal(stream.lost.length, 0, 'nothing is asked for in vain');
  t.ok(playback.framesPerSecond(from + 3000, meeting.now) > 5.5, 'a quarter of the pictures');
  t.ok(playback.framesPerSecond(from + 3000, meeting.now) < 6.5);
  t.same(
    playback.shown.filter(({ at, temporalLayer }) => at > from + 3000 && temporalLayer > 0),
    [],
  );
  t.same(watched.video?.assembly.faults, []);
  t.end();
});

const AV1: CameraOptions = { coding: 'av1-simulcast', bitrates: [100_000, 300_000, 650_000] };

function checkDescribed(t: Test, { watched, meeting }: Scene, from: number): void {
  t.same(watched.video?.assembly.faults, []);
  t.equal(watched.video?.undecoded, 0);
  t.equal(watched.plis.length, 0);
  t.same(watched.playback.freezes(from, meeting.now), [], 'all is decoded');
  const { log } = watched;
  const steps = log
    .slice(1)
    .map(({ sequence }, index) => seqDiff(sequence & 0xffff, log[index].sequence & 0xffff));
  t.ok(
    steps.every((step) => step === 1 || step === 2),
    'numbers without holes but at switches',
  );
}

t.test('AV1 simulcast: one count of frames across switches', (t) => {
  const at = scene(AV1, {}, wide(5_000_000), {});
  const { meeting, watched } = at;
  const from = meeting.now;
  for (const spatialLayer of [2, 0, 1, 2, 0]) {
    const switched = meeting.now;
    meeting.enter((now) => watched.consumer.setPreferredLayers(now, { spatialLayer, temporalLayer: 2 }));
    meeting.run(4000);
    t.same(watched.playback.layers(switched + 2000, meeting.now), [spatialLayer]);
  }
  t.ok(watched.playback.framesPerSecond(from + 2000, meeting.now) > 24);
  checkDescribed(t, at, from);
  t.end();
});

t.test('AV1 SVC: the descriptor says which decode targets are left', (t) => {
  const at = scene({ coding: 'av1-svc', bitrates: [100_000, 300_000, 650_000] }, {}, wide(5_000_000), {});
  const { meeting, watched } = at;
  const from = meeting.now;
  meeting.run(4000);
  t.same(watched.playback.layers(meeting.now - 1500, meeting.now), [2]);
  // Targets are listed from the highest; between key pictures the layers of L3T3_KEY do not need each other.
  t.equal(watched.video?.assembly.activeDecodeTargets, 0b000000111);
  meeting.enter((now) => watched.consumer.setPreferredLayers(now, { spatialLayer: 1, temporalLayer: 2 }));
  meeting.run(4000);
  t.same(watched.playback.layers(meeting.now - 1500, meeting.now), [1]);
  t.equal(watched.video?.assembly.activeDecodeTargets, 0b000111000);
  meeting.enter((now) => watched.consumer.setPreferredLayers(now, { spatialLayer: 0, temporalLayer: 0 }));
  meeting.run(4000);
  t.same(watched.playback.layers(meeting.now - 1500, meeting.now), [0]);
  t.ok(watched.playback.framesPerSecond(meeting.now - 3000, meeting.now) < 8, 'a quarter of the pictures');
  meeting.enter((now) => watched.consumer.setPreferredLayers(now, { spatialLayer: 2, temporalLayer: 2 }));
  meeting.run(4000);
  t.same(watched.playback.layers(meeting.now - 1500, meeting.now), [2]);
  t.same(watched.video?.assembly.faults, []);
  t.equal(watched.video?.undecoded, 0);
  t.equal(watched.plis.length, 0);
  t.equal(watched.stream.nacked, 0);
  t.ok(watched.playback.longestGap(from + 1000, meeting.now) < 600);
  t.end();
});
