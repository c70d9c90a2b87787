import t from 'tap';
import { RtpMunger } from '#src/stream/rtp-munger.js';

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
  munger.sent(now, outputTimestamp, marker, -1, -1);
  return [output, outputTimestamp];
}

t.test('the first source keeps its timestamps', (t) => {
  const munger = new RtpMunger(10, CLOCK, true);
  munger.sync(0, 0, 5000, Number.NaN, -1, -1);
  t.same(send(munger, 0, 700, 5000), [10, 5000]);
  t.end();
});

t.test('a switch continues the timeline where the senders say, or by the clock', (t) => {
  const munger = new RtpMunger(0, CLOCK, true);
  munger.sync(0, 0, 5000, Number.NaN, -1, -1);
  send(munger, 0, 1, 5000);
  munger.sync(100, 1, 4_000_000_000, 5000 + 9000, -1, -1);
  t.same(send(munger, 100, 900, 4_000_000_000), [1, 14000], 'by sender reports');
  munger.sync(200, 2, 77, Number.NaN, -1, -1);
  t.same(send(munger, 200, 5, 77), [2, 14000 + 9000], 'by elapsed time');
  t.end();
});

t.test('time never runs backwards and never leaps', (t) => {
  const munger = new RtpMunger(0, CLOCK, true);
  munger.sync(0, 0, 100_000, Number.NaN, -1, -1);
  send(munger, 0, 1, 100_000);
  munger.sync(33, 1, 0, 90_000, -1, -1);
  t.same(send(munger, 33, 9, 0)[1], 100_001, 'a layer that lags is pulled to just ahead');
  munger.sync(66, 2, 0, 100_000 + 20 * CLOCK, -1, -1);
  t.ok(send(munger, 66, 9, 0)[1] < 110_000, 'twenty seconds ahead after 33 ms is a broken report');
  t.end();
});

t.test('a frame that was cut short stays recognisably incomplete', (t) => {
  const munger = new RtpMunger(0, CLOCK, true);
  munger.sync(0, 0, 0, Number.NaN, -1, -1);
  send(munger, 0, 1, 0, false);
  munger.sync(10, 1, 0, Number.NaN, -1, -1);
  t.equal(send(munger, 10, 50, 0)[0], 2, 'number 1 is never sent');
  t.end();
});

t.test('eras: the offsets of the last few mappings stay known', (t) => {
  const munger = new RtpMunger(0, CLOCK, true);
  for (let source = 0; source < 12; source++) {
    munger.sync(source * 1000, source, 0, Number.NaN, 100, 7);
    send(munger, source * 1000, 1, 0);
  }
  t.equal(munger.era, 11);
  t.ok(munger.knows(4));
  t.notOk(munger.knows(3), 'eight are kept');
  t.equal(munger.sourceOf(6), 6);
  t.end();
});
