/** A room that spans workers, with real threads, and media that flows between people of all of them. */
import { Writable } from 'node:stream';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import {
  createGateway,
  createWorkerPool,
  type GatewayLimits,
  type MediaBackend,
} from '#src/gateway/index.js';
import { createWorker, type types } from '#src/index.js';
import { CloseCode } from '#src/signalling/protocol.js';
import { until } from '../support/until.js';
import { MediaPerson, microphoneParameters } from './media-person.js';
import { produceData, silent, TestClient } from './test-client.js';

interface Server {
  url: string;
  pool: MediaBackend;
  workers: types.Worker[];
  /** Everything that was ever made, to see that it is closed. */
  made: { type: string; entity: { id: string; closed: boolean }; worker: types.Worker }[];
  /** Warnings and errors in the log. */
  warnings: string[];
}

async function start(t: Test, limits: Partial<GatewayLimits>): Promise<Server> {
  const warnings: string[] = [];
  const sink = new Writable({ write: (chunk, _encoding, done) => (warnings.push(String(chunk)), done()) });
  const logger = pino({ level: 'warn' }, sink);
  const workers: types.Worker[] = [];
  const made: Server['made'] = [];
  const rtc = { workers: 3, listenInfos: [{ protocol: 'udp' as const, ip: '127.0.0.1' }] };
  const pool = await createWorkerPool(rtc, silent, async (settings) => {
    const worker = await createWorker(settings);
    worker.observer.on('newrouter', (router) => {
      made.push({ type: 'router', entity: router, worker });
      router.observer.on('newtransport', (transport) =>
        made.push({ type: transport.type, entity: transport, worker }),
      );
    });
    workers.push(worker);
    return worker;
  });
  const gateway = await createGateway({
    listen: { ip: '127.0.0.1', port: 0 },
    mediaBackend: pool,
    logger,
    limits: { lastN: 0, lastNAudio: 0, messageBurst: 1e6, ...limits },
    timing: { pipeLinger: 100, consumerLinger: 50 },
  });
  t.teardown(() => gateway.close());
  return { url: `ws://127.0.0.1:${gateway.port}/signalling`, pool, workers, made, warnings };
}

const streamsOf = (people: readonly MediaPerson[]): string[] =>
  people.flatMap(({ camera, microphone }) => [camera, microphone]);

const without = (people: readonly MediaPerson[], person: MediaPerson): MediaPerson[] =>
  people.filter((other) => other !== person);

/** Everybody sees and hears everybody else. */
async function allMeet(people: readonly MediaPerson[]): Promise<void> {
  await Promise.all(people.map((person) => person.hears(streamsOf(without(people, person)))));
}

async function isEmpty(t: Test, { pool, workers, made }: Server): Promise<void> {
  t.strictSame(
    made.filter(({ entity }) => !entity.closed).map(({ type }) => type),
    [],
    'no router, transport or pipe is left',
  );
  t.strictSame(pool.workerLoads, [0, 0, 0]);
  for (const worker of workers.filter(({ closed }) => !closed)) {
    t.match(await worker.dump(), { routerIds: [] });
  }
}

t.test('eight people on three workers, one of which dies', async (t) => {
  const server = await start(t, { maxConsumersPerWorker: 20 });
  const { url, made, pool } = server;
  const people: MediaPerson[] = [];
  while (people.length < 8) {
    people.push(await MediaPerson.enter(t, url));
    await allMeet(people);
  }
  const places = people.map(({ port }) => [...new Set(people.map((one) => one.port))].indexOf(port));
  t.strictSame(places, [0, 0, 0, 0, 1, 1, 2, 2]);
  t.equal(made.filter(({ type }) => type === 'pipe').length, 2 * 3, 'a pair for each two workers');
  // 8 people receive 14 streams each, and 16 streams go to two other workers each.
  t.equal(
    pool.workerLoads.reduce((sum, load) => sum + load),
    8 * 14 + 16 * 2,
  );

  for (const speaker of [people[0], people[7], people[4]]) {
    speaker.speaks = true;
    const listener = people[1].client;
    while ((await listener.notification('activeSpeaker')).peerId !== speaker.joined.peerId);
    speaker.speaks = false;
  }

  const lost = people.filter(({ port }) => port === people[4].port);
  const stay = people.filter(({ port }) => port !== people[4].port);
  const { transportId } = lost[0].joined.transports[0];
  void made.find(({ entity }) => entity.id === transportId)!.worker.threadForTesting.terminate();
  for (const { client } of lost)
    t.match(await client.closed, { code: CloseCode.RoomClosed, reason: 'worker-died' });
  for (const { client } of stay) {
    const left = [await client.notification('peerLeft'), await client.notification('peerLeft')];
    t.strictSame(new Set(left.map(({ peerId }) => peerId)), new Set(lost.map(({ joined }) => joined.peerId)));
  }
  await allMeet(stay);
  const back = await MediaPerson.enter(t, url);
  await allMeet([...stay, back]);

  for (const person of [...stay, back]) await person.leave();
  await until(() => pool.workerCount === 3);
  await isEmpty(t, server);
});

t.test('a layer is sent while anybody on any worker wants it', async (t) => {
  const server = await start(t, { maxConsumersPerWorker: 1 });
  const sender = await MediaPerson.enter(t, server.url, 2);
  const viewers = [await MediaPerson.enter(t, server.url), await MediaPerson.enter(t, server.url)];
  t.equal(new Set([sender, ...viewers].map(({ port }) => port)).size, 3);
  await allMeet([sender, ...viewers]);
  const [one, two] = viewers;
  const layer = (viewer: MediaPerson): number | undefined => viewer.layersSeen.get(sender.camera);
  await until(() => layer(one) === 1 && layer(two) === 1);

  await one.prefer(sender.camera, 0);
  await until(() => layer(one) === 0);
  t.equal(layer(two), 1);
  await two.prefer(sender.camera, 0);
  t.strictSame(await sender.client.notification('producerEncodings'), {
    producerId: sender.camera,
    encodings: [true, false],
  });
  t.strictSame([layer(one), layer(two)], [0, 0]);
  await one.prefer(sender.camera, 1);
  t.strictSame(await sender.client.notification('producerEncodings'), {
    producerId: sender.camera,
    encodings: [true, true],
  });
  await until(() => layer(one) === 1);
  for (const person of [sender, ...viewers]) await person.leave();
  await isEmpty(t, server);
});

t.test('people and streams that come and go in any order leave nothing behind', async (t) => {
  const server = await start(t, { maxConsumersPerWorker: 6 });
  const { url, warnings } = server;
  const visit = async (number: number): Promise<void> => {
    for (let round = 0; round < 3; round++) {
      const { client, joined } = await TestClient.join(t, url);
      const camera = await client.request('produce', produceData(joined));
      if (number % 2 === 0) await client.request('closeProducer', camera);
      const microphone = { ...produceData(joined, 'audio/opus'), rtpParameters: microphoneParameters };
      await client.request('produce', microphone);
      if (number % 3 === 0) client.socket.close(1000);
      else await client.request('leave', {});
    }
  };
  await Promise.all(Array.from({ length: 12 }, (_, number) => visit(number)));
  await until(() => server.made.every(({ entity }) => entity.closed));
  await isEmpty(t, server);
  t.strictSame(warnings, []);
  t.ok(server.made.some(({ type }) => type === 'pipe'));
});
