import t, { type Test } from 'tap';
import type { Peer, PeerProducer, Shard } from '#src/gateway/peer.js';
import { PipeRegistry } from '#src/gateway/pipe-registry.js';
import { until } from '../support/until.js';
import { FakeMedia, type FakeProducer, type FakeRouter } from './fake-media.js';
import { videoParameters } from './test-client.js';

const LINGER_MS = 30;

/** A producer on the first of so many workers. */
async function setUp(t: Test, workers = 3, lingerMs = LINGER_MS) {
  const media = new FakeMedia(workers);
  const routers: FakeRouter[] = [];
  while (routers.length < workers) routers.push(await media.createRouter({ notOn: routers }));
  const [near, ...far] = routers.map(shardOf);
  const transport = await routers[0].createTransport();
  const fake = await transport.produce({ kind: 'video', rtpParameters: videoParameters, paused: false });
  const producer: PeerProducer = { media: fake, source: 'camera', owner: { shard: near } as Peer };
  const pipes = new PipeRegistry(lingerMs);
  t.teardown(() => pipes.close());
  return { media, near, far, fake, producer, pipes };
}

function shardOf(router: FakeRouter): Shard {
  return { router, peers: new Set(), receiving: new Set(), seats: 1, closed: false };
}

/** Closes the way until it is told to open. */
function holdPipes(media: FakeMedia): () => void {
  let open = (): void => {};
  media.piping = new Promise((resolve) => (open = resolve));
  return open;
}

/** What a registry had set to end before this call has ended: timers of one length fire in the order they were set. */
async function lingeringIsOver(t: Test): Promise<void> {
  const { far, producer, pipes } = await setUp(t);
  (await pipes.acquire(producer, far[0]))();
  await until(() => pipes.size === 0);
}

const isOffered = ({ router }: Shard, { id }: FakeProducer): boolean =>
  (router as FakeRouter).producers.has(id);

t.test('one pipe for all on a shard, made once, and none on its own', async (t) => {
  const { media, near, far, fake, producer, pipes } = await setUp(t);
  (await pipes.acquire(producer, near))();
  t.equal(media.pipesAsked, 0);
  const go = holdPipes(media);
  const asked = [far[0], far[0], far[1], far[0]].map((shard) => pipes.acquire(producer, shard));
  t.equal(media.pipesAsked, 2, 'two at once share one');
  go();
  const [one, two, other, three] = await Promise.all(asked);
  t.ok(isOffered(far[0], fake) && isOffered(far[1], fake));
  t.equal(pipes.size, 2);

  one();
  one();
  two();
  other();
  await until(() => pipes.size === 1);
  t.ok(isOffered(far[0], fake), 'somebody receives it still');
  t.notOk(isOffered(far[1], fake));
  three();
  await until(() => pipes.size === 0);
  t.equal(media.openPipes.length, 0);
});

t.test('who comes back soon finds it still there', async (t) => {
  const { media, far, producer, pipes } = await setUp(t);
  for (let turn = 0; turn < 10; turn++) {
    const release = await pipes.acquire(producer, far[0]);
    release();
  }
  const release = await pipes.acquire(producer, far[0]);
  await lingeringIsOver(t);
  t.strictSame([media.pipesAsked, media.openPipes.length], [1, 1], 'and keeps it');
  release();
  await until(() => media.openPipes.length === 0);
  await pipes.acquire(producer, far[0]);
  t.equal(media.pipesAsked, 2);
  t.equal(media.openPipes.length, 1);
});

t.test('a producer that closes while it is piped', async (t) => {
  const { media, far, fake, producer, pipes } = await setUp(t);
  const go = holdPipes(media);
  const asked = [pipes.acquire(producer, far[0]), pipes.acquire(producer, far[0])];
  fake.close();
  go();
  for (const promise of asked) await t.rejects(promise, { name: 'NotFoundError' });
  t.equal(pipes.size, 0);
  t.equal(media.openPipes.length, 0);
});

t.test('nobody wants it any more when it is made', async (t) => {
  const { media, far, producer, pipes } = await setUp(t);
  const go = holdPipes(media);
  const asked = pipes.acquire(producer, far[0]);
  go();
  (await asked)();
  await until(() => media.openPipes.length === 0);
  t.equal(pipes.size, 0);
});

t.test('what ends by itself is forgotten, and made anew for the next', async (t) => {
  const { media, far, fake, producer, pipes } = await setUp(t);
  const release = await pipes.acquire(producer, far[0]);
  media.openPipes[0].close();
  t.equal(pipes.size, 0);
  const again = await pipes.acquire(producer, far[0]);
  t.equal(media.pipesAsked, 2);
  release();
  await lingeringIsOver(t);
  t.equal(media.openPipes.length, 1, 'the release of the first is not that of the second');
  (far[0].router as FakeRouter).die();
  t.equal(pipes.size, 0);
  again();
  await t.rejects(pipes.acquire(producer, far[0]), { name: 'NotFoundError' });
  await pipes.acquire(producer, far[1]);
  fake.close();
  t.equal(pipes.size, 0);
});

t.test('a closed registry leaves no timer behind', async (t) => {
  const { media, far, producer, pipes } = await setUp(t, 2, 2 ** 30);
  (await pipes.acquire(producer, far[0]))();
  pipes.close();
  t.equal(pipes.size, 0);
  t.equal(media.openPipes.length, 1, 'its router ends it');
});
