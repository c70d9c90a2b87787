/** A room on several workers, over fake media. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import type { GatewayOptions } from '#src/gateway/index.js';
import type { JoinResponse } from '#src/signalling/messages.js';
import { CloseCode } from '#src/signalling/protocol.js';
import { until } from '../support/until.js';
import { FakeMedia, type FakeRouter } from './fake-media.js';
import { produceData, startGateway, TestClient } from './test-client.js';

interface Person {
  client: TestClient;
  joined: JoinResponse;
  camera: string;
  microphone: string;
}

/** The first three fill the first worker. */
const options = {
  limits: { lastN: 0, lastNAudio: 0, maxConsumersPerWorker: 12, messageBurst: 1e6 },
  timing: { pipeLinger: 20, consumerLinger: 20 },
};

async function start(t: Test, workers: number, more: Partial<GatewayOptions> = {}) {
  const warnings: string[] = [];
  const sink = new Writable({ write: (chunk, _encoding, done) => (warnings.push(String(chunk)), done()) });
  const logger = pino({ level: 'warn' }, sink);
  const room = await startGateway(t, { ...options, logger, ...more }, new FakeMedia(workers));
  return { ...room, warnings };
}

async function enter(t: Test, url: string): Promise<Person> {
  const { client, joined } = await TestClient.join(t, url);
  const { producerId: camera } = await client.request('produce', produceData(joined));
  const { producerId: microphone } = await client.request('produce', produceData(joined, 'audio/opus'));
  return { client, joined, camera, microphone };
}

async function fill(t: Test, count: number, workers: number, more: Partial<GatewayOptions> = {}) {
  const room = await start(t, workers, more);
  const people: Person[] = [];
  for (let n = 0; n < count; n++) {
    people.push(await enter(t, room.url));
    await until(() => openConsumers(room.media) === 2 * (n + 1) * n);
  }
  return { ...room, people };
}

function openConsumers(media: FakeMedia): number {
  return media.openRouters.reduce((sum, { openConsumers }) => sum + openConsumers.length, 0);
}

function routerOf(media: FakeMedia, { joined }: Person): FakeRouter {
  const { transportId } = joined.transports[0];
  return media.routers.find(({ transports }) => transports.some(({ id }) => id === transportId))!;
}

/** Producers that somebody receives, sorted. */
function received({ media }: { media: FakeMedia }, person: Person): string[] {
  const ids = person.joined.transports.map(({ transportId }) => transportId);
  const transports = routerOf(media, person).transports.filter(({ id }) => ids.includes(id));
  const consumers = transports.flatMap(({ consumers }) => [...consumers].filter(({ closed }) => !closed));
  return consumers.map(({ producer }) => producer.id).sort();
}

function holdPipes(media: FakeMedia): () => void {
  let open = (): void => {};
  media.piping = new Promise((resolve) => (open = resolve));
  return open;
}

t.test('everybody receives everybody, each stream is piped once to each other worker', async (t) => {
  const room = await fill(t, 8, 3);
  const { people, media, http } = room;
  const shards = media.openRouters;
  t.equal(shards.length, 3);
  t.equal(new Set(people.map((person) => routerOf(media, person))).size, 3);
  for (const person of people) {
    const others = people.filter((other) => other !== person);
    t.strictSame(
      received(room, person),
      others.flatMap(({ camera, microphone }) => [camera, microphone]).sort(),
    );
  }
  t.equal(media.openPipes.length, 2 * 8 * 2);
  t.equal(media.pipesAsked, 2 * 8 * 2);
  const metrics = (await (await fetch(`${http}/metrics`)).text()).split('\n');
  const loads = media.workerLoads.map(
    (load, worker) => `sluss_media_worker_load{worker="${worker}"} ${load}`,
  );
  for (const line of ['sluss_rooms 1', 'sluss_room_shards 3', 'sluss_pipes 32', ...loads]) {
    t.ok(metrics.includes(line), line);
  }
  t.equal(
    media.workerLoads.reduce((sum, load) => sum + load),
    2 * 8 * 7,
  );
});

t.test('pausing, resuming and closing reach other workers', async (t) => {
  const { people, media } = await fill(t, 4, 2);
  const [near, far] = [people[0], people[3]];
  t.not(routerOf(media, near), routerOf(media, far));
  const { consumers } = await far.client.notification('newConsumers');
  const { consumerId } = consumers.find(({ producerId }) => producerId === near.camera)!;
  await near.client.request('pauseProducer', { producerId: near.camera });
  t.strictSame(await far.client.notification('consumerPaused'), { consumerId });
  await near.client.request('resumeProducer', { producerId: near.camera });
  t.strictSame(await far.client.notification('consumerResumed'), { consumerId });
  await near.client.request('closeProducer', { producerId: near.camera });
  t.strictSame(await far.client.notification('consumerClosed'), { consumerId });
});

