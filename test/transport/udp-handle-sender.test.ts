import { execFile } from 'node:child_process';
import { constants } from 'node:os';
import { isDeepStrictEqual, promisify } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { PacketBatch } from '#src/srtp/packet-batch.js';
import { flushBatch } from '#src/transport/flush-batch.js';
import { type DatagramPort, type RemoteTuple, TupleTable } from '#src/transport/remote-tuple.js';
import { type SendRequest, type UdpHandle } from '#src/transport/udp-handle.js';
import { UdpHandleSender } from '#src/transport/udp-handle-sender.js';
import { MAX_SEND_QUEUE_BYTES } from '#src/transport/udp-sender.js';

class Request implements SendRequest {
  oncomplete?: (status: number, sent: number) => void;
  inFlight = false;
}

/** Behaves as libuv: sends at once while the system has room and nobody waits, and reads what waits only in drain(). */
class FakeHandle implements UdpHandle {
  readonly sent: number[][] = [];
  readonly queue: { request: Request; bytes: Uint8Array }[] = [];
  readonly requests = new Set<Request>();
  /** Datagrams that the system takes before its buffer is full. */
  room = Infinity;
  /** Returned instead. */
  error = 0;

  /** It stands for a connected socket. */
  isConnected = false;

  send(request: Request, list: Uint8Array[], count: number, ...rest: unknown[]): number {
    const expected = this.isConnected ? [true] : [5000, '127.0.0.1', true];
    if (request.inFlight || count !== 1 || !isDeepStrictEqual(rest, expected)) {
      throw new Error('misuse of the handle');
    }
    this.requests.add(request);
    if (this.error !== 0) return this.error;
    if (this.queue.length === 0 && this.room > 0) {
      this.room--;
      this.sent.push([...list[0]]);
      return list[0].length + 1;
    }
    request.inFlight = true;
    this.queue.push({ request, bytes: list[0] });
    return 0;
  }

  drain(datagrams = Infinity, status = 0): void {
    for (const { request, bytes } of this.queue.splice(0, datagrams)) {
      if (status === 0) this.sent.push([...bytes]);
      request.inFlight = false;
      request.oncomplete!(status, status === 0 ? bytes.length : 0);
    }
  }
}

function makePort(): { handle: FakeHandle; sender: UdpHandleSender; remote: RemoteTuple } {
  const handle = new FakeHandle();
  const sender = new UdpHandleSender(handle, { Request, connected: true });
  const port: DatagramPort = {
    protocol: 'udp',
    ip: '127.0.0.1',
    port: 40000,
    send: (...args) => sender.send(...args),
    touch: () => sender.touch(),
    sendSlot: (...args) => sender.sendSlot(...args),
  };
  return { handle, sender, remote: new TupleTable(port, 4).intern('127.0.0.1', 5000) };
}

function put(batch: PacketBatch<object>, value: number, length: number, remote: RemoteTuple): void {
  const offset = batch.acquire();
  batch.bytes.fill(value, offset, offset + length);
  batch.commit(length, null, remote);
}

const filled = (value: number, length: number): number[] => Array<number>(length).fill(value);

t.test('what the system takes at once goes out of its slot, by one request', async (t) => {
  const { handle, sender, remote } = makePort();
  const batch = new PacketBatch<object>(4, 64);
  for (const value of [1, 2, 3]) put(batch, value, 10 * value, remote);
  flushBatch(batch);
  sender.send(Uint8Array.of(7, 8, 9), 1, 2, remote);
  t.same(handle.sent, [filled(1, 10), filled(2, 20), filled(3, 30), [8, 9]]);
  t.equal(handle.requests.size, 1);
  const { datagramsSent, bytesSent, queuedBytes, refused } = sender;
  t.same(
    { datagramsSent, bytesSent, queuedBytes, refused },
    { datagramsSent: 4, bytesSent: 62, queuedBytes: 0, refused: 0 },
  );
});

