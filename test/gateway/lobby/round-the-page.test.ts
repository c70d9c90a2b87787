/** Whoever goes round the page, with a WebSocket of their own, gets no further than the lobby lets them. */
import t from 'tap';
import { CloseCode } from '#src/signalling/protocol.js';
import { produceData, startGateway, TestClient } from '../test-client.js';
import { proof, START } from './lobby-people.js';
import { openMeeting } from './meeting-place.js';

const refused = (reason: string): RegExp => new RegExp(`^unauthorized: ${reason}$`);
const NO_TICKET = refused('show a valid ticket');

t.test('an admitted person with a ticket gets in, under the proven name', async (t) => {
  const { admit, enter, host, lobby } = await openMeeting(t);
  admit('anna');
  const { joined } = await enter('anna');
  t.match(joined.peers, [{ displayName: 'Person host', participantId: 'host', info: { role: 'host' } }]);
  t.strictSame(await host.notification('peerJoined'), {
    peerId: joined.peerId,
    displayName: 'Person anna',
    participantId: 'anna',
    info: { role: 'participant', provider: 'bankid', assurance: 'substantial' },
  });
  t.match(lobby.participant('anna'), { present: true, entered: true });
});

t.test('no ticket, garbage, a used one, an expired one, one of another meeting', async (t) => {
  const { admit, enter, ticket, gateway, clock } = await openMeeting(t);
  admit('anna');
  await t.rejects(enter('anna', { ticket: undefined }), NO_TICKET);
  await t.rejects(enter('anna', { ticket: 'garbage' }), NO_TICKET);
  await t.rejects(enter('anna', { ticket: 'A'.repeat(43) }), NO_TICKET);
  await t.rejects(enter('anna', { ticket: ticket('anna', 'another meeting') }), NO_TICKET);
  await t.rejects(enter('anna', { room: 'another meeting' }), NO_TICKET);
  const stale = ticket('anna');
  clock.now += 30_000;
  await t.rejects(enter('anna', { ticket: stale }), NO_TICKET);
  t.equal(gateway.rooms.participants('another meeting').length, 0);
  t.equal(gateway.peerCount, 1, 'the host alone');

  const once = ticket('anna');
  await enter('anna', { ticket: once });
  await t.rejects(enter('anna', { ticket: once }), NO_TICKET, 'replayed');
  t.equal(gateway.peerCount, 2, 'and the first is not disturbed');
});

t.test('a wrong ticket over the same socket does not wear anything out', async (t) => {
  const { admit, ticket, url } = await openMeeting(t);
  admit('anna');
  const client = await TestClient.open(t, url);
  const data = { room: 'meeting', displayName: 'x' };
  await t.rejects(client.request('join', { ...data, ticket: 'guess' }), NO_TICKET);
  await t.rejects(client.request('createTransport', { direction: 'recv' }), /not-joined/);
  await client.request('join', { ...data, ticket: ticket('anna') });
});

t.test('a ticket says who, the lobby says whether', async (t) => {
  const { lobby, sessions, enter, gateway } = await openMeeting(t);
  await t.rejects(enter('anna'), refused('the session has ended; sign in again'));
  sessions.set('session of anna', { assurance: 'substantial' });
  await t.rejects(enter('anna'), NO_TICKET, 'never invited');
  lobby.add({ id: 'anna', displayName: 'A', role: 'participant' }, START);
  await t.rejects(enter('anna'), refused('not-admitted'), 'not identified');
  lobby.identify('anna', proof(), START);
  lobby.wait('anna', START);
  await t.rejects(enter('anna'), refused('not-admitted'), 'waiting');
  lobby.admit('anna', 'host', START);
  sessions.set('session of anna', { assurance: 'low' });
  await t.rejects(enter('anna'), refused('assurance-too-low'), 'signed in anew, with less');
  sessions.delete('session of anna');
  await t.rejects(enter('anna'), refused('the session has ended; sign in again'));
  sessions.set('session of anna', { assurance: 'high' });
  lobby.lock('host', START);
  await t.rejects(enter('anna'), refused('locked'));
  lobby.unlock('host', START);
  t.equal(gateway.peerCount, 1);
  await enter('anna');
  t.equal(gateway.peerCount, 2);
});

t.test('removed: out at once, and no old ticket, resume or new ticket leads back', async (t) => {
  const { admit, enter, lobby, ticket, host, gateway } = await openMeeting(t);
  admit('anna');
  const spare = ticket('anna');
  const { client, joined } = await enter('anna');
  await host.notification('peerJoined');
  lobby.remove('anna', 'Du har lämnat mötet: störande', 'host', START);
  t.strictSame(await client.closed, { code: CloseCode.Removed, reason: 'Du har lämnat mötet: störande' });
  t.strictSame(await host.notification('peerLeft'), { peerId: joined.peerId, reason: 'removed' });
  t.equal(lobby.participant('anna')?.present, false);
  const { resumeToken } = joined;
  await t.rejects(enter('anna', { ticket: spare }), NO_TICKET, 'revoked');
  await t.rejects(enter('anna', { resumeToken, ticket: undefined }), NO_TICKET, 'resume');
  await t.rejects(enter('anna', { resumeToken }), refused('denied'), 'a ticket that should not exist');
  t.equal(gateway.peerCount, 1);
  lobby.admit('anna', 'host', START);
  t.equal((await enter('anna', { resumeToken })).joined.resumed, false, 'admitted anew');
});

