import { performance } from 'node:perf_hooks';
import t from 'tap';
import { Timers, type TimerClient } from '#src/stream/timers.js';
import { Scheduler } from '#src/worker/scheduler.js';

const now = (): number => performance.now();

class Client implements TimerClient {
  timerIndex = -1;
  timerAt = 0;
  readonly #called: (now: number) => void;
  constructor(called: (now: number) => void) {
    this.#called = called;
  }
  handleTimeout(at: number): void {
    this.#called(at);
  }
}

void t.test(
  'runs clients at their deadlines, an earlier one overtakes, the batch is sent after each tick',
  async (t) => {
    const timers = new Timers();
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      // Node may fire a timer a little early; such a tick sends nothing new.
      const scheduler = new Scheduler(timers, now, () => order.at(-1) !== 'sent' && order.push('sent'));
      let due = 0;
      const late = new Client((at) => {
        order.push('late');
        t.ok(at >= due, 'never before its time');
        scheduler.close();
        resolve();
      });
      const early = new Client((at) => {
        order.push('early');
        due = at + 20;
        timers.schedule(late, due);
      });
      timers.schedule(late, now() + 60_000);
      scheduler.arm();
      timers.schedule(early, now() + 5);
      scheduler.arm();
    });
    t.same(order.slice(order.indexOf('early')), ['early', 'sent', 'late', 'sent']);
  },
);

void t.test('a client that schedules itself anew is called again', async (t) => {
  const timers = new Timers();
  const scheduler = new Scheduler(timers, now, () => {});
  let calls = 0;
  await new Promise<void>((resolve) => {
    const client: Client = new Client((at) => {
      if (++calls === 3) return resolve();
      timers.schedule(client, at + 2);
    });
    timers.schedule(client, now());
    scheduler.arm();
  });
  t.equal(calls, 3);
  scheduler.close();
});

void t.test('nothing runs after close', async (t) => {
  const timers = new Timers();
  const scheduler = new Scheduler(timers, now, () => {});
  const client = new Client(() => t.fail('called after close'));
  timers.schedule(client, now());
  scheduler.arm();
  scheduler.close();
  scheduler.arm();
  // What another is to do later, it does after anything that the closed one had been armed for.
  const later = new Timers();
  const other = new Scheduler(later, now, () => {});
  await new Promise<void>((resolve) => {
    later.schedule(new Client(() => resolve()), now() + 5);
    other.arm();
  });
  other.close();
  t.equal(timers.size, 1);
});
