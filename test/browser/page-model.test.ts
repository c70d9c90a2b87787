/** The parts of the meeting page that need no browser. */
import fc from 'fast-check';
import t from 'tap';
import { simulcastEncodings, singleEncoding } from '../../examples/meeting/web/model/camera-encodings.js';
import { fitGrid } from '../../examples/meeting/web/model/grid-layout.js';
import { levelOf } from '../../examples/meeting/web/model/level.js';
import { parseOptions } from '../../examples/meeting/web/model/options.js';
import { normalizeRoom, parseRoute, randomRoom, roomPath } from '../../examples/meeting/web/model/route.js';

t.test('rooms: path, hash, pasted links, and back', async (t) => {
  t.same(parseRoute('/', ''), { page: 'start' });
  t.same(parseRoute('/m/', ''), { page: 'start' });
  t.same(parseRoute('/m/abc', ''), { page: 'room', room: 'abc' });
  t.same(parseRoute('/', '#abc'), { page: 'room', room: 'abc' });
  t.same(parseRoute('/m/%E5ngstr', ''), { page: 'room', room: 'e5ngstr' }, 'broken escapes do no harm');
  t.equal(normalizeRoom('https://meet.example.org/m/Byggnads%20n'), 'byggnads20n');
  t.equal(normalizeRoom('<script>'), 'script');
  t.match(randomRoom(new Uint8Array(12).fill(255)), /^9999-9999-9999$/);
  fc.assert(
    fc.property(fc.string(), (typed) => {
      const room = normalizeRoom(typed);
      if (room === '') return;
      t.same(parseRoute(roomPath(room), ''), { page: 'room', room });
      t.equal(normalizeRoom(room), room);
      t.ok(room.length <= 64);
    }),
    { numRuns: 200 },
  );
});

t.test(
  'grid: whatever the box, the tiles fit and no other number of columns makes them larger',
  async (t) => {
    t.match(fitGrid(1, 1280, 720), { columns: 1, tileWidth: 1280, tileHeight: 720 });
    t.match(fitGrid(2, 1280, 600), { columns: 2, rows: 1 });
    t.match(fitGrid(2, 390, 700), { columns: 1, rows: 2 });
    t.match(fitGrid(25, 1600, 900), { columns: 5, rows: 5 });
    const gap = 8;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 0, max: 2000 }),
        (count, width, height) => {
          const { columns, rows, tileWidth, tileHeight } = fitGrid(count, width, height, gap);
          t.ok(columns * rows >= count);
          if (tileWidth === 0) return;
          t.ok(columns * tileWidth + (columns - 1) * gap <= width);
          t.ok(rows * tileHeight + (rows - 1) * gap <= height);
        },
      ),
      { numRuns: 200 },
    );
  },
);

t.test('encodings: fewer for small pictures, lowest first, bitrates rise', async (t) => {
  t.same(
    simulcastEncodings(320, 180).map((one) => one.scaleResolutionDownBy),
    [1],
  );
  t.same(
    simulcastEncodings(640, 360).map((one) => one.scaleResolutionDownBy),
    [2, 1],
  );
  t.same(
    simulcastEncodings(1280, 720).map((one) => one.scaleResolutionDownBy),
    [4, 2, 1],
  );
  t.equal(simulcastEncodings(360, 640).length, 2, 'a phone held upright');
  const rates = simulcastEncodings(1280, 720).map((one) => one.maxBitrate ?? 0);
  t.ok(rates[0] < rates[1] && rates[1] < rates[2], rates.join());
  t.same(singleEncoding(1280, 720), [{ maxBitrate: 1_700_000 }]);
});

t.test('options of the address', async (t) => {
  t.same(parseOptions(''), { codec: 'VP8', width: 1280, height: 720, frameRate: 30 });
  t.same(parseOptions('?codec=av1&video=320x180&fps=15'), {
    codec: 'AV1',
    width: 320,
    height: 180,
    frameRate: 15,
  });
  t.same(parseOptions('?codec=theora&video=huge&fps=900'), {
    codec: 'VP8',
    width: 1280,
    height: 720,
    frameRate: 30,
  });
});

t.test('level: silence is nothing, full scale is everything, between them it rises', async (t) => {
  t.equal(levelOf(new Float32Array(512)), 0);
  t.equal(levelOf(new Float32Array(512).fill(1)), 1);
  t.ok(levelOf(new Float32Array(512).fill(0.01)) < levelOf(new Float32Array(512).fill(0.1)));
});
