// @ts-check
/**
 * What is profiled: the fan-out of one video stream to SRTP receivers, in this thread. The traffic comes from a child
 * process. `node profile/server.js [seconds] [receivers] [packets per second]`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { MediasoupApiTarget } from '../load/targets/mediasoup-api.js';
import { producerParameters } from '../load/traffic/rtp-parameters.js';
import { wait } from '../load/traffic/wait.js';
import { createOneThreadWorker } from './one-thread-worker.js';

const [seconds = '10', receivers = '100', pps = '300'] = process.argv.slice(2);
const traffic = fork(fileURLToPath(new URL('./traffic.js', import.meta.url)), [receivers, pps], {
  execArgv: [],
  // Clinic puts its own module before whatever Node runs; only this process is to be looked at.
  env: { ...process.env, NODE_OPTIONS: '' },
});
const [ports] = await once(traffic, 'message');

const target = new MediasoupApiTarget({
  createWorker: createOneThreadWorker,
  version: '',
  listen: { listenInfo: { protocol: 'udp', ip: '127.0.0.1' } },
  pidsOf: () => [process.pid],
});
await target.start({});
const room = await target.createRoom({});
const rtpParameters = producerParameters('video', { mid: '0', ssrcs: [1111] });
const { producerId, port } = await target.plainProducer({ room, kind: 'video', rtpParameters });
const keyBase64 = Buffer.alloc(30, 7).toString('base64');
const sinks = ports.map((/** @type {number} */ to) => ({ port: to, keyBase64 }));
await target.plainReceivers({ room, producerId, receivers: sinks });
traffic.send(port);
await wait(Number(seconds) * 1000);
const { packets } = await target.counters();
console.log(`${packets} packets forwarded`);
traffic.kill();
target.close();
// No process.exit(): profilers write their data when the event loop is empty.
