/** What is made ahead of an encrypted room: for one room, and nothing of it leaves the page before the join. */
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { EncryptedRoom, prepareEncryption } from '#src/client/e2ee/index.js';
import { startGateway } from '../../gateway/test-client.js';
import { createPeer, fakeTrack } from '../test-room.js';
import { FakeWorker, joinEncrypted, pretendBrowser, untilAgreed } from './fake-encryption.js';

function prepared() {
  const worker = new FakeWorker();
  return { worker, encryption: prepareEncryption(worker as unknown as Worker) };
}

t.test('a room takes the key pair and the worker that were made ahead', async (t) => {
  pretendBrowser(t);
  const { url } = await startGateway(t);
  const { worker, encryption } = prepared();
  const peer = createPeer(t, url, { requireEncryption: true });
  await turn();
  t.equal(encryption.isReady, true);
  const room = await EncryptedRoom.create(peer.client, { room: 'lobby', worker: encryption });
  t.teardown(() => room.close());
  t.equal(encryption.isReady, false);
  await turn();
  t.strictSame(
    [peer.sockets.opened.length, peer.handlers.length],
    [0, 0],
    'nothing is connected before the join',
  );
  t.equal(worker.keys, null);

  await peer.client.join();
  const bo = await joinEncrypted(t, url);
  await untilAgreed({ ...peer, room, worker }, bo);
  await room.publish(fakeTrack('video'), { source: 'camera' });
  t.match(peer.senders, [{ transform: { worker, options: { side: 'send', source: 'camera' } } }]);
  encryption.close();
  t.equal(worker.terminated, false, 'it is the room’s now');
  room.close();
  t.equal(worker.terminated, true);
});

t.test('it serves one room', async (t) => {
  pretendBrowser(t);
  const { encryption } = prepared();
  const create = () =>
    EncryptedRoom.create(createPeer(t, 'ws://127.0.0.1:1/').client, { room: 'lobby', worker: encryption });
  const room = await create();
  await t.rejects(create(), { code: 'encryption-failed', message: /taken.*prepare another one/ });
  room.close();
});

t.test('two that are made ahead have two key pairs', async (t) => {
  pretendBrowser(t);
  const keys = await Promise.all(
    [prepared(), prepared()].map(async ({ encryption }) =>
      (await encryption.take().identity).publicKey.join(),
    ),
  );
  t.not(keys[0], keys[1]);
});

t.test('a worker that could not be loaded makes it useless', async (t) => {
  pretendBrowser(t);
  const { worker, encryption } = prepared();
  worker.onerror!({ message: '' });
  t.equal(encryption.isReady, false);
  const { client } = createPeer(t, 'ws://127.0.0.1:1/');
  await t.rejects(EncryptedRoom.create(client, { room: 'lobby', worker: encryption }), {
    code: 'encryption-failed',
    message: /failed/,
  });
  encryption.close();
  t.equal(worker.terminated, true);
});

t.test('what nobody took ends with its worker', async (t) => {
  const { worker, encryption } = prepared();
  encryption.close();
  t.equal(worker.terminated, true);
  t.throws(() => encryption.take(), { message: /closed/ });
});
