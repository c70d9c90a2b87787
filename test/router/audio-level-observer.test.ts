import t from 'tap';
import { AudioLevelObserver } from '#src/router/audio-level-observer.js';
import { ObservedRoom } from '../support/observed-room.js';
import { FakeProducer, type Voice } from '../support/speech.js';

const at =
  (level: number): Voice =>
  () =>
    level;

function observed(settings: { maxEntries?: number; threshold?: number; interval?: number } = {}) {
  const room = new ObservedRoom();
  const observer = new AudioLevelObserver('o', room, room, {
    maxEntries: 1,
    threshold: -80,
    interval: 1000,
    ...settings,
  });
  const join = (id: string, voice: Voice, packetMs?: number): FakeProducer => {
    const producer = room.join(id, voice, packetMs);
    observer.addProducer(room.now, id);
    return producer;
  };
  return { room, observer, join };
}

void t.test('the loudest first, as many as wanted, once an interval', (t) => {
  const { room, join } = observed({ maxEntries: 2 });
  join('quiet', at(70));
  join('loud', at(20));
  join('middle', at(40));
  join('also middle', at(40));
  room.advance(3500);
  const expected = [
    { producerId: 'loud', volume: -20 },
    { producerId: 'middle', volume: -40 },
  ];
  t.same(room.events('volumes'), [expected, expected, expected]);
  t.same(
    room.told.map((entry) => entry.at),
    [2000, 3000, 4000],
  );
  t.end();
});

void t.test('the volume is the average of the interval, in dBov', (t) => {
  const { room, join } = observed();
  let packets = 0;
  join('one', () => (packets++ % 2 === 0 ? 20 : 41));
  room.advance(1001);
  t.match(room.events('volumes'), [[{ volume: -30 }]]);
  const loudest = observed();
  loudest.join('clipping', at(0));
  loudest.room.advance(1001);
  t.ok(Object.is((loudest.room.events('volumes')[0] as { volume: number }[])[0].volume, 0), 'and not -0');
  t.end();
});

void t.test('silence is told once, and only after volumes', (t) => {
  const { room, join } = observed({ threshold: -50 });
  const producer = join('one', at(60));
  room.advance(2001);
  t.same(room.told, [], 'it was never loud');
  room.speak(producer, at(30));
  room.advance(2000);
  room.speak(producer, at(51));
  room.advance(4000);
  t.same(
    room.told.map(({ event }) => event),
    ['volumes', 'volumes', 'silence'],
  );
  room.speak(producer, at(50));
  room.advance(2000);
  t.match(room.events('volumes').at(-1), [{ volume: -50 }], 'the threshold itself is listed');
  t.end();
});

void t.test('a few packets are no volume; a short interval needs fewer', (t) => {
  const { room, observer, join } = observed();
  const producer = join('one', at(30), 120);
  room.advance(2500);
  t.same(room.events('volumes'), [], '8 packets a second');
  room.speak(producer, null);
  observer.close();
  const short = observed({ interval: 250 });
  short.join('long packets', at(30), 60);
  short.room.advance(1001);
  t.equal(short.room.events('volumes').length, 4);
  t.end();
});

void t.test('interval is held within 250 and 5000 ms', (t) => {
  for (const [interval, ms] of [
    [1, 250],
    [65000, 5000],
  ]) {
    const { room, join } = observed({ interval });
    join('one', at(30));
    room.advance(ms);
    t.equal(room.told.length, 0);
    room.advance(1);
    t.equal(room.told.length, 1);
  }
  t.end();
});

void t.test('a paused or removed producer is not listed', (t) => {
  const { room, observer, join } = observed({ maxEntries: 5 });
  const one = join('one', at(20));
  join('two', at(30));
  room.advance(900);
  one.paused = true;
  room.advance(200);
  t.same(room.events('volumes'), [[{ producerId: 'two', volume: -30 }]], 'although it was loud before');
  observer.removeProducer('two');
  observer.removeProducer('two');
  observer.removeProducer('never added');
  t.same(observer.producerIds, ['one']);
  room.advance(1000);
  t.equal(room.told.at(-1)?.event, 'silence');
  one.paused = false;
  room.advance(2000);
  t.match(room.told.at(-1), { event: 'volumes', data: [{ producerId: 'one' }] });
  t.end();
});

void t.test('the last producer leaves: silence, and then the timer rests', (t) => {
  const { room, observer, join } = observed();
  const one = join('one', at(20));
  room.advance(1500);
  observer.removeProducer('one');
  t.equal(one.audioLevelListeners.length, 0);
  room.advance(5000);
  t.same(
    room.told.map(({ event }) => event),
    ['volumes', 'silence'],
  );
  t.equal(room.timers.size, 0);
  t.end();
});

void t.test('pause: silence at once, nothing heard meanwhile; resume', (t) => {
  const { room, observer, join } = observed();
  const one = join('one', at(20));
  room.advance(1500);
  observer.pause();
  observer.pause();
  t.equal(room.told.at(-1)?.event, 'silence');
  t.equal(one.audioLevelListeners.length, 0);
  join('late', at(90));
  room.advance(5000);
  t.equal(room.told.length, 2);
  room.speak(one, at(40));
  observer.resume(room.now);
  observer.resume(room.now);
  t.equal(one.audioLevelListeners.length, 1);
  room.advance(1001);
  t.same(room.told.at(-1)?.data, [{ producerId: 'one', volume: -40 }], 'no memory of before the pause');
  t.end();
});

void t.test('addProducer: audio of this router, once', (t) => {
  const { room, observer } = observed();
  const audio = new FakeProducer('audio');
  room.add(audio);
  room.add(new FakeProducer('video', 'video'));
  t.equal(observer.addProducer(0, 'nobody'), false);
  t.throws(() => observer.addProducer(0, 'video'), { name: 'TypeError', message: /audio producer/ });
  t.equal(observer.addProducer(0, 'audio'), true);
  t.equal(observer.addProducer(0, 'audio'), true);
  t.equal(audio.audioLevelListeners.length, 1);
  observer.close();
  t.equal(audio.audioLevelListeners.length, 0);
  t.equal(room.observers.size, 0);
  t.equal(room.timers.size, 0);
  t.end();
});
