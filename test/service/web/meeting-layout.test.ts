/** Where tiles and the shared screen go, whatever the room. */
import fc from 'fast-check';
import t from 'tap';
import {
  fillPlaces,
  layRoom,
  type Place,
  type RoomWish,
} from '../../../examples/meeting/web/meeting/model/room-layout.js';

const desktop = { width: 1264, height: 640, screen: false, large: 0, small: 2 };
const phone = { width: 374, height: 640, screen: false, large: 0, small: 2 };

const wish: fc.Arbitrary<RoomWish> = fc.record({
  width: fc.integer({ min: 200, max: 3000 }),
  height: fc.integer({ min: 260, max: 2000 }),
  screen: fc.boolean(),
  large: fc.integer({ min: 0, max: 4 }),
  small: fc.integer({ min: 1, max: 25 }),
});

function overlap(one: Place, other: Place): boolean {
  return (
    one.left < other.left + other.width &&
    other.left < one.left + one.width &&
    one.top < other.top + other.height &&
    other.top < one.top + one.height
  );
}

/** Null: all is well. */
function fault(wish: RoomWish): string | null {
  const { screen, large, small } = layRoom(wish);
  const places = [...(screen === null ? [] : [screen]), ...large, ...small];
  if ((screen !== null) !== wish.screen) return 'the screen';
  if (large.length !== wish.large) return 'not everybody large';
  if (small.length < 1 || small.length > wish.small) return 'the number of small ones';
  for (const [index, place] of places.entries()) {
    const { left, top, width, height } = place;
    if (left < 0 || top < 0 || left + width > wish.width || top + height > wish.height) return 'outside';
    if (places.slice(index + 1).some((other) => overlap(place, other))) return 'one over the other';
  }
  return null;
}

t.test('everything lies in the room and nothing over anything else', async (t) => {
  fc.assert(
    fc.property(wish, (wish) => t.equal(fault(wish), null)),
    { numRuns: 500 },
  );
});

t.test('who is large is larger than the others, and a shared screen larger still', async (t) => {
  const area = ({ width, height }: Place): number => width * height;
  for (const room of [desktop, phone, { ...phone, width: 804, height: 1000 }]) {
    const { large, small } = layRoom({ ...room, large: 1, small: 4 });
    t.ok(area(large[0]) > 3 * area(small[0]));
    const presented = layRoom({ ...room, screen: true, large: 1, small: 4 });
    t.ok(area(presented.screen!) > area(presented.large[0]));
    t.ok(presented.large[0].width >= 200, 'an interpreter stays readable beside the screen');
  }
});

t.test('a room in which nothing is large has equal tiles, in wide rooms as wide as pictures', async (t) => {
  const { small } = layRoom({ ...desktop, small: 5 });
  t.equal(new Set(small.map(({ width, height }) => `${width}x${height}`)).size, 1);
  t.ok(Math.abs(small[0].width / small[0].height - 16 / 9) < 0.02);
  t.equal(
    small[3].left - small[0].left,
    Math.round((small[0].width + 8) / 2),
    'the last row is in the middle',
  );
  const tall = layRoom(phone).small;
  t.ok(tall[0].width / tall[0].height < 1.4, 'squarer where that fills the room');
});

t.test('on a phone no tile gets too small to see a face: the others are not shown', async (t) => {
  const { small } = layRoom({ ...phone, small: 25 });
  t.ok(small.length < 25 && small.length >= 12);
  t.ok(small[0].width >= 104);
  t.equal(layRoom({ ...phone, large: 1, small: 10 }).small.length, 3);
});

t.test('before anything is measured nobody is drawn small', async (t) => {
  t.same(layRoom({ width: 0, height: 0, screen: true, large: 1, small: 3 }).small, []);
});

t.test('places: the first ones, and in the last whoever must be seen', async (t) => {
  t.same(fillPlaces(3, 5, -1), [0, 1, 2]);
  t.same(fillPlaces(9, 3, -1), [0, 1, 2]);
  t.same(fillPlaces(9, 3, 7), [0, 1, 7]);
  t.same(fillPlaces(9, 3, 1), [0, 1, 2]);
  t.same(fillPlaces(9, 0, 4), []);
});
