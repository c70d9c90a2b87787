import { mock } from 'node:test';
import t from 'tap';
import { createGateway } from '#src/gateway/index.js';
import { ASK_INTERVAL_MS } from '#src/client/e2ee/encryption-worker.js';
import { EncryptedRoom, supportsEncryption } from '#src/client/e2ee/index.js';
import { KEY_TOPIC } from '#src/client/e2ee/key-messages.js';
import { FakeMedia } from '../../gateway/fake-media.js';
import { silent, startGateway } from '../../gateway/test-client.js';
import { createPeer, fakeTrack, joinPeer, next, until, untilState } from '../test-room.js';
import {
  createEncryptedPeer,
  FakeTransform,
  FakeWorker,
  joinEncrypted,
  nextOf,
  pretendBrowser,
  untilAgreed,
} from './fake-encryption.js';

const NOWHERE = 'ws://127.0.0.1:1/';

t.test('a browser without transforms is told so, before it joins', async (t) => {
  const { client } = createPeer(t, NOWHERE);
  t.equal(supportsEncryption(), false);
  const worker = new FakeWorker() as unknown as Worker;
  await t.rejects(EncryptedRoom.create(client, { room: 'lobby', worker }), {
    code: 'encryption-unsupported',
    message: /RTCRtpScriptTransform/,
  });
  pretendBrowser(t);
  t.equal(supportsEncryption(), true);
});

t.test('a worker that cannot be loaded, and one that dies', async (t) => {
  pretendBrowser(t);
  const { url, media } = await startGateway(t);
  const mute = new FakeWorker();
  mute.alive = false;
  const broken = await createEncryptedPeer(t, url, {}, mute);
  const told = nextOf(broken.room, 'state');
  const error = nextOf(broken.room, 'error');
  broken.worker.onerror!({ message: '' });
  t.strictSame(await told, ['failed', 'worker-not-loaded']);
  t.match(await error, [{ code: 'encryption-failed', message: /could not be loaded/ }]);
  t.strictSame([broken.room.state, broken.room.failure], ['failed', 'worker-not-loaded']);

  const bo = await joinEncrypted(t, url);
  await untilAgreed(bo);
  t.equal(bo.room.state, 'encrypted');
  await bo.room.publish(fakeTrack('video'), { source: 'camera' });
  const states: unknown[] = [];
  bo.room.on('state', (...args) => states.push(args));
  bo.worker.onerror!({ message: 'out of memory' });
  bo.worker.onerror!({ message: 'again' });
  bo.worker.say({ type: 'alive' });
  t.strictSame(states, [['failed', 'worker-failed']], 'once, and for good');
  const failed = { code: 'encryption-failed', message: /out of memory/ };
  await t.rejects(bo.room.publish(fakeTrack('audio'), { source: 'microphone' }), failed);
  await t.rejects(bo.room.sendChat('hej'), failed);
  t.equal(media.router.producers.size, 1);
});

t.test('a worker that says nothing any more is noticed, and is well again when it does', async (t) => {
  pretendBrowser(t);
  mock.timers.enable({ apis: ['setInterval'] });
  t.teardown(() => mock.timers.reset());
  const { room, worker } = await createEncryptedPeer(t, NOWHERE);
  const states: unknown[] = [];
  room.on('state', (...args) => states.push(args));
  const answered = async (): Promise<void> => {
    mock.timers.tick(ASK_INTERVAL_MS);
    await Promise.resolve();
  };
  for (let n = 0; n < 10; n++) await answered();
  t.strictSame(states, []);
  worker.alive = false;
  for (let n = 0; n < 3; n++) await answered();
  t.strictSame(states, [], 'not for being late');
  await answered();
  t.strictSame(states, [['failed', 'worker-silent']]);
  worker.alive = true;
  await answered();
  t.strictSame(states, [['failed', 'worker-silent'], ['waiting-for-key']]);
  t.equal(room.failure, null);
  room.close();
  t.equal(worker.terminated, true);
});

