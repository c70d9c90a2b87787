/**
 * What it costs to hand a datagram to the system, user and system time apart: `node bench/transport/udp-send.js`.
 * The receiving sockets never read, so they cost nothing but the kernel's own work until their buffers are full.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { PacketBatch } from '../../dist/srtp/packet-batch.js';
import { flushBatch } from '../../dist/transport/flush-batch.js';
import { udpHandleOf } from '../../dist/transport/udp-handle.js';
import { UdpPort } from '../../dist/transport/udp-port.js';
import { availability } from '../load/targets/sluss.js';
import { microOptions, publishTable } from '../support/micro-bench.js';

const SINKS = 200;
const PACKETS_PER_TURN = 200;
/** Ways are measured in turns of this many packets, so that all of them see the same machine. */
const PACKETS_PER_SLICE = 2000;

const CASES = {
  '112 bytes': () => 112,
  '1142 bytes': () => 1142,
  '100-1200 bytes': (turn) => 100 + ((turn * 7919) % 1101),
};

const micro = microOptions();
const { options } = micro;
const sinks = await openSinks();
const ports = sinks.map((sink) => sink.address().port);
const plain = createSocket({ type: 'udp4', lookup: (hostname, _options, done) => done(null, hostname, 4) });
// Its lookup answers at once, and so may bind().
const listening = once(plain, 'listening');
plain.bind(0, '127.0.0.1');
await listening;
const viaDgram = await UdpPort.bind({ ip: '127.0.0.1', sendPath: 'dgram' });
const viaHandle = await UdpPort.bind({ ip: '127.0.0.1', sendPath: 'handle' });
if (viaHandle.getStats().sendPath !== 'handle')
  console.error('this Node has no handle of the known kind: see udp-handle.ts');

const runs = [];
for (const [name, lengthOf] of Object.entries(CASES)) {
  if (!name.includes(options.only)) continue;
  for (const { way, packets, user, system } of await measure(ways(lengthOf))) {
    const each = (micros) => (micros * 1000) / packets;
    runs.push({
      target: `${way}, ${name}`,
      version: availability().version,
      user: each(user),
      system: each(system),
      ns: each(user + system),
    });
    if (!options.json) {
      const shown = (micros) => String(Math.round(each(micros))).padStart(5);
      console.log(
        `${name.padEnd(14)} ${way.padEnd(16)} user ${shown(user)} system ${shown(system)} together ${shown(user + system)} ns per packet`,
      );
    }
  }
}
for (const socket of [plain, ...sinks]) socket.close();
await Promise.all([viaDgram.close(), viaHandle.close()]);
publishTable(micro, {
  title: 'Handing a datagram to the system',
  columns: [
    { key: 'target', title: 'way' },
    { key: 'user', title: 'user ns' },
    { key: 'system', title: 'system ns' },
    { key: 'ns', title: 'together ns' },
  ],
  legend: 'Nanoseconds of processor time per datagram, on loopback, to sockets that nobody reads.',
  runs,
});

async function openSinks() {
  const opened = [];
  for (let i = 0; i < SINKS; i++) {
    const sink = createSocket('udp4');
    sink.bind(0, '127.0.0.1');
    await once(sink, 'listening');
    udpHandleOf(sink)?.recvStop();
    opened.push(sink);
  }
  return opened;
}

/** Each sends PACKETS_PER_TURN datagrams of the length that `lengthOf(turn)` names. */
function ways(lengthOf) {
  const fill = (port) => {
    const batch = new PacketBatch(256);
    const remotes = ports.map((remote) => port.intern('127.0.0.1', remote));
    let turn = 0;
    return () => {
      const length = lengthOf(turn++);
      for (let i = 0; i < PACKETS_PER_TURN; i++) {
        batch.acquire();
        batch.commit(length, null, remotes[i % SINKS]);
      }
      flushBatch(batch);
    };
  };
  const buffer = Buffer.alloc(2048);
  const ignore = () => {};
  let plainTurn = 0;
  return {
    'dgram.send': () => {
      const length = lengthOf(plainTurn++);
      for (let i = 0; i < PACKETS_PER_TURN; i++)
        plain.send(buffer, 0, length, ports[i % SINKS], '127.0.0.1', ignore);
    },
    'UdpPort, dgram': fill(viaDgram),
    'UdpPort, handle': fill(viaHandle),
  };
}

async function measure(turns) {
  const results = Object.entries(turns).map(([way, turn]) => ({ way, turn, packets: 0, user: 0, system: 0 }));
  const end = performance.now() + options.seconds * 1000 * results.length;
  for (let slice = 0; slice < 2 || performance.now() < end; slice++) {
    for (const result of results) {
      const before = process.cpuUsage();
      for (let n = 0; n < PACKETS_PER_SLICE; n += PACKETS_PER_TURN) {
        result.turn();
        // The callbacks of dgram are part of its price.
        await undefined;
      }
      await new Promise(setImmediate);
      const { user, system } = process.cpuUsage(before);
      // The first slice warms up.
      if (slice === 0) continue;
      result.packets += PACKETS_PER_SLICE;
      result.user += user;
      result.system += system;
    }
  }
  return results;
}
