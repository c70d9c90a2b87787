/** The bad network that the browser tests use: first its model on virtual time, then its sockets. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { HEADER_BYTES, ImpairedLink, type LinkSettings } from '../support/impairment/impaired-link.js';
import { ImpairmentProxy } from '../support/impairment/impairment-proxy.js';

/** 1,000 bytes on the wire: 10 ms at 800 kbps. */
const PAYLOAD = 1000 - HEADER_BYTES;

/** Arrival times of datagrams that are sent one every `interval` milliseconds, numbered from 0. */
function arrivals(link: ImpairedLink<number>, count: number, interval: number): Map<number, number> {
  const arrived = new Map<number, number>();
  let now = 0;
  const runUntil = (end: number): void => {
    while (link.next <= end && link.next < Infinity) {
      now = link.next;
      link.run(now, (item) => arrived.set(item, now));
    }
  };
  for (let item = 0; item < count; item++) {
    runUntil(item * interval);
    link.push(item * interval, item, PAYLOAD);
  }
  runUntil(Infinity);
  return arrived;
}

function link(settings: Partial<LinkSettings>, seed?: number): ImpairedLink<number> {
  return new ImpairedLink(settings, seed);
}

t.test('a clean link passes everything at once', async (t) => {
  const clean = link({});
  t.same([...arrivals(clean, 3, 7)], [[0, 0], [1, 7], [2, 14]]); // prettier-ignore
  t.match(clean.counters, { packetsPassed: 3, bytesPassed: 3 * PAYLOAD, longestQueue: 0 });
});

t.test('delay shifts, jitter spreads and keeps the order', async (t) => {
  t.same([...arrivals(link({ delay: 50 }), 2, 5)], [[0, 50], [1, 55]]); // prettier-ignore
  const times = [...arrivals(link({ delay: 50, jitter: 30 }, 7), 200, 5)];
  t.same(
    times.map(([item]) => item),
    Array.from({ length: 200 }, (_, item) => item),
    'in order',
  );
  const added = times.map(([item, at]) => at - item * 5);
  t.ok(Math.min(...added) >= 50 && Math.max(...added) <= 80, 'within the bounds');
  t.ok(Math.max(...added) - Math.min(...added) > 15, 'and spread over them');
});

t.test('the capacity spaces datagrams, headers counted', async (t) => {
  const times = [...arrivals(link({ capacity: 800_000 }), 4, 0).values()];
  t.same(times, [10, 20, 30, 40]);
});

t.test('a full queue drops at its tail', async (t) => {
  const narrow = link({ capacity: 800_000, queueLimit: 100 });
  const arrived = arrivals(narrow, 40, 0);
  t.equal(arrived.size, 10, 'as many as the queue holds');
  t.same([...arrived.keys()], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.match(narrow.counters, { packetsPassed: 10, lostInQueue: 30, longestQueue: 100 });
});

t.test('twice the capacity: half gets through, late by the whole queue', async (t) => {
  const narrow = link({ capacity: 800_000, queueLimit: 300 });
  const arrived = arrivals(narrow, 2000, 5);
  const passed = arrived.size / 2000;
  t.ok(Math.abs(passed - 0.5) < 0.02, `${passed} passed`);
  const [lastItem, lastAt] = [...arrived].at(-1)!;
  t.ok(Math.abs(lastAt - lastItem * 5 - 300) <= 10, `the last one took ${lastAt - lastItem * 5} ms`);
});

t.test('a change of capacity counts for what is waiting', async (t) => {
  const changing = link({ capacity: 800_000 });
  for (let item = 0; item < 4; item++) changing.push(0, item, PAYLOAD);
  t.equal(changing.queueTime(0), 40);
  changing.change(15, { capacity: 80_000 });
  t.equal(changing.queueTime(15), 250, 'the rest of the second and two more');
  const times: number[] = [];
  while (changing.next < Infinity) {
    const now = changing.next;
    changing.run(now, () => times.push(now));
  }
  t.same(times, [10, 65, 165, 265]);
});

t.test('random loss: the share asked for, the same for the same seed', async (t) => {
  const one = link({ loss: 0.05 }, 3);
  const first = arrivals(one, 20_000, 1);
  t.ok(Math.abs(first.size / 20_000 - 0.95) < 0.01, `${first.size} of 20000 passed`);
  t.equal(one.counters.lostAtRandom, 20_000 - first.size);
  t.same([...arrivals(link({ loss: 0.05 }, 3), 20_000, 1).keys()], [...first.keys()]);
  t.notSame([...arrivals(link({ loss: 0.05 }, 4), 20_000, 1).keys()], [...first.keys()]);
});

t.test('an outage drops what arrives and ends', async (t) => {
  const broken = link({ delay: 10 });
  const seen: number[] = [];
  broken.push(0, 0, PAYLOAD);
  broken.change(5, { outage: true });
  broken.push(6, 1, PAYLOAD);
  broken.change(20, { outage: false });
  broken.push(21, 2, PAYLOAD);
  broken.run(100, (item) => seen.push(item));
  t.same(seen, [0, 2]);
  t.equal(broken.counters.lostInOutage, 1);
});

async function socket(t: Test): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return socket;
}

