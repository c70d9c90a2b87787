import t from 'tap';
import type { PublishOptions } from '#src/client/index.js';
import { createGateway } from '#src/gateway/index.js';
import { FakeMedia } from '../gateway/fake-media.js';
import { silent, startGateway } from '../gateway/test-client.js';
import { fakeTrack, joinPeer, next, type TestPeer, until, untilState } from './test-room.js';

const attach: Pick<PublishOptions, 'onSender'> = {
  onSender: (sender) => (sender.transform = {} as RTCRtpScriptTransform),
};

function attachToReceivers({ client }: TestPeer): void {
  client.on('receivercreated', (_info, receiver) => (receiver.transform = {} as RTCRtpScriptTransform));
}

t.test('nothing is sent without a transform', async (t) => {
  const { url, media } = await startGateway(t);
  const { client, senders } = await joinPeer(t, url, { requireEncryption: true });
  const encrypted = await client.publish(fakeTrack('video'), { source: 'camera', ...attach });
  t.equal(media.router.producers.size, 1);

  await t.rejects(client.publish(fakeTrack('video'), { source: 'camera' }), { code: 'encryption-required' });
  t.equal(client.localTracks.get('camera'), encrypted, 'what was there stays');
  t.strictSame([encrypted.closed, senders.length], [false, 1], 'and no sender was made');

  const forgetful = client.publish(fakeTrack('audio'), { source: 'microphone', onSender: () => {} });
  await t.rejects(forgetful, { code: 'encryption-required', message: /the microphone: .*EncryptedRoom/ });
  const failing = client.publish(fakeTrack('video'), {
    source: 'screen',
    onSender: () => {
      throw new Error('no worker');
    },
  });
  await t.rejects(failing, /no worker/);
  t.strictSame(
    senders.map(({ kind, track, transform }) => [kind, track !== null, transform !== null]),
    [
      ['video', true, true],
      ['audio', false, false],
      ['video', false, false],
    ],
    'the senders that nobody could be asked about before have nothing to send',
  );
  t.strictSame([...client.localTracks.keys()], ['camera']);
  t.equal(media.router.producers.size, 1, 'the server was not told');
});

t.test('a callback that throws leaves no sender behind, required or not', async (t) => {
  const { url, media } = await startGateway(t);
  const { client, senders } = await joinPeer(t, url);
  const onSender = (): never => {
    throw new Error('no worker');
  };
  await t.rejects(client.publish(fakeTrack('video'), { source: 'camera', onSender }), /no worker/);
  t.equal(senders[0].track, null);
  t.equal(media.router.producers.size, 0);
  await client.publish(fakeTrack('video'), { source: 'camera' });
  t.equal(media.router.producers.size, 1);
});

t.test('what comes without a transform is not shown, and does not flow', async (t) => {
  const { url, media } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  const bo = await joinPeer(t, url, { requireEncryption: true, displayName: 'Bo' });
  const cleo = await joinPeer(t, url, { requireEncryption: true, displayName: 'Cleo' });
  attachToReceivers(cleo);
  const shown: string[] = [];
  bo.client.on('trackadded', (_peer, { source }) => shown.push(source));
  const [error, [peer, track]] = await Promise.all([
    next(bo.client, 'error'),
    next(cleo.client, 'trackadded'),
    anna.publish(fakeTrack('video'), { source: 'camera' }),
  ]);
  t.match(error, [{ code: 'encryption-required', message: /the camera of Anna/ }]);
  t.strictSame([peer.displayName, track.source], ['Anna', 'camera']);
  await until(() => media.consumers.some(({ paused }) => !paused));
  t.strictSame(shown, []);
  t.strictSame(media.consumers.map(({ paused }) => paused).sort(), [false, true]);
  t.equal(bo.client.peers.get(anna.peerId!)?.tracks.size, 0);
});

t.test('what is asked of a sender is asked again after a rejoin', async (t) => {
  const first = await startGateway(t);
  const { port } = first.gateway;
  const { client, sockets, senders } = await joinPeer(t, first.url, { requireEncryption: true });
  let able = true;
  const onSender = (sender: RTCRtpSender): void => {
    if (able) attach.onSender!(sender);
  };
  const camera = await client.publish(fakeTrack('video'), { source: 'camera', onSender });
  const microphone = await client.publish(fakeTrack('audio'), { source: 'microphone', ...attach });
  sockets.blocked = true;
  sockets.cut();
  await untilState(client, 'reconnecting');
  await first.gateway.close();
  const media = new FakeMedia();
  const gateway = await createGateway({
    ...{ listen: { ip: '127.0.0.1', port }, mediaBackend: media, logger: silent },
  });
  t.teardown(() => gateway.close());
  able = false;
  const closed = next(client, 'localtrackclosed');
  const failed = next(client, 'error');
  sockets.blocked = false;
  t.equal((await closed)[0], camera);
  t.match(await failed, [{ code: 'encryption-required' }]);
  await until(() => media.router.producers.size === 1);
  t.strictSame([...client.localTracks.values()], [microphone]);
  t.strictSame(
    senders.slice(2).map(({ kind, track }) => [kind, track !== null]),
    [
      ['video', false],
      ['audio', true],
    ],
  );
});
