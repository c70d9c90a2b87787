import t from 'tap';
import { iceCandidatesFor, udpPortOptionsFor } from '#src/transport/listen-info.js';

t.test('one listen info gives one host candidate', async (t) => {
  const [candidate, ...rest] = iceCandidatesFor([
    { listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, ip: '127.0.0.1', port: 40000 },
  ]);
  t.same(rest, []);
  t.same(candidate, {
    foundation: 'udp0',
    // RFC 8445 5.1.2.1: 126 << 24 | 65535 << 8 | 255
    priority: 2130706431,
    address: '127.0.0.1',
    ip: '127.0.0.1',
    port: 40000,
    type: 'host',
    protocol: 'udp',
  });
});

t.test('an announced address takes the place of the internal one', async (t) => {
  const bound = { ip: '10.0.0.1', port: 40000 };
  const listenInfo = { protocol: 'udp', ip: '10.0.0.1', announcedAddress: 'sfu.example.org' } as const;
  t.same(
    iceCandidatesFor([{ listenInfo, ...bound }]).map((candidate) => candidate.address),
    ['sfu.example.org'],
  );
  const both = iceCandidatesFor([{ listenInfo: { ...listenInfo, exposeInternalIp: true }, ...bound }]);
  t.same(
    both.map(({ address, ip }) => [address, ip]),
    [
      ['sfu.example.org', 'sfu.example.org'],
      ['10.0.0.1', '10.0.0.1'],
    ],
  );
  t.ok(both[0].priority > both[1].priority);
  const older = { protocol: 'udp', ip: '10.0.0.1', announcedIp: '192.0.2.1' } as const;
  t.equal(iceCandidatesFor([{ listenInfo: older, ...bound }])[0].address, '192.0.2.1', 'the older name');
});

t.test('priorities fall in listening order; foundations tell protocol and address apart', async (t) => {
  const candidates = iceCandidatesFor([
    { listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, ip: '127.0.0.1', port: 1 },
    { listenInfo: { protocol: 'tcp', ip: '127.0.0.1' }, ip: '127.0.0.1', port: 2 },
    { listenInfo: { protocol: 'udp', ip: '::1' }, ip: '::1', port: 3 },
    { listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, ip: '127.0.0.1', port: 4 },
  ]);
  for (let i = 1; i < candidates.length; i++) t.ok(candidates[i - 1].priority > candidates[i].priority);
  t.same(
    candidates.map((candidate) => candidate.foundation),
    ['udp0', 'tcp1', 'udp2', 'udp0'],
  );
  t.same(
    candidates.map((candidate) => candidate.tcpType),
    [undefined, 'passive', undefined, undefined],
  );
});

t.test('a listen info as socket options', async (t) => {
  t.same(
    udpPortOptionsFor({
      protocol: 'udp',
      ip: '::',
      portRange: { min: 1, max: 2 },
      flags: { ipv6Only: true, udpReusePort: true },
      recvBufferSize: 7,
    }),
    {
      ip: '::',
      port: undefined,
      portRange: { min: 1, max: 2 },
      ipv6Only: true,
      reusePort: true,
      sendBufferSize: undefined,
      recvBufferSize: 7,
    },
  );
});
