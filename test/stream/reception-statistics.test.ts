import t from 'tap';
import { ReceptionStatistics } from '#src/stream/reception-statistics.js';

t.test('loss and highest number of RFC 3550 A.3, across a wrap', (t) => {
  const statistics = new ReceptionStatistics(90000);
  for (const sequence of [65533, 65534, 1, 2]) statistics.receive(0, sequence, 0);
  statistics.closeInterval();
  t.equal(statistics.cumulativeLost, 2, '65535 and 0');
  t.equal(statistics.extendedHighest, 65536 + 2);
  t.equal(statistics.fractionLost, Math.floor((2 * 256) / 6));
  statistics.receive(0, 3, 0);
  statistics.closeInterval();
  t.equal(statistics.fractionLost, 0, 'nothing lost in this interval');
  statistics.repaired();
  t.equal(statistics.cumulativeLost, 1, 'a retransmission repairs');
  t.end();
});

t.test('jitter of RFC 3550 A.8', (t) => {
  const even = new ReceptionStatistics(90000);
  for (let n = 0; n < 200; n++) even.receive(n * 20, n, n * 1800);
  t.equal(even.jitter, 0, 'an even stream has none');
  const uneven = new ReceptionStatistics(90000);
  for (let n = 0; n < 400; n++) uneven.receive(n * 20 + (n % 2) * 5, n, n * 1800);
  t.ok(Math.abs(uneven.jitter - 450) < 10, `5 ms back and forth is 450 ticks, got ${uneven.jitter}`);
  t.end();
});

t.test('a source that starts anew is not three thousand losses', (t) => {
  const statistics = new ReceptionStatistics(48000);
  statistics.receive(0, 100, 0);
  statistics.receive(20, 30000, 0);
  statistics.receive(40, 30001, 960);
  t.equal(statistics.cumulativeLost, 0);
  t.end();
});
