/** What a meeting of many costs each of them, over fake media. */
import t, { type Test } from 'tap';
import type { JoinResponse } from '#src/signalling/messages.js';
import type { FakeMedia } from './fake-media.js';
import {
  produceData,
  type RequestFailed,
  startGateway,
  TestClient,
  type TestGateway,
} from './test-client.js';

interface Person {
  client: TestClient;
  joined: JoinResponse;
  microphone: string;
  camera: string;
  /** What it receives, by producer id, as its own client knows. */
  receiving: Map<string, string>;
}

/** How many streams one receives in a room of nine. */
const OTHERS = 8;

async function enter(t: Test, url: string): Promise<Person> {
  const { client, joined } = await TestClient.join(t, url);
  const [{ producerId: camera }, { producerId: microphone }] = await Promise.all([
    client.request('produce', produceData(joined)),
    client.request('produce', produceData(joined, 'audio/opus')),
  ]);
  return { client, joined, camera, microphone, receiving: new Map() };
}

async function fill(t: Test, count: number, options: Parameters<typeof startGateway>[1] = {}) {
  const room = await startGateway(t, options);
  const people: Person[] = [];
  for (let n = 0; n < count; n++) people.push(await enter(t, room.url));
  await settle(room, people);
  return { ...room, people };
}

/** Until all messages on their way have arrived; returns how many consumers came and went for all together. */
async function settle({ media }: Pick<TestGateway, 'media'>, people: readonly Person[]) {
  const changes = { opened: 0, closed: 0 };
  // A consumer that is being made takes a turn of the event loop.
  for (let n = 0; n < 3; n++) await new Promise(setImmediate);
  await Promise.all(
    people.map(async ({ client, receiving }) => {
      await client.request('ping', {});
      for (const name of client.pendingNotifications()) {
        if (name === 'newConsumers') {
          const { consumers } = await client.notification('newConsumers');
          changes.opened += consumers.length;
          for (const { consumerId, producerId } of consumers) receiving.set(consumerId, producerId);
        } else if (name === 'consumerClosed') {
          changes.closed++;
          receiving.delete((await client.notification('consumerClosed')).consumerId);
        }
      }
    }),
  );
  openConsumers(media);
  return changes;
}

/** Takes the news of what others send, up to those of both streams of `person`; returns how many messages it took. */
async function takeNews(client: TestClient, person: Person): Promise<number> {
  for (let taken = 1; ; taken++) {
    const { peers } = await client.notification('peersUpdated');
    const own = peers.find(({ peerId }) => peerId === person.joined.peerId);
    if (own?.sources.length === 2) return taken;
  }
}

function openConsumers(media: FakeMedia): number {
  return media.consumers.filter(({ closed }) => !closed).length;
}

function counts(person: Person, people: readonly Person[]): { cameras: number; microphones: number } {
  const ids = [...person.receiving.values()];
  const among = (list: string[]): number => ids.filter((id) => list.includes(id)).length;
  return {
    cameras: among(people.map(({ camera }) => camera)),
    microphones: among(people.map(({ microphone }) => microphone)),
  };
}

t.test('of a hundred people each receives what one in a room of nine does', async (t) => {
  const { people, media, gateway, url } = await fill(t, 100);
  t.equal(gateway.peerCount, 100);
  for (const person of people) {
    const { cameras, microphones } = counts(person, people);
    if (cameras !== OTHERS || microphones !== OTHERS) t.fail(`${cameras} cameras, ${microphones} voices`);
  }
  t.equal(openConsumers(media), 100 * 2 * OTHERS);

  // Everybody who was there is told of each newcomer once, and of what it sends in a few messages.
  const [first] = people;
  const told = (name: string): number =>
    first.client.pendingNotifications().filter((pending) => pending === name).length;
  t.equal(told('peerJoined'), 99);
  await takeNews(first.client, people[99]);
  const before = first.client.pendingNotifications().length;
  const last = await enter(t, url);
  await settle({ media }, [...people, last]);
  const news = await takeNews(first.client, last);
  const after = first.client.pendingNotifications().length + news;
  t.equal(after - before, 2, 'who joined, and what it sends');
  t.equal(last.joined.peers.length, 100);
  t.strictSame(
    last.joined.peers[0].sources?.map(({ source }) => source),
    ['camera', 'microphone'],
    'those outside the stage are listed with what they send',
  );
  t.strictSame(counts(last, people), { cameras: OTHERS, microphones: OTHERS });
});

