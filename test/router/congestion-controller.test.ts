import t from 'tap';
import type { BandwidthTraceInfo } from '#src/router/congestion-host.js';
import {
  CongestedViewer,
  type FakeVideo,
  SIMULCAST,
  type ViewerOptions,
} from '../support/congested-viewer.js';

const AUDIO = 32_000;

function viewer(options: ViewerOptions, videos = 2, audio = true): CongestedViewer {
  const room = new CongestedViewer(options);
  if (audio) room.addAudio(AUDIO);
  for (let index = 0; index < videos; index++) room.addVideo(`video ${index}`);
  room.controller.start(0);
  return room;
}

const rate = (video: FakeVideo): number => (video.target < 0 ? 0 : video.rungs[video.target].bitrate);
const granted = (room: CongestedViewer): number => room.videos.reduce((sum, video) => sum + rate(video), 0);

/** Share of the time in which a condition holds. */
function share(room: CongestedViewer, ms: number, holds: () => boolean): number {
  let count = 0;
  for (let at = 0; at < ms; at += 50) {
    room.advance(50);
    if (holds()) count += 1;
  }
  return count / (ms / 50);
}

t.test('two simulcast streams find their rungs on links of all sizes, and stay there', async (t) => {
  for (const [bps, least] of [
    [250_000, 160_000],
    [600_000, 240_000],
    [1_500_000, 600_000],
    [5_000_000, 3_000_000],
  ]) {
    const room = viewer({ capacity: [{ at: 0, bps }] });
    room.advance(20_000);
    const good = share(room, 40_000, () => granted(room) >= least && granted(room) <= bps);
    t.ok(
      good > 0.8,
      `${bps} bps: at least ${least} bps of video and no more than fits for ${good} of the time`,
    );
    const seen = room.videos.every((video) => video.current >= 0);
    t.ok(seen, 'both are seen');
    const switches = room.videos.reduce((sum, video) => sum + video.switchesSince(20_000), 0);
    t.ok(switches <= 16, `${switches} switches in 40 s`);
    const { servedAt, queueDelay, lost } = room.link.record;
    const late = queueDelay.filter((_, index) => servedAt[index] > 20_000).sort((a, b) => a - b);
    const p95 = late[Math.floor(late.length * 0.95)];
    t.ok(p95 < 120, `p95 of the queueing delay ${p95.toFixed()} ms`);
    t.ok(lost.filter(({ at }) => at > 20_000).length < late.length * 0.01, 'hardly a packet is lost');
    t.ok(room.wakeUps / 60 < 40, `${(room.wakeUps / 60).toFixed(1)} timers a second`);
  }
});

t.test('a low first estimate with nothing but video does not stay low', async (t) => {
  const room = viewer({ capacity: [{ at: 0, bps: 4_000_000 }], initialBitrate: 30_000 }, 2, false);
  room.advance(50);
  t.same(
    room.videos.map((video) => video.target),
    [0, 0],
    'the least of each, until the receiver has said anything',
  );
  room.advance(3000);
  t.ok(
    room.videos.every((video) => video.target >= 3),
    `${granted(room)} bps after three seconds`,
  );
});

t.test('when everything is paused it recovers with the link', async (t) => {
  const capacity = [
    { at: 0, bps: 70_000 },
    { at: 20_000, bps: 2_000_000 },
  ];
  const room = viewer({ capacity });
  room.advance(20_000);
  t.same(
    room.videos.map((video) => video.target),
    [-1, -1],
  );
  room.advance(5000);
  t.ok(granted(room) >= 600_000, `${granted(room)} bps five seconds after`);
});

t.test('after an outage of two seconds the pictures are back within three', async (t) => {
  for (const audio of [true, false]) {
    const capacity = [
      { at: 0, bps: 2_000_000 },
      { at: 10_000, bps: 0 },
      { at: 12_000, bps: 2_000_000 },
    ];
    const room = viewer({ capacity }, 2, audio);
    room.advance(10_000);
    const before = granted(room);
    room.advance(2000);
    t.equal(granted(room), before, 'the layers stay: others would not arrive either');
    room.advance(3000);
    t.ok(room.videos.every((video) => video.current >= 0 && video.target >= 2));
  }
});

t.test('an outage so long that all is paused ends too, with no audio to show that it did', async (t) => {
  const capacity = [
    { at: 0, bps: 2_000_000 },
    { at: 10_000, bps: 0 },
    { at: 25_000, bps: 2_000_000 },
  ];
  const room = viewer({ capacity }, 2, false);
  room.advance(24_000);
  t.same(
    room.videos.map((video) => video.target),
    [-1, -1],
  );
  room.advance(4000);
  t.ok(room.videos.every((video) => video.current >= 0));
});

