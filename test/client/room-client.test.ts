import t from 'tap';
import { SignallingError } from '#src/client/index.js';
import { startGateway } from '../gateway/test-client.js';
import { createPeer, fakeTrack, joinPeer, next, until } from './test-room.js';

t.test('joins, publishes, and the other receives a track that flows', async (t) => {
  const { url, media } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  t.equal(anna.state, 'connected');
  const joined = next(anna, 'peerjoined');
  const { client: bo } = await joinPeer(t, url, { displayName: 'Bo' });
  t.match((await joined)[0], { id: bo.peerId, displayName: 'Bo' });
  t.match([...bo.peers.values()], [{ id: anna.peerId, displayName: 'Anna' }]);

  const added = next(bo, 'trackadded');
  const track = fakeTrack('video');
  const local = await anna.publish(track, { source: 'camera', encodings: [{ maxBitrate: 100_000 }] });
  t.match(local, { source: 'camera', kind: 'video', paused: false });
  t.equal(anna.localTracks.get('camera'), local);
  const [peer, remote] = await added;
  t.equal(peer, bo.peers.get(anna.peerId!));
  t.match(remote, { producerId: local.producer!.id, kind: 'video', source: 'camera', paused: false });
  t.equal(peer.tracks.get(remote.id), remote);
  t.equal(remote.consumer.id, remote.id);
  await until(() => media.consumers[0]?.paused === false);
  t.equal(
    media.router.transports.filter(({ connectedWith }) => connectedWith).length,
    2,
    "anna's send, bo's receive",
  );
});

t.test('JSON works too, and late comers get everything in one go', async (t) => {
  const { url } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url, { codec: 'json' });
  await Promise.all([
    anna.publish(fakeTrack('video'), { source: 'camera' }),
    anna.publish(fakeTrack('audio'), { source: 'microphone' }),
    anna.publish(fakeTrack('video'), { source: 'screen' }),
  ]);
  const { client: bo } = createPeer(t, url, { codec: 'json' });
  const sources: string[] = [];
  bo.on('trackadded', (_peer, { source }) => sources.push(source));
  await bo.join();
  await until(() => sources.length === 3);
  t.strictSame(sources.sort(), ['camera', 'microphone', 'screen']);
});

t.test('pausing, replacing and closing a local track', async (t) => {
  const { url, media } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  const { client: bo } = await joinPeer(t, url);
  const added = next(bo, 'trackadded');
  const local = await anna.publish(fakeTrack('audio'), { source: 'microphone' });
  const [, remote] = await added;

  const paused = next(bo, 'trackpaused');
  await local.pause();
  t.equal((await paused)[1], remote);
  t.strictSame([local.paused, remote.paused, local.track.enabled], [true, true, false]);
  const resumed = next(bo, 'trackresumed');
  await local.resume();
  await resumed;
  t.strictSame([local.paused, remote.paused, local.track.enabled], [false, false, true]);

  const other = fakeTrack('audio');
  await local.replaceTrack(other);
  t.equal(local.track, other);
  t.equal(local.producer!.track, other);

  const removed = next(bo, 'trackremoved');
  local.close();
  t.equal((await removed)[1], remote);
  t.equal(remote.consumer.closed, true);
  t.equal(anna.localTracks.size, 0);
  t.equal(other.readyState, 'live', 'the track belongs to the page');
  t.equal(media.router.producers.size, 0);
});

t.test('publishing a source again replaces it; a source that ends by itself is closed', async (t) => {
  const { url, media } = await startGateway(t);
  const { client } = await joinPeer(t, url);
  const first = await client.publish(fakeTrack('video'), { source: 'screen' });
  const second = await client.publish(fakeTrack('video'), { source: 'screen' });
  t.equal(first.closed, true);
  await until(() => media.router.producers.size === 1);
  const closed = next(client, 'localtrackclosed');
  (second.track as unknown as { remoteStop(): void }).remoteStop();
  t.equal((await closed)[0], second);
  await until(() => media.router.producers.size === 0);
});

