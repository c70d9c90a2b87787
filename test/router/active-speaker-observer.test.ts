import fc from 'fast-check';
import t from 'tap';
import { ActiveSpeakerObserver } from '#src/router/active-speaker-observer.js';
import { ObservedRoom } from '../support/observed-room.js';
import {
  background,
  during,
  type FakeProducer,
  noise,
  seeded,
  speech,
  type Voice,
} from '../support/speech.js';

function observed(interval = 300) {
  const room = new ObservedRoom();
  const observer = new ActiveSpeakerObserver('o', room, room, { interval });
  const join = (id: string, voice: Voice, packetMs?: number): FakeProducer => {
    const producer = room.join(id, voice, packetMs);
    observer.addProducer(room.now, id);
    return producer;
  };
  /** Who had the floor, in order, with the time since the room began. */
  const course = (): { at: number; who: string }[] =>
    room.told.map(({ at, data }) => ({ at: at - 1000, who: (data as { producerId: string }).producerId }));
  const speakers = (): string[] => course().map(({ who }) => who);
  return { room, observer, join, course, speakers };
}

const seeds = fc.integer({ min: 1, max: 0x7fffffff });

void t.test('who speaks gets the floor within a second; before that nobody has it', (t) => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = seeded(seed);
      const { room, join, course } = observed();
      join('listener', background(random));
      join('speaker', during([[5000, 60000]], speech(random), background(random)));
      join('another', background(random));
      room.advance(60000);
      const [first, ...others] = course();
      if (first?.who !== 'speaker' || others.length > 0) throw new Error(JSON.stringify(course()));
      if (first.at < 5000 || first.at > 6200) throw new Error(`at ${first.at} ms`);
    }),
    { numRuns: 40 },
  );
  t.end();
});

void t.test('alone in the room: told when speaking, not before', (t) => {
  const random = seeded(4);
  const { room, join, course } = observed();
  join('alone', during([[3000, 9000]], speech(random), background(random)));
  room.advance(3000);
  t.same(course(), []);
  room.advance(6000);
  t.match(course(), [{ who: 'alone' }]);
  t.end();
});

void t.test('two who take turns: each turn is followed once, within 1.5 s', (t) => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = seeded(seed);
      const { room, join, course } = observed();
      const turns: [number, number][] = [];
      for (let start = 0; start < 60000; start += 10000) turns.push([start, start + 5000]);
      const other = turns.map(([from, to]) => [from + 5000, to + 5000] as const);
      join('anna', during(turns, speech(random), background(random)));
      join('bo', during(other, speech(random), background(random)));
      join('silent', background(random));
      room.advance(60000);
      const told = course();
      const expected = Array.from({ length: 12 }, (_, turn) => (turn % 2 === 0 ? 'anna' : 'bo'));
      if (told.map(({ who }) => who).join() !== expected.join()) throw new Error(JSON.stringify(told));
      told.forEach(({ at }, turn) => {
        const delay = at - turn * 5000;
        if (delay < 0 || delay > 1500) throw new Error(`turn ${turn} after ${delay} ms`);
      });
    }),
    { numRuns: 30 },
  );
  t.end();
});

void t.test('coughs and words put in while somebody speaks change nothing', (t) => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const random = seeded(seed);
      const { room, join, speakers } = observed();
      const coughs: [number, number][] = [];
      for (let start = 3000; start < 58000; start += 2000 + random() * 3000)
        coughs.push([start, start + 250]);
      join('speaker', speech(random));
      join('coughing', during(coughs, noise(random, 10), background(random)));
      room.advance(60000);
      if (speakers().join() !== 'speaker') throw new Error(speakers().join());
    }),
    { numRuns: 40 },
  );
  t.end();
});

void t.test('the floor changes only when the one who has it is silent', (t) => {
  for (let pause = 0; pause < 5; pause++) {
    const random = seeded(14 + pause);
    const { room, join, speakers } = observed();
    const first = join('first', speech(random));
    room.advance(2000);
    t.same(speakers(), ['first']);
    // Loud four times out of five, so never for the whole of 100 ms: little activity over a second, but never none.
    let packets = 0;
    room.speak(first, () => (packets++ % 5 === pause ? 88 : 25));
    join('challenger', speech(random));
    room.advance(10000);
    t.same(speakers(), ['first'], 'silent in the last 100 ms');
    room.speak(first, () => 52);
    room.advance(5000);
    t.same(speakers(), ['first'], 'silent in the last 20 ms: speaking softly is not');
    room.speak(first, background(random));
    room.advance(2000);
    t.same(speakers(), ['first', 'challenger']);
  }
  t.end();
});

