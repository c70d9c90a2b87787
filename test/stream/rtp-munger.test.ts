import t from 'tap';
import { type MungedPacket, RtpMunger } from '#src/stream/rtp-munger.js';
import { vp8Payload } from '../support/rtp-builder.js';

const CLOCK = 90000;

function send(
  munger: RtpMunger,
  now: number,
  sequence: number,
  timestamp: number,
  marker = true,
): [number, number] {
  const output = munger.sequence.map(sequence);
  const outputTimestamp = munger.timestamp(timestamp);
  munger.sent(now, outputTimestamp, marker);
  return [output, outputTimestamp];
}

t.test('the first source keeps its timestamps', (t) => {
  const munger = new RtpMunger(10, CLOCK, true, 'video/H264');
  munger.sync(0, 0, 5000, Number.NaN);
  t.same(send(munger, 0, 700, 5000), [10, 5000]);
  t.end();
});

t.test('a switch continues the timeline where the senders say, or by the clock', (t) => {
  const munger = new RtpMunger(0, CLOCK, true, 'video/H264');
  munger.sync(0, 0, 5000, Number.NaN);
  send(munger, 0, 1, 5000);
  munger.sync(100, 1, 4_000_000_000, 5000 + 9000);
  t.same(send(munger, 100, 900, 4_000_000_000), [1, 14000], 'by sender reports');
  munger.sync(200, 2, 77, Number.NaN);
  t.same(send(munger, 200, 5, 77), [2, 14000 + 9000], 'by elapsed time');
  t.end();
});

t.test('time never runs backwards and never leaps', (t) => {
  const munger = new RtpMunger(0, CLOCK, true, 'video/H264');
  munger.sync(0, 0, 100_000, Number.NaN);
  send(munger, 0, 1, 100_000);
  munger.sync(33, 1, 0, 90_000);
  t.same(send(munger, 33, 9, 0)[1], 100_001, 'a layer that lags is pulled to just ahead');
  munger.sync(66, 2, 0, 100_000 + 20 * CLOCK);
  t.ok(send(munger, 66, 9, 0)[1] < 110_000, 'twenty seconds ahead after 33 ms is a broken report');
  t.end();
});

t.test('a frame that was cut short stays recognisably incomplete', (t) => {
  const munger = new RtpMunger(0, CLOCK, true, 'video/H264');
  munger.sync(0, 0, 0, Number.NaN);
  send(munger, 0, 1, 0, false);
  munger.sync(10, 1, 0, Number.NaN);
  t.equal(send(munger, 10, 50, 0)[0], 2, 'number 1 is never sent');
  t.end();
});

t.test('eras: the offsets of the last few mappings stay known', (t) => {
  const munger = new RtpMunger(0, CLOCK, true, 'video/H264');
  for (let source = 0; source < 12; source++) {
    munger.sync(source * 1000, source, 0, Number.NaN);
    send(munger, source * 1000, 1, 0);
  }
  t.equal(munger.era, 11);
  t.ok(munger.knows(4));
  t.notOk(munger.knows(3), 'eight are kept');
  t.equal(munger.sourceOf(6), 6);
  t.end();
});

function packetOf(payload: Uint8Array, sequenceNumber: number, frameNumber: number): MungedPacket {
  const dependency = frameNumber < 0 ? null : { frameNumber };
  return { offset: 0, length: payload.length, headerLength: 0, sequenceNumber, pictureId: -1, dependency };
}

t.test('picture and frame numbers continue, and a retransmission is written with those of its era', (t) => {
  const munger = new RtpMunger(0, CLOCK, true, 'video/VP8');
  const first = vp8Payload({ pictureId: 700, tl0PicIdx: 9, keyFrame: true, size: 20 });
  munger.sync(0, 0, 0, Number.NaN);
  t.equal(munger.admit(first, packetOf(first, 1, 65535)), 0);
  const second = vp8Payload({ pictureId: 30, tl0PicIdx: 200, keyFrame: true, size: 20 });
  munger.sync(100, 1, 0, Number.NaN);
  t.equal(munger.admit(second, packetOf(second, 80, 500)), 1);
  t.equal(munger.admit(second, packetOf(second, 79, 500)), -1, 'too late for the era');
  munger.rewritePayload(second, 0, second.length, 1);
  t.same([((second[2] & 0x7f) << 8) | second[3], second[4]], [701, 10]);
  munger.rewritePayload(first, 0, first.length, 0);
  t.same(
    [((first[2] & 0x7f) << 8) | first[3], first[4]],
    [700, 9],
    'written after the switch, as of its time',
  );
  const descriptor = Uint8Array.from([0, 0xc0, 0x01, 0xf5]);
  munger.rewriteFrameNumber(descriptor, 1, 1);
  t.same([...descriptor], [0, 0xc0, 0, 1], 'frame 501 of the second source follows 65535 as 1');
  munger.rewriteFrameNumber(descriptor, 1, 0);
  t.same([...descriptor], [0, 0xc0, 0, 1], 'the first source is left alone');
  t.end();
});
