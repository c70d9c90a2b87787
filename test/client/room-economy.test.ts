/** What the client does with a room that sends it less than everything, and what it asks for. */
import t from 'tap';
import { startGateway } from '../gateway/test-client.js';
import { createPeer, fakeTrack, joinPeer, next, until, untilState } from './test-room.js';

t.test('the size on the screen chooses the layer, a hidden tile receives nothing', async (t) => {
  const { url, media } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  const { client: bo, sockets } = await joinPeer(t, url);
  const camera = fakeTrack('video');
  camera.getSettings = () => ({ width: 1280, height: 720 });
  const added = next(bo, 'trackadded');
  await anna.publish(camera, { source: 'camera' });
  const [, track] = await added;
  const [consumer] = media.consumers;
  await until(() => !consumer.paused);

  const startedAt = performance.now();
  track.setDisplaySize(600, 340);
  track.setDisplaySize(300, 170);
  await until(() => consumer.preferredLayers !== undefined);
  t.match(consumer.preferredLayers, { spatialLayer: 0 }, 'the last size of a change counts');
  t.ok(performance.now() - startedAt > 400);

  track.setDisplaySize(1200, 680);
  await until(() => (consumer.preferredLayers as { spatialLayer: number }).spatialLayer === 2);
  track.setDisplaySize(0, 0);
  track.setDisplaySize(1200, 680);
  track.setDisplaySize(0, 0);
  await until(() => consumer.paused);
  const preferred = consumer.preferredLayers;
  sockets.cut();
  await consumer.resume();
  await until(() => consumer.paused);
  t.pass('said again after a lost connection');
  track.setDisplaySize(1200, 680);
  await until(() => !consumer.paused);
  t.match(consumer.preferredLayers, preferred!);
});

t.test('who speaks, who sends what, and pins across a rejoin', async (t) => {
  const { url, media } = await startGateway(t, { limits: { lastN: 2, lastNAudio: 2 } });
  const { client: anna } = await joinPeer(t, url, { displayName: 'Anna' });
  const { client: bo } = await joinPeer(t, url, { displayName: 'Bo' });
  const { client: cleo } = await joinPeer(t, url, { displayName: 'Cleo' });
  await anna.publish(fakeTrack('video'), { source: 'camera' });
  await bo.publish(fakeTrack('video'), { source: 'camera' });
  const microphone = await bo.publish(fakeTrack('audio'), { source: 'microphone' });
  await until(() => cleo.peers.get(bo.peerId!)?.sources.size === 2);
  await until(() => cleo.peers.get(anna.peerId!)?.tracks.size === 1);
  t.strictSame(cleo.peers.get(bo.peerId!)!.sources.get('camera'), { paused: false });
  t.strictSame(
    [...cleo.peers.get(bo.peerId!)!.tracks.values()].map(({ source }) => source),
    ['microphone'],
    'one picture only',
  );

  const updated = next(cleo, 'peerupdated');
  await microphone.pause();
  t.equal((await updated)[0].sources.get('microphone')?.paused, true);
  await microphone.resume();
  const speaking = next(cleo, 'activespeaker');
  const levels = next(cleo, 'audiolevels');
  media.router.observer.dominant(microphone.producer!.id);
  media.router.observer.volumes([microphone.producer!.id]);
  t.strictSame(await speaking, [bo.peerId]);
  t.strictSame(await levels, [[{ peerId: bo.peerId, volume: -20 }]]);
  t.equal(cleo.activeSpeakerId, bo.peerId);
  await until(
    () => cleo.peers.get(bo.peerId!)!.tracks.size === 2 && cleo.peers.get(anna.peerId!)!.tracks.size === 0,
  );
  const { client: late } = await joinPeer(t, url);
  t.equal(late.activeSpeakerId, bo.peerId);

  await cleo.pin([anna.peerId!]);
  await until(() => cleo.peers.get(anna.peerId!)!.tracks.size === 1);
  const { peerId } = cleo;
  const [{ id: received }] = cleo.peers.get(anna.peerId!)!.tracks.values();
  const transport = media.router.transports.find(({ consumers }) =>
    [...consumers].some(({ id }) => id === received),
  );
  transport!.emit('dtlsstatechange', 'failed');
  await until(() => cleo.peerId !== peerId && cleo.state === 'connected');
  await until(
    () => cleo.peers.get(anna.peerId!)?.tracks.size === 1 && cleo.peers.get(bo.peerId!)?.tracks.size === 2,
  );
  t.pass('pinned again');
});

