import t from 'tap';
import { QueueDelay } from '#src/bwe/queue-delay.js';

t.test('the smallest delay of a feedback above the smallest ever, whatever the clocks say', (t) => {
  const queue = new QueueDelay();
  queue.add(0, 100_050);
  queue.add(10, 100_075);
  queue.finish(100, false);
  t.equal(queue.ms, 0);
  queue.add(100, 100_190);
  queue.add(110, 100_180);
  queue.finish(200, false);
  t.equal(queue.ms, 20);
  t.equal(queue.growthMs, 20);
  queue.finish(300, false);
  t.equal(queue.ms, 20, 'feedback without packets says nothing');
  t.end();
});

t.test('a base that was never seen again is forgotten after two minutes', (t) => {
  const queue = new QueueDelay();
  for (let now = 0; now < 300_000; now += 1000) {
    queue.add(now, now + (now === 0 ? 50 : 80));
    queue.finish(now, false);
    if (now === 60_000) t.equal(queue.ms, 30);
  }
  t.equal(queue.ms, 0);
  t.end();
});

t.test('a queue that is never empty does not become the base', (t) => {
  const queue = new QueueDelay();
  for (let now = 0; now < 600_000; now += 1000) {
    queue.add(now, now + (now === 0 ? 50 : 300));
    queue.finish(now, true);
  }
  t.ok(queue.ms > 180 && queue.ms < 250, `${queue.ms}`);
  t.end();
});

t.test('a clock that jumps is no queue', (t) => {
  const queue = new QueueDelay();
  queue.add(0, 50);
  queue.finish(100, false);
  queue.add(100, 90_000);
  queue.finish(200, false);
  t.equal(queue.ms, 0);
  t.end();
});
