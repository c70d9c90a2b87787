import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { PacketBatch } from '#src/srtp/packet-batch.js';
import { flushBatch } from '#src/transport/flush-batch.js';
import { type RemoteTuple } from '#src/transport/remote-tuple.js';
import { UdpPort, type UdpPortOptions } from '#src/transport/udp-port.js';

async function bind(t: Test, options: UdpPortOptions): Promise<UdpPort> {
  const port = await UdpPort.bind(options);
  t.teardown(() => port.close());
  return port;
}

interface Arrival {
  text: string;
  tuple: RemoteTuple;
}

function nextDatagram(port: UdpPort): Promise<Arrival> {
  return new Promise((resolve) => {
    port.onDatagram = (bytes, length, tuple) =>
      resolve({ text: Buffer.from(bytes.subarray(0, length)).toString(), tuple });
  });
}

function sendText(from: UdpPort, text: string, tuple: RemoteTuple): boolean {
  const bytes = new TextEncoder().encode(text);
  return from.send(bytes, 0, bytes.length, tuple);
}

const sendPaths = ['handle', 'dgram'] as const;

for (const ip of ['127.0.0.1', '::1'])
  for (const sendPath of sendPaths)
    t.test(`there and back over ${ip}, ${sendPath}`, async (t) => {
      const a = await bind(t, { ip, sendPath });
      const b = await bind(t, { ip, sendPath });
      t.equal(a.getStats().sendPath, sendPath);
      t.equal(a.ip, ip);
      t.equal(a.family, ip === '::1' ? 6 : 4);
      t.ok(a.port > 0);

      const atB = nextDatagram(b);
      t.equal(sendText(a, 'there', a.intern(ip, b.port)), true);
      const { text, tuple } = await atB;
      t.equal(text, 'there');
      t.equal(tuple.address, ip);
      t.equal(tuple.port, a.port);
      t.equal(tuple.localPort, b);
      t.equal(tuple.interned, false);
      const kept = tuple.intern();

      const atA = nextDatagram(a);
      t.equal(sendText(b, 'back', kept), true);
      t.equal((await atA).text, 'back');
      t.equal((await atA).tuple, a.intern(ip, b.port), 'the tuple that a sent to');

      const { datagramsReceived, bytesReceived, datagramsSent, bytesSent, tuples } = b.getStats();
      t.same(
        { datagramsReceived, bytesReceived, datagramsSent, bytesSent, tuples },
        { datagramsReceived: 1, bytesReceived: 5, datagramsSent: 1, bytesSent: 4, tuples: 1 },
      );
    });

for (const ip of ['127.0.0.1', '::1'])
  for (const sendPath of sendPaths)
    t.test(`a batch over ${ip}, ${sendPath}`, async (t) => {
      const from = await bind(t, { ip, sendPath });
      const to = await bind(t, { ip });
      const remote = from.intern(ip, to.port);
      const arrivals: number[][] = [];
      const all = new Promise<void>((resolve) => {
        to.onDatagram = (bytes, length) => {
          if (arrivals.push([...bytes.subarray(0, length)]) === 6) resolve();
        };
      });
      const batch = new PacketBatch<object>(4, 64);
      const expected = [];
      for (let i = 1; i <= 6; i++) {
        if (batch.acquire() < 0) flushBatch(batch);
        const offset = batch.acquire();
        batch.bytes.fill(i, offset, offset + i);
        batch.commit(i, null, remote);
        expected.push(Array<number>(i).fill(i));
      }
      flushBatch(batch);
      await all;
      t.same(arrivals, expected);
      t.equal(from.getStats().datagramsSent, 6);
    });

t.test('SLUSS_UDP=dgram keeps away from the handle', async (t) => {
  process.env.SLUSS_UDP = 'dgram';
  t.teardown(() => delete process.env.SLUSS_UDP);
  t.equal((await bind(t, { ip: '127.0.0.1' })).getStats().sendPath, 'dgram');
  delete process.env.SLUSS_UDP;
  t.equal((await bind(t, { ip: '127.0.0.1' })).getStats().sendPath, 'handle');
});