t.test('to where the socket is connected, no address is named', async (t) => {
  const { handle, sender, remote } = makePort();
  sender.connected(remote);
  handle.isConnected = true;
  sender.send(Uint8Array.of(1, 2), 0, 2, remote);
  t.same(handle.sent, [[1, 2]]);
});

t.test('a packet that could not be protected is not sent', async (t) => {
  const { handle, remote } = makePort();
  const batch = new PacketBatch<object>(4, 64);
  put(batch, 1, 10, remote);
  put(batch, 2, 10, remote);
  batch.lengths[0] = 0;
  flushBatch(batch);
  t.same(handle.sent, [filled(2, 10)]);
});

t.test('packets that wait keep their bytes while batch and caller go on', async (t) => {
  const { handle, sender, remote } = makePort();
  const batch = new PacketBatch<object>(4, 64);
  handle.room = 1;
  const own = new Uint8Array(3000);
  let value = 0;
  for (let turn = 0; turn < 3; turn++) {
    for (let i = 0; i < 3; i++) put(batch, ++value, 40, remote);
    flushBatch(batch);
    for (const length of [50, 3000]) {
      own.fill(++value);
      sender.send(own, 0, length, remote);
    }
  }
  own.fill(255);
  t.equal(handle.sent.length, 1);
  handle.drain();
  const lengths = [40, 40, 40, 50, 3000];
  t.same(
    handle.sent,
    Array.from({ length: 15 }, (_, i) => filled(i + 1, lengths[i % 5])),
  );
  t.equal(sender.queuedBytes, 0);

  // The first to wait is one from elsewhere than a batch.
  handle.room = 0;
  for (value = 1; value <= 3; value++) sender.send(own.fill(value), 0, 30, remote);
  handle.sent.length = 0;
  handle.drain();
  t.same(handle.sent, [filled(1, 30), filled(2, 30), filled(3, 30)]);
});

t.test('any course of congestion: nothing lost, changed or out of order, and slots come back', async () => {
  const step = fc.oneof(
    fc.record({ packets: fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 8 }) }),
    fc.record({ plain: fc.integer({ min: 1, max: 64 }) }),
    fc.record({ drain: fc.integer({ min: 1, max: 10 }), room: fc.nat(6) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (steps, portCount) => {
      const ports = Array.from({ length: portCount }, makePort);
      const expected = ports.map(() => [] as number[][]);
      const batch = new PacketBatch<object>(8, 64);
      let value = 0;
      for (const action of steps) {
        if ('packets' in action) {
          action.packets.forEach((length, i) => {
            if (batch.acquire() < 0) flushBatch(batch);
            put(batch, ++value & 255, length, ports[i % portCount].remote);
            expected[i % portCount].push(filled(value & 255, length));
          });
          flushBatch(batch);
        } else if ('plain' in action) {
          const bytes = new Uint8Array(action.plain).fill(++value & 255);
          ports[0].sender.send(bytes, 0, bytes.length, ports[0].remote);
          expected[0].push([...bytes]);
          bytes.fill(0);
        } else {
          for (const { handle } of ports) {
            handle.room = action.room;
            handle.drain(action.drain);
          }
        }
      }
      for (const { handle } of ports) handle.drain();
      let slots = 0;
      for (; batch.acquire() >= 0; slots++) put(batch, 0, 1, ports[0].remote);
      return (
        slots === 8 &&
        ports.every(
          ({ handle, sender }, i) =>
            sender.queuedBytes === 0 && JSON.stringify(handle.sent) === JSON.stringify(expected[i]),
        )
      );
    }),
  );
});

t.test('many congested ports do not starve the batch', async (t) => {
  const ports = Array.from({ length: 20 }, makePort);
  const batch = new PacketBatch<object>(8, 64);
  for (const [value, { handle, remote }] of ports.entries()) {
    handle.room = 0;
    put(batch, value, 20, remote);
    flushBatch(batch);
  }
  let slots = 0;
  for (; batch.acquire() >= 0; slots++) put(batch, 99, 20, ports[0].remote);
  t.equal(slots, 6);
  flushBatch(batch);
  for (const { handle } of ports) handle.drain();
  t.same(
    ports.map(({ handle }) => handle.sent[0]),
    ports.map((_, value) => filled(value, 20)),
  );
});

