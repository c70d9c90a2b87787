/** What the meeting shows of people, pictures and connections, without a browser. */
import fc from 'fast-check';
import t from 'tap';
import type { RemotePeer } from '#src/client/index.js';
import { singleEncoding } from '../../../examples/meeting/web/meeting/model/camera-encodings.js';
import {
  bitrateText,
  qualityText,
  receivedFacts,
  shareText,
} from '../../../examples/meeting/web/meeting/model/connection-words.js';
import { sizeText } from '../../../examples/meeting/web/meeting/model/file-size.js';
import { fitGrid } from '../../../examples/meeting/web/meeting/model/grid-layout.js';
import { handQueue } from '../../../examples/meeting/web/meeting/model/hands.js';
import { levelOf } from '../../../examples/meeting/web/meeting/model/level.js';
import { namesOf } from '../../../examples/meeting/web/meeting/model/names.js';
import { parseOptions } from '../../../examples/meeting/web/meeting/model/options.js';
import { Participant } from '../../../examples/meeting/web/meeting/model/participant.js';
import { MAX_TILES, shownPeople } from '../../../examples/meeting/web/meeting/model/shown-people.js';
import { Stage } from '../../../examples/meeting/web/meeting/model/stage.js';
import { language } from '../../../examples/meeting/web/service/texts/texts.js';

t.beforeEach(() => {
  language.value = 'en';
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

interface Peer {
  id: string;
  tracks?: Sources;
  /** Default: as the tracks. */
  sources?: Sources;
  layers?: null;
  participantId?: string;
  info?: Record<string, string>;
  handRaisedAt?: number | null;
}

/** `sizes` collects what is asked of the pictures. */
function person(given: Peer, sizes: string[] = []): Participant {
  const { id, tracks = {}, sources = tracks, layers, participantId, info = {}, handRaisedAt = null } = given;
  const peer = {
    ...{ id, displayName: id, participantId, info, handRaisedAt },
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

const on = { paused: false };
const off = { paused: true };

t.test('people: what they have on shows also when it is not received here', async (t) => {
  t.same(person({ id: 'a', tracks: { camera: on, microphone: off } }).live.value, {
    cameraLive: true,
    microphoneLive: false,
  });
  const outside = person({ id: 'b', sources: { camera: on, microphone: on } });
  t.same(outside.live.value, { cameraLive: true, microphoneLive: true });
  t.equal(outside.received.value, false);
  const quick = person({ id: 'c', tracks: { camera: off }, sources: { camera: on } });
  t.same(quick.live.value.cameraLive, false, 'the track is quicker');
  t.equal(person({ id: 'd', tracks: { camera: on }, layers: null }).camera.value?.forwarded, false);
});

t.test('pictures are asked for in no size until a view has one', async (t) => {
  const sizes: string[] = [];
  const anna = person({ id: 'a', tracks: { microphone: on, camera: on, screen: on } }, sizes);
  t.same(sizes, ['camera 0x0', 'screen 0x0']);
  anna.refresh();
  t.equal(sizes.length, 2, 'once');
});

t.test('people: role and level are what the service vouches for, and nothing made up', async (t) => {
  const tolk = person({ id: 'a', info: { role: 'interpreter', assurance: 'substantial' } });
  t.same([tolk.role, tolk.assurance], ['interpreter', 'substantial']);
  const odd = person({ id: 'b', info: { role: 'king', assurance: 'divine' } });
  t.same([odd.role, odd.assurance], ['participant', null]);
  t.equal(person({ id: 'c', participantId: 'p' }).key, 'p');
  t.equal(person({ id: 'c' }).key, 'c');
});

t.test('tiles: everybody while there is room, then those who are received or pinned', async (t) => {
  const few = Array.from({ length: MAX_TILES - 1 }, (_, n) => person({ id: `p${n}` }));
  t.equal(shownPeople(few, []), few);
  const many = Array.from({ length: 100 }, (_, n) =>
    person({ id: `p${n}`, tracks: n % 10 === 0 ? { camera: on } : {} }),
  );
  t.same(
    shownPeople(many, ['p55']).map(({ id }) => id),
    ['p0', 'p10', 'p20', 'p30', 'p40', 'p50', 'p55', 'p60', 'p70', 'p80', 'p90'],
  );
  const all = Array.from({ length: 100 }, (_, n) => person({ id: `p${n}`, tracks: { camera: on } }));
  t.equal(shownPeople(all, []).length, MAX_TILES - 1);
});

t.test('stage: the pinned are large, else in the speaker view who spoke last', async (t) => {
  const people = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => person({ id, participantId: `p-${id}` }));
  const ids = () => stage.large(people).map(({ id }) => id);
  const stage = new Stage();
  t.same(ids(), [], 'the grid has nobody large');
  stage.setView('speaker');
  t.same(ids(), ['a'], 'nobody has spoken yet');
  stage.speaker.value = 'p-c';
  t.same(ids(), ['c']);
  stage.togglePin('p-b', people);
  t.same(ids(), ['b'], 'whoever speaks');
  t.same(
    stage.large([person({ id: 'z', participantId: 'p-b' })]).map(({ id }) => id),
    ['z'],
    'also when that person comes back as another peer',
  );
  for (const key of ['p-c', 'p-d', 'p-e']) stage.togglePin(key, people);
  t.same(ids(), ['b', 'c', 'd', 'e']);
  stage.togglePin('p-f', people);
  t.same(ids(), ['c', 'd', 'e', 'f'], 'four at most; the first one goes');
  stage.togglePin('p-a', people.slice(0, 4));
  t.same(ids(), ['a', 'c', 'd'], 'those who are gone make room first');
  stage.togglePin('p-a', people);
  t.same(ids(), ['c', 'd']);
});

t.test('hands: in the order in which they went up', async (t) => {
  t.same(
    handQueue([
      { id: 'self', name: 'Me', at: 20 },
      { id: 'a', name: 'A', at: null },
      { id: 'b', name: 'B', at: 10 },
    ]).map(({ id }) => id),
    ['b', 'self'],
  );
});

t.test('names in a sentence', async (t) => {
  const people = ['Anna', 'Bo', 'Cilla'].map((name) => ({ id: name, name }));
  t.equal(namesOf(['Anna'], people, 'somebody'), 'Anna');
  t.equal(namesOf(['Anna', 'Bo', 'Cilla'], people, 'somebody'), 'Anna, Bo and Cilla');
  language.value = 'sv';
  t.equal(namesOf(['Bo', 'gone'], people, 'någon'), 'Bo och någon');
});

t.test('sizes of files', async (t) => {
  t.same([sizeText(734), sizeText(12_345), sizeText(3_449_000)], ['734 byte', '12 kB', '3.4 MB']);
  language.value = 'sv';
  t.equal(sizeText(3_449_000), '3,4 MB');
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
