import t from 'tap';
import { KeyFrameRequester } from '#src/stream/key-frame-requester.js';

t.test('many wishes, few requests', (t) => {
  let sent = 0;
  const requester = new KeyFrameRequester(() => sent++);
  for (let wish = 0; wish < 100; wish++) requester.request(0);
  t.equal(sent, 1);
  requester.received();
  requester.request(100);
  t.equal(sent, 1, 'too soon after the last');
  t.ok(requester.nextTimeout() > 300, 'libwebrtc would not answer');
  requester.handleTimeout(requester.nextTimeout());
  t.equal(sent, 2, 'but not forgotten');
  for (let now = 1000; now < 60_000; now += 10) {
    requester.received();
    requester.request(now);
    requester.handleTimeout(now);
  }
  t.ok(sent >= 110 && sent <= 124, `${sent} requests in a minute of constant wishes`);
  t.end();
});

t.test('repeats while nothing comes, less and less often, and stops when one does', (t) => {
  const times: number[] = [];
  let now = 0;
  const requester = new KeyFrameRequester(() => times.push(now));
  requester.request(0);
  while (now < 20_000) {
    now = requester.nextTimeout();
    requester.handleTimeout(now);
  }
  t.same(times.slice(0, 5), [0, 500, 1500, 3500, 7500], 'the pauses double');
  requester.received();
  t.equal(requester.nextTimeout(), Number.POSITIVE_INFINITY);
  t.end();
});

t.test('the application can ask for longer pauses', (t) => {
  const times: number[] = [];
  const requester = new KeyFrameRequester(() => times.push(1), 3000);
  requester.request(0);
  requester.received();
  requester.request(10);
  t.equal(requester.nextTimeout(), 3000);
  t.end();
});