t.test('a join that was left while under way does not touch the one after it', async (t) => {
  const { url, gateway } = await startGateway(t);
  const { client, sockets } = createPeer(t, url);
  const first = client.join();
  await until(() => sockets.opened.length === 1);
  const refused = t.rejects(first, { code: 'closed' });
  await client.leave();
  await Promise.all([client.join(), refused]);
  t.equal(client.state, 'connected');
  t.equal(gateway.peerCount, 1);
  sockets.cut();
  await untilState(client, 'reconnecting');
  await untilState(client, 'connected');
  t.equal(gateway.peerCount, 1);
});

t.test('the same while its device is still loading', async (t) => {
  const { url, gateway } = await startGateway(t);
  let loading: () => void = () => {};
  const isLoading = new Promise<void>((resolve) => (loading = resolve));
  let goOn: () => void = () => {};
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const { client } = createPeer(t, url);
  const device = (client as unknown as { options: { device: { load(options: object): Promise<void> } } })
    .options.device;
  const load = device.load.bind(device);
  device.load = async (options) => {
    loading();
    await gate;
    await load(options);
  };
  const first = client.join();
  await isLoading;
  const refused = t.rejects(first, { code: 'closed' });
  await client.leave();
  device.load = load;
  const second = client.join();
  goOn();
  await Promise.all([second, refused]);
  t.equal(client.state, 'connected');
  t.equal(gateway.peerCount, 1);
});

t.test('a reconnect that was left while under way does not end the stay after it', async (t) => {
  const { url, gateway } = await startGateway(t, { timing: { grace: 50 } });
  const { client, sockets } = await joinPeer(t, url);
  sockets.cut();
  await untilState(client, 'reconnecting');
  const { length } = sockets.opened;
  await until(() => sockets.opened.length > length);
  const left = client.leave();
  await left;
  await client.join();
  t.equal(client.state, 'connected');
  sockets.cut();
  await untilState(client, 'reconnecting');
  await untilState(client, 'connected');
  await until(() => gateway.peerCount === 1);
});

t.test(
  'what the server says of a stream that is being set up, and of one it knows from before',
  async (t) => {
    const { url, media } = await startGateway(t);
    const { client: anna } = await joinPeer(t, url);
    const { client: bo, sockets } = await joinPeer(t, url);
    const added = next(bo, 'trackadded');
    const camera = fakeTrack('video');
    camera.getSettings = () => ({ width: 1280, height: 720 });
    const local = await anna.publish(camera, { source: 'camera' });
    await until(() => media.consumers.length === 1);
    const [consumer] = media.consumers;
    consumer.emit('score', { score: 10, producerScore: 3 });
    consumer.emit('layerschange', { spatialLayer: 1 });
    const [, track] = await added;
    await until(() => !consumer.paused);
    t.equal(track.producerScore, 3);
    t.match(track.layers, { spatialLayer: 1 });

    // Changed while the socket is away.
    sockets.cut();
    consumer.emit('layerschange', undefined);
    consumer.emit('score', { score: 10, producerScore: 8 });
    await until(() => track.layers === null);
    t.equal(track.producerScore, 8);

    // Another camera with larger or smaller pictures: the layer that fits is another one.
    track.setDisplaySize(640, 360);
    await until(() => (consumer.preferredLayers as { spatialLayer: number } | undefined)?.spatialLayer === 1);
    const small = fakeTrack('video');
    small.getSettings = () => ({ width: 640, height: 360 });
    await local.replaceTrack(small);
    await until(() => (consumer.preferredLayers as { spatialLayer: number }).spatialLayer === 2);
  },
);

t.test('what the page stops receiving is known to be stopped, also after a lost connection', async (t) => {
  const { url, media } = await startGateway(t);
  const { client: anna } = await joinPeer(t, url);
  const { client: bo, sockets } = await joinPeer(t, url);
  const added = next(bo, 'trackadded');
  await anna.publish(fakeTrack('audio'), { source: 'microphone' });
  const [, track] = await added;
  const [consumer] = media.consumers;
  await until(() => !consumer.paused);
  await bo.setReceiving(track.id, false);
  t.equal(consumer.paused, true);
  t.equal((track as unknown as { hidden: boolean }).hidden, true);
  let paused = 0;
  consumer.pause = () => Promise.resolve(void paused++);
  sockets.cut();
  await until(() => paused === 1);
  await bo.setReceiving('unknown', false);
  await bo.setReceiving(track.id, true);
  t.equal(consumer.paused, false);

  // Not received until it is both shown and wanted.
  track.setDisplaySize(0, 0);
  await bo.setReceiving(track.id, true);
  await until(() => paused === 2);
  let resumed = 0;
  consumer.resume = () => Promise.resolve(void resumed++);
  await bo.setReceiving(track.id, true);
  t.equal(resumed, 0);
  track.setDisplaySize(100, 100);
  await until(() => resumed === 1);
});