t.test('the queue is bounded, and what is beyond is counted', async (t) => {
  const { handle, sender, remote } = makePort();
  const batch = new PacketBatch<object>(256);
  handle.room = 0;
  const packets = 2000;
  for (let i = 0; i < packets; i++) {
    if (batch.acquire() < 0) flushBatch(batch);
    put(batch, i, 1200, remote);
  }
  flushBatch(batch);
  const accepted = Math.floor(MAX_SEND_QUEUE_BYTES / 1200);
  t.equal(handle.queue.length, accepted);
  t.equal(sender.queuedBytes, accepted * 1200);
  t.equal(sender.refused, packets - accepted);
  t.equal(sender.datagramsSent, accepted);
  t.equal(sender.send(new Uint8Array(1200), 0, 1200, remote), false);
  handle.drain(1);
  t.equal(sender.send(new Uint8Array(1200), 0, 1200, remote), true, 'opens as the queue drains');
  handle.drain();
  t.ok(
    handle.sent.slice(0, accepted).every((bytes, i) => bytes.every((byte) => byte === (i & 255))),
    'bytes are intact',
  );
});

t.test('errors are counted by code, never thrown', async (t) => {
  const { handle, sender, remote } = makePort();
  const batch = new PacketBatch<object>(4, 64);
  for (const code of ['ENETUNREACH', 'EPERM', 'EPERM'] as const) {
    handle.error = -constants.errno[code as 'EPERM'];
    put(batch, 1, 10, remote);
    flushBatch(batch);
  }
  handle.error = -constants.errno.EMSGSIZE;
  t.equal(sender.send(new Uint8Array(10), 0, 10, remote), false);
  t.equal(sender.datagramsSent, 0);
  handle.error = 0;
  handle.room = 0;
  put(batch, 1, 10, remote);
  put(batch, 2, 10, remote);
  flushBatch(batch);
  handle.drain(1, -constants.errno.ECANCELED);
  handle.drain(1, -constants.errno.EPERM);
  t.same(
    [...sender.errors],
    [
      ['ENETUNREACH', 1],
      ['EPERM', 3],
      ['EMSGSIZE', 1],
      ['ECANCELED', 1],
    ],
  );
  t.equal(sender.queuedBytes, 0);
  handle.room = 1;
  put(batch, 3, 10, remote);
  flushBatch(batch);
  t.same(handle.sent, [filled(3, 10)], 'and it goes on');
});

// --test-udp-no-try-send makes Node queue every datagram, as it does when the kernel's buffer is full.
const closeInFlight = `
import { PacketBatch } from '#src/srtp/packet-batch.js';
import { flushBatch } from '#src/transport/flush-batch.js';
import { UdpPort } from '#src/transport/udp-port.js';
const port = await UdpPort.bind({ ip: '::1' });
const remote = port.intern('::1', 9);
const batch = new PacketBatch(8);
const slots = () => { let n = 0; for (; batch.acquire() >= 0; n++) batch.commit(1, null, null); batch.clear(); return n; };
for (let i = 0; i < 4; i++) { batch.acquire(); batch.commit(1200, null, remote); }
flushBatch(batch);
const { sendPath, sendQueueBytes } = port.getStats();
const during = slots();
await port.close();
while (slots() < 8) await new Promise(setImmediate);
const cancelled = port.getStats().sendErrors.ECANCELED;
console.log(JSON.stringify({ sendPath, sendQueueBytes, during, cancelled }));
`;

t.test('a real socket that is closed with datagrams in flight gives the slots back', async (t) => {
  const args = ['--test-udp-no-try-send', '--input-type=module', '--eval', closeInFlight];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { PATH: process.env.PATH } });
  t.same(JSON.parse(stdout), { sendPath: 'handle', sendQueueBytes: 4800, during: 7, cancelled: 3 });
});
