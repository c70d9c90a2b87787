import t from 'tap';
import type { Peer, Shard } from '#src/gateway/peer.js';
import { RoomShards } from '#src/gateway/room-shards.js';
import { FakeMedia } from './fake-media.js';
import { silent } from './test-client.js';

function setUp(workers: number, maxConsumersPerWorker: number, streamsEach = 1) {
  const media = new FakeMedia(workers);
  const lost: Shard[] = [];
  const gone: Shard[] = [];
  const room = () =>
    new RoomShards(media, {
      maxConsumersPerWorker,
      log: silent,
      expectedStreams: () => streamsEach,
      onLost: (shard) => lost.push(shard),
      onGone: (shard) => gone.push(shard),
    });
  return { media, lost, gone, room: room(), otherRoom: room };
}

const perShard = ({ shards }: RoomShards): number[] => [...shards].map(({ seats }) => seats);

t.test('one worker until it is full, then the next, and when all are, the least loaded', async (t) => {
  const { media, room } = setUp(3, 4);
  for (let n = 0; n < 4; n++) await room.take();
  t.strictSame(perShard(room), [4]);
  for (let n = 0; n < 8; n++) await room.take();
  t.strictSame(perShard(room), [4, 4, 4]);
  for (let n = 0; n < 3; n++) await room.take();
  t.strictSame(perShard(room), [5, 5, 5]);
  t.equal(room.seats, 15);
  t.strictSame(new Set(media.openRouters.map(({ worker }) => worker)), new Set([0, 1, 2]));
});

t.test('a storm of joins spreads as one after another does', async (t) => {
  const { media, room } = setUp(4, 10, 2);
  const taken = await Promise.all(Array.from({ length: 20 }, () => room.take()));
  t.equal(new Set(taken).size, room.shards.size);
  t.strictSame(perShard(room), [5, 5, 5, 5]);
  t.equal(media.routers.length, 4);
});

t.test('a single worker takes everybody, and Infinity keeps a room together', async (t) => {
  for (const { room } of [setUp(1, 2), setUp(3, Infinity)]) {
    await Promise.all(Array.from({ length: 9 }, () => room.take()));
    t.strictSame(perShard(room), [9]);
  }
});

t.test('who receives costs what the worker counts, who has only come what is expected', async (t) => {
  const { room } = setUp(2, 4);
  const peers = [0, 1, 2, 3].map(() => ({}) as Peer);
  const first = await room.take();
  for (let n = 1; n < 4; n++) await room.take();
  for (const peer of peers) first.receiving.add(peer);
  t.equal(first.router.workerLoad, 0, 'they turn out to receive nothing');
  t.equal(await room.take(), first);
});

t.test('what other rooms do to a worker counts', async (t) => {
  const { room, otherRoom } = setUp(2, 4);
  const other = otherRoom();
  await room.take();
  for (let n = 0; n < 4; n++) await other.take();
  t.strictSame(perShard(other), [4], 'each began on a worker of its own');
  for (let n = 0; n < 4; n++) await room.take();
  t.strictSame(perShard(room), [4 + 1], 'and there is nowhere else to go');
  other.close();
  await room.take();
  t.strictSame(perShard(room), [5, 1]);
});

t.test('a shard ends with its last seat', async (t) => {
  const { media, room, gone } = setUp(2, 2);
  const taken = [await room.take(), await room.take(), await room.take()];
  room.leave(taken[0]);
  t.equal(media.openRouters.length, 2);
  room.leave(taken[1]);
  t.strictSame(gone, [taken[0]]);
  t.strictSame([media.openRouters.length, room.seats, taken[0].closed], [1, 1, true]);
  await room.take();
  t.strictSame(perShard(room), [2]);
});

t.test('a worker that dies takes its shard along, no other', async (t) => {
  const { media, room, lost } = setUp(2, 1);
  const [one, two] = [await room.take(), await room.take()];
  media.routers[0].die();
  t.strictSame(lost, [one]);
  t.strictSame([...room.shards], [two]);
  room.leave(one);
  t.equal(room.seats, 1);
});

t.test('when no second worker can be had, the room stays where it is', async (t) => {
  const { media, room } = setUp(2, 1);
  const first = await room.take();
  media.failure = new Error('no sockets left');
  t.equal(await room.take(), first);
  const { media: dead, room: empty } = setUp(1, 1);
  dead.failure = Object.assign(new Error('none alive'), { name: 'WorkerClosedError' });
  const asked = await Promise.allSettled([empty.take(), empty.take()]);
  t.ok(asked.every(({ status }) => status === 'rejected'));
  t.equal(empty.seats, 0);
});

t.test('a room that closes while a worker is asked leaves nothing behind', async (t) => {
  const { media, room } = setUp(2, 1);
  const asked = [room.take(), room.take()];
  room.close();
  for (const promise of asked) await t.rejects(promise, { name: 'InvalidStateError' });
  t.equal(media.openRouters.length, 0);
});