for (const sendPath of sendPaths)
  t.test(`a dual-stack port speaks with IPv4 peers by mapped addresses, ${sendPath}`, async (t) => {
    const dual = await bind(t, { ip: '::', sendPath });
    const peer = await bind(t, { ip: '127.0.0.1' });
    const atDual = nextDatagram(dual);
    sendText(peer, 'hello', peer.intern('127.0.0.1', dual.port));
    const kept = (await atDual).tuple.intern();
    t.equal(kept.address, '::ffff:127.0.0.1');
    t.equal(dual.intern('127.0.0.1', peer.port), kept, 'intern() names the peer as the socket does');
    const atPeer = nextDatagram(peer);
    sendText(dual, 'answer', kept);
    t.equal((await atPeer).text, 'answer');
  });

t.test('ipv6Only leaves the IPv4 port to others', async (t) => {
  const six = await bind(t, { ip: '::', ipv6Only: true });
  const four = await bind(t, { ip: '0.0.0.0', port: six.port });
  t.equal(four.port, six.port);
});

t.test('intern() of an address that cannot be sent to', async (t) => {
  const four = await bind(t, { ip: '127.0.0.1' });
  const six = await bind(t, { ip: '::1' });
  t.throws(() => four.intern('::1', 5), { name: 'TypeError', message: /'::1' is no IPv4 literal/ });
  t.throws(() => four.intern('example.org', 5), TypeError);
  t.throws(() => four.intern('127.0.0.1', 0), { message: /remote port 0 is not a port/ });
  t.throws(() => four.intern('127.0.0.1', 65536), TypeError);
  t.equal(six.intern('0:0:0:0:0:0:0:1', 5), six.intern('::1', 5), 'one spelling');
});

t.test('a port in use', async (t) => {
  const first = await bind(t, { ip: '127.0.0.1' });
  await t.rejects(UdpPort.bind({ ip: '127.0.0.1', port: first.port }), {
    code: 'EADDRINUSE',
    message: `UDP 127.0.0.1:${first.port} is already in use; choose another port or end the process that holds it`,
  });
});

t.test('reusePort shares one', async (t) => {
  const first = await bind(t, { ip: '127.0.0.1', reusePort: true });
  const second = await bind(t, { ip: '127.0.0.1', port: first.port, reusePort: true });
  t.equal(second.port, first.port);
});

t.test('what cannot be bound', async (t) => {
  await t.rejects(UdpPort.bind({ ip: 'localhost' }), {
    name: 'TypeError',
    message: /not an IPv4 or IPv6 literal/,
  });
  await t.rejects(UdpPort.bind({ ip: '192.0.2.1' }), {
    code: 'EADDRNOTAVAIL',
    message: 'UDP 192.0.2.1:0 cannot be bound: 192.0.2.1 is no address of this machine',
  });
  await t.rejects(UdpPort.bind({ ip: '127.0.0.1', port: 70000 }), {
    name: 'TypeError',
    message: 'port 70000 is not a port: expected 0-65535',
  });
  for (const portRange of [
    { min: 5, max: 4 },
    { min: 0, max: 4 },
    { min: 1, max: 65536 },
    { min: 1.5, max: 4 },
  ]) {
    await t.rejects(UdpPort.bind({ ip: '127.0.0.1', portRange }), {
      name: 'TypeError',
      message: /is not a range/,
    });
  }
});

t.test('a port range is used up, then says so', async (t) => {
  // A range whose ports this test has for itself: three below one that the system just gave us.
  const ip = '127.0.0.9';
  const probe = await UdpPort.bind({ ip });
  const portRange = { min: probe.port - 2, max: probe.port };
  await probe.close();
  const ports = [];
  for (let i = 0; i < 3; i++) ports.push((await bind(t, { ip, portRange })).port);
  t.same(
    ports.sort((a, b) => a - b),
    [portRange.min, portRange.min + 1, portRange.max],
  );
  await t.rejects(UdpPort.bind({ ip, portRange }), {
    code: 'EADDRINUSE',
    message: new RegExp(`^portRange ${portRange.min}-${portRange.max} on ${ip} has no free port`),
  });
});

