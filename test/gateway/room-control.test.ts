/** What the application does to rooms and the people in them. */
import t, { type Test } from 'tap';
import type { GatewayOptions } from '#src/gateway/index.js';
import { CloseCode } from '#src/signalling/protocol.js';
import { FakeMedia } from './fake-media.js';
import { produceData, startGateway, TestClient } from './test-client.js';

/** Each ticket is the id of its participant. */
const byTicket: Pick<GatewayOptions, 'authorize'> = {
  authorize: ({ ticket }) => ({ allowed: true, participantId: ticket, info: { role: `role of ${ticket}` } }),
};

async function start(t: Test, more: Partial<GatewayOptions> = {}, media?: FakeMedia) {
  const events: string[] = [];
  const started = await startGateway(
    t,
    {
      ...byTicket,
      onPeerJoined: (room, participantId) => events.push(`${participantId} joined ${room}`),
      onPeerLeft: (room, participantId, reason) => events.push(`${participantId} ${reason} ${room}`),
      ...more,
    },
    media,
  );
  const enter = (ticket: string, room = 'room') => TestClient.join(t, started.url, { room, ticket });
  return { ...started, events, enter, rooms: started.gateway.rooms };
}

/** Holds the next room open in the making; `go` lets it happen. */
function holdRooms(media: FakeMedia): { asked: Promise<void>; go: () => void } {
  const createRouter = media.createRouter.bind(media);
  let go = (): void => {};
  const held = new Promise<void>((resolve) => (go = resolve));
  const asked = new Promise<void>((resolve) => {
    media.createRouter = (placement) => {
      resolve();
      return held.then(() => createRouter(placement));
    };
  });
  return { asked, go };
}

t.test('who is there, by the ids of the application', async (t) => {
  const { rooms, enter, events } = await start(t);
  const anna = await enter('anna');
  const bo = await enter('bo');
  t.match(bo.joined.peers, [{ participantId: 'anna', info: { role: 'role of anna' } }]);
  t.match(rooms.participants('room'), [
    { participantId: 'anna', peerId: anna.joined.peerId, displayName: 'Anna', joinedAt: Number },
    { participantId: 'bo' },
  ]);
  t.strictSame(rooms.participants('elsewhere'), []);
  await anna.client.request('leave', {});
  bo.client.socket.close(1001);
  await bo.client.closed;
  await until(() => events.length === 4);
  t.strictSame(events, ['anna joined room', 'bo joined room', 'anna left room', 'bo left room']);
});

t.test('removed: everybody is told, and nothing of them is left', async (t) => {
  const { rooms, enter, events, media, url } = await start(t);
  const anna = await enter('anna');
  const bo = await enter('bo');
  await anna.client.request('produce', produceData(anna.joined));
  t.equal(rooms.removePeer('room', 'nobody', 'x'), false);
  t.equal(rooms.removePeer('elsewhere', 'anna', 'x'), false);
  t.equal(rooms.removePeer('room', anna.joined.peerId, 'x'), false, 'it goes by its participantId');
  t.equal(rooms.removePeer('room', 'anna', 'Hej då'), true);
  t.strictSame(await anna.client.closed, { code: CloseCode.Removed, reason: 'Hej då' });
  t.strictSame(await bo.client.notification('peerLeft'), { peerId: anna.joined.peerId, reason: 'removed' });
  t.equal(media.router.producers.size, 0);
  t.equal(rooms.removePeer('room', 'anna', 'x'), false);
  t.strictSame(events.slice(2), ['anna removed room']);
  const { joined } = await TestClient.join(t, url, {
    room: 'room',
    ticket: 'anna',
    resumeToken: anna.joined.resumeToken,
  });
  t.equal(joined.resumed, false);
});

t.test('a long reason is cut between characters, and is no label of the metrics', async (t) => {
  const { rooms, enter, http } = await start(t);
  const { client } = await enter('anna');
  rooms.removePeer('room', 'anna', `x${'å'.repeat(200)}`);
  t.strictSame(await client.closed, { code: CloseCode.Removed, reason: `x${'å'.repeat(61)}` });
  const metrics = await (await fetch(`${http}/metrics`)).text();
  t.match(metrics, /cause="removed"/);
  t.notMatch(metrics, /å/);
});

t.test('a room ends for all, also for those whose connection is lost', async (t) => {
  const { rooms, enter, events, gateway, media } = await start(t);
  const [anna, bo, elsewhere] = [await enter('anna'), await enter('bo'), await enter('cleo', 'other')];
  bo.client.socket.terminate();
  await bo.client.closed;
  rooms.closeRoom('nowhere', 'x');
  rooms.closeRoom('room', 'slut');
  t.strictSame(await anna.client.closed, { code: CloseCode.Ended, reason: 'slut' });
  t.strictSame([gateway.roomCount, gateway.peerCount], [1, 1]);
  t.strictSame(events.slice(3), ['anna ended room', 'bo ended room']);
  t.equal(media.openRouters.length, 1);
  await elsewhere.client.request('ping', {});
  await enter('anna');
  t.equal(gateway.roomCount, 2, 'a later join makes it anew');
});

t.test('removed, or the room ended, while somebody is coming in', async (t) => {
  const { rooms, gateway, media, url, events } = await start(t);
  const acts = [
    { code: CloseCode.Removed, act: () => t.equal(rooms.removePeer('room', 'anna', 'no'), true) },
    { code: CloseCode.Ended, act: () => rooms.closeRoom('room', 'no') },
  ];
  for (const { code, act } of acts) {
    const { asked, go } = holdRooms(media);
    const client = await TestClient.open(t, url);
    const join = t.rejects(client.request('join', { room: 'room', displayName: 'Anna', ticket: 'anna' }));
    await asked;
    act();
    go();
    t.strictSame(await client.closed, { code, reason: 'no' });
    await join;
    t.strictSame([gateway.roomCount, gateway.peerCount, media.openRouters.length], [0, 0, 0]);
  }
  t.strictSame(events, []);
});

