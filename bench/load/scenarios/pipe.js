// @ts-check
/** A room larger than a worker: what does the way over a pipe to a second worker cost? */
import { distribution } from '../measure/distribution.js';
import { measureServer } from '../measure/server-work.js';
import { summarise } from '../report/summary.js';
import { SampledReceiver } from '../traffic/sampled-receiver.js';
import { settle } from '../traffic/settle.js';
import { CPU, LOSS, OTHERS, PACKETS, RATIO, SERVER } from './columns.js';
import { inTurns, publishPlain, serveUnread, turnOptions, withTarget } from './frame.js';

/** @type {import('./index.js').Scenario} */
export const pipe = {
  summary: [
    'a producer on one worker, receivers on another (pipeToRouter), against all of them on one: CPU, added latency',
    '',
    'The same plain RTP stream to as many SRTP receivers, once on the worker of the producer and once behind a pipe. What',
    'the pipe costs is divided by the packets that went over it, which is once for all receivers.',
  ].join('\n'),
  needs: ['plainProducer', 'plainReceivers', 'pipe'],
  options: {
    ...turnOptions('sluss,mediasoup', 3),
    receivers: { type: 'number', default: 20, min: 1, max: 1000, help: 'on the other worker' },
    pps: { type: 'number', default: 600, min: 10, max: 20_000, help: 'packets of 1,142 bytes per second' },
    seconds: { type: 'number', default: 4, min: 0.1, max: 600, help: 'length of each measurement' },
  },
  ...inTurns(2, async (spec, context) => {
    const direct = await runOnce(spec, false, context);
    const piped = await runOnce(spec, true, context);
    const cpuOf = (/** @type {Record<string, any>} */ run) => run.cpuPerPacket * context.options.receivers;
    return [direct, { ...piped, pipePerPacket: cpuOf(piped) - cpuOf(direct) }];
  }),
  summarise: (runs) => summarise(runs, 'cpuPerPacket'),
  columns: [
    ...SERVER,
    PACKETS,
    CPU,
    RATIO,
    { key: 'pipePerPacket', title: 'us/piped packet', digits: 1 },
    LOSS,
    { key: 'delayP50', title: 'delay p50 ms', digits: 2 },
    { key: 'delayP99', title: 'p99', digits: 2 },
    OTHERS,
  ],
  title: ({ receivers, pps }) => `Over a pipe to another worker: ${pps} packets/s to ${receivers} receivers`,
  plots: [
    {
      title: 'CPU of both workers for each forwarded packet, µs',
      parts: [{ key: 'cpuPerPacket', label: 'CPU' }],
      digits: 2,
    },
  ],
  legend:
    'Medians of the runs. Ratio: CPU against the first line. us/piped packet: what the pipe costs for each packet of the\n' +
    'stream, however many receivers there are. Both workers share one core.',
};

/**
 * @param {string} spec
 * @param {boolean} piped
 * @param {import('./index.js').Context} context
 * @returns {Promise<import('./frame.js').Run>}
 */
async function runOnce(spec, piped, { options, cores, progress }) {
  const { receivers, pps, seconds } = options;
  const label = `${spec}, ${piped ? 'piped' : 'one worker'}`;
  progress.step(label);
  const settings = { workers: 2 };
  const run = await withTarget(spec, { cores: cores?.server, settings }, async (bench) => {
    const { target, keep } = bench;
    const home = await target.call('createRoom', { worker: 0 });
    const producerId = await publishPlain(bench, { room: home, pps });
    const room = piped ? await target.call('createRoom', { worker: 1 }) : home;
    if (piped) await target.call('pipe', { from: home, to: room, producerId });
    const producerIds = [producerId];
    await serveUnread(bench, { room, producerIds, count: receivers - 1 });
    const sampled = keep(await SampledReceiver.open());
    const { port, ownKey: keyBase64 } = sampled;
    const { keys } = await target.call('plainReceivers', {
      room,
      producerIds,
      receivers: [{ port, keyBase64 }],
    });
    sampled.expect(keys[0]);
    await settle(seconds);
    sampled.reset();
    const work = await measureServer(target, seconds);
    const { received, lost, notAuthentic, delays } = sampled;
    const delay = distribution(delays);
    return {
      ...work,
      received,
      notAuthentic,
      lossPercent: received + lost === 0 ? 100 : (lost / (received + lost)) * 100,
      delayP50: delay.p50,
      delayP99: delay.p99,
    };
  });
  return { ...run, target: label };
}
