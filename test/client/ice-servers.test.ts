/** TURN servers that the page gives the client, and the ways that the browser may take. */
import { mock } from 'node:test';
import { Device, FakeHandler, testFakeParameters } from 'mediasoup-client';
import t from 'tap';
import { IceServers } from '#src/client/ice-servers.js';
import { MediaSession } from '#src/client/media-session.js';
import { startGateway } from '../gateway/test-client.js';
import { createPeer, until, untilState } from './test-room.js';

interface Ways {
  iceServers: RTCIceServer[] | undefined;
  iceTransportPolicy: RTCIceTransportPolicy | undefined;
}

const HOUR = 3_600_000;

/** A device that writes down what its transports are made with, in their order, and what servers they get later. */
function watchedDevice() {
  const made: Ways[] = [];
  const updated: RTCIceServer[][] = [];
  const handlers: FakeHandler[] = [];
  const factory = FakeHandler.createFactory(testFakeParameters);
  const device = new Device({
    handlerFactory: {
      ...factory,
      factory: (options) => {
        const { iceServers, iceTransportPolicy } = options;
        made.push({ iceServers, iceTransportPolicy });
        const handler = factory.factory(options) as FakeHandler;
        handler.updateIceServers = (servers) => (updated.push(servers), Promise.resolve());
        handlers.push(handler);
        return handler;
      },
    },
  });
  return { device, made, updated, handlers };
}

const turn = (username: string): RTCIceServer[] => [
  { urls: 'turns:turn.example.se', username, credential: 'c' },
];

t.test('both transports get the servers and the policy', async (t) => {
  const { url } = await startGateway(t);
  const { device, made } = watchedDevice();
  await createPeer(t, url, { device, iceServers: turn('a'), iceTransportPolicy: 'relay' }).client.join();
  const relayed: Ways = { iceServers: turn('a'), iceTransportPolicy: 'relay' };
  t.strictSame(made, [relayed, relayed]);

  const plain = watchedDevice();
  await createPeer(t, url, { device: plain.device }).client.join();
  const direct: Ways = { iceServers: [], iceTransportPolicy: undefined };
  t.strictSame(plain.made, [direct, direct]);
});

t.test('a function is asked after the ticket at each join that is no resume', async (t) => {
  const { url, media } = await startGateway(t);
  const { device, made } = watchedDevice();
  const asked: string[] = [];
  const { client, sockets } = createPeer(t, url, {
    device,
    ticket: () => (asked.push('ticket'), Promise.resolve('ticket')),
    iceServers: () => (asked.push('servers'), turn(String(asked.length))),
  });
  await client.join();
  t.strictSame(asked, ['ticket', 'servers']);
  t.strictSame(made.at(-1)!.iceServers, turn('2'));
  sockets.cut();
  await untilState(client, 'reconnecting');
  await untilState(client, 'connected');
  t.equal(asked.length, 2, 'a resume keeps its transports');

  media.router.die();
  await untilState(client, 'reconnecting');
  await untilState(client, 'connected');
  t.strictSame(asked.slice(2), ['ticket', 'servers']);
  t.strictSame(made.at(-1)!.iceServers, turn('4'));
});

t.test('when there was nothing left to resume, it is asked too', async (t) => {
  const { url, gateway } = await startGateway(t, { timing: { grace: 1 } });
  const { device, made } = watchedDevice();
  let asked = 0;
  const { client, sockets } = createPeer(t, url, {
    device,
    iceServers: () => Promise.resolve(turn(String(++asked))),
  });
  await client.join();
  sockets.blocked = true;
  sockets.cut();
  await until(() => gateway.peerCount === 0);
  sockets.blocked = false;
  await untilState(client, 'connected');
  t.equal(asked, 2);
  t.strictSame(
    made.map(({ iceServers }) => iceServers),
    [turn('1'), turn('1'), turn('2'), turn('2')],
  );
});

