import fc from 'fast-check';
import t from 'tap';
import { type TimerClient, Timers } from '#src/stream/timers.js';

class Client implements TimerClient {
  timerIndex = -1;
  timerAt = 0;
  calls: number[] = [];
  handleTimeout(now: number): void {
    this.calls.push(now);
  }
}

t.test('the earliest deadline wins, a later one changes nothing', (t) => {
  const timers = new Timers();
  const client = new Client();
  timers.schedule(client, 50);
  timers.schedule(client, 80);
  t.equal(timers.next, 50);
  timers.schedule(client, 20);
  t.equal(timers.next, 20);
  timers.run(19);
  t.same(client.calls, []);
  timers.run(20);
  t.same(client.calls, [20]);
  t.equal(timers.next, Number.POSITIVE_INFINITY);
  t.end();
});

t.test('a client that is always due is called once a run', (t) => {
  const timers = new Timers();
  const greedy = new Client();
  greedy.handleTimeout = (now) => {
    greedy.calls.push(now);
    timers.schedule(greedy, now);
  };
  timers.schedule(greedy, 0);
  timers.run(5);
  t.same(greedy.calls, [5]);
  t.end();
});

t.test('property: the heap gives out the smallest, whatever is cancelled', (t) => {
  const operation = fc.tuple(fc.nat(19), fc.option(fc.nat(1000), { nil: null }));
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const timers = new Timers();
      const clients = Array.from({ length: 20 }, () => new Client());
      const model = new Map<number, number>();
      for (const [index, at] of operations) {
        if (at === null) {
          timers.cancel(clients[index]);
          model.delete(index);
        } else {
          timers.schedule(clients[index], at);
          model.set(index, Math.min(at, model.get(index) ?? Number.POSITIVE_INFINITY));
        }
        if (timers.next !== Math.min(Number.POSITIVE_INFINITY, ...model.values())) return false;
      }
      return timers.size === model.size;
    }),
  );
  t.end();
});

t.test('what is no time at all is not taken up', (t) => {
  const timers = new Timers();
  const other = new Client();
  const lost = new Client();
  timers.schedule(lost, Number.NaN);
  timers.schedule(other, 10);
  timers.schedule(lost, Number.POSITIVE_INFINITY);
  t.equal(timers.size, 1);
  t.equal(timers.next, 10);
  t.end();
});
