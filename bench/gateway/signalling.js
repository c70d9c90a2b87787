// @ts-check
/** WebSocket signalling of the gateway: many people join and stay: `node bench/gateway/signalling.js --help`. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { cpuBetween, cpuTimes, residentBytes } from '../load/measure/cpu.js';
import { distribution } from '../load/measure/distribution.js';
import { Target } from '../load/targets/target.js';
import { wait } from '../load/traffic/wait.js';
import { runBench } from './run.js';

const SUBPROTOCOL = 'sluss.json.1';
const JOIN_TIMEOUT_MS = 10_000;
const NODE_OPTIONS = startOptions();

await runBench({
  summary:
    'thousands of signalling sockets that have joined rooms: joins per second, memory and CPU while idle',
  options: {
    sockets: { type: 'number', default: 5000, min: 1, max: 9500, help: 'how many' },
    'room-size': { type: 'number', default: 10, min: 1, max: 500, help: 'people in each room' },
    'at-once': { type: 'number', default: 50, min: 1, max: 1000, help: 'joins under way at a time' },
    seconds: { type: 'number', default: 10, min: 1, max: 600, help: 'how long all of them stay idle' },
    'node-options': {
      type: 'text',
      default: NODE_OPTIONS,
      help: 'of the server; by default what `npm start` gives to node, "none" for none',
    },
  },
  title: ({ sockets }) => `Signalling: ${sockets} sockets`,
  columns: [
    { key: 'target', title: 'server' },
    { key: 'version', title: 'version' },
    { key: 'sockets', title: 'sockets' },
    { key: 'joinsPerSecond', title: 'joins/s' },
    { key: 'cpuPerJoinMs', title: 'CPU ms/join', digits: 2 },
    { key: 'joinP50', title: 'join p50 ms', digits: 1 },
    { key: 'joinP95', title: 'p95', digits: 1 },
    { key: 'emptyMiB', title: 'RSS MiB at first' },
    { key: 'rssMiB', title: 'with all idle' },
    { key: 'kibPerSocket', title: 'KiB/socket', digits: 1 },
    { key: 'idleCore', title: 'core % idle', digits: 1 },
    { key: 'failed', title: 'failed' },
  ],
  legend:
    'One process: gateway and one media worker, by default with the options that `npm start` gives to node. ' +
    'Sockets have joined a room, without transports; the gateway pings them.',
  plots: [
    {
      title: 'Resident memory with all sockets idle, MiB',
      parts: [{ key: 'rssMiB', label: 'RSS' }],
      digits: 0,
    },
  ],
  async run(options, cores) {
    const { sockets: wanted, 'room-size': roomSize, 'at-once': atOnce, seconds } = options;
    const nodeOptions = options['node-options'];
    const execArgv = nodeOptions === 'none' ? [] : nodeOptions.split(' ');
    const module = new URL('./servers/sluss-gateway.js', import.meta.url);
    const settings = { maxRooms: Math.ceil(wanted / roomSize) + 1 };
    const server = await Target.host('sluss gateway', module, { cores, settings, execArgv });
    /** @type {WebSocket[]} */
    const sockets = [];
    try {
      const { port } = await server.call('address');
      const empty = residentBytes(server.pids);
      /** @type {number[]} */
      const times = [];
      let next = 0;
      let failed = 0;
      const cpu = cpuTimes(server.pids);
      const start = performance.now();
      const joinOnes = async () => {
        while (next < wanted) {
          const number = next++;
          const began = performance.now();
          try {
            sockets.push(await join(port, `room-${Math.floor(number / roomSize)}`, `Person ${number}`));
            times.push(performance.now() - began);
          } catch {
            failed++;
          }
        }
      };
      await Promise.all(Array.from({ length: atOnce }, joinOnes));
      const elapsed = (performance.now() - start) / 1000;
      const joining = cpuBetween(cpu, cpuTimes(server.pids));

      const idleCpu = cpuTimes(server.pids);
      await wait(seconds * 1000);
      const idle = cpuBetween(idleCpu, cpuTimes(server.pids));
      const rss = residentBytes(server.pids);
      const time = distribution(times);
      return [
        {
          target: 'sluss gateway',
          version: `${server.version} by node ${nodeOptions === 'none' ? 'without options' : nodeOptions}`,
          sockets: await server.call('peers'),
          joinsPerSecond: times.length / elapsed,
          cpuPerJoinMs: (joining.user + joining.system) / 1000 / times.length,
          joinP50: time.p50,
          joinP95: time.p95,
          emptyMiB: empty / 2 ** 20,
          rssMiB: rss / 2 ** 20,
          kibPerSocket: (rss - empty) / 1024 / times.length,
          idleCore: ((idle.user + idle.system) / 1e6 / seconds) * 100,
          failed,
        },
      ];
    } finally {
      for (const socket of sockets) socket.terminate();
      await server.close();
    }
  },
});

/** What `npm start` gives to node decides about memory, so the server under test gets the same. */
function startOptions() {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return /\bnode((?: --\S+)+) \S+$/.exec(scripts.start)?.[1].trim() ?? 'none';
}

/**
 * @param {number} port
 * @param {string} room
 * @param {string} displayName
 */
async function join(port, room, displayName) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/signalling`, [SUBPROTOCOL], {
    perMessageDeflate: false,
  });
  const signal = AbortSignal.timeout(JOIN_TIMEOUT_MS);
  await once(socket, 'open', { signal });
  // Several messages may come at once: one listener for all of them, until the answer is there.
  const answer = new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.id !== 1) return;
      if (message.ok) resolve(undefined);
      else reject(new Error(message.error.message));
    });
  });
  socket.send(JSON.stringify({ id: 1, request: 'join', data: { room, displayName } }));
  await answer;
  socket.removeAllListeners('message');
  // What comes later is received and forgotten; a socket that nobody reads would fill the gateway's buffers.
  socket.on('message', () => {});
  socket.on('error', () => {});
  return socket;
}
