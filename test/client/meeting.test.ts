/** What a meeting service needs of the client: tickets, messages, hands, and being taken out. */
import t from 'tap';
import type { SignallingError } from '#src/client/index.js';
import type { Authorize } from '#src/gateway/index.js';
import { startGateway } from '../gateway/test-client.js';
import { createPeer, fakeTrack, joinPeer, next, until, untilState } from './test-room.js';

/** Tickets `<participant>-<number>`, each good once. */
function ticketBox() {
  const used = new Set<string>();
  const asked: string[] = [];
  let count = 0;
  const authorize: Authorize = ({ ticket }) => {
    if (ticket === undefined || used.has(ticket)) return { allowed: false, message: 'show a ticket' };
    used.add(ticket);
    const [participantId] = ticket.split('-');
    return { allowed: true, participantId, info: { role: `role of ${participantId}` } };
  };
  const ticketOf = (participantId: string) => (): Promise<string> => {
    asked.push(participantId);
    return Promise.resolve(`${participantId}-${++count}`);
  };
  return { authorize, ticketOf, asked };
}

t.test('a ticket is asked for before each join that is no resume', async (t) => {
  const { authorize, ticketOf, asked } = ticketBox();
  const { url, gateway, media } = await startGateway(t, { authorize });
  const { client, sockets } = await joinPeer(t, url, { ticket: ticketOf('anna') });
  t.strictSame(asked, ['anna']);
  const { peerId } = client;
  sockets.cut();
  await untilState(client, 'reconnecting');
  await untilState(client, 'connected');
  t.strictSame([client.peerId, asked.length], [peerId, 1], 'a resume needs none');

  media.router.die();
  await untilState(client, 'reconnecting');
  await untilState(client, 'connected');
  t.equal(asked.length, 2);
  t.equal(gateway.peerCount, 1);

  await client.leave();
  await client.join();
  t.equal(asked.length, 3);
});

t.test('when there is nothing left to resume, the ticket is shown over the same socket', async (t) => {
  const { authorize, ticketOf, asked } = ticketBox();
  const { url, gateway } = await startGateway(t, { authorize, timing: { grace: 1 } });
  const { client, sockets } = await joinPeer(t, url, { ticket: ticketOf('anna') });
  sockets.blocked = true;
  sockets.cut();
  await until(() => gateway.peerCount === 0);
  sockets.blocked = false;
  const attempts = sockets.opened.length;
  await untilState(client, 'connected');
  t.equal(asked.length, 2);
  t.equal(sockets.opened.length - attempts, 1);
  t.equal(gateway.peerCount, 1);
});

t.test('a ticket that cannot be had: most codes are final, without one it is tried again', async (t) => {
  const { authorize, ticketOf } = ticketBox();
  const { url, gateway } = await startGateway(t, { authorize, timing: { grace: 1 } });
  const errorCode = (error: unknown): unknown => (error as { code?: unknown }).code;
  const notAdmitted = Object.assign(new Error('not let in'), { code: 'not-admitted' });
  const refused = createPeer(t, url, { ticket: () => Promise.reject(notAdmitted) });
  t.equal(await refused.client.join().catch(errorCode), 'not-admitted');
  t.equal(refused.sockets.opened.length, 0, 'no socket for nothing');
  const offline = createPeer(t, url, { ticket: () => Promise.reject(new TypeError('fetch failed')) });
  t.equal(await offline.client.join().catch(errorCode), 'connect-failed');

  const answers: (() => Promise<string>)[] = [
    ticketOf('bo'),
    () => Promise.reject(new TypeError('fetch failed')),
    ...['offline', 'timeout', 'rate-limited'].map(
      (code) => () => Promise.reject(Object.assign(new Error('not now'), { code })),
    ),
    ticketOf('bo'),
    () => Promise.reject(notAdmitted),
  ];
  const { client, sockets } = await joinPeer(t, url, { ticket: () => answers.shift()!() });
  client.on('error', () => {});
  const lose = async (): Promise<void> => {
    sockets.blocked = true;
    sockets.cut();
    await until(() => gateway.peerCount === 0);
    sockets.blocked = false;
  };
  await lose();
  await untilState(client, 'connected');
  t.equal(answers.length, 1, 'after failed fetches another one');
  await lose();
  while (client.state !== 'closed') t.match((await next(client, 'state'))[0], /reconnecting|closed/);
  t.equal(answers.length, 0);
  t.notOk(gateway.peerCount);
});