t.test('leaving empties pipes and workers', async (t) => {
  const { people, media, gateway, warnings } = await fill(t, 5, 2);
  const [first, second] = media.openRouters;
  t.same([first.producers.size, second.producers.size], [10, 10]);
  for (const { client } of people.slice(3)) await client.request('leave', {});
  t.ok(second.closed, 'nobody is left there');
  t.notOk(first.closed);
  t.equal(media.openPipes.length, 0);
  const back = await enter(t, `ws://127.0.0.1:${gateway.port}/signalling`);
  t.ok(!routerOf(media, back).closed && routerOf(media, back) !== first);
  for (const { client } of people.slice(0, 3)) await client.request('leave', {});
  t.ok(first.closed, 'the worker that the room began on is no other than the rest');
  await back.client.request('ping', {});
  t.strictSame([gateway.roomCount, media.openPipes.length], [1, 0]);
  await back.client.request('leave', {});
  t.strictSame([gateway.roomCount, gateway.peerCount, media.openRouters.length], [0, 0, 0]);
  t.strictSame(warnings, []);
});

t.test('a stream that nobody on a worker wants any more is piped there no longer', async (t) => {
  const limits = { ...options.limits, lastN: 3, lastNAudio: 3, maxConsumersPerWorker: 8 };
  const { media, url } = await start(t, 2, { limits });
  const people: Person[] = [];
  while (people.length < 4) people.push(await enter(t, url));
  const [, , , far] = people;
  const piped = (): string[] => media.openPipes.map(({ far: { id } }) => id);
  t.not(routerOf(media, people[0]), routerOf(media, far));
  await until(() => openConsumers(media) === 4 * 4);
  t.notOk(piped().includes(people[2].camera));
  routerOf(media, people[0]).observer.dominant(people[2].microphone);
  await until(() => piped().includes(people[2].camera));
  await until(() => !piped().includes(people[1].camera));
  t.strictSame(piped().filter((id) => id === people[2].camera).length, 1);
  await far.client.request('pin', { peerIds: [people[1].joined.peerId] });
  await until(() => piped().includes(people[1].camera));
  t.equal(media.openRouters.length, 2);

  await far.client.request('pin', { peerIds: [] });
  await until(() => !piped().includes(people[1].camera));
  const asked = media.pipesAsked;
  const go = holdPipes(media);
  await far.client.request('pin', { peerIds: [people[1].joined.peerId] });
  await until(() => media.pipesAsked > asked);
  await far.client.request('pin', { peerIds: [] });
  go();
  await until(() => piped().includes(people[1].camera));
  await until(() => !piped().includes(people[1].camera));
  t.notOk(received({ media }, far).includes(people[1].camera), 'a change of mind while it is being piped');
});

t.test('who speaks is known across workers', async (t) => {
  const { people, media } = await fill(t, 4, 2);
  const [anna, , , bo] = people;
  const [here, there] = [anna, bo].map((person) => routerOf(media, person).observer);
  t.notOk(here.producerIds.has(bo.microphone), 'each worker listens to its own microphones');
  here.dominant(anna.microphone);
  t.strictSame(await bo.client.notification('activeSpeaker'), { peerId: anna.joined.peerId });
  here.volumes([anna.microphone]);
  there.volumes([bo.microphone]);
  const levels = async (): Promise<string[]> =>
    (await anna.client.notification('audioLevels')).levels.map(({ peerId }) => peerId);
  t.strictSame(await levels(), [anna.joined.peerId]);
  t.strictSame(await levels(), [anna.joined.peerId, bo.joined.peerId], 'both, as one message');
  here.emit('silence');
  there.dominant(bo.microphone);
  const speaker = anna.client.notification('activeSpeaker');
  t.strictSame(await speaker, { peerId: anna.joined.peerId });
  let handedOver = false;
  const next = anna.client.notification('activeSpeaker').then((told) => ((handedOver = true), told));
  const speakOn = (): boolean => (there.volumes([bo.microphone]), handedOver);
  await until(speakOn, 20);
  t.strictSame(await next, { peerId: bo.joined.peerId });
  await bo.client.request('leave', {});
  t.strictSame(await anna.client.notification('activeSpeaker'), { peerId: null });
});

