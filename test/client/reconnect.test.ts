import t from 'tap';
import { createGateway } from '#src/gateway/index.js';
import { FakeMedia } from '../gateway/fake-media.js';
import { silent, startGateway, TestClient } from '../gateway/test-client.js';
import { createPeer, fakeTrack, joinPeer, next, until, untilState } from './test-room.js';

t.test('a cut socket resumes: same peer, same tracks, nobody else notices', async (t) => {
  const { url, gateway } = await startGateway(t);
  const { client: anna, sockets } = await joinPeer(t, url);
  const { client: bo } = await joinPeer(t, url, { displayName: 'Bo' });
  const noticed: string[] = [];
  bo.on('peerleft', () => noticed.push('left'));
  bo.on('trackremoved', () => noticed.push('track'));
  const local = await anna.publish(fakeTrack('video'), { source: 'camera' });
  await bo.publish(fakeTrack('audio'), { source: 'microphone' });
  await until(() => anna.peers.get(bo.peerId!)?.tracks.size === 1);
  const [before] = anna.peers.get(bo.peerId!)!.tracks.values();
  const { peerId } = anna;
  const { producer } = local;

  const lost = next(anna, 'state');
  sockets.cut();
  t.strictSame(await lost, ['reconnecting', 'connection-lost']);
  await untilState(anna, 'connected');
  t.equal(anna.peerId, peerId);
  t.equal(local.producer, producer);
  t.equal(anna.peers.get(bo.peerId!)!.tracks.get(before.id), before);
  t.equal(before.consumer.closed, false);
  t.strictSame(noticed, []);
  t.equal(gateway.peerCount, 2);
});

t.test('what changed meanwhile is caught up with on both sides', async (t) => {
  const { url, media } = await startGateway(t);
  const { client: anna, sockets } = await joinPeer(t, url);
  const { client: bo } = await joinPeer(t, url, { displayName: 'Bo' });
  const { client: cleo } = await joinPeer(t, url, { displayName: 'Cleo' });
  const annaCamera = await anna.publish(fakeTrack('video'), { source: 'camera' });
  const annaMicrophone = await anna.publish(fakeTrack('audio'), { source: 'microphone' });
  const boCamera = await bo.publish(fakeTrack('video'), { source: 'camera' });
  const boMicrophone = await bo.publish(fakeTrack('audio'), { source: 'microphone' });
  await until(() => anna.peers.get(bo.peerId!)?.tracks.size === 2);
  const boTracks = anna.peers.get(bo.peerId!)!.tracks;

  sockets.blocked = true;
  sockets.cut();
  await untilState(anna, 'reconnecting');
  const cameraId = annaCamera.producer!.id;
  await annaMicrophone.pause();
  annaCamera.close();
  const screen = anna.publish(fakeTrack('video'), { source: 'screen' });
  boCamera.close();
  await boMicrophone.pause();
  await bo.publish(fakeTrack('video'), { source: 'screen' });
  const { client: dora } = await joinPeer(t, url, { displayName: 'Dora' });
  await cleo.leave();

  sockets.blocked = false;
  await untilState(anna, 'connected');
  t.match(await screen, { source: 'screen', closed: false });
  await until(() => !media.router.producers.has(cameraId));
  await until(() => media.router.producers.get(annaMicrophone.producer!.id)!.paused);
  await until(() => boTracks.size === 2 && [...boTracks.values()].some(({ source }) => source === 'screen'));
  t.strictSame([...boTracks.values()].map(({ source, paused }) => [source, paused]).sort(), [
    ['microphone', true],
    ['screen', false],
  ]);
  t.strictSame([...anna.peers.keys()].sort(), [bo.peerId, dora.peerId].sort());
});

t.test('a killed server that comes back empty: everybody joins anew and publishes again', async (t) => {
  const first = await startGateway(t);
  const { port } = first.gateway;
  const { client: anna, sockets: annaSockets } = await joinPeer(t, first.url);
  const { client: bo, sockets: boSockets } = await joinPeer(t, first.url, { displayName: 'Bo' });
  const camera = fakeTrack('video');
  const local = await anna.publish(camera, { source: 'camera' });
  await until(() => bo.peers.get(anna.peerId!)?.tracks.size === 1);
  const { peerId } = anna;
  const oldProducer = local.producer!;
  const reasons: string[] = [];
  bo.on('peerleft', (_peer, reason) => reasons.push(reason));

  for (const sockets of [annaSockets, boSockets]) sockets.blocked = true;
  annaSockets.cut();
  boSockets.cut();
  await Promise.all([untilState(anna, 'reconnecting'), untilState(bo, 'reconnecting')]);
  await first.gateway.close();
  const media = new FakeMedia();
  const second = await createGateway({
    listen: { ip: '127.0.0.1', port },
    mediaBackend: media,
    logger: silent,
  });
  t.teardown(() => second.close());
  for (const sockets of [annaSockets, boSockets]) sockets.blocked = false;

  await Promise.all([untilState(anna, 'connected'), untilState(bo, 'connected')]);
  t.not(anna.peerId, peerId);
  await until(() => bo.peers.get(anna.peerId!)?.tracks.size === 1);
  t.equal(anna.localTracks.get('camera'), local, 'the page keeps its objects');
  t.not(local.producer, oldProducer);
  t.equal(oldProducer.closed, true);
  t.equal(local.producer!.track, camera);
  t.equal(camera.readyState, 'live');
  t.strictSame(reasons, ['rejoin']);
  t.equal(bo.peers.size, 1);
});