t.test('leaving while the ticket is being fetched ends it', async (t) => {
  const { url, gateway } = await startGateway(t);
  let give = (_ticket: string): void => {};
  const { client, sockets } = createPeer(t, url, {
    ticket: () => new Promise((resolve) => (give = resolve)),
  });
  const join = client.join().catch((error: unknown) => (error as SignallingError).code);
  await client.leave();
  give('late');
  t.equal(await join, 'closed');
  t.strictSame([sockets.opened.length, gateway.peerCount], [0, 0]);
});

t.test('who the others are, for certain', async (t) => {
  const { authorize, ticketOf } = ticketBox();
  const { url } = await startGateway(t, { authorize });
  const { client: anna } = await joinPeer(t, url, { ticket: ticketOf('anna') });
  const joined = next(anna, 'peerjoined');
  const { client: bo } = await joinPeer(t, url, { ticket: ticketOf('bo') });
  t.match((await joined)[0], { participantId: 'bo', info: { role: 'role of bo' }, handRaisedAt: null });
  t.match([...bo.peers.values()], [{ participantId: 'anna', info: { role: 'role of anna' } }]);
});

t.test('without a hook nothing is certain', async (t) => {
  const { url } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  const { client: bo } = await joinPeer(t, url);
  const [peer] = bo.peers.values();
  t.strictSame([peer.id, peer.participantId, peer.info], [anna.peerId, undefined, {}]);
});

t.test('removed, ended, replaced: the client says so and does not come back', async (t) => {
  const { authorize, ticketOf, asked } = ticketBox();
  const { url, gateway } = await startGateway(t, { authorize });
  const [anna, bo, cleo] = [
    await joinPeer(t, url, { ticket: ticketOf('anna') }),
    await joinPeer(t, url, { ticket: ticketOf('bo') }),
    await joinPeer(t, url, { ticket: ticketOf('cleo') }),
  ];
  const left = next(bo.client, 'peerleft');
  const states = [anna, bo, cleo].map(({ client }) => next(client, 'state'));
  gateway.rooms.removePeer('lobby', 'anna', 'Du störde mötet');
  t.strictSame(await states[0], ['closed', 'removed', 'Du störde mötet']);
  t.equal((await left)[1], 'removed');
  const otherDevice = await joinPeer(t, url, { ticket: ticketOf('cleo') });
  t.strictSame(await states[2], ['closed', 'replaced']);
  gateway.rooms.closeRoom('lobby', 'Mötet är slut');
  t.strictSame(await states[1], ['closed', 'ended', 'Mötet är slut']);
  await untilState(otherDevice.client, 'closed');
  t.strictSame([gateway.peerCount, asked.length], [0, 4]);
});

t.test('removed while joining', async (t) => {
  const { url, gateway } = await startGateway(t, {
    authorize: () => ({ allowed: true, participantId: 'anna' }),
    onPeerJoined: (room, participantId) => gateway.rooms.removePeer(room, participantId, 'inte nu'),
  });
  const { client } = createPeer(t, url);
  const states: unknown[] = [];
  client.on('state', (...state) => states.push(state));
  await t.rejects(client.join(), { code: 'removed', message: 'inte nu' });
  t.strictSame(states, [
    ['connecting', undefined],
    ['closed', 'removed', 'inte nu'],
  ]);
});

