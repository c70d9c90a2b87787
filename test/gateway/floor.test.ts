import t from 'tap';
import { Floor, HANDOVER_MS, type Volume } from '#src/gateway/floor.js';

const loud = (...producerIds: string[]): Volume[] =>
  producerIds.map((producerId, index) => ({ producerId, volume: -30 - index }));

t.test('in one place it is as that place says', (t) => {
  const floor = new Floor<string>();
  t.equal(floor.heard(0, 'here', loud('anna')), null, 'loud, but nobody has said that she leads');
  t.equal(floor.dominant(300, 'here', 'anna'), 'anna');
  t.equal(floor.heard(500, 'here', loud('anna', 'bo')), null);
  t.equal(floor.dominant(600, 'here', 'bo'), 'bo', 'at once, however loud she still is');
  t.equal(floor.heard(60_000, 'here', []), null, 'silence changes nothing');
  t.end();
});

t.test('two who talk at once in different places do not take it from each other', (t) => {
  const floor = new Floor<string>();
  floor.dominant(0, 'here', 'anna');
  t.equal(floor.dominant(100, 'there', 'bo'), null);
  for (let now = 500; now < 20_000; now += 500) {
    t.equal(floor.heard(now, 'here', loud('anna')), null);
    t.equal(floor.heard(now + 250, 'there', [{ producerId: 'bo', volume: -10 }]), null);
  }
  t.end();
});

t.test('it goes to another place when whoever has it has been quiet for a while', (t) => {
  const floor = new Floor<string>();
  floor.dominant(0, 'here', 'anna');
  floor.dominant(0, 'there', 'bo');
  floor.heard(500, 'here', loud('anna'));
  floor.heard(1_000, 'here', []);
  t.equal(floor.heard(1_250, 'there', loud('bo')), null, 'a pause between words');
  t.equal(floor.heard(500 + HANDOVER_MS, 'there', loud('bo')), 'bo');
  t.equal(floor.heard(2_000, 'there', []), null);
  t.equal(
    floor.heard(500 + 3 * HANDOVER_MS, 'here', loud('anna')),
    'anna',
    'and back, though her own place has nothing new to say of her',
  );
  t.equal(floor.dominant(9_000, 'there', 'cleo'), 'cleo', 'or right with the word that somebody leads there');
  t.end();
});

t.test('it goes to the loudest of those who lead somewhere', (t) => {
  const floor = new Floor<number>();
  floor.dominant(0, 0, 'anna');
  for (const [place, producerId] of ['bo', 'cleo', 'dan'].entries()) {
    floor.dominant(0, place + 1, producerId);
  }
  floor.heard(900, 1, [{ producerId: 'bo', volume: -50 }]);
  floor.heard(900, 2, [{ producerId: 'cleo', volume: -25 }]);
  t.equal(floor.heard(HANDOVER_MS, 3, [{ producerId: 'stranger', volume: -1 }]), 'cleo');
  t.end();
});

t.test('who is gone has it no longer, alone or with a whole place', (t) => {
  const floor = new Floor<string>();
  floor.dominant(0, 'here', 'anna');
  floor.dominant(0, 'there', 'bo');
  floor.heard(100, 'there', loud('bo', 'cleo'));
  floor.heard(100, 'here', [{ producerId: 'anna', volume: -30.5 }]);
  t.strictSame(
    floor.volumes().map(({ producerId }) => producerId),
    ['bo', 'anna', 'cleo'],
    'the loudest first',
  );
  floor.producerRemoved('anna');
  t.equal(floor.heard(200, 'there', loud('bo', 'cleo')), 'bo', 'nobody need be waited for');
  floor.placeRemoved('there');
  t.strictSame(floor.volumes(), []);
  t.equal(floor.dominant(300, 'here', 'dan'), 'dan');
  t.end();
});