t.test('a transform for each sender and receiver, also after the server was started anew', async (t) => {
  pretendBrowser(t);
  const first = await startGateway(t);
  const { port } = first.gateway;
  const anna = await joinEncrypted(t, first.url);
  const bo = await joinEncrypted(t, first.url);
  await untilAgreed(anna, bo);
  await anna.room.publish(fakeTrack('video'), { source: 'camera' });
  await t.rejects(anna.client.publish(fakeTrack('audio'), { source: 'microphone' }), {
    code: 'encryption-required',
  });
  await t.rejects(anna.room.publish(fakeTrack('video'), { source: 'screen', codec: 'video/AV1' }), {
    code: 'encryption-unsupported',
  });
  await until(() => bo.receivers.length === 1 && bo.client.peers.get(anna.client.peerId!)?.tracks.size === 1);
  const annaBefore = anna.client.peerId;
  const peers = [anna, bo];
  for (const { sockets } of peers) {
    sockets.blocked = true;
    sockets.cut();
  }
  await Promise.all(peers.map(({ client }) => untilState(client, 'reconnecting')));
  await first.gateway.close();
  const media = new FakeMedia();
  const gateway = await createGateway({
    ...{ listen: { ip: '127.0.0.1', port }, mediaBackend: media, logger: silent },
  });
  t.teardown(() => gateway.close());
  const before = anna.worker.keys!.sending!.keyId;
  for (const { sockets } of peers) sockets.blocked = false;
  await until(() => bo.receivers.length === 2);
  const after = await untilAgreed(anna, bo);
  t.not(after, before, 'under another key');
  t.match(
    anna.senders.map(({ transform }) => (transform as FakeTransform).options),
    [
      { side: 'send', source: 'camera' },
      { side: 'send', source: 'camera' },
    ],
  );
  t.match(
    bo.receivers.map(({ transform }) => (transform as FakeTransform).options),
    [
      { side: 'receive', source: 'camera', peerId: annaBefore },
      { side: 'receive', source: 'camera', peerId: anna.client.peerId },
    ],
  );
  t.ok([...anna.senders, ...bo.receivers].every(({ transform }) => transform instanceof FakeTransform));
});

t.test(
  'a host who comes in with a second device replaces the first, which gets no further key',
  async (t) => {
    pretendBrowser(t);
    const { url } = await startGateway(t, {
      authorize: ({ ticket }) => ({
        ...{ allowed: true, participantId: ticket },
        info: { role: ticket === 'host' ? 'host' : 'guest' },
      }),
    });
    const phone = await joinEncrypted(t, url, { ticket: 'host', host: true });
    const guest = await joinEncrypted(t, url, { ticket: 'guest' });
    const before = await untilAgreed(phone, guest);
    const ended = next(phone.client, 'state');
    const laptop = await joinEncrypted(t, url, { ticket: 'host', host: true });
    t.strictSame(await ended, ['closed', 'replaced']);
    const after = await untilAgreed(laptop, guest);
    t.not(after, before);
    t.notOk(phone.worker.keys!.epochs.some(({ keyId }) => keyId === after));
    const epoch = guest.worker.keys!.epochs.find(({ keyId }) => keyId === after)!;
    t.strictSame(epoch.members.map(({ peerId }) => peerId).sort(), [
      ...[laptop.client.peerId, guest.client.peerId].sort(),
    ]);
    const heard = nextOf(guest.room, 'chat');
    await laptop.room.sendChat('back');
    t.match(await heard, [{ participantId: 'host' }, 'back']);
  },
);

t.test('somebody without encryption is listed; what he says and forges changes nothing', async (t) => {
  pretendBrowser(t);
  const { url } = await startGateway(t);
  const anna = await joinEncrypted(t, url);
  const bo = await joinEncrypted(t, url);
  const keyId = await untilAgreed(anna, bo);
  const told = nextOf(anna.room, 'unencrypted', (ids) => ids.length > 0);
  const { client: plain } = await joinPeer(t, url, { displayName: 'Plain' });
  t.strictSame(await told, [[plain.peerId]]);

  const sealed: string[] = [];
  plain.on('message', (_peer, topic, payload) => topic === 'e2ee.chat' && sealed.push(payload));
  const texts: string[] = [];
  anna.room.on('chat', (peer, text) => texts.push(`${peer.id === bo.client.peerId}: ${text}`));
  const first = nextOf(anna.room, 'chat');
  await bo.room.sendChat('one');
  await first;
  await until(() => sealed.length === 1);
  for (const topic of ['e2ee.chat', 'e2ee.document']) {
    for (const payload of [sealed[0], 'nonsense', '{}']) await plain.sendMessage(topic, payload);
  }
  await plain.sendMessage(KEY_TOPIC, '{"v":1,"type":"epoch"}');
  await plain.sendMessage(KEY_TOPIC, 'nonsense');
  const second = nextOf(anna.room, 'chat');
  await bo.room.sendChat('two');
  await second;
  t.strictSame(texts, ['true: one', 'true: two']);
  t.equal(anna.worker.keys!.sending!.keyId, keyId);
});

t.test('before the first key nothing can be said', async (t) => {
  pretendBrowser(t);
  const { room } = await createEncryptedPeer(t, NOWHERE);
  t.equal(room.state, 'waiting-for-key');
  await t.rejects(room.sendChat('hej'), { code: 'no-key' });
  const offer = { id: 'a', name: 'a.pdf', type: 'application/pdf', size: 1, key: 'k' };
  await t.rejects(room.offerDocument(offer), { code: 'no-key' });
});
