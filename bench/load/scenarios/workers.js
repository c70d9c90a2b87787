// @ts-check
/** More workers, more work? The same streams on one worker and on several, driven to the limit. */
import { measureServer } from '../measure/server-work.js';
import { summarise } from '../report/summary.js';
import { Target } from '../targets/target.js';
import { MediaSource } from '../traffic/media-source.js';
import { PlainPublisher } from '../traffic/plain-publisher.js';
import { producerParameters } from '../traffic/rtp-parameters.js';
import { UnreadSockets } from '../traffic/unread-sockets.js';
import { wait } from '../traffic/wait.js';
import { videoLayer } from './viewers.js';

const KEY = Buffer.alloc(30, 7).toString('base64');
const WARM_UP_MS = 2000;

/** @type {import('./index.js').Scenario} */
export const workers = {
  summary: [
    'the most that one worker forwards, and the most that several do: rooms spread over workers, a core for each',
    '',
    'Each worker has a room with one plain RTP stream and N SRTP receivers, and more packets than it can forward. With as',
    'many workers as the machine has cores the traffic shares them; what the traffic takes is little, since nobody reads',
    'the sinks, and is shown.',
  ].join('\n'),
  needs: ['plainProducer', 'plainReceivers'],
  options: {
    targets: { type: 'text', default: 'sluss,mediasoup', help: 'servers, comma-separated' },
    workers: { type: 'number', default: 2, min: 2, max: 64, help: 'how many are compared with one' },
    receivers: { type: 'number', default: 200, min: 1, max: 1000, help: 'of each room' },
    pps: { type: 'number', default: 1500, min: 10, max: 20_000, help: 'packets per second of each stream' },
    seconds: { type: 'number', default: 4, min: 0.1, max: 600, help: 'length of each measurement' },
    repeat: { type: 'number', default: 1, min: 1, max: 50, help: 'runs of each server, in turns' },
  },
  serverCores: (options) => options.workers,
  steps: ({ repeat }, targets) => repeat * targets.length * 2,
  async run(context) {
    const runs = [];
    for (let round = 0; round < context.options.repeat; round++) {
      for (const spec of context.targets) {
        const one = await runOnce(spec, 1, context);
        const several = await runOnce(spec, context.options.workers, context);
        runs.push({ ...one, times: 1 }, { ...several, times: several.pps / one.pps });
      }
    }
    return runs;
  },
  summarise: (runs) => summarise(runs),
  columns: [
    { key: 'target', title: 'server' },
    { key: 'runs', title: 'runs' },
    { key: 'pps', title: 'packets/s at most' },
    { key: 'times', title: 'times one worker', digits: 2 },
    { key: 'packetsPerCpuSecond', title: 'packets/CPU s' },
    { key: 'cpuPerPacket', title: 'CPU us/packet', digits: 2 },
    { key: 'core', title: 'core %', digits: 0 },
    { key: 'trafficCore', title: 'traffic core %', digits: 0 },
  ],
  title: ({ workers: count }) => `One worker and ${count}, at the limit`,
  plots: [{ title: 'Packets per second', parts: [{ key: 'pps', label: 'packets/s' }], digits: 0 }],
  legend: 'Medians of the runs. core %: of all workers together.',
};

/**
 * @param {string} spec
 * @param {number} count of workers
 * @param {import('./index.js').Context} context
 */
async function runOnce(spec, count, { options, progress }) {
  const { receivers, pps, seconds } = options;
  progress.step(`${spec}: ${count} worker${count > 1 ? 's' : ''}`);
  const target = await Target.start(spec, { settings: { workers: count } });
  const sockets = await UnreadSockets.open(receivers * count);
  /** @type {PlainPublisher[]} */
  const publishers = [];
  try {
    for (let worker = 0; worker < count; worker++) {
      const room = await target.call('createRoom', { worker });
      const ssrc = 1111 + worker;
      const rtpParameters = producerParameters('video', { mid: '0', ssrcs: [ssrc] });
      const { producerId, port } = await target.call('plainProducer', { room, kind: 'video', rtpParameters });
      const ports = sockets.ports.slice(worker * receivers, (worker + 1) * receivers);
      await target.call('plainReceivers', {
        room,
        producerId,
        receivers: ports.map((to) => ({ port: to, keyBase64: KEY })),
      });
      const source = new MediaSource({ ...videoLayer(pps), kind: 'video', mid: '0', ssrc });
      publishers.push(await PlainPublisher.start(source, port));
    }
    await wait(Math.min(WARM_UP_MS, seconds * 1000));
    const own = process.cpuUsage();
    const start = performance.now();
    const work = await measureServer(target, seconds);
    const { user, system } = process.cpuUsage(own);
    return {
      target: `${spec}, ${count} worker${count > 1 ? 's' : ''}`,
      version: target.version,
      ...work,
      packetsPerCpuSecond: 1e6 / work.cpuPerPacket,
      trafficCore: ((user + system) / 1000 / (performance.now() - start)) * 100,
    };
  } finally {
    for (const publisher of publishers) publisher.stop();
    await sockets.close();
    await target.close();
  }
}
