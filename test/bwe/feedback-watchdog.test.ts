import t from 'tap';
import { FeedbackWatchdog } from '#src/bwe/feedback-watchdog.js';

t.test('without any feedback ever there is nothing to miss', (t) => {
  const watchdog = new FeedbackWatchdog();
  watchdog.packetSent(0);
  t.equal(watchdog.nextTimeout(100), Infinity);
  t.end();
});

t.test('unanswered packets make it step back in halves, down to a limit; feedback ends that', (t) => {
  const watchdog = new FeedbackWatchdog();
  watchdog.feedback(0);
  watchdog.packetSent(100);
  watchdog.packetSent(200);
  t.equal(watchdog.nextTimeout(100), 1100);
  t.equal(watchdog.handleTimeout(1099, 100), false);
  t.equal(watchdog.handleTimeout(1100, 100), true);
  t.equal(watchdog.factor, 0.5);
  t.equal(watchdog.outageSince, 100);
  watchdog.handleTimeout(60_000, 100);
  t.equal(watchdog.factor, 1 / 32);
  t.equal(watchdog.nextTimeout(100), Infinity);
  t.equal(watchdog.feedback(60_100), 60_000, 'how long it was');
  t.equal(watchdog.factor, 1);
  t.equal(watchdog.feedback(60_200), 0);
  t.end();
});

t.test('nothing sent, nothing missed; a long round trip is waited for', (t) => {
  const watchdog = new FeedbackWatchdog();
  watchdog.feedback(0);
  t.equal(watchdog.handleTimeout(100_000, 100), false);
  watchdog.packetSent(100_000);
  t.equal(watchdog.nextTimeout(1000), 103_000);
  t.end();
});