t.test('messages to all and to some', async (t) => {
  const { url } = await startGateway(t);
  const { client: anna, sockets } = await joinPeer(t, url, { displayName: 'Anna' });
  const { client: bo } = await joinPeer(t, url);
  const { client: cleo } = await joinPeer(t, url, { codec: 'json' });
  const told = [next(bo, 'message'), next(cleo, 'message')];
  t.equal(await anna.sendMessage('chat', 'hej på er'), 2);
  for (const [peer, topic, payload] of await Promise.all(told)) {
    t.strictSame([peer.displayName, topic, payload], ['Anna', 'chat', 'hej på er']);
  }
  const toCleo = next(cleo, 'message');
  t.equal(await anna.sendMessage('key', 'secret', [cleo.peerId!]), 1);
  t.strictSame((await toCleo).slice(1), ['key', 'secret']);
  await t.rejects(anna.sendMessage('chat', ''), { code: 'bad-request' });
  sockets.blocked = true;
  sockets.cut();
  await untilState(anna, 'reconnecting');
  await t.rejects(anna.sendMessage('chat', 'x'), { code: 'connection-lost' });
});

t.test('hands stay up over lost connections', async (t) => {
  const { url, media } = await startGateway(t);
  const { client: anna, sockets } = await joinPeer(t, url);
  const { client: bo } = await joinPeer(t, url);
  const seen: unknown[] = [];
  bo.on('handraised', (peerId, at) => seen.push([peerId, at]));
  const own = next(anna, 'handraised');
  await anna.raiseHand(true);
  const at = anna.handRaisedAt!;
  t.strictSame(await own, [anna.peerId, at]);
  await until(() => seen.length === 1);
  t.strictSame(seen, [[anna.peerId, at]]);
  t.equal(bo.peers.get(anna.peerId!)!.handRaisedAt, at);

  sockets.blocked = true;
  sockets.cut();
  await untilState(anna, 'reconnecting');
  await anna.raiseHand(false);
  t.equal(anna.handRaisedAt, at, 'nobody knows yet');
  sockets.blocked = false;
  await until(() => anna.handRaisedAt === null);
  await until(() => bo.peers.get(anna.peerId!)!.handRaisedAt === null);

  await anna.raiseHand(true);
  media.router.die();
  await untilState(anna, 'reconnecting');
  await untilState(anna, 'connected');
  await untilState(bo, 'connected');
  await until(() => (bo.peers.get(anna.peerId!)?.handRaisedAt ?? null) !== null);
  t.ok(anna.handRaisedAt, 'up again in the new room');
  await anna.leave();
  t.equal(anna.handRaisedAt, null);
});

t.test(
  'muted by the server: the track is closed and says why, also when it happened while away',
  async (t) => {
    const { url, gateway, media } = await startGateway(t);
    const { client: anna, sockets } = await joinPeer(t, url);
    const participant = (): string => gateway.rooms.participants('lobby')[0].participantId;
    const errors: string[] = [];
    const microphone = await anna.publish(fakeTrack('audio'), { source: 'microphone' });
    const camera = await anna.publish(fakeTrack('video'), { source: 'camera' });
    const closed = next(anna, 'localtrackclosed');
    gateway.rooms.mute('lobby', participant(), 'microphone');
    t.strictSame(await closed, [microphone, 'muted']);
    t.strictSame([microphone.closed, microphone.closedReason, camera.closed], [true, 'muted', false]);
    t.equal(microphone.track.readyState, 'live', 'the track belongs to the page');
    t.strictSame([...anna.localTracks.keys()], ['camera']);
    anna.on('error', (error) => errors.push(error.message));
    const again = await anna.publish(microphone.track, { source: 'microphone' });
    t.equal(again.closed, false);

    sockets.blocked = true;
    sockets.cut();
    await untilState(anna, 'reconnecting');
    gateway.rooms.mute('lobby', participant(), 'microphone');
    sockets.blocked = false;
    const later = next(anna, 'localtrackclosed');
    await untilState(anna, 'connected');
    t.strictSame(await later, [again, 'muted'], 'not published anew by itself');
    t.equal(media.router.producers.size, 1);
    t.strictSame(errors, []);
  },
);

t.test('muted in the moment of publishing', async (t) => {
  const { url, gateway, media } = await startGateway(t);
  const { client } = await joinPeer(t, url);
  const publishing = client.publish(fakeTrack('audio'), { source: 'microphone' });
  await until(() => media.router.producers.size === 1);
  t.equal(gateway.rooms.mute('lobby', client.peerId!, 'microphone'), true);
  const local = await publishing;
  await until(() => local.closed);
  t.equal(local.closedReason, 'muted');
  t.equal(client.localTracks.size, 0);
});