t.test('layers, receiving, key frames and statistics', async (t) => {
  const { url, media } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  const { client: bo } = await joinPeer(t, url);
  const added = next(bo, 'trackadded');
  await anna.publish(fakeTrack('video'), { source: 'camera' });
  const [, remote] = await added;
  const [consumer] = media.consumers;
  await until(() => !consumer.paused);
  await bo.setPreferredLayers(remote.id, { spatialLayer: 1 });
  t.strictSame(consumer.preferredLayers, { spatialLayer: 1, temporalLayer: undefined });
  await bo.setReceiving(remote.id, false);
  t.equal(consumer.paused, true);
  await bo.setReceiving(remote.id, true);
  t.equal(consumer.paused, false);
  await bo.requestKeyFrame(remote.id);
  t.equal(consumer.keyFrameRequests, 1);
  t.match(await bo.getServerStats(remote.id), [{ id: remote.id }]);
  const changed = next(bo, 'layerschanged');
  consumer.emit('layerschange', { spatialLayer: 2, temporalLayer: 1 });
  t.strictSame((await changed)[2], { spatialLayer: 2, temporalLayer: 1 });
});

t.test('leaving and going away', async (t) => {
  const { url, gateway } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  const { client: bo } = await joinPeer(t, url);
  await bo.publish(fakeTrack('video'), { source: 'camera' });
  await until(() => anna.peers.get(bo.peerId!)?.tracks.size === 1);
  const left = next(anna, 'peerleft');
  const removed = next(anna, 'trackremoved');
  await bo.leave();
  t.equal((await left)[1], 'left');
  await removed;
  t.equal(bo.state, 'closed');
  t.strictSame([bo.localTracks.size, bo.peers.size], [0, 0]);
  t.equal(gateway.peerCount, 1);
  await t.rejects(bo.publish(fakeTrack('video'), { source: 'camera' }), /join\(\) before publish/);
  await bo.join();
  t.equal(bo.state, 'connected', 'and back again');
});

t.test('a first attempt that fails rejects with a code', async (t) => {
  const { url } = await startGateway(t, { authorize: () => ({ allowed: false, message: 'members only' }) });
  const codeOf = (error: unknown): string => (error instanceof SignallingError ? error.code : String(error));
  const { client, sockets } = createPeer(t, url);
  t.equal(await client.join().catch(codeOf), 'unauthorized');
  t.equal(client.state, 'closed');
  sockets.blocked = true;
  t.equal(await client.join().catch(codeOf), 'connect-failed');
});

t.test('a track that the server refuses is an error of publish', async (t) => {
  const { url } = await startGateway(t, { limits: { maxProducersPerPeer: 1 } });
  const { client } = await joinPeer(t, url);
  await client.publish(fakeTrack('video'), { source: 'camera' });
  await t.rejects(client.publish(fakeTrack('video'), { source: 'screen' }), /may have 1 producers/);
  t.strictSame([...client.localTracks.keys()], ['camera']);
});

t.test('a page that goes away says goodbye, and one whose network is back tries at once', async (t) => {
  const { url } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  const page = new EventTarget();
  const scope = globalThis as { window?: unknown };
  scope.window = page;
  t.teardown(() => delete scope.window);
  const slow = { minDelayMs: 600_000, maxDelayMs: 600_000 };
  const { client: bo, sockets } = await joinPeer(t, url, { reconnect: slow });
  sockets.cut();
  t.match(await next(bo, 'state'), ['reconnecting']);
  page.dispatchEvent(new Event('online'));
  t.match(await next(bo, 'state'), ['connected']);

  const left = next(anna, 'peerleft');
  page.dispatchEvent(new Event('pagehide'));
  t.equal(bo.state, 'closed');
  t.equal((await left)[1], 'left');
});