t.test('the next speaker is seen and heard at once; the place comes from one who is silent', async (t) => {
  const room = await fill(t, 14);
  const { people, media } = room;
  const speaker = people[13];
  media.router.observer.dominant(speaker.microphone);
  const changes = await settle(room, people);
  for (const person of people) {
    if (person === speaker) continue;
    const ids = [...person.receiving.values()];
    t.ok(ids.includes(speaker.camera) && ids.includes(speaker.microphone));
  }
  t.ok(people.every((person) => counts(person, people).cameras === OTHERS));
  t.equal(changes.opened, changes.closed, 'one for one, at the same moment');
  t.equal(changes.opened, 2 * 13);
  t.strictSame(await people[0].client.notification('activeSpeaker'), { peerId: speaker.joined.peerId });

  media.router.observer.dominant(speaker.microphone);
  media.router.observer.dominant(people[1].microphone);
  media.router.observer.volumes([speaker.microphone, people[1].microphone]);
  t.strictSame(await settle(room, people), { opened: 0, closed: 0 }, 'those on the stage may take turns');
  t.strictSame(
    (await people[0].client.notification('audioLevels')).levels.map(({ peerId }) => peerId),
    [speaker.joined.peerId, people[1].joined.peerId],
  );
});

t.test('many who talk at once do not make the streams flap, and each gets a place in the end', async (t) => {
  const stageStay = 150;
  const room = await fill(t, 12, {
    limits: { lastN: 3, lastNAudio: 3, messageBurst: 1e6 },
    timing: { stageStay },
  });
  const { people, media } = room;
  const watcher = people[11];
  const startedAt = performance.now();
  let opened = 0;
  for (let round = 0; round < 20; round++) {
    for (const { microphone } of people.slice(4, 10)) media.router.observer.dominant(microphone);
    opened += (await settle(room, [watcher])).opened;
  }
  const rounds = 1 + (performance.now() - startedAt) / stageStay;
  // Two places for pictures and two for voices, each taken at most once in the time that a speaker stays.
  t.ok(opened <= 4 * rounds, `${opened} streams opened in ${rounds} stays, of 240 changes of the speaker`);

  const late = people[10];
  media.router.observer.dominant(late.microphone);
  const asked = performance.now();
  while (![...watcher.receiving.values()].includes(late.camera)) await settle(room, [watcher]);
  t.ok(performance.now() - asked < stageStay + 2_000);
  t.strictSame(counts(watcher, people), { cameras: 2, microphones: 2 });
});

t.test('voices are picked up by their level, before anybody leads', async (t) => {
  const room = await fill(t, 5, { limits: { lastN: 3, lastNAudio: 3 } });
  const { people, media } = room;
  media.router.observer.volumes([people[4].microphone]);
  await settle(room, people);
  const ids = [...people[0].receiving.values()];
  t.ok(ids.includes(people[4].microphone));
  t.notOk(ids.includes(people[4].camera), 'a cough takes nobody off the screen');
  media.router.observer.emit('silence');
  media.router.observer.emit('silence');
  t.equal((await people[0].client.notification('audioLevels')).levels.length, 1);
  t.strictSame(await people[0].client.notification('audioLevels'), { levels: [] });
  await settle(room, people);
  t.notOk(people[0].client.pendingNotifications().includes('audioLevels'), 'silence is told once');
});

t.test('pinned peers and shared screens come on top', async (t) => {
  const room = await fill(t, 6, {
    limits: { lastN: 3, lastNAudio: 3, maxPinsPerPeer: 2, messageBurst: 1e6 },
    timing: { consumerLinger: 300 },
  });
  const { people, media } = room;
  const [viewer] = people;
  const pinned = people[5];
  t.notOk([...viewer.receiving.values()].includes(pinned.camera));
  await viewer.client.request('pin', { peerIds: [pinned.joined.peerId, 'nobody'] });
  await settle(room, people);
  t.ok([...viewer.receiving.values()].includes(pinned.camera));
  t.ok([...viewer.receiving.values()].includes(pinned.microphone));
  t.equal(people[1].receiving.size, 4, 'for the others nothing changed');

  const screen = await pinned.client.request('produce', { ...produceData(pinned.joined), source: 'screen' });
  await settle(room, people);
  for (const person of people.slice(0, 5)) t.ok([...person.receiving.values()].includes(screen.producerId));
  const screens = media.consumers.filter(({ producer }) => producer.id === screen.producerId);
  t.ok(
    screens.every(({ priority }) => priority > 100),
    'screens get bandwidth first',
  );
  t.ok(
    media.consumers.filter((consumer) => !screens.includes(consumer)).every(({ priority }) => priority === 1),
  );

  await viewer.client.request('pin', { peerIds: [] });
  await viewer.client.request('ping', {});
  t.ok([...viewer.receiving.values()].includes(pinned.camera), 'goes on for a moment');
  await viewer.client.request('pin', { peerIds: [pinned.joined.peerId] });
  const undone = await settle(room, people);
  t.strictSame(undone, { opened: 0, closed: 0 }, 'a change of mind costs nothing');
  await viewer.client.request('pin', { peerIds: [] });
  while ([...viewer.receiving.values()].includes(pinned.camera)) await settle(room, people);
  t.ok([...viewer.receiving.values()].includes(screen.producerId), 'a screen needs no pin');

  const tooMany = await viewer.client
    .request('pin', { peerIds: ['a', 'b', 'c'] })
    .catch((error: unknown) => error);
  t.match((tooMany as RequestFailed).info, { code: 'limit-reached', field: 'data.peerIds' });
});

