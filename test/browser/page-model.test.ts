/** The parts of the meeting page that need no browser. */
import fc from 'fast-check';
import t from 'tap';
import type { RemotePeer } from '#src/client/index.js';
import { singleEncoding } from '../../examples/meeting/web/model/camera-encodings.js';
import {
  bitrateText,
  qualityText,
  receivedFacts,
  shareText,
} from '../../examples/meeting/web/model/connection-words.js';
import { fitGrid } from '../../examples/meeting/web/model/grid-layout.js';
import { levelOf } from '../../examples/meeting/web/model/level.js';
import { parseOptions } from '../../examples/meeting/web/model/options.js';
import { Participant } from '../../examples/meeting/web/model/participant.js';
import { MAX_TILES, shownPeople } from '../../examples/meeting/web/model/shown-people.js';
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

t.test('a camera in one stream gets what its largest layer would', async (t) => {
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

type Sources = Record<string, { paused: boolean }>;

/** A peer with these tracks, and these sources where they differ; `sizes` collects what is asked of them. */
function person(
  id: string,
  tracks: Sources,
  sources = tracks,
  layers?: null,
  sizes: string[] = [],
): Participant {
  const peer = {
    id,
    displayName: id,
    tracks: new Map(
      Object.entries(tracks).map(([source, { paused }]) => [
        source,
        {
          ...{ id: source, source, paused, layers, track: {}, consumedAt: 0 },
          setDisplaySize: (width: number, height: number) => sizes.push(`${source} ${width}x${height}`),
        },
      ]),
    ),
    sources: new Map(Object.entries(sources)),
  };
  return new Participant(peer as unknown as RemotePeer);
}

t.test('people: what they have on shows also when it is not received here', async (t) => {
  const on = { paused: false };
  const off = { paused: true };
  t.same(person('a', { camera: on, microphone: off }).live.value, {
    cameraLive: true,
    microphoneLive: false,
  });
  const outside = person('b', {}, { camera: on, microphone: on });
  t.same(outside.live.value, { cameraLive: true, microphoneLive: true });
  t.equal(outside.received.value, false);
  t.same(person('c', { camera: off }, { camera: on }).live.value.cameraLive, false, 'the track is quicker');
  t.equal(person('d', { camera: on }, undefined, null).camera.value?.forwarded, false);
});

t.test('pictures are asked for in no size until a view has one', async (t) => {
  const on = { paused: false };
  const sizes: string[] = [];
  const anna = person('a', { microphone: on, camera: on, screen: on }, undefined, undefined, sizes);
  t.same(sizes, ['camera 0x0', 'screen 0x0']);
  anna.refresh();
  t.equal(sizes.length, 2, 'once');
});

t.test('tiles: everybody while there is room, then those who are received or pinned', async (t) => {
  const few = Array.from({ length: MAX_TILES - 1 }, (_, n) => person(`p${n}`, {}));
  t.equal(shownPeople(few, []), few);
  const many = Array.from({ length: 100 }, (_, n) =>
    person(`p${n}`, n % 10 === 0 ? { camera: { paused: false } } : {}),
  );
  t.same(
    shownPeople(many, ['p55']).map(({ id }) => id),
    ['p0', 'p10', 'p20', 'p30', 'p40', 'p50', 'p55', 'p60', 'p70', 'p80', 'p90'],
  );
  const all = Array.from({ length: 100 }, (_, n) => person(`p${n}`, { camera: { paused: false } }));
  t.equal(shownPeople(all, []).length, MAX_TILES - 1);
});

t.test('words for a connection', async (t) => {
  t.equal(qualityText({ level: 'good', reasons: [] }), 'Good');
  t.equal(
    qualityText({ level: 'poor', reasons: ['delay', 'sender'] }),
    'Poor: long delay, trouble on the other side',
  );
  t.same([bitrateText(31_400), bitrateText(1_249_000)], ['31 kbit/s', '1.2 Mbit/s']);
  t.same([shareText(0), shareText(0.004), shareText(0.31)], ['0 %', '0.4 %', '31 %']);
  const track = {
    peerId: 'p',
    quality: { level: 'good' as const, reasons: [] },
    freezeCount: 2,
    bitrate: 500_000,
  };
  const picture = { width: 640, height: 360, framesPerSecond: 29.7 };
  t.same(
    receivedFacts({
      ...track,
      ...picture,
      source: 'camera',
      layers: { spatialLayer: 1, temporalLayer: 2 },
    }).map(({ label, value }) => `${label}: ${value}`),
    ['Bitrate: 500 kbit/s', 'Picture: 640 × 360, 30 per second', 'Layer: size 2, rate 3', 'Freezes: 2'],
  );
  t.same(
    receivedFacts({ ...track, source: 'camera', layers: null }).map(({ label }) => label),
    ['Bitrate', 'Layer', 'Freezes'],
  );
  t.same(
    receivedFacts({ ...track, source: 'microphone', layers: undefined, concealed: 0.02 }).map(
      ({ value }) => value,
    ),
    ['500 kbit/s', '2.0 %'],
  );
});