t.test('a drop of the capacity is followed within seconds', async (t) => {
  const capacity = [
    { at: 0, bps: 5_000_000 },
    { at: 10_000, bps: 500_000 },
  ];
  const room = viewer({ capacity });
  room.advance(10_000);
  t.equal(granted(room), 3_000_000);
  room.advance(2000);
  t.ok(granted(room) < 500_000, `${granted(room)} bps`);
});

t.test('a stream of high priority is served first', async (t) => {
  const room = new CongestedViewer({ capacity: [{ at: 0, bps: 800_000 }] });
  room.addAudio(AUDIO);
  const camera = room.addVideo('camera');
  const screen = room.addVideo('screen', SIMULCAST, 50);
  room.controller.start(0);
  room.advance(10_000);
  const first = share(room, 20_000, () => rate(screen) > rate(camera) && screen.target >= 2);
  t.ok(first > 0.95, `the screen is the better one for ${first} of the time`);

  const narrow = new CongestedViewer({ capacity: [{ at: 0, bps: 190_000 }] });
  narrow.addAudio(AUDIO);
  const small = narrow.addVideo('camera');
  const large = narrow.addVideo('screen', SIMULCAST, 50);
  narrow.controller.start(0);
  narrow.advance(10_000);
  const seen = share(narrow, 20_000, () => large.target >= 0);
  t.ok(seen > 0.95, `seen for ${seen} of the time`);
  t.ok(small.target <= large.target);
});

t.test('a priority that changes is acted on at once', async (t) => {
  const room = viewer({ capacity: [{ at: 0, bps: 190_000 }] });
  const [first, second] = room.videos;
  room.advance(10_000);
  second.priority = 100;
  room.controller.changed(room.now);
  room.advance(5);
  t.ok(second.target >= 0);
  const seen = share(room, 10_000, () => second.target >= first.target);
  t.ok(seen > 0.95);
});

t.test('probes never hold up media', async (t) => {
  const room = viewer({ capacity: [{ at: 0, bps: 1_500_000 }], initialBitrate: 300_000 });
  room.advance(30_000);
  t.ok(room.paddingBytes > 5000, 'there were probes');
  t.ok(room.paddingBytes < room.mediaBytes * 0.25, `${room.paddingBytes} bytes of them`);
  for (const video of room.videos) {
    t.ok(video.longestWait <= 350, `no packet waited more than ${video.longestWait} ms in the pacer`);
    t.equal(video.refused, 0);
  }
  const served = room.link.record.lost.filter(({ at }) => at > 3000).length;
  t.ok(served < 20, `${served} lost`);
});

t.test('streams that send more than they say do not queue for ever: less is granted', async (t) => {
  const room = viewer({ capacity: [{ at: 0, bps: 1_500_000 }] });
  room.advance(15_000);
  const before = granted(room);
  for (const video of room.videos) video.excess = 2.5;
  let longest = 0;
  room.advance(5000);
  const less = share(room, 30_000, () => granted(room) < before);
  t.ok(less > 0.9, `less for ${less} of the time`);
  const short = share(room, 10_000, () => {
    const { queueDelayMs } = room.controller.stats(room.now);
    longest = Math.max(longest, queueDelayMs);
    return queueDelayMs < 300;
  });
  t.ok(short > 0.7, `a queue of less than 300 ms for ${short} of the time, at most ${longest.toFixed()} ms`);
  t.ok(room.videos.every((video) => video.longestWait < 800));
});

t.test('audio comes off the budget before video', async (t) => {
  const capacity = [{ at: 0, bps: 10_000_000 }];
  const room = new CongestedViewer({ capacity, initialBitrate: 200_000 });
  room.addVideo('video');
  room.controller.start(0);
  room.advance(5);
  t.equal(granted(room), 120_000);

  const loud = new CongestedViewer({ capacity, initialBitrate: 200_000 });
  loud.addAudio(100_000);
  loud.addVideo('video');
  loud.controller.start(0);
  loud.advance(5);
  t.equal(granted(loud), 80_000);
});

