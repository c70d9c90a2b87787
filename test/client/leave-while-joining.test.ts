import { createServer } from 'node:net';
import { once } from 'node:events';
import { Device, FakeHandler, testFakeParameters } from 'mediasoup-client';
import t from 'tap';
import type { RoomClient } from '#src/client/index.js';
import { startGateway } from '../gateway/test-client.js';
import { createPeer, next, until } from './test-room.js';

/** Resolves when it is told to. */
function gate<T>(): { promise: Promise<T>; open: (value: T) => void } {
  let open!: (value: T) => void;
  const promise = new Promise<T>((resolve) => (open = resolve));
  return { promise, open };
}

async function leaveAndJoin(client: RoomClient, joining: Promise<void>): Promise<unknown> {
  const outcome = joining.then(
    () => 'joined',
    (error: unknown) => (error as { code: string }).code,
  );
  await client.leave();
  await client.join();
  return outcome;
}

t.test('while the page looks for a ticket', async (t) => {
  const { url, gateway } = await startGateway(t);
  const first = gate<string>();
  let asked = 0;
  const { client, sockets } = createPeer(t, url, {
    ticket: () => (++asked === 1 ? first.promise : Promise.resolve('second')),
  });
  const joining = client.join();
  t.equal(await leaveAndJoin(client, joining), 'closed', 'the first does not wait for its ticket');
  const { peerId } = client;
  first.open('first');
  await client.getServerStats('none').catch(() => {});
  t.strictSame([sockets.opened.length, gateway.peerCount, client.state], [1, 1, 'connected']);
  t.equal(client.peerId, peerId);
});

t.test('while the socket opens', async (t) => {
  const { url, gateway } = await startGateway(t);
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  const { port } = silent.address() as { port: number };
  const { client, sockets } = createPeer(t, url);
  sockets.redirect = `ws://127.0.0.1:${port}/`;
  const reached = once(silent, 'connection');
  const joining = client.join();
  await reached;
  sockets.redirect = undefined;
  t.equal(await leaveAndJoin(client, joining), 'closed');
  await until(() => sockets.opened[0].readyState === 3);
  t.strictSame([sockets.opened.length, gateway.peerCount, client.state], [2, 1, 'connected']);
});

t.test('while the device is loaded, which is then loaded once', async (t) => {
  const { url, gateway } = await startGateway(t);
  const loading = gate<void>();
  const reached = gate<void>();
  let loaded = 0;
  const factory = FakeHandler.createFactory(testFakeParameters);
  const device = new Device({
    handlerFactory: {
      ...factory,
      getNativeRtpCapabilities: async (options) => {
        reached.open();
        await loading.promise;
        loaded++;
        return factory.getNativeRtpCapabilities(options);
      },
    },
  });
  const { client, sockets } = createPeer(t, url, { device });
  const joining = client.join();
  await reached.promise;
  const left = joining.catch((error: unknown) => (error as { code: string }).code);
  await client.leave();
  t.equal(await left, 'closed');
  const again = client.join();
  await until(() => sockets.opened.length === 2);
  loading.open();
  await again;
  t.equal(loaded, 2, 'for both directions');
  t.strictSame([gateway.peerCount, client.state], [1, 'connected']);
});

t.test('while the server decides', async (t) => {
  const decision = gate<void>();
  const reached = gate<void>();
  let count = 0;
  const { url, gateway } = await startGateway(t, {
    authorize: async () => {
      if (++count === 1) {
        reached.open();
        await decision.promise;
      }
      return { allowed: true };
    },
  });
  const { client } = createPeer(t, url);
  const joining = client.join();
  await reached.promise;
  t.equal(await leaveAndJoin(client, joining), 'closed');
  decision.open();
  await client.raiseHand(true);
  t.strictSame([gateway.peerCount, client.state, client.peers.size], [1, 'connected', 0]);
});

t.test('a first attempt that is left is no end of the second: nothing is told of it', async (t) => {
  const { url } = await startGateway(t);
  const { client } = createPeer(t, url);
  const states: string[] = [];
  client.on('state', (state, reason) => states.push(reason === undefined ? state : `${state} ${reason}`));
  const joining = client.join().catch(() => {});
  const left = next(client, 'state');
  const leaving = client.leave();
  await left;
  await Promise.all([leaving, joining]);
  await client.join();
  t.strictSame(states, ['connecting', 'closed left', 'connecting', 'connected']);
});

t.test('a transport that fails with the very answer to a rejoin is joined anew', async (t) => {
  const { url, media, gateway } = await startGateway(t);
  const { client, sockets } = createPeer(t, url);
  await client.join();
  let failed = 0;
  // In the turn in which the client learns that it is connected again.
  client.on('state', (state) => {
    if (state === 'connected' && failed++ === 0) sockets.opened.at(-1)!.close();
  });
  sockets.cut();
  await until(() => failed === 2);
  t.equal(client.state, 'connected');
  t.ok(gateway.peerCount >= 1);
  t.ok(media.router.transports.length >= 2);
});