t.test('the hook may turn somebody away in the moment of joining', async (t) => {
  const { enter, gateway } = await start(t, {
    onPeerJoined: (room, participantId) => {
      if (participantId === 'anna') gateway.rooms.removePeer(room, participantId, 'not you');
    },
  });
  const bo = await enter('bo');
  await t.rejects(enter('anna'));
  t.match(await bo.client.notification('peerLeft'), { reason: 'removed' });
  t.equal(gateway.peerCount, 1);
});

t.test('a hook that fails costs nobody anything', async (t) => {
  const fails = (): never => {
    throw new Error('fault of the application');
  };
  const { enter, gateway } = await start(t, { onPeerJoined: fails, onPeerLeft: fails });
  const { client } = await enter('anna');
  await client.request('leave', {});
  t.equal(gateway.peerCount, 0);
});

t.test('muting ends the stream; it may be published again', async (t) => {
  const { rooms, enter, media, url } = await start(t);
  const anna = await enter('anna');
  const bo = await enter('bo');
  const { producerId } = await anna.client.request('produce', produceData(anna.joined, 'audio/opus'));
  const camera = await anna.client.request('produce', produceData(anna.joined));
  await bo.client.notification('newConsumers');
  t.equal(rooms.mute('room', 'anna', 'screen'), false);
  t.equal(rooms.mute('room', 'bo', 'microphone'), false);
  t.equal(rooms.mute('room', 'nobody', 'microphone'), false);
  t.equal(rooms.mute('room', 'anna', 'microphone'), true);
  t.strictSame(await anna.client.notification('producerClosed'), { producerId, reason: 'muted' });
  await bo.client.notification('consumerClosed');
  t.strictSame([...media.router.producers.keys()], [camera.producerId]);
  await t.rejects(anna.client.request('resumeProducer', { producerId }), /not-found/);

  anna.client.socket.terminate();
  await anna.client.closed;
  rooms.mute('room', 'anna', 'camera');
  const { resumeToken } = anna.joined;
  const { client, joined } = await TestClient.join(t, url, { room: 'room', resumeToken });
  t.equal(joined.resumed, true);
  t.strictSame(joined.producers, []);
  t.strictSame(joined.closedProducers, [
    { producerId, reason: 'muted' },
    { producerId: camera.producerId, reason: 'muted' },
  ]);
  await client.request('produce', { ...produceData(anna.joined, 'audio/opus') });
});

t.test('a newer peer of the same participant replaces the older, not somebody else', async (t) => {
  const { enter, events, gateway } = await start(t);
  const first = await enter('anna');
  const bo = await enter('bo');
  await enter('anna', 'another room');
  const second = await enter('anna');
  t.strictSame(await first.client.closed, { code: CloseCode.Replaced, reason: 'replaced' });
  t.strictSame(await bo.client.notification('peerLeft'), { peerId: first.joined.peerId, reason: 'replaced' });
  t.match(await bo.client.notification('peerJoined'), { peerId: second.joined.peerId });
  t.equal(gateway.peerCount, 3);
  t.strictSame(events.slice(3), ['anna replaced room', 'anna joined room']);
});

t.test('capacity is that of the room, and coming back needs no place', async (t) => {
  const { enter, gateway } = await start(t, {
    authorize: ({ ticket }) => ({ allowed: true, participantId: ticket, capacity: 2 }),
  });
  await enter('anna');
  await enter('bo');
  await t.rejects(enter('cleo'), /room-full: the room has its 2 peers/);
  await enter('anna');
  t.equal(gateway.peerCount, 2);
});

t.test('all of it works in a room that spans workers', async (t) => {
  const media = new FakeMedia(3);
  const limits = { lastN: 0, lastNAudio: 0, maxConsumersPerWorker: 1, messageBurst: 1e6 };
  const { rooms, enter, gateway } = await start(t, { limits }, media);
  const people = [];
  for (const name of ['anna', 'bo', 'cleo']) {
    const person = await enter(name);
    const { producerId } = await person.client.request('produce', produceData(person.joined, 'audio/opus'));
    people.push({ ...person, producerId });
    await until(
      () =>
        media.openRouters.flatMap((router) => router.openConsumers).length ===
        people.length * (people.length - 1),
    );
  }
  const [anna, bo, cleo] = people;
  t.equal(media.openRouters.length, 3);
  t.equal(rooms.mute('room', 'anna', 'microphone'), true);
  t.match(await anna.client.notification('producerClosed'), { producerId: anna.producerId });
  for (const { client } of [bo, cleo]) await client.notification('consumerClosed');
  t.equal(media.openRouters.flatMap((router) => router.openConsumers).length, 4);
  await anna.client.request('message', { topic: 'chat', payload: 'hej' });
  for (const { client } of [bo, cleo]) t.match(await client.notification('message'), { payload: 'hej' });
  t.equal(rooms.removePeer('room', 'bo', ''), true);
  for (const { client } of [anna, cleo])
    t.match(await client.notification('peerLeft'), { reason: 'removed' });
  t.equal(rooms.participants('room').length, 2);
  rooms.closeRoom('room', 'slut');
  for (const { client } of [anna, cleo]) t.match(await client.closed, { code: CloseCode.Ended });
  t.strictSame([gateway.roomCount, media.openRouters.length], [0, 0]);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
