import fc from 'fast-check';
import t from 'tap';
import { Stage } from '#src/gateway/stage.js';

const STAY = 5_000;

function stageOf(size: number, members: string): Stage<string> {
  const stage = new Stage<string>(size, STAY);
  for (const member of members) stage.add(member);
  return stage;
}

const seen = (stage: Stage<string>, viewer: string): string => stage.seenBy(viewer).sort().join('');

t.test('a room that fits is seen whole by everybody', async (t) => {
  const stage = stageOf(4, 'abcd');
  t.strictSame(
    [...'abcd'].map((viewer) => seen(stage, viewer)),
    ['bcd', 'acd', 'abd', 'abc'],
  );
  const unlimited = stageOf(Infinity, 'abcdefghijkl');
  t.equal(seen(unlimited, 'a'), 'bcdefghijkl');
  t.equal(unlimited.speaks(0, 'l'), false);
  t.equal(unlimited.remove('b'), true);
  t.equal(seen(unlimited, 'a'), 'cdefghijkl');
});

t.test('a speaker from outside takes the place of the one who has been silent longest', async (t) => {
  const stage = stageOf(4, 'abcdef');
  t.equal(seen(stage, 'x'), 'abc', 'who came first');
  t.equal(seen(stage, 'a'), 'bcd', 'one on the front receives the reserve instead of itself');
  t.equal(stage.speaks(1, 'a'), false, 'on the stage already');
  t.equal(stage.speaks(2, 'f'), true);
  t.equal(seen(stage, 'x'), 'abf');
  t.equal(seen(stage, 'f'), 'abc', 'who was seen by the speaker still is');
  t.equal(stage.speaks(3, 'e'), true);
  t.equal(seen(stage, 'x'), 'aef');
});

t.test('who spoke their way in stays a while; a speaker without a place gets one then', async (t) => {
  const stage = stageOf(3, 'abcd');
  stage.speaks(0, 'c');
  stage.speaks(1_000, 'd');
  t.equal(seen(stage, 'x'), 'cd');
  t.equal(stage.nextTimeout(), Infinity);
  t.equal(stage.speaks(2_000, 'a'), false);
  t.equal(stage.nextTimeout(), STAY);
  t.equal(stage.handleTimeout(STAY - 1), false);
  t.equal(stage.handleTimeout(STAY), true);
  t.equal(seen(stage, 'x'), 'ad');
  t.equal(stage.nextTimeout(), Infinity);
});

t.test('one who waits does not displace somebody who has spoken since', async (t) => {
  const stage = stageOf(3, 'abcd');
  stage.speaks(0, 'c');
  stage.speaks(0, 'd');
  stage.speaks(100, 'a');
  stage.speaks(200, 'c');
  stage.speaks(300, 'd');
  t.equal(stage.handleTimeout(STAY), false);
  t.equal(stage.nextTimeout(), Infinity, 'nothing is left to do');
});

t.test('a place that becomes free goes to the reserve, then to the last speakers', async (t) => {
  const stage = stageOf(3, 'abcde');
  stage.speaks(0, 'e');
  t.equal(seen(stage, 'x'), 'ae');
  t.equal(stage.remove('e'), true);
  t.equal(seen(stage, 'x'), 'ab');
  t.equal(stage.remove('nobody'), false);
  t.equal(stage.speaks(1, 'nobody'), false);
});

t.test(
  'whatever happens: limits hold, everybody on the stage sends, and nobody is dropped soon',
  async () => {
    const people = fc.integer({ min: 0, max: 14 });
    const step = fc.record({
      what: fc.constantFrom('add', 'remove', 'speaks', 'tick'),
      who: people,
      after: fc.nat(3_000),
    });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 6 }), fc.array(step, { maxLength: 80 }), (size, steps) => {
        const stage = new Stage<number>(size, STAY);
        const present = new Set<number>();
        const enteredAt = new Map<number, number>();
        let now = 0;
        for (const { what, who, after } of steps) {
          now += after;
          const before = new Set(stage.seenBy(-1));
          if (what === 'add') stage.add(who);
          else if (what === 'remove') stage.remove(who);
          else if (what === 'speaks') stage.speaks(now, who);
          if (what === 'add') present.add(who);
          if (what === 'remove') present.delete(who);
          if (stage.nextTimeout() <= now) stage.handleTimeout(now);
          const front = stage.seenBy(-1);
          if (front.length !== Math.min(size - 1, present.size))
            throw new Error('a place is empty or too many');
          for (const member of front) {
            if (!present.has(member)) throw new Error('one who left is still there');
            if (!before.has(member) && what === 'speaks' && member === who) enteredAt.set(member, now);
          }
          for (const member of before) {
            if (front.includes(member)) continue;
            const stayed = now - (enteredAt.get(member) ?? -Infinity);
            if (present.has(member) && stayed < STAY) throw new Error(`dropped after ${stayed} ms`);
            enteredAt.delete(member);
          }
          for (const viewer of present) {
            const others = stage.seenBy(viewer);
            const due = Math.min(size - 1, present.size - 1);
            if (others.includes(viewer) || new Set(others).size !== others.length || others.length > due)
              throw new Error(`${viewer} receives ${others.join()}`);
          }
        }
      }),
      { numRuns: 300 },
    );
  },
);

t.test('who is idle gives way to others, and keeps the place while nobody needs it', async (t) => {
  const small = stageOf(4, 'abc');
  t.equal(small.setIdle('b', true), false, 'nobody else is there');
  t.equal(seen(small, 'a'), 'bc');
  t.equal(small.add('d'), true);
  t.equal(small.add('e'), true);
  t.equal(seen(small, 'x'), 'acd', 'newcomers come first');
  t.equal(seen(small, 'a'), 'cde');

  const stage = stageOf(4, 'abcdef');
  t.equal(stage.setIdle('a', true), true);
  t.equal(seen(stage, 'x'), 'bcd');
  t.equal(seen(stage, 'b'), 'cde', 'the reserve is one who has something to show');
  t.equal(stage.speaks(1, 'a'), false, 'a voice without a picture takes no place');
  t.equal(seen(stage, 'x'), 'bcd');
  t.equal(stage.setIdle('e', true), true);
  t.equal(seen(stage, 'b'), 'cdf');
  t.equal(stage.setIdle('a', false), false, 'all places are taken');
  t.equal(stage.speaks(2, 'a'), true);
  t.equal(seen(stage, 'x'), 'abc');
  for (const member of 'abcdf') stage.setIdle(member, true);
  t.equal(seen(stage, 'x').length, 3, 'all are idle: no place stays empty');
  t.equal(stage.setIdle('nobody', true), false);
});
