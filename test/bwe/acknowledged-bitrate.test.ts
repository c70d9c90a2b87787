import t from 'tap';
import { AcknowledgedBitrate } from '#src/bwe/acknowledged-bitrate.js';

function feed(
  rate: AcknowledgedBitrate,
  packets: number,
  sendGap: number,
  arrivalGap: number,
  from = 0,
): void {
  for (let i = 0; i < packets; i++) rate.add(i, from + i * sendGap, from + i * arrivalGap, 1250);
}

t.test('unknown at first, then the rate of arrival', (t) => {
  const rate = new AcknowledgedBitrate();
  feed(rate, 5, 10, 10);
  t.equal(rate.bitrate, 0);
  t.equal(rate.newest, 0);
  feed(rate, 100, 10, 10, 50);
  t.ok(Math.abs(rate.bitrate - 1_000_000) < 1000);
  t.ok(Math.abs(rate.newest - 1_000_000) < 1000);
  t.equal(rate.at(10_000), 0, 'and unknown again when nothing came for long');
  t.end();
});

t.test('the smaller of the rates of sending and arriving', (t) => {
  const slow = new AcknowledgedBitrate();
  feed(slow, 100, 5, 10);
  t.ok(Math.abs(slow.bitrate - 1_000_000) < 1000);
  const compressed = new AcknowledgedBitrate();
  feed(compressed, 100, 10, 1);
  t.ok(compressed.bitrate < 1_010_000);
  t.end();
});

t.test('one stall after which all comes at once changes little', (t) => {
  const rate = new AcknowledgedBitrate();
  for (let i = 0; i < 30; i++) rate.add(0, i * 10, i < 20 ? i * 10 : i * 10 + 200, 1250);
  t.ok(rate.bitrate > 900_000);
  t.end();
});

t.test('a change shows within a third of a second, in the newest at once', (t) => {
  const rate = new AcknowledgedBitrate();
  feed(rate, 100, 5, 5);
  for (let i = 1; i <= 10; i++) rate.add(0, 500 + i * 20, 495 + i * 20, 1250);
  t.ok(Math.abs(rate.newest - 500_000) < 25_000);
  t.ok(rate.bitrate > 600_000);
  for (let i = 11; i <= 22; i++) rate.add(0, 500 + i * 20, 495 + i * 20, 1250);
  t.ok(Math.abs(rate.bitrate - 500_000) < 25_000);
  t.end();
});

t.test('late packets are put in their place; a clock that jumps back starts anew', (t) => {
  const rate = new AcknowledgedBitrate();
  feed(rate, 40, 10, 10);
  rate.add(0, 395, 385, 1250);
  t.ok(rate.bitrate > 900_000 && rate.bitrate < 1_100_000);
  rate.add(0, 400, -50_000, 1250);
  t.equal(rate.bitrate, 0);
  t.end();
});
