import fc from 'fast-check';
import t from 'tap';
import { MAX_SCORE, StreamScore } from '#src/stream/stream-score.js';

/** The score of a stream whose every interval is like this one. */
function steady(expected: number, lost: number, repaired = 0, retransmitted = repaired): number {
  const score = new StreamScore();
  for (let interval = 0; interval < 20; interval++) score.add(expected, lost, repaired, retransmitted);
  return score.value;
}

t.test('loss without repair, by how much it hurts', (t) => {
  t.same(
    [0, 1, 5, 10, 20, 50, 100].map((lost) => steady(100, lost)),
    [10, 10, 8, 7, 4, 1, 1],
  );
  t.end();
});

t.test('what was repaired weighs less, and the less the rarer it is', (t) => {
  t.equal(steady(100, 5, 5), 10);
  t.equal(steady(100, 10, 10), 9);
  t.equal(steady(100, 30, 30), 5);
  t.ok(steady(100, 30, 30) > steady(100, 30));
  t.ok(steady(100, 20, 20, 60) < steady(100, 20, 20), 'three tries for each are no free repair');
  t.end();
});

t.test('the newest interval counts most, an old one is forgotten', (t) => {
  const score = new StreamScore();
  t.equal(score.value, MAX_SCORE);
  for (let interval = 0; interval < 8; interval++) score.add(100, 0, 0, 0);
  score.add(100, 40, 0, 0);
  const hurt = score.value;
  t.ok(hurt < 10 && hurt >= 7, `${hurt} after one bad second`);
  for (let interval = 0; interval < 8; interval++) score.add(100, 0, 0, 0);
  t.equal(score.value, 10);
  t.end();
});

t.test('silence changes nothing, and a stream that stopped is judged anew', (t) => {
  const score = new StreamScore();
  for (let interval = 0; interval < 8; interval++) score.add(100, 20, 0, 0);
  t.equal(score.value, 4);
  score.add(0, 0, 0, 0);
  t.equal(score.value, 4);
  score.reset();
  t.equal(score.value, 10);
  score.add(100, 0, 0, 0);
  t.equal(score.value, 10);
  t.end();
});

t.test('property: 1 to 10, and more loss never scores better', (t) => {
  const count = fc.integer({ min: -50, max: 2000 });
  fc.assert(
    fc.property(count, count, count, count, (expected, lost, repaired, retransmitted) => {
      const value = steady(expected, lost, repaired, retransmitted);
      const worse = steady(expected, lost + 10, repaired, retransmitted);
      return Number.isInteger(value) && value >= 1 && value <= 10 && (repaired > 0 || worse <= value);
    }),
  );
  t.end();
});
