import fc from 'fast-check';
import t from 'tap';
import { SentPacketHistory } from '#src/bwe/sent-packet-history.js';
import { anyFeedback, feedback } from './support.js';

/** Sends `count` packets of 1000 bytes, one each `interval` ms from `now` on. */
function send(history: SentPacketHistory, first: number, count: number, now = 0, interval = 10): void {
  for (let i = 0; i < count; i++) history.sent(now + i * interval, (first + i) & 0xffff, 1000, -1);
}

t.test('packets that arrived, in the order of arrival, across the wrap of the sequence numbers', (t) => {
  const history = new SentPacketHistory();
  send(history, 65534, 4);
  t.equal(history.inFlightBytes, 4000);
  t.ok(history.process(150, feedback(65534, [10, 40, 20, 60])));
  const { results } = history;
  t.equal(results.count, 4);
  t.same(
    Array.from(results.order.subarray(0, 4), (index) => results.sendTimes[index]),
    [0, 20, 10, 30],
  );
  t.equal(results.receivedBytes, 4000);
  t.equal(history.inFlightBytes, 0);
  t.equal(results.lostPackets, 0);
  t.end();
});

t.test('the round trip leaves out what the receiver waited', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 2, 0, 50);
  // One way 40 ms: arrivals at 40 and 90, feedback leaves at 90 and comes at 130.
  history.process(130, feedback(0, [40, 90]));
  t.equal(history.results.roundTripMs, 80);
  t.end();
});

t.test('a packet reported missing is lost only when a later feedback still does not have it', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 4);
  history.process(100, feedback(0, [40, null, 60], 0, 0));
  t.equal(history.results.lostPackets, 0, 'it may come yet');
  t.equal(history.inFlightBytes, 2000, 'and is in flight');
  history.process(200, feedback(1, [70], 0, 1));
  t.equal(history.results.count, 1, 'it came late');
  history.process(300, feedback(3, [80], 0, 2));
  t.equal(history.results.lostPackets, 0);
  t.equal(history.inFlightBytes, 0);
  t.end();
});

t.test('a lost packet counts once, and is taken back when it comes after all', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 5);
  history.process(100, feedback(0, [40, null, 60], 0, 0));
  history.process(200, feedback(3, [90], 0, 1));
  t.equal(history.results.lostPackets, 1);
  t.equal(history.results.lostBytes, 1000);
  history.process(300, feedback(1, [null, null, null, 95], 0, 2));
  t.equal(history.results.lostPackets, 0, 'not twice');
  history.process(400, feedback(1, [200], 0, 3));
  t.equal(history.results.recoveredPackets, 1);
  t.equal(history.inFlightBytes, 0);
  t.end();
});

t.test('a gap of more than 60 ms of sending settles a loss within one feedback', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 10);
  const arrivals = Array.from({ length: 10 }, (_, i) => (i === 1 ? null : 40 + i * 10));
  history.process(200, feedback(0, arrivals));
  t.equal(history.results.lostPackets, 1);
  t.end();
});

t.test('packets of which no feedback ever speaks are neither lost nor in flight', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 20);
  // The feedback on 0..9 got lost.
  history.process(
    400,
    feedback(
      10,
      Array.from({ length: 10 }, (_, i) => 140 + i * 10),
      0,
      1,
    ),
  );
  t.equal(history.results.lostPackets, 0);
  t.equal(history.inFlightBytes, 0);
  t.end();
});

t.test('lost feedback is counted by its numbers, also across their wrap', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 4);
  history.process(100, feedback(0, [1], 0, 254));
  history.process(110, feedback(1, [2], 0, 1));
  t.equal(history.lostFeedback, 2);
  history.process(120, feedback(2, [3], 0, 255));
  t.equal(history.lostFeedback, 2, 'an old one that came late is no gap');
  t.end();
});

t.test('the reference time wraps after 24 bits', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 2, 0, 64);
  history.process(100, feedback(0, [0], 0xffffff));
  const first = history.results.receiveTimes[0];
  history.process(200, feedback(1, [0], 0));
  t.equal(history.results.receiveTimes[0] - first, 64);
  t.end();
});

t.test('duplicated feedback says nothing new', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 3);
  const said = feedback(0, [40, 50, 60]);
  t.equal(history.process(100, said), true);
  t.equal(history.process(110, said), false);
  t.equal(history.results.count, 0);
  t.end();
});

t.test('feedback before anything was sent, and on numbers never sent, is passed over', (t) => {
  const history = new SentPacketHistory();
  t.equal(history.process(0, feedback(0, [1, 2])), false);
  send(history, 100, 3);
  t.equal(history.process(50, feedback(103, [1, 2, 3])), false);
  t.equal(history.process(60, feedback(40, [1, 2, 3])), false);
  t.equal(history.inFlightBytes, 3000);
  t.end();
});

t.test('feedback that comes 300 s late finds nothing and leaves the count of bytes whole', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 3000, 0, 1);
  send(history, 3000, 3000, 300_000, 1);
  history.process(
    303_500,
    feedback(
      0,
      Array.from({ length: 500 }, (_, i) => i),
    ),
  );
  t.ok(history.inFlightBytes >= 0 && history.inFlightBytes <= 3_000_000);
  history.process(
    303_600,
    feedback(
      3000,
      Array.from({ length: 3000 }, (_, i) => i),
      0,
      1,
    ),
  );
  t.equal(history.inFlightBytes, 0);
  t.end();
});

t.test('at a high rate the ring grows and forgets nothing of the last seconds', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 6000, 0, 0.25);
  history.process(
    1600,
    feedback(
      0,
      Array.from({ length: 6000 }, (_, i) => i * 0.25),
    ),
  );
  t.equal(history.results.count, 6000);
  t.end();
});

t.test('losses in an outage are not counted', (t) => {
  const history = new SentPacketHistory();
  send(history, 0, 10);
  history.ignoreLossBefore = 80;
  const arrivals = Array.from({ length: 10 }, (_, i) => (i < 9 ? null : 500));
  history.process(600, feedback(0, arrivals, 0, 0));
  send(history, 10, 1, 700);
  history.process(900, feedback(10, [800], 0, 1));
  t.equal(history.results.lostPackets, 1, 'the one sent at 80 ms');
  t.end();
});

t.test(
  'property: whatever the feedback says, every packet arrives at most once and no bytes go missing',
  (t) => {
    fc.assert(
      fc.property(
        fc.array(anyFeedback, { maxLength: 30 }),
        fc.integer({ min: 0, max: 0xffff }),
        (said, first) => {
          const history = new SentPacketHistory();
          let number = first;
          let received = 0;
          said.forEach((view, round) => {
            for (let i = 0; i < 50; i++) history.sent(round * 100 + i, number++ & 0xffff, 100, -1);
            history.process(round * 100 + 60, view);
            received += history.results.count;
            const { order, count, receiveTimes } = history.results;
            for (let i = 1; i < count; i++)
              if (receiveTimes[order[i]] < receiveTimes[order[i - 1]]) return false;
          });
          return (
            received <= said.length * 50 &&
            history.inFlightBytes >= 0 &&
            history.inFlightBytes <= said.length * 5000 - received * 100
          );
        },
      ),
    );
    t.end();
  },
);