t.test('the limits of the application hold, and show in the trace', async (t) => {
  const room = new CongestedViewer({ capacity: [{ at: 0, bps: 5_000_000 }] });
  room.addVideo('a');
  room.addVideo('b');
  room.controller.setLimits(0, 0, 900_000);
  room.controller.start(0);
  room.advance(10_000);
  t.ok(granted(room) <= 900_000);
  t.ok(room.controller.stats(room.now).availableOutgoingBitrate <= 900_000);
  const info = room.traced.findLast((entry) => entry.type === 'bwe')?.info as BandwidthTraceInfo;
  t.match(info, {
    type: 'transport-cc',
    effectiveDesiredBitrate: 900_000,
    minBitrate: 30_000,
    maxBitrate: 900_000,
    startBitrate: 600_000,
  });
  t.ok(info.desiredBitrate >= 3_000_000 && info.availableBitrate <= 900_000);
  t.ok(info.maxPaddingBitrate >= 0);

  room.controller.setLimits(room.now, 2_000_000, 0);
  room.advance(2000);
  t.ok(granted(room) >= 1_300_000, 'and the lower limit');
});

t.test('each padding packet is traced, and each decision can be asked for', async (t) => {
  const room = viewer({ capacity: [{ at: 0, bps: 2_000_000 }] });
  const lines: string[] = [];
  room.controller.onEstimate = (line) => lines.push(line.cause);
  room.advance(5000);
  const padding = room.traced.filter((entry) => entry.type === 'probation');
  const bytes = padding.reduce((sum, { info }) => sum + (info as { size: number }).size, 0);
  t.equal(bytes, room.paddingBytes);
  t.ok(padding.some(({ info }) => (info as { rtx: boolean }).rtx));
  t.ok(lines.includes('feedback'));
  const { decisions } = room.controller;
  t.same(Object.keys(decisions), ['video 0', 'video 1']);
  t.same(
    Object.values(decisions).map(({ to }) => to),
    room.videos.map((video) => video.target),
  );
});

t.test('nothing happens before there is a way out, nor after close, nor without video', async (t) => {
  const early = new CongestedViewer({ capacity: [{ at: 0, bps: 2_000_000 }] });
  early.addVideo('video');
  early.advance(1000);
  t.equal(early.wakeUps, 0);
  t.equal(early.videos[0].target, -1);
  early.controller.start(early.now);
  early.advance(1);
  t.ok(early.videos[0].target >= 0);

  early.controller.close();
  const switches = early.videos[0].switches.length;
  const { wakeUps } = early;
  early.advance(3000);
  t.equal(early.wakeUps, wakeUps);
  t.equal(early.videos[0].switches.length, switches);

  const removed = viewer({ capacity: [{ at: 0, bps: 2_000_000 }] }, 1);
  removed.advance(2000);
  const [video] = removed.videos;
  video.active = false;
  removed.controller.removeStream(removed.now, video);
  removed.advance(500);
  const { paddingBytes } = removed;
  const before = removed.wakeUps;
  removed.advance(5000);
  t.equal(removed.paddingBytes, paddingBytes, 'no probes for audio alone');
  t.ok(removed.wakeUps - before <= 2, 'and no timers');
});

t.test('what waits of a stream that was paused is forgotten', async (t) => {
  const room = viewer({ capacity: [{ at: 0, bps: 2_000_000 }] }, 1, false);
  const [video] = room.videos;
  room.advance(5000);
  for (let output = 0; output < 200; output++)
    room.controller.enqueue(room.now, video, output, 1000, 0, false, 1000);
  t.ok(room.controller.stats(room.now).queuedBytes >= 200_000);
  video.active = false;
  room.controller.forget(video);
  t.equal(room.controller.stats(room.now).queuedBytes, 0);
});

t.test('an inactive stream gets nothing and takes nothing; it is back at once', async (t) => {
  const room = viewer({ capacity: [{ at: 0, bps: 600_000 }] });
  const [first, second] = room.videos;
  room.advance(10_000);
  first.active = false;
  room.controller.changed(room.now);
  room.advance(10_000);
  t.ok(second.target >= 2, 'the other one has the room');
  first.active = true;
  room.controller.changed(room.now);
  room.advance(5);
  t.ok(first.target >= 0);
});

t.test('into a long outage less is sent', async (t) => {
  const capacity = [
    { at: 0, bps: 2_000_000 },
    { at: 10_000, bps: 0 },
  ];
  const room = viewer({ capacity });
  room.advance(10_000);
  const before = granted(room);
  room.advance(8000);
  t.ok(granted(room) < before / 2, `${granted(room)} of ${before} bps`);
});

t.test('a receiver that never reports keeps the least of each stream', async (t) => {
  const room = viewer({ capacity: [{ at: 0, bps: 4_000_000 }], loss: 1, initialBitrate: 30_000 }, 2, false);
  for (let second = 0; second < 30; second++) {
    room.advance(1000);
    t.ok(
      room.videos.every(({ target }) => target >= 0),
      `after ${second + 1} s`,
    );
  }
});