t.test('servers that cannot be had end the join as a ticket does', async (t) => {
  const { url, gateway } = await startGateway(t);
  for (const [error, code] of [
    [Object.assign(new Error('not let in'), { code: 'not-admitted' }), 'not-admitted'],
    [new TypeError('fetch failed'), 'connect-failed'],
  ] as const) {
    const { client } = createPeer(t, url, { iceServers: () => Promise.reject(error) });
    await t.rejects(client.join(), { code });
    t.equal(client.state, 'closed');
  }
  t.equal(gateway.peerCount, 0);
});

t.test('a restart of ICE asks again when the credentials are older than they may be', async (t) => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  t.teardown(() => mock.timers.reset());
  const { url } = await startGateway(t);
  const { device, handlers, updated } = watchedDevice();
  let asked = 0;
  let fails = false;
  const { client } = createPeer(t, url, {
    device,
    iceServersLifetimeMs: HOUR,
    iceServers: () => {
      asked++;
      if (fails) throw new TypeError('fetch failed');
      return Promise.resolve(turn(String(asked)));
    },
  });
  await client.join();
  const [send, receive] = handlers;
  const restarted = (handler: FakeHandler): Promise<void> =>
    new Promise((resolve) => {
      handler.restartIce = () => (resolve(), Promise.resolve());
    });
  const pathLost = async (handler: FakeHandler): Promise<void> => {
    const done = restarted(handler);
    handler.setConnectionState('failed');
    await done;
    handler.setConnectionState('connected');
  };

  await pathLost(send);
  t.equal(asked, 1, 'they are young');
  mock.timers.setTime(Date.now() + HOUR);
  await Promise.all([pathLost(send), pathLost(receive)]);
  t.equal(asked, 2, 'once for both');
  t.strictSame(updated, [turn('2'), turn('2')], 'both have them before they restart');
  await pathLost(receive);
  t.equal(asked, 2);

  fails = true;
  mock.timers.setTime(Date.now() + HOUR);
  await pathLost(send);
  t.equal(asked, 3);
  t.equal(updated.length, 2, 'with the old ones, which a way without a relay does not need');
  fails = false;
  await pathLost(send);
  t.equal(asked, 4);
  t.strictSame(updated.slice(2), [turn('4'), turn('4')]);
});

t.test('who does not answer holds up no second try', async (t) => {
  mock.timers.enable({ apis: ['Date', 'setTimeout'], now: Date.now() });
  t.teardown(() => mock.timers.reset());
  let asked = 0;
  const servers = new IceServers(() => (++asked === 1 ? turn('1') : new Promise<never>(() => {})));
  await servers.ask();
  const { media, handlers, requests } = await aSession(servers);
  t.teardown(() => media.close());
  mock.timers.tick(12 * HOUR);
  handlers[0].setConnectionState('failed');
  await settled();
  t.strictSame([asked, requests.length], [2, 0], 'new ones are asked for');
  mock.timers.tick(4_000);
  await settled();
  t.strictSame(requests, ['restartIce']);
});

t.test('servers without credentials, or given once and for all, do not age', async (t) => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  t.teardown(() => mock.timers.reset());
  const plain = new IceServers(() => [{ urls: 'stun:stun.example.se' }]);
  const fixed = new IceServers(turn('a'));
  for (const servers of [plain, fixed]) {
    await servers.ask();
    mock.timers.tick(100 * HOUR);
    t.equal(servers.isStale, false);
  }
  t.strictSame(fixed.servers, turn('a'));
});

const settled = (): Promise<void> => new Promise(setImmediate);

/** With a send transport only; its server answers every request. */
async function aSession(servers: IceServers) {
  const { device, handlers } = watchedDevice();
  const parameters = testFakeParameters.generateTransportRemoteParameters();
  await device.load({ routerRtpCapabilities: testFakeParameters.generateRouterRtpCapabilities() });
  const requests: string[] = [];
  const media = new MediaSession(
    device,
    [{ ...parameters, transportId: parameters.id, direction: 'send', connected: false } as never],
    { servers, policy: undefined },
    (request) => {
      requests.push(request);
      return Promise.resolve({ iceParameters: parameters.iceParameters } as never);
    },
    { onBroken: () => {} },
  );
  return { media, handlers, requests };
}
