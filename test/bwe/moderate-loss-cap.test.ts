import t from 'tap';
import { FeedbackResults } from '#src/bwe/feedback-results.js';
import { ModerateLossCap } from '#src/bwe/moderate-loss-cap.js';

/** 200 packets a second. */
function run(cap: ModerateLossCap, from: number, seconds: number, loss: number, target: number): void {
  const results = new FeedbackResults();
  let owed = 0;
  for (let tick = 0; tick < seconds * 10; tick++) {
    const now = from + tick * 100;
    results.begin(now);
    for (let i = 0; i < 20; i++) {
      owed += loss;
      if (owed >= 1) results.addLost(now, 1200);
      else results.add(now, now, 1200, -1);
      if (owed >= 1) owed -= 1;
    }
    cap.update(now, results, target);
  }
}

t.test('3% of loss holds growth above what a few streams need, and lowers nothing', (t) => {
  const cap = new ModerateLossCap();
  run(cap, 0, 20, 0.03, 1_000_000);
  t.ok(cap.limit > 2_000_000 && cap.limit < 2_500_000);
  const fast = new ModerateLossCap();
  run(fast, 0, 2, 0.03, 8_000_000);
  t.ok(fast.limit >= 8_000_000);
  t.end();
});

t.test('a bitrate that was just reached is not one that the path has carried', (t) => {
  const cap = new ModerateLossCap();
  run(cap, 0, 1, 0, 1_000_000);
  run(cap, 1000, 5, 0.05, 5_000_000);
  t.ok(cap.limit < 2_500_000, `${cap.limit}`);
  t.end();
});

t.test('little loss is no limit, and the limit goes with the loss', (t) => {
  const cap = new ModerateLossCap();
  run(cap, 0, 20, 0.01, 5_000_000);
  t.equal(cap.limit, Infinity);
  run(cap, 20_000, 20, 0.05, 5_000_000);
  t.not(cap.limit, Infinity);
  run(cap, 40_000, 20, 0, 5_000_000);
  t.equal(cap.limit, Infinity);
  t.end();
});
