/** What one peer receives, over fake media. */
import t from 'tap';
import type { MediaConsumer } from '#src/gateway/media-backend.js';
import { Peer, type PeerProducer, type PeerRoom, type Shard } from '#src/gateway/peer.js';
import { PipeRegistry } from '#src/gateway/pipe-registry.js';
import { Reception } from '#src/gateway/reception.js';
import { FakeMedia } from './fake-media.js';
import { silent, videoParameters } from './test-client.js';

t.test('what is wanted no more when the worker has made it is closed, and can be had later', async (t) => {
  const media = new FakeMedia();
  const router = await media.createRouter();
  const shard: Shard = { router, peers: new Set(), receiving: new Set(), seats: 2, closed: false };
  const room = { name: 'lobby', peers: new Map(), closed: false } as unknown as PeerRoom;
  const [sender, viewer] = [new Peer(room, shard, 'Anna'), new Peer(room, shard, 'Bo')];
  viewer.rtpCapabilities = media.rtpCapabilities;
  const transport = await router.createTransport();
  viewer.addTransport({ media: transport, direction: 'recv', connected: true, failed: false });
  const produced = await (
    await router.createTransport()
  ).produce({
    kind: 'video',
    rtpParameters: videoParameters,
    paused: false,
  });
  const camera: PeerProducer = { media: produced, source: 'camera', owner: sender };

  const told: string[] = [];
  viewer.attach({
    peer: null,
    notify: (notification) => told.push(notification),
    deliver: () => t.fail('nothing here is for many'),
    afterReply: () => {},
    close: () => {},
  });
  // The worker has made the consumer; its answer is on the way.
  let answer = (): void => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  const consume = transport.consume.bind(transport);
  let made: MediaConsumer | undefined;
  const isMade = new Promise<void>((resolve) => {
    transport.consume = async (options) => {
      const consumer = await consume(options);
      made = consumer;
      resolve();
      await held;
      return consumer;
    };
  });

  const pipes = new PipeRegistry(1000);
  const reception = new Reception(viewer, { lingerMs: 1000, maxConsumers: 10, pipes, log: silent });
  t.teardown(() => reception.close());
  reception.update(new Set([camera]));
  await isMade;
  reception.update(new Set());
  answer();
  await new Promise(setImmediate);
  t.ok(made!.closed, 'it would be sent to somebody who does not want it');
  t.equal(viewer.consumers.size, 0);
  t.equal(shard.receiving.size, 0);
  t.strictSame(told, []);

  transport.consume = consume;
  reception.update(new Set([camera]));
  while (told.length === 0) await new Promise(setImmediate);
  t.strictSame(told, ['newConsumers']);
  t.strictSame(
    [...viewer.consumers.values()].map(({ media }) => media.closed),
    [false],
  );
});
