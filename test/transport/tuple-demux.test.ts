import t from 'tap';
import { IceLiteAgent } from '#src/transport/ice/ice-lite-agent.js';
import { StunClass, StunMethod } from '#src/transport/ice/stun.js';
import { StunWriter } from '#src/transport/ice/stun-writer.js';
import { type DatagramPort, type RemoteTuple, TupleTable } from '#src/transport/remote-tuple.js';
import { TupleDemux } from '#src/transport/tuple-demux.js';
import { UdpPort } from '#src/transport/udp-port.js';
import { bindingRequest } from './ice/binding-request.js';

const port: DatagramPort = {
  protocol: 'udp',
  ip: '127.0.0.1',
  port: 40000,
  send: () => true,
  sendSlot: () => true,
  touch: () => 0,
};
const password = 'a password of some length';
const alice = { name: 'alice' };
const bob = { name: 'bob' };

function setUp() {
  const demux = new TupleDemux<{ name: string }>();
  const table = new TupleTable(port, 4);
  demux.addUsernameFragment('alice', alice);
  demux.addUsernameFragment('bob', bob);
  const route = (bytes: Uint8Array, fromPort = 1) =>
    demux.route(bytes, bytes.length, table.resolve('192.0.2.1', fromPort));
  return { demux, table, route };
}

const stunFor = (usernameFragment: string): Uint8Array => bindingRequest({ usernameFragment, password });
const rtp = Uint8Array.from({ length: 40 }, (_, i) => (i === 0 ? 0x80 : i === 1 ? 96 : 0));
const clientHello = Uint8Array.from({ length: 60 }, (_, i) => [22, 254, 253][i] ?? 0);

t.test('an unknown address is routed by user name fragment, for STUN only', async (t) => {
  const { demux, route, table } = setUp();
  t.equal(route(stunFor('alice')), alice);
  t.equal(route(stunFor('bob')), bob);
  t.equal(route(rtp), null);
  t.equal(route(clientHello), null);
  t.equal(route(new Uint8Array(3)), null);
  t.equal(demux.drops.get('unknown-tuple'), 3);
  t.equal(table.size, 0);
});

t.test('a known tuple goes to its owner, whatever it sends', async (t) => {
  const { demux, route, table } = setUp();
  table.intern('192.0.2.1', 7).owner = bob;
  for (const bytes of [rtp, clientHello, stunFor('bob'), stunFor('alice'), new Uint8Array(1)]) {
    t.equal(route(bytes, 7), bob);
  }
  t.equal(route(rtp, 8), null);
  t.equal(demux.drops.total, 1);
});

t.test('STUN that leads nowhere is dropped', async (t) => {
  const { demux, route } = setUp();
  const write = (messageClass: StunClass): Uint8Array =>
    new StunWriter(messageClass, StunMethod.Binding, new Uint8Array(12)).bytes;
  t.equal(route(stunFor('carol')), null);
  t.equal(route(stunFor('')), null);
  t.equal(route(stunFor('a'.repeat(300))), null);
  t.equal(route(write(StunClass.Request)), null, 'without USERNAME');
  t.equal(demux.drops.get('stun-unknown-ufrag'), 4);
  t.equal(route(write(StunClass.Success)), null);
  t.equal(demux.drops.get('stun-not-request'), 1);
  t.equal(route(stunFor('alice').slice(0, 24)), null);
  t.equal(demux.drops.get('stun-malformed'), 1);
});

t.test('fragments come and go', async (t) => {
  const { demux, route } = setUp();
  t.equal(demux.usernameFragmentCount, 2);
  t.throws(() => demux.addUsernameFragment('alice', bob), { message: /alice is already in use/ });
  demux.removeUsernameFragment('alice');
  demux.removeUsernameFragment('alice');
  t.equal(route(stunFor('alice')), null);
  t.equal(demux.usernameFragmentCount, 1);
});

t.test('a flood grows nothing', async (t) => {
  const { demux, route, table } = setUp();
  const kinds = [stunFor('nobody'), stunFor('alice'), rtp, clientHello];
  for (let i = 0; i < 50_000; i++) route(kinds[i % 4], 1 + (i % 65_000));
  t.equal(table.size, 0);
  t.equal(demux.usernameFragmentCount, 2);
  t.equal(demux.drops.total, 37_500);
});

for (const ip of ['127.0.0.1', '::1']) {
  t.test(`two agents behind one real port, ${ip}`, async (t) => {
    const server = await UdpPort.bind({ ip });
    const demux = new TupleDemux<IceLiteAgent<RemoteTuple>>();
    const agents = ['first', 'second'].map((usernameFragment) => {
      const agent: IceLiteAgent<RemoteTuple> = new IceLiteAgent<RemoteTuple>({
        usernameFragment,
        password: `${usernameFragment} password here`,
        onTupleAdded: (tuple) => (tuple.owner = agent),
        onTupleRemoved: (tuple) => tuple.release(),
        onUsernameFragmentRemoved: (fragment) => demux.removeUsernameFragment(fragment),
      });
      demux.addUsernameFragment(usernameFragment, agent);
      return agent;
    });
    const media: [IceLiteAgent<RemoteTuple>, string][] = [];
    server.onDatagram = (bytes, length, tuple) => {
      const agent = demux.route(bytes, length, tuple);
      if (agent === null) return;
      if (bytes[0] > 3) {
        media.push([agent, Buffer.from(bytes).toString()]);
        server.send(bytes, 0, length, tuple);
        return;
      }
      const answer = agent.handleRequest(0, bytes, 0, length, tuple);
      if (answer !== null) server.send(answer, 0, answer.length, tuple);
    };

    for (const agent of agents) {
      const client = await UdpPort.bind({ ip });
      const toServer = client.intern(ip, server.port);
      const ask = (bytes: Uint8Array): Promise<Uint8Array> =>
        new Promise((resolve) => {
          client.onDatagram = (answer, length) => resolve(answer.slice(0, length));
          client.send(bytes, 0, bytes.length, toServer);
        });
      const tooEarly = Buffer.from('\x90 too early');
      client.send(tooEarly, 0, tooEarly.length, toServer);
      const { usernameFragment, password } = agent;
      const answer = await ask(bindingRequest({ usernameFragment, password, useCandidate: true }));
      t.equal((answer[0] << 8) | answer[1], StunClass.Success | StunMethod.Binding);
      t.equal(agent.selectedTuple?.port, client.port);
      await ask(Buffer.from(`~${usernameFragment}`));
      await client.close();
    }
    t.same(
      media.map(([agent, text]) => [agent.usernameFragment, text]),
      [
        ['first', '~first'],
        ['second', '~second'],
      ],
    );
    t.equal(demux.drops.get('unknown-tuple'), 2, 'what came before the check');
    t.equal(server.getStats().tuples, 2);
    for (const agent of agents) agent.close();
    t.equal(server.getStats().tuples, 0);
    t.equal(demux.usernameFragmentCount, 0);
    await server.close();
  });
}
