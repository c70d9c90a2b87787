// @ts-check
/** More workers, more work? The same streams on one worker and on several, driven to the limit. */
import { measureServer } from '../measure/server-work.js';
import { summarise } from '../report/summary.js';
import { wait } from '../traffic/wait.js';
import { inTurns, publishPlain, serveUnread, turnOptions, withTarget } from './frame.js';

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
  needs: ['plainProducer', 'plainReceivers', 'workers'],
  options: {
    ...turnOptions('sluss,mediasoup', 1),
    workers: { type: 'number', default: 2, min: 2, max: 64, help: 'how many are compared with one' },
    receivers: { type: 'number', default: 200, min: 1, max: 1000, help: 'of each room' },
    pps: { type: 'number', default: 1500, min: 10, max: 20_000, help: 'packets per second of each stream' },
    seconds: { type: 'number', default: 4, min: 0.1, max: 600, help: 'length of each measurement' },
  },
  serverCores: (options) => options.workers,
  ...inTurns(2, async (spec, context) => {
    const one = await runOnce(spec, 1, context);
    const several = await runOnce(spec, context.options.workers, context);
    return [
      { ...one, times: 1 },
      { ...several, times: several.pps / one.pps },
    ];
  }),
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
 * @returns {Promise<import('./frame.js').Run>}
 */
async function runOnce(spec, count, { options, progress }) {
  const { receivers, pps, seconds } = options;
  const label = `${spec}, ${count} worker${count > 1 ? 's' : ''}`;
  progress.step(label);
  // On no core in particular: as many workers as cores leave none to the traffic.
  const run = await withTarget(spec, { settings: { workers: count } }, async (bench) => {
    for (let worker = 0; worker < count; worker++) {
      const room = await bench.target.call('createRoom', { worker });
      const producerId = await publishPlain(bench, { room, pps, index: worker });
      await serveUnread(bench, { room, producerIds: [producerId], count: receivers });
    }
    await wait(Math.min(WARM_UP_MS, seconds * 1000));
    const own = process.cpuUsage();
    const start = performance.now();
    const work = await measureServer(bench.target, seconds);
    const { user, system } = process.cpuUsage(own);
    return {
      ...work,
      packetsPerCpuSecond: 1e6 / work.cpuPerPacket,
      trafficCore: ((user + system) / 1000 / (performance.now() - start)) * 100,
    };
  });
  return { ...run, target: label };
}