t.test('a worker that dies takes only its own people', async (t) => {
  const room = await fill(t, 5, 2);
  const { people, media, gateway, url } = room;
  const [stay, lost] = [people.slice(0, 3), people.slice(3)];
  const dead = routerOf(media, lost[0]);
  dead.die();
  for (const { client } of lost) {
    t.match(await client.notification('closing'), { reason: 'worker-died' });
    t.strictSame(await client.closed, { code: CloseCode.RoomClosed, reason: 'worker-died' });
  }
  for (const { client } of stay) {
    const left = [await client.notification('peerLeft'), await client.notification('peerLeft')];
    t.strictSame(
      left,
      lost.map(({ joined: { peerId } }) => ({ peerId, reason: 'room-closed' })),
    );
  }
  t.strictSame([gateway.roomCount, gateway.peerCount, media.openPipes.length], [1, 3, 0]);
  for (const person of stay) t.equal(received(room, person).length, 4);
  const again = await TestClient.join(t, url, { resumeToken: lost[0].joined.resumeToken });
  t.equal(again.joined.resumed, false);
  t.equal(again.joined.peers.length, 3);
  await until(() => openConsumers(media) === 3 * 4 + 6);
});

t.test('a pipe that ends alone is made again for those who want it', async (t) => {
  const room = await fill(t, 4, 2);
  const { people, media } = room;
  const before = received(room, people[3]);
  const pipe = media.openPipes.find(({ far }) => far.id === people[0].camera)!;
  pipe.close();
  await until(() => openConsumers(media) === 2 * 4 * 3);
  t.strictSame(received(room, people[3]), before);
  t.not(
    media.openPipes.find(({ far }) => far.id === people[0].camera),
    pipe,
  );
});

t.test('what ends while it is being piped leaves nothing behind', async (t) => {
  const room = await fill(t, 3, 2);
  const { people, media, url, warnings } = room;
  const go = holdPipes(media);
  const newcomers = [await TestClient.join(t, url), await TestClient.join(t, url)];
  await until(() => media.pipesAsked === 6);
  t.equal(media.openRouters.length, 2);
  // One of two leaves, and one of the streams that are for both ends.
  await newcomers[0].client.request('leave', {});
  await people[0].client.request('closeProducer', { producerId: people[0].camera });
  go();
  for (const { client } of newcomers.slice(1)) {
    const { consumers } = await client.notification('newConsumers');
    t.strictSame(
      consumers.map(({ producerId }) => producerId).sort(),
      [
        people[0].microphone,
        ...people.slice(1).flatMap(({ camera, microphone }) => [camera, microphone]),
      ].sort(),
    );
  }
  t.equal(media.pipesAsked, 6);
  t.equal(media.openPipes.length, 5);
  for (const { client } of newcomers.slice(1)) await client.request('leave', {});
  await until(() => media.openPipes.length === 0);
  t.strictSame(warnings, []);
});

t.test('the last one on a worker leaves while streams are piped there', async (t) => {
  const { media, url, gateway, people, warnings } = await fill(t, 3, 2);
  const go = holdPipes(media);
  const { client } = await TestClient.join(t, url);
  await until(() => media.pipesAsked === 6);
  await client.request('leave', {});
  for (const person of people) await person.client.request('leave', {});
  go();
  await until(() => media.openRouters.length === 0);
  t.strictSame([gateway.roomCount, media.openPipes.length], [0, 0]);
  t.strictSame(warnings, []);
});

t.test('a storm of joins into a new room opens it once', async (t) => {
  const { media, url, gateway } = await start(t, 3, { limits: { ...options.limits, maxPeersPerRoom: 6 } });
  const joins = await Promise.allSettled(Array.from({ length: 9 }, () => TestClient.join(t, url)));
  t.equal(joins.filter(({ status }) => status === 'fulfilled').length, 6);
  t.equal(gateway.roomCount, 1);
  t.equal(gateway.peerCount, 6);
  t.ok(media.routers.length <= 3);
  const workers = media.openRouters.map(({ worker }) => worker);
  t.equal(new Set(workers).size, workers.length);
});

t.test('a room whose worker cannot be had is none', async (t) => {
  const { media, url, gateway } = await start(t, 2);
  media.failure = Object.assign(new Error('none alive'), { name: 'WorkerClosedError' });
  await t.rejects(TestClient.join(t, url), /media-unavailable/);
  t.equal(gateway.roomCount, 0);
});

t.test('bounds that cannot work are refused', async (t) => {
  for (const maxConsumersPerWorker of [0, -1, Number.NaN, '9' as unknown as number]) {
    await t.rejects(
      start(t, 2, { limits: { maxConsumersPerWorker } }),
      /maxConsumersPerWorker must be a number above 0/,
    );
  }
  await t.rejects(start(t, 2, { timing: { pipeLinger: 0 } }), /pipeLinger must be a number above 0/);
  await start(t, 2, { limits: { maxConsumersPerWorker: Infinity } });
});