t.test('when people leave or turn off for good, others move up', async (t) => {
  const room = await fill(t, 5, { limits: { lastN: 3, lastNAudio: 3 } });
  const { people, media } = room;
  media.router.observer.dominant(people[0].microphone);
  await people[4].client.notification('activeSpeaker');
  await people[1].client.request('closeProducer', { producerId: people[1].camera });
  await settle(room, people);
  t.ok([...people[4].receiving.values()].includes(people[2].camera));
  await people[0].client.request('leave', {});
  await settle(room, people.slice(1));
  t.strictSame(counts(people[4], people), { cameras: 2, microphones: 2 });
  t.strictSame(await people[4].client.notification('activeSpeaker'), { peerId: null });
  const { joined } = await TestClient.join(t, room.url);
  t.strictSame(
    joined.peers.map(({ sources }) => sources?.length),
    [1, 2, 2, 2],
  );
});

t.test('lastN 0: everybody receives everybody', async (t) => {
  const { people } = await fill(t, 12, { limits: { lastN: 0, lastNAudio: 0 } });
  for (const person of people) t.strictSame(counts(person, people), { cameras: 11, microphones: 11 });
  await t.rejects(
    startGateway(t, { limits: { lastN: 1 } }),
    /lastN must be 0 \(all\) or an integer of at least 2/,
  );
});

t.test('one who sends much takes no more places than others', async (t) => {
  const room = await fill(t, 6, { limits: { lastN: 4, lastNAudio: 4 } });
  const { people } = room;
  const [greedy, viewer] = [people[0], people[5]];
  const produce = (person: Person, source: 'camera' | 'screen') =>
    person.client.request('produce', { ...produceData(person.joined), source });
  const screen = await produce(people[1], 'screen');
  const cameras: string[] = [];
  for (let n = 0; n < 3; n++) cameras.push((await produce(greedy, 'camera')).producerId);
  await produce(greedy, 'screen');
  await produce(greedy, 'screen');
  await settle(room, people);
  const received = (): string[] => [...viewer.receiving.values()];
  while (received().includes(greedy.camera)) await settle(room, [viewer]);
  t.ok(received().includes(cameras[2]), 'the newest counts');
  t.notOk(received().includes(cameras[1]));
  t.ok(received().includes(screen.producerId), 'the screen of somebody else is still seen');
  await viewer.client.request('pin', { peerIds: [greedy.joined.peerId] });
  await settle(room, [viewer]);
  t.notOk(received().includes(cameras[0]), 'a pin asks for no more');
  await greedy.client.request('closeProducer', { producerId: cameras[2] });
  while (!received().includes(cameras[1])) await settle(room, [viewer]);
});

t.test('a camera that is off makes place for one that is on', async (t) => {
  const room = await fill(t, 4, {
    limits: { lastN: 3, lastNAudio: 3, messageBurst: 1e6 },
    timing: { consumerLinger: 50 },
  });
  const { people } = room;
  const [first, , , viewer] = people;
  const received = (): string[] => [...viewer.receiving.values()];
  t.strictSame(counts(viewer, people), { cameras: 2, microphones: 2 });
  t.notOk(received().includes(people[2].camera));
  await first.client.request('pauseProducer', { producerId: first.camera });
  await first.client.request('resumeProducer', { producerId: first.camera });
  await first.client.request('pauseProducer', { producerId: first.camera });
  while (!received().includes(people[2].camera)) await settle(room, [viewer]);
  t.strictSame(counts(viewer, people), { cameras: 2, microphones: 2 });
  t.ok(received().includes(first.microphone), 'the voice stays');
  await people[2].client.request('pauseProducer', { producerId: people[2].camera });
  await people[1].client.request('pauseProducer', { producerId: people[1].camera });
  await first.client.request('resumeProducer', { producerId: first.camera });
  while (!received().includes(first.camera)) await settle(room, [viewer]);
});
