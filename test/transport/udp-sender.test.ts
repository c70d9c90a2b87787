import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { type DatagramPort, type RemoteTuple, TupleTable } from '#src/transport/remote-tuple.js';
import { MAX_SEND_QUEUE_BYTES, UdpSender } from '#src/transport/udp-sender.js';

type SocketLike = ConstructorParameters<typeof UdpSender>[0];
type Callback = (error: Error | null) => void;

const port: DatagramPort = {
  protocol: 'udp',
  ip: '127.0.0.1',
  port: 40000,
  send: () => true,
  sendSlot: () => true,
  touch: () => 0,
};
const remote: RemoteTuple = new TupleTable(port, 4).intern('127.0.0.1', 5000);

/** Behaves as a dgram socket whose kernel buffer is full from the `capacity`-th packet on: it keeps references. */
class CongestedSocket {
  readonly queue: { bytes: Uint8Array; length: number }[] = [];
  readonly sent: number[][] = [];
  callback: Callback = () => {};

  constructor(public capacity: number) {}

  send(
    bytes: Uint8Array,
    offset: number,
    length: number,
    _port: number,
    _address: string,
    callback: Callback,
  ): void {
    this.callback = callback;
    if (this.capacity > 0 && this.queue.length === 0) {
      this.capacity--;
      this.sent.push([...bytes.subarray(offset, offset + length)]);
    } else {
      this.queue.push({ bytes: bytes.subarray(offset, offset + length), length });
    }
  }

  drain(): void {
    for (const { bytes } of this.queue.splice(0)) this.sent.push([...bytes]);
  }

  getSendQueueCount(): number {
    return this.queue.length;
  }

  getSendQueueSize(): number {
    return this.queue.reduce((sum, packet) => sum + packet.length, 0);
  }
}

t.test('packets that wait for the interface keep their content while the arena is reused', async (t) => {
  const socket = new CongestedSocket(2);
  const sender = new UdpSender(socket as unknown as SocketLike);
  const arena = new Uint8Array(64);
  for (let round = 0; round < 2; round++) {
    for (let i = 1; i <= 5; i++) {
      arena.fill(round * 5 + i);
      t.equal(sender.send(arena, 10, 4, remote), true);
    }
    socket.drain();
    socket.capacity = 2;
  }
  t.same(
    socket.sent,
    Array.from({ length: 10 }, (_, i) => Array<number>(4).fill(i + 1)),
  );
  t.equal(sender.datagramsSent, 10);
  t.equal(sender.bytesSent, 40);
});

t.test('a packet larger than the staging buffer goes out whole', async (t) => {
  const socket = new CongestedSocket(1);
  const sender = new UdpSender(socket as unknown as SocketLike);
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i & 255);
  t.equal(sender.send(bytes, 0, 5000, remote), true);
  t.same(socket.sent, [[...bytes]]);
});

t.test('the queue is bounded', async (t) => {
  const socket = new CongestedSocket(0);
  const sender = new UdpSender(socket as unknown as SocketLike);
  const arena = new Uint8Array(1200);
  let accepted = 0;
  while (sender.send(arena, 0, 1200, remote)) accepted++;
  t.equal(accepted, Math.floor(MAX_SEND_QUEUE_BYTES / 1200));
  t.ok(sender.queuedBytes <= MAX_SEND_QUEUE_BYTES);
  t.equal(sender.datagramsSent, accepted, 'a refused packet is not counted as sent');
  t.equal(sender.refused, 1);
  socket.drain();
  t.equal(sender.send(arena, 0, 1200, remote), true, 'and opens again once drained');
});

t.test('errors are counted by code', async (t) => {
  const socket = new CongestedSocket(9);
  const sender = new UdpSender(socket as unknown as SocketLike);
  sender.send(new Uint8Array(1), 0, 1, remote);
  socket.callback(null);
  socket.callback(Object.assign(new Error('x'), { code: 'EPERM' }));
  socket.callback(Object.assign(new Error('x'), { code: 'EPERM' }));
  socket.callback(new Error('without a code'));
  t.same(
    [...sender.errors],
    [
      ['EPERM', 2],
      ['UNKNOWN', 1],
    ],
  );
});

// --test-udp-no-try-send makes Node queue every packet, as it does when the kernel's buffer is full.
const queueingSender = `
import { UdpPort } from '#src/transport/udp-port.js';
const receiver = await UdpPort.bind({ ip: '127.0.0.1' });
const sender = await UdpPort.bind({ ip: '127.0.0.1', sendPath: process.env.SEND_PATH });
const remote = sender.intern('127.0.0.1', receiver.port);
const arena = new Uint8Array(1200);
const received = [];
let queued = 0;
receiver.onDatagram = (bytes, length) => {
  received.push(length === 1200 && bytes.every((byte) => byte === bytes[0]) ? bytes[0] : -1);
  if (received.length < 50) return;
  console.log(JSON.stringify({ queued, received }));
  receiver.close();
  sender.close();
};
for (let i = 0; i < 50; i++) {
  arena.fill(i);
  sender.send(arena, 0, 1200, remote);
  queued = Math.max(queued, sender.getStats().sendQueueBytes);
}
arena.fill(255);
`;

for (const sendPath of ['handle', 'dgram'])
  t.test(`with a real socket whose sends are all queued, ${sendPath}`, async (t) => {
    const args = ['--test-udp-no-try-send', '--input-type=module', '--eval', queueingSender];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { PATH: process.env.PATH, SEND_PATH: sendPath },
    });
    const { queued, received } = JSON.parse(stdout) as { queued: number; received: number[] };
    t.ok(queued > 1200, 'the packets did wait');
    t.same(
      received,
      Array.from({ length: 50 }, (_, i) => i),
    );
  });