async function nextMessage(socket: Socket): Promise<{ text: string; port: number }> {
  const [bytes, { port }] = (await once(socket, 'message')) as [Buffer, { port: number }];
  return { text: bytes.toString(), port };
}

t.test('through sockets: there and back, one address per client', async (t) => {
  const [server, anna, bjorn] = [await socket(t), await socket(t), await socket(t)];
  const proxy = await ImpairmentProxy.open(t, {
    serverPort: server.address().port,
    toServer: { delay: 20 },
    toClient: { delay: 30 },
  });
  const ports: number[] = [];
  for (const [client, name] of [
    [anna, 'anna'],
    [bjorn, 'bjorn'],
  ] as const) {
    // prettier-ignore
    const started = performance.now();
    const atServer = nextMessage(server);
    client.send(name, proxy.port, '127.0.0.1');
    const { text, port } = await atServer;
    t.equal(text, name);
    ports.push(port);
    const atClient = nextMessage(client);
    server.send(`to ${name}`, port, '127.0.0.1');
    t.same(await atClient, { text: `to ${name}`, port: proxy.port }, 'answered from the address it knows');
    t.ok(performance.now() - started >= 50, 'after both delays');
  }
  t.not(ports[0], ports[1], 'the server tells them apart');
  t.match(proxy.toServer, { packetsPassed: 2 });
  t.match(proxy.toClient, { packetsPassed: 2, bytesPassed: 'to anna'.length + 'to bjorn'.length });

  proxy.outage = true;
  const afterwards = nextMessage(server);
  anna.send('lost', proxy.port, '127.0.0.1');
  while (proxy.toServer.lostInOutage === 0) await new Promise((resolve) => setImmediate(resolve));
  proxy.outage = false;
  anna.send('arrived', proxy.port, '127.0.0.1');
  t.equal((await afterwards).text, 'arrived');
});

t.test('through sockets: the capacity holds in real time', async (t) => {
  const [server, client] = [await socket(t), await socket(t)];
  const proxy = await ImpairmentProxy.open(t, {
    serverPort: server.address().port,
    toServer: { capacity: 1_600_000, queueLimit: 1000 },
  });
  const count = 60;
  let received = 0;
  const all = new Promise<void>((resolve) => {
    server.on('message', () => ++received === count && resolve());
  });
  const started = performance.now();
  for (let sent = 0; sent < count; sent++) client.send(Buffer.alloc(PAYLOAD), proxy.port, '127.0.0.1');
  await all;
  const took = performance.now() - started;
  t.ok(took >= count * 5 - 5, `${count} datagrams of 5 ms each took ${took.toFixed(0)} ms`);
});