t.test('removed while the connection is lost: the resume comes to nothing', async (t) => {
  const { admit, enter, lobby, gateway } = await openMeeting(t);
  admit('anna');
  const { client, joined } = await enter('anna');
  client.socket.terminate();
  await client.closed;
  t.equal(gateway.peerCount, 2, 'may still come back');
  lobby.remove('anna', 'no', 'host', START);
  t.equal(gateway.peerCount, 1);
  await t.rejects(enter('anna', { resumeToken: joined.resumeToken, ticket: undefined }), NO_TICKET);
});

t.test(
  'a second device with the same ticket stays out; with a ticket of its own it takes over',
  async (t) => {
    const { admit, enter, ticket, host, lobby, gateway } = await openMeeting(t);
    admit('anna');
    const shared = ticket('anna');
    const first = await enter('anna', { ticket: shared });
    await t.rejects(enter('anna', { ticket: shared }), NO_TICKET);
    const second = await enter('anna');
    t.strictSame(await first.client.closed, { code: CloseCode.Replaced, reason: 'replaced' });
    t.strictSame(await host.notification('peerLeft'), { peerId: first.joined.peerId, reason: 'replaced' });
    t.equal(gateway.peerCount, 2);
    t.equal(lobby.participant('anna')?.present, true);
    const { resumeToken } = first.joined;
    await t.rejects(
      enter('anna', { resumeToken, ticket: undefined }),
      NO_TICKET,
      'no way back for the first',
    );
    await second.client.request('ping', {});
  },
);

t.test('removed in the middle of the join: never in', async (t) => {
  const { admit, enter, lobby, gateway, host, sessions } = await openMeeting(t);
  admit('anna');
  let go = (): void => {};
  const asked = new Promise<void>((resolve) => {
    const held = new Promise<void>((release) => (go = release));
    sessions.get = () => (resolve(), held.then(() => ({ assurance: 'high' }))) as never;
  });
  const join = t.rejects(enter('anna'), refused('denied'));
  await asked;
  lobby.remove('anna', 'no', 'host', START);
  go();
  await join;
  t.equal(gateway.peerCount, 1);
  await host.request('ping', {});
  t.notOk(host.pendingNotifications().includes('peerJoined'));
});

t.test('removed while the room makes a place for them: never in', async (t) => {
  const { lobby, enter, gateway, media, host } = await openMeeting(t);
  await host.request('leave', {});
  const createRouter = media.createRouter.bind(media);
  let go = (): void => {};
  const asked = new Promise<void>((resolve) => {
    const held = new Promise<void>((release) => (go = release));
    media.createRouter = (placement) => (resolve(), held.then(() => createRouter(placement)));
  });
  const join = t.rejects(enter('host'));
  await asked;
  lobby.remove('host', 'no', null, START);
  go();
  await join;
  t.strictSame([gateway.peerCount, gateway.roomCount], [0, 0]);
  t.equal(lobby.participant('host')?.present, false);
});

t.test('the meeting ends: everybody is out, and nobody gets in', async (t) => {
  const { admit, enter, lobby, ticket, host, gateway } = await openMeeting(t);
  admit('anna');
  const { client, joined } = await enter('anna');
  const spare = ticket('anna');
  lobby.end('Mötet är slut', 'host', START);
  for (const one of [client, host]) {
    t.strictSame(await one.closed, { code: CloseCode.Ended, reason: 'Mötet är slut' });
  }
  t.strictSame([gateway.peerCount, gateway.roomCount], [0, 0]);
  await t.rejects(enter('anna', { ticket: spare, resumeToken: joined.resumeToken }), refused('ended'));
});

t.test('a host mutes: the stream ends at the server', async (t) => {
  const { admit, enter, lobby, host } = await openMeeting(t);
  admit('anna');
  const { client, joined } = await enter('anna');
  const { producerId } = await client.request('produce', produceData(joined, 'audio/opus'));
  const [{ consumerId }] = (await host.notification('newConsumers')).consumers;
  lobby.mute('anna', 'microphone', 'host', START);
  t.strictSame(await client.notification('producerClosed'), { producerId, reason: 'muted' });
  t.strictSame(await host.notification('consumerClosed'), { consumerId });
});

t.test('who leaves the meeting, or is denied, has no way in left', async (t) => {
  const { admit, enter, lobby, ticket } = await openMeeting(t);
  admit('anna');
  const spare = ticket('anna');
  const { client } = await enter('anna');
  lobby.leave('anna', START);
  t.match(await client.closed, { code: CloseCode.Removed });
  await t.rejects(enter('anna', { ticket: spare }), NO_TICKET);
  await t.rejects(enter('anna'), refused('not-admitted'));
});

t.test('more people than the meeting has places do not fit into its room', async (t) => {
  const { admit, enter, lobby, gateway } = await openMeeting(t, { settings: { capacity: 2 } });
  admit('anna');
  const first = await enter('anna');
  t.equal(lobby.admittedCount, 2);
  await enter('anna');
  t.strictSame((await first.client.closed).code, CloseCode.Replaced, 'coming back is no matter of places');
  t.equal(gateway.peerCount, 2);
});

t.test('without the hook everybody may enter, as ever', async (t) => {
  const { url, gateway } = await startGateway(t);
  const { joined } = await TestClient.join(t, url, { room: 'open', ticket: 'anything' });
  t.strictSame(
    gateway.rooms.participants('open').map(({ participantId, peerId }) => [participantId, peerId]),
    [[joined.peerId, joined.peerId]],
  );
});
