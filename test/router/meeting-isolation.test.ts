/** What goes wrong with one participant stays with that participant. */
import t from 'tap';
import type { PathOptions } from '../support/virtual-meeting/meeting-transport.js';
import { VirtualMeeting } from '../support/virtual-meeting/virtual-meeting.js';
import type { Camera } from '../support/virtual-meeting/camera.js';
import type { Watched } from '../support/virtual-meeting/watched.js';

const GOOD: PathOptions = {
  down: { capacity: [{ at: 0, bps: 8_000_000 }], delayMs: 25 },
  up: { delayMs: 25 },
};
const POOR: PathOptions = {
  down: { capacity: [{ at: 0, bps: 150_000 }], delayMs: 60, loss: 0.2 },
  up: { delayMs: 60, loss: 0.1 },
};

interface Outcome {
  cameras: Camera[];
  /** What the good viewer got of each camera. */
  seen: Watched[];
  others: Watched[];
  from: number;
  to: number;
}

function meet(alice: PathOptions, second: PathOptions | null): Outcome {
  const meeting = new VirtualMeeting(3);
  const cameras = [meeting.publisher('alice', alice), meeting.publisher('bob')].map((one) => one.camera());
  meeting.run(1000);
  const good = meeting.viewer('good', GOOD);
  const seen = cameras.map((camera) => good.watch(camera));
  // Also without a second viewer one is there: it takes the same numbers of streams.
  const other = meeting.viewer('other', second ?? GOOD);
  const others = cameras.map((camera) => other.watch(camera, { paused: second === null }));
  const from = meeting.now;
  meeting.run(25_000);
  return { cameras, seen, others, from, to: meeting.now };
}

/** Packets of media by timestamp, without the last pictures, which may be on their way still. */
function media({ log }: Watched, from: number): [timestamp: number, packets: number][] {
  const pictures = new Map<number, number>();
  for (const { at, timestamp, payloadLength } of log) {
    if (at >= from && payloadLength > 0) pictures.set(timestamp, (pictures.get(timestamp) ?? 0) + 1);
  }
  return [...pictures].slice(0, -3);
}

t.test('a publisher that loses a tenth on its way up: the other camera comes as it would without', (t) => {
  const calm = meet({}, null);
  const lossy = meet({ up: { loss: 0.1 } }, null);
  const [expected, got] = [calm, lossy].map(({ seen: [, bob], from }) => media(bob, from));
  t.same(got, expected, 'the same number of packets for the same timestamps');
  const [alice] = lossy.seen;
  t.ok(alice.playback.framesPerSecond(lossy.from + 3000, lossy.to) > 23, 'and its own picture is repaired');
  t.equal(alice.stream.lost.length, 0);
  t.ok(lossy.cameras[0].keyFrameRequests.length <= 8);
  t.equal(lossy.cameras[1].keyFrameRequests.length, calm.cameras[1].keyFrameRequests.length);
  t.end();
});

t.test('a viewer with a network that carries next to nothing: the other viewer sees what it would', (t) => {
  const alone = meet({}, GOOD);
  const poor = meet({}, POOR);
  for (const [index, watched] of poor.seen.entries()) {
    const reference = alone.seen[index];
    const [from, to] = [poor.from + 1000, poor.to];
    t.same(watched.playback.layers(from + 2000, to), [2], 'the top layer, always');
    t.same(watched.playback.freezes(from, to), []);
    t.equal(watched.stream.nacked + watched.plis.length, 0);
    t.same(media(watched, from), media(reference, from), 'the same packets of every picture');
  }
  for (const { keyFrameRequests } of poor.cameras) {
    const forTop = keyFrameRequests.filter(({ layer, at }) => layer === 2 && at > poor.from + 3000);
    t.equal(forTop.length, 0, 'no key frame of the layer that the good one sees');
    t.ok(keyFrameRequests.length <= 20, `${keyFrameRequests.length} requests`);
  }
  t.end();
});
