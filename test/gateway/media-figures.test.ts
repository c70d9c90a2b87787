import t from 'tap';
import { MediaFigures } from '#src/gateway/media-figures.js';
import type { MediaStats } from '#src/gateway/media-backend.js';
import { FakeMedia } from './fake-media.js';

t.test('scrapes close together share one look', async (t) => {
  const media = new FakeMedia();
  let now = 1000;
  const figures = new MediaFigures(media, 100, () => now);
  t.equal(figures.stats.datagramsReceived, 0);
  await Promise.all([figures.refresh(), figures.refresh()]);
  now += 500;
  await figures.refresh();
  t.equal(media.looks, 1);
  t.equal(figures.stats, media.stats);
  now += 1;
  await figures.refresh();
  t.equal(media.looks, 2);
});

t.test('a look that lasts is not joined by another one', async (t) => {
  const media = new FakeMedia();
  const { stats } = media;
  const answers: ((stats: MediaStats) => void)[] = [];
  media.getStats = () => new Promise((resolve) => answers.push(resolve));
  let now = 0;
  const figures = new MediaFigures(media, 5_000, () => now);
  const first = figures.refresh();
  now += 4_000;
  const second = figures.refresh();
  t.equal(answers.length, 1);
  answers[0](stats as MediaStats);
  await Promise.all([first, second]);
  t.equal(figures.stats, stats);
});

t.test('after a failure the last known figures are served, and said to be old', async (t) => {
  const media = new FakeMedia();
  let now = 0;
  const figures = new MediaFigures(media, 100, () => now);
  await figures.refresh();
  media.stats = new Error('test');
  now += 1_000;
  await figures.refresh();
  t.match(figures.stats, { datagramsReceived: 7, answeringWorkers: 0 });
});