t.test('a room whose worker died is joined anew', async (t) => {
  const { url, media } = await startGateway(t);
  const { client } = await joinPeer(t, url);
  const local = await client.publish(fakeTrack('audio'), { source: 'microphone' });
  await local.pause();
  const { peerId } = client;
  media.router.die();
  await next(client, 'state');
  await untilState(client, 'connected');
  t.not(client.peerId, peerId);
  await until(() => media.router.producers.size === 1);
  t.equal([...media.router.producers.values()][0].paused, true, 'as it was');
});

t.test('a failed transport is rebuilt by a fresh join', async (t) => {
  const { url, media, gateway } = await startGateway(t);
  const { client } = await joinPeer(t, url);
  await client.publish(fakeTrack('video'), { source: 'camera' });
  const lost = next(client, 'state');
  media.router.transports[0].emit('dtlsstatechange', 'failed');
  t.strictSame(await lost, ['reconnecting', 'transport-failed']);
  await untilState(client, 'connected');
  await until(() => media.router.producers.size === 1);
  t.equal(gateway.peerCount, 1);
});

t.test('a path that fails is given new candidates, also after a resume', async (t) => {
  const { url, media } = await startGateway(t);
  const { client, handlers, sockets } = await joinPeer(t, url);
  await client.publish(fakeTrack('video'), { source: 'camera' });
  const restarts = (): number =>
    media.router.transports.reduce((sum, { iceRestarts }) => sum + iceRestarts, 0);
  handlers[0].setConnectionState('connected');
  handlers[0].setConnectionState('failed');
  await until(() => restarts() === 1);
  sockets.cut();
  await untilState(client, 'reconnecting');
  await untilState(client, 'connected');
  await until(() => restarts() === 2);
  handlers[0].setConnectionState('connected');
});

t.test('two sockets for one session: the older gives way for good', async (t) => {
  const { url, gateway } = await startGateway(t);
  let token: string | undefined;
  const { client, sockets } = createPeer(t, url);
  const join = client.join();
  sockets.opened[0].on('message', (data: ArrayBuffer) => {
    token ??= /resumeToken..([\w-]{43})/.exec(Buffer.from(data).toString('latin1'))?.[1];
  });
  await join;
  const ended = next(client, 'state');
  const { joined } = await TestClient.join(t, url, { resumeToken: token });
  t.equal(joined.resumed, true);
  t.strictSame(await ended, ['closed', 'replaced']);
  t.equal(gateway.peerCount, 1);
});

t.test('giving up after the time set', async (t) => {
  const { url } = await startGateway(t);
  const { client, sockets } = createPeer(t, url, {
    reconnect: { minDelayMs: 5, maxDelayMs: 10, giveUpAfterMs: 60 },
  });
  await client.join();
  const failed = next(client, 'error');
  sockets.blocked = true;
  sockets.cut();
  await untilState(client, 'closed');
  t.match((await failed)[0], { code: 'connect-failed' });
});

t.test('a drained server is left for the next one', async (t) => {
  const { url, gateway } = await startGateway(t, { timing: { drainTimeout: 60 } });
  const { port } = gateway;
  const { client } = await joinPeer(t, url);
  const told = next(client, 'draining');
  const drained = gateway.drain();
  t.equal((await told)[0], 60);
  await drained;
  const second = await createGateway({
    listen: { ip: '127.0.0.1', port },
    mediaBackend: new FakeMedia(),
    logger: silent,
  });
  t.teardown(() => second.close());
  await until(() => second.peerCount === 1);
  await untilState(client, 'connected');
});

t.test('leaving while reconnecting ends it', async (t) => {
  const { url, gateway } = await startGateway(t, { timing: { grace: 150 } });
  const { client, sockets } = await joinPeer(t, url);
  sockets.blocked = true;
  sockets.cut();
  await untilState(client, 'reconnecting');
  await client.leave();
  t.equal(client.state, 'closed');
  const { length } = sockets.opened;
  // The grace time is longer than the longest delay between two attempts.
  await until(() => gateway.peerCount === 0);
  t.equal(sockets.opened.length, length, 'no more attempts');
});
