import fc from 'fast-check';
import t from 'tap';
import { type PacedOwner, PacedQueue } from '#src/bwe/paced-queue.js';

class Owner implements PacedOwner {
  readonly sent: number[][] = [];

  sendPaced(_now: number, output: number, input: number, era: number): number {
    this.sent.push([output, input, era]);
    return 1;
  }

  sendPadding(): number {
    return 0;
  }
}

t.test('property: first in, first out, whatever is pushed, sent, forgotten and removed', (t) => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 90 }), owner: fc.nat(2) }),
    fc.record({ send: fc.integer({ min: 1, max: 90 }) }),
    fc.record({ shift: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ remove: fc.nat(2) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const queue = new PacedQueue();
      const owners = [new Owner(), new Owner(), new Owner()];
      let model: { owner: Owner; entry: number[]; bytes: number; at: number }[] = [];
      let count = 0;
      const last = (owner: Owner): number[] | undefined => owner.sent.at(-1);
      for (const one of steps) {
        if ('push' in one) {
          for (let n = 0; n < one.push; n++) {
            count += 1;
            const entry = [(count * 31) & 0xffff, (count * 17) & 0xffff, count * 1000];
            const owner = owners[one.owner];
            queue.push(count, owner, entry[0], entry[1], entry[2], count % 1500);
            model.push({ owner, entry, bytes: count % 1500, at: count });
          }
        } else if ('send' in one) {
          for (let n = 0; n < one.send && model.length > 0; n++) {
            const { owner, entry } = model[0];
            model.shift();
            queue.send(0, false, -1);
            if (String(last(owner)) !== String(entry)) return false;
          }
        } else if ('shift' in one) {
          for (let n = 0; n < one.shift && model.length > 0; n++) {
            model.shift();
            queue.shift();
          }
        } else {
          queue.remove(owners[one.remove]);
          model = model.filter(({ owner }) => owner !== owners[one.remove]);
        }
        const bytes = model.reduce((sum, entry) => sum + entry.bytes, 0);
        if (queue.length !== model.length || queue.bytes !== bytes) return false;
        if (queue.since !== (model[0]?.at ?? Number.POSITIVE_INFINITY)) return false;
      }
      return true;
    }),
  );
  t.end();
});

t.test('no memory before anything waits; what a burst took is given back when the bursts are over', (t) => {
  const queue = new PacedQueue();
  const owner = new Owner();
  const pass = (packets: number): void => {
    for (let n = 0; n < packets; n++) queue.push(0, owner, n, n, 0, 1);
    for (let n = 0; n < packets; n++) queue.send(0, false, -1);
  };
  t.equal(queue.capacity, 0);
  pass(3);
  t.equal(queue.capacity, 8);
  pass(2000);
  t.equal(queue.capacity, 2048);
  for (let n = 0; n < 60; n++) pass(3);
  t.equal(queue.capacity, 2048, 'the next burst may come soon');
  for (let n = 0; n < 1000; n++) pass(3);
  t.equal(queue.capacity, 8);
  t.end();
});

t.test('it is full at 4,096 packets', (t) => {
  const queue = new PacedQueue();
  const owner = new Owner();
  let kept = 0;
  while (queue.push(0, owner, kept, kept, 0, 1)) kept += 1;
  t.equal(kept, 4096);
  t.notOk(queue.push(0, owner, 1, 1, 0, 1));
  t.equal(queue.length, 4096);
  t.throws(() => new PacedQueue().send(0, false, -1), { message: /empty/ });
  t.end();
});
