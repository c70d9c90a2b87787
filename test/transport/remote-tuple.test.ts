import t from 'tap';
import { type DatagramPort, TupleTable } from '#src/transport/remote-tuple.js';

const port: DatagramPort = {
  protocol: 'udp',
  ip: '127.0.0.1',
  port: 40000,
  send: () => true,
  sendSlot: () => true,
  touch: () => 0,
};

t.test('an unknown address is lent the scratch tuple, a kept one its own', async (t) => {
  const table = new TupleTable(port, 4);
  const first = table.resolve('192.0.2.1', 1000);
  t.equal(first.interned, false);
  const kept = first.intern();
  t.not(kept, first);
  t.equal(kept.interned, true);
  t.equal(kept.localPort, port);
  kept.owner = 'somebody';

  const stranger = table.resolve('192.0.2.2', 1000);
  t.equal(stranger, first, 'the scratch object again');
  t.equal(stranger.owner, null);
  t.equal(kept.address, '192.0.2.1', 'the kept tuple is not overwritten');
  t.equal(table.resolve('192.0.2.1', 1000), kept);
  t.equal(kept.intern(), kept);
  t.equal(table.resolve('192.0.2.1', 1001), first, 'another port is another tuple');
});

t.test('release forgets the tuple', async (t) => {
  const table = new TupleTable(port, 4);
  const kept = table.intern('192.0.2.1', 1000);
  const neighbour = table.intern('192.0.2.1', 1001);
  kept.owner = 'somebody';
  t.equal(table.size, 2);
  kept.release();
  t.equal(kept.owner, null);
  t.equal(kept.interned, false);
  t.equal(table.size, 1);
  t.equal(table.find('192.0.2.1', 1001), neighbour);

  const again = table.intern('192.0.2.1', 1000);
  t.not(again, kept);
  kept.release();
  t.equal(table.find('192.0.2.1', 1000), again, 'a stale release does not touch the successor');
  t.equal(table.size, 2);
});

t.test('a flood of addresses keeps nothing', async (t) => {
  const table = new TupleTable(port, 4);
  const kept = table.intern('192.0.2.1', 1);
  for (let i = 0; i < 100_000; i++)
    table.resolve(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 1 + (i % 65535));
  t.equal(table.size, 1);
  t.equal(table.find('192.0.2.1', 1), kept);
  t.equal(table.find('10.0.0.1', 2), undefined);
});