void t.test('a fan is not a speaker, however loud, once it has run for a while', (t) => {
  const random = seeded(7);
  const { room, join, speakers } = observed();
  join('fan', noise(random, 35));
  join('speaker', during([[2000, 8000]], speech(random), background(random)));
  room.advance(8000);
  t.same(speakers(), ['speaker']);
  room.advance(20000);
  t.same(speakers(), ['speaker'], 'nor when it is the only sound');
  t.end();
});

void t.test('a fan that is switched on sinks into the noise floor', (t) => {
  const random = seeded(8);
  const { room, join, course } = observed();
  join('fan', during([[10000, 120000]], noise(random, 35), background(random)));
  join('speaker', during([[40000, 45000]], speech(random), background(random)));
  join('back', during([[50000, 55000]], speech(random), background(random)));
  room.advance(60000);
  t.same(
    course()
      .filter(({ at }) => at > 30000)
      .map(({ who }) => who),
    ['speaker', 'back'],
    'it may be taken for speech at first, and never comes back',
  );
  t.end();
});

void t.test('a pause for breath does not lose the floor, nor does silence of all', (t) => {
  const random = seeded(9);
  const { room, join, speakers } = observed();
  join(
    'speaker',
    during(
      [
        [0, 4000],
        [4800, 9000],
        [20000, 24000],
      ],
      speech(random),
      background(random),
    ),
  );
  join('noisy', background(random, 60));
  room.advance(30000);
  t.same(speakers(), ['speaker']);
  t.end();
});

void t.test('packets of 60 ms, and none at all in silence', (t) => {
  const random = seeded(10);
  const { room, join, speakers } = observed();
  const one = join('one', speech(random), 60);
  const two = join('two', speech(random), 20);
  room.speak(two, null);
  room.advance(5000);
  t.same(speakers(), ['one']);
  room.speak(one, null);
  room.speak(two, speech(random));
  room.advance(3000);
  t.same(speakers(), ['one', 'two']);
  t.end();
});

void t.test('of several who begin together one wins, and stays', (t) => {
  const { room, join, speakers } = observed();
  join('softly', speech(seeded(1), 45));
  join('clearly', speech(seeded(2), 25));
  room.advance(600);
  t.equal(speakers().length <= 1, true);
  room.advance(5000);
  t.ok(speakers().length >= 1);
  t.equal(speakers().at(-1), 'clearly');
  t.end();
});

void t.test('a paused speaker loses the floor to the next who speaks', (t) => {
  const random = seeded(11);
  const { room, join, speakers } = observed();
  const one = join('one', speech(random));
  room.advance(3000);
  one.paused = true;
  room.advance(3000);
  t.same(speakers(), ['one'], 'silence takes nothing over');
  join('two', speech(random));
  room.advance(2000);
  t.same(speakers(), ['one', 'two']);
  one.paused = false;
  room.advance(2000);
  t.same(speakers(), ['one', 'two'], 'who is back has to wait for a turn');
  t.end();
});

void t.test('a speaker who leaves and comes back is told anew', (t) => {
  const random = seeded(12);
  const { room, observer, join, speakers } = observed();
  join('one', speech(random));
  room.advance(2000);
  observer.removeProducer('one');
  room.advance(2000);
  observer.addProducer(room.now, 'one');
  room.advance(2000);
  t.same(speakers(), ['one', 'one']);
  t.end();
});

void t.test('pause and resume of the observer', (t) => {
  const random = seeded(13);
  const { room, observer, join, speakers } = observed();
  join('one', during([[0, 3000]], speech(random), background(random)));
  join('two', during([[3000, 20000]], speech(random), background(random)));
  room.advance(2000);
  observer.pause();
  room.advance(8000);
  t.same(speakers(), ['one']);
  t.equal(room.timers.size, 0);
  observer.resume(room.now);
  room.advance(2000);
  t.same(speakers(), ['one', 'two']);
  observer.close();
  t.equal(room.timers.size, 0);
  t.end();
});

void t.test('interval is held within 100 and 5000 ms', (t) => {
  for (const [interval, first] of [
    [1, 100],
    [60000, 5000],
  ]) {
    const { room, join, course } = observed(interval);
    join('one', () => 20);
    // Without a word of background before it, a constant tone would be the noise floor.
    const two = join('two', () => 100);
    room.speak(two, (now) => (now < 40 ? 100 : 20));
    room.advance(5500);
    t.equal(course().length, 1);
    t.equal((course()[0].at - first) % first, 0);
  }
  t.end();
});