t.test('buffers of 4 MiB unless asked otherwise, as far as the system allows', async (t) => {
  const [standard, large] = [
    await bind(t, { ip: '127.0.0.1' }),
    await bind(t, { ip: '127.0.0.1', sendBufferSize: 4 << 20, recvBufferSize: 4 << 20 }),
  ].map((port) => port.getStats());
  t.equal(standard.sendBufferSize, large.sendBufferSize);
  t.equal(standard.recvBufferSize, large.recvBufferSize);
});

t.test('buffer sizes are set', async (t) => {
  const port = await bind(t, { ip: '127.0.0.1', sendBufferSize: 50_000, recvBufferSize: 60_000 });
  const { sendBufferSize, recvBufferSize } = port.getStats();
  t.ok(sendBufferSize >= 50_000 && sendBufferSize < 120_000, `${sendBufferSize}`);
  t.ok(recvBufferSize >= 60_000 && recvBufferSize < 150_000, `${recvBufferSize}`);
});

t.test('an empty datagram is a counted drop', async (t) => {
  const port = await bind(t, { ip: '127.0.0.1' });
  const raw = createSocket('udp4');
  t.teardown(() => raw.close());
  const arrived = nextDatagram(port);
  raw.send('', port.port, '127.0.0.1');
  raw.send('x', port.port, '127.0.0.1');
  t.equal((await arrived).text, 'x');
  t.equal(port.getStats().drops.empty, 1);
});

for (const sendPath of sendPaths)
  t.test(`a send that the system refuses is counted by its code, ${sendPath}`, async (t) => {
    const port = await bind(t, { ip: '127.0.0.1', sendPath });
    const tooLong = new Uint8Array(65_535);
    port.send(tooLong, 0, tooLong.length, port.intern('127.0.0.1', 9));
    await new Promise(setImmediate);
    t.same(port.getStats().sendErrors, { EMSGSIZE: 1 });
  });

t.test('a peer that is gone (ICMP port unreachable) disturbs nobody', async (t) => {
  const port = await bind(t, { ip: '127.0.0.1' });
  const gone = await UdpPort.bind({ ip: '127.0.0.1' });
  const goneTuple = port.intern('127.0.0.1', gone.port);
  await gone.close();
  for (let i = 0; i < 5; i++) sendText(port, 'anybody?', goneTuple);
  const echo = nextDatagram(port);
  sendText(port, 'still here', port.intern('127.0.0.1', port.port));
  t.equal((await echo).text, 'still here');
});

for (const sendPath of sendPaths)
  t.test(`a closed port drops and frees its number, ${sendPath}`, async (t) => {
    const port = await UdpPort.bind({ ip: '127.0.0.1', sendPath });
    const tuple = port.intern('127.0.0.1', 9);
    await port.close();
    await port.close();
    t.equal(port.closed, true);
    t.equal(sendText(port, 'late', tuple), false);
    const batch = new PacketBatch<object>(4, 64);
    batch.commit(1, null, tuple);
    flushBatch(batch);
    t.equal(port.getStats().drops.closed, 2);
    const raw = createSocket('udp4');
    raw.bind(port.port, '127.0.0.1');
    await once(raw, 'listening');
    raw.close();
  });

t.test('a flood from many source ports keeps no tuple', async (t) => {
  const port = await bind(t, { ip: '127.0.0.1' });
  const sources = await Promise.all(Array.from({ length: 50 }, () => bind(t, { ip: '127.0.0.1' })));
  let arrived = 0;
  const all = new Promise<void>((resolve) => {
    port.onDatagram = () => {
      if (++arrived === sources.length) resolve();
    };
  });
  for (const source of sources) sendText(source, 'noise', source.intern('127.0.0.1', port.port));
  await all;
  t.equal(port.getStats().tuples, 0);
});
