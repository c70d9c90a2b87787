/** TURN servers that the page gives the client, and the ways that the browser may take. */
import { Device, FakeHandler, testFakeParameters } from 'mediasoup-client';
import t from 'tap';
import { startGateway } from '../gateway/test-client.js';
import { createPeer, until, untilState } from './test-room.js';

interface Ways {
  iceServers: RTCIceServer[] | undefined;
  iceTransportPolicy: RTCIceTransportPolicy | undefined;
}

/** A device that writes down what its transports are made with, in their order. */
function watchedDevice(): { device: Device; made: Ways[] } {
  const made: Ways[] = [];
  const factory = FakeHandler.createFactory(testFakeParameters);
  const device = new Device({
    handlerFactory: {
      ...factory,
      factory: (options) => {
        const { iceServers, iceTransportPolicy } = options;
        made.push({ iceServers, iceTransportPolicy });
        return factory.factory(options);
      },
    },
  });
  return { device, made };
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
