// @ts-check
/**
 * Does a whole worker allocate under load? Sockets, timers and all, in one thread; one video stream to SRTP receivers, traffic
 * from another process: `node bench/transport/allocations.js`. Beside it, bench/router/allocations.js has the loop alone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { publish } from '../load/report/publish.js';
import { summarise } from '../load/report/summary.js';
import { MediasoupApiTarget } from '../load/targets/mediasoup-api.js';
import { availability } from '../load/targets/sluss.js';
import { UNREAD_KEY } from '../load/traffic/media-shapes.js';
import { producerParameters } from '../load/traffic/rtp-parameters.js';
import { wait } from '../load/traffic/wait.js';
import { createOneThreadWorker } from '../profile/one-thread-worker.js';
import { measureAllocations } from '../support/allocations.js';
import { allocationColumns, describeAllocations, printAllocations } from '../support/allocation-report.js';
import { microOptions } from '../support/micro-bench.js';

const RECEIVERS = 100;
const PPS = 300;
const SSRC = 1111;

const { args, options, command } = microOptions();
const target = new MediasoupApiTarget({
  createWorker: createOneThreadWorker,
  version: '',
  listen: { listenInfo: { protocol: 'udp', ip: '127.0.0.1' } },
  pidsOf: () => [process.pid],
});
await target.start({});
const traffic = fork(fileURLToPath(new URL('../profile/traffic.js', import.meta.url)), [
  String(RECEIVERS),
  String(PPS),
]);
const [ports] = await once(traffic, 'message');
const room = await target.createRoom({});
const rtpParameters = producerParameters('video', { mid: '0', ssrcs: [SSRC] });
const { producerId, port } = await target.plainProducer({ room, kind: 'video', rtpParameters });
await target.plainReceivers({
  room,
  producerId,
  receivers: ports.map((/** @type {number} */ to) => ({ port: to, keyBase64: UNREAD_KEY })),
});
traffic.send(port);

const work = () => wait(options.seconds * 1000);
// Functions are compiled, rings grow.
await work();
const before = await target.counters();
const allocations = await measureAllocations(work);
const after = await target.counters();
traffic.kill();
await target.close();
// Measured twice, once for the collections and once for the bytes.
const packets = (after.packets - before.packets) / 2;
const name = `worker with sockets, ${RECEIVERS} receivers`;
const run = describeAllocations(name, packets, options.seconds * 1000, allocations);
if (!options.json) printAllocations(run);
publish(
  {
    scenario: command,
    title: 'Allocations of a worker under load',
    command,
    args,
    options: {},
    ...allocationColumns,
    plots: [],
    runs: [{ ...run, version: availability().version }],
    summarise: (runs) => summarise(runs).map((row) => ({ ...row, most: runs.at(-1)?.most })),
  },
  options,
  () => '',
);
process.exit(0);
