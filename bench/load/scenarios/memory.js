// @ts-check
/** What one video consumer costs in memory, while media flows to all of them. */
import { residentBytes } from '../measure/cpu.js';
import { summarise } from '../report/summary.js';
import { wait } from '../traffic/wait.js';
import { inTurns, publishPlain, serveUnread, turnOptions, withTarget } from './frame.js';

/**
 * Until what a worker needs once, whoever it serves, is there: compiled code, and the young generation with what is waiting to
 * be collected. Else the consumers that come later would be charged for it.
 */
const SETTLE_MS = 10_000;
const SAMPLES = 10;

/** @type {import('./index.js').Scenario} */
export const memory = {
  summary: [
    'resident memory for each video consumer of one worker, while media flows',
    '',
    'The server first forwards to a tenth of the consumers, then to all of them. The difference is what the others cost,',
    'with their share of a transport; sockets that nobody reads take what is sent. Nobody collects garbage for the figure.',
    'With --producers 1 each consumer has a transport of its own.',
  ].join('\n'),
  needs: ['plainProducer', 'plainReceivers', 'manyStreams'],
  options: {
    ...turnOptions('sluss,mediasoup', 1),
    consumers: { type: 'number', default: 1000, min: 20, max: 5000, help: 'how many' },
    producers: {
      type: 'number',
      default: 10,
      min: 1,
      max: 100,
      help: 'streams, all of which each transport consumes',
    },
    pps: { type: 'number', default: 30, min: 10, max: 1000, help: 'packets of 1,142 bytes per second' },
    seconds: { type: 'number', default: 60, min: 0.5, max: 3600, help: 'how long all of them are served' },
  },
  ...inTurns(2, runOnce),
  summarise: (runs) => summarise(runs, 'kibPerConsumer'),
  columns: [
    { key: 'target', title: 'server' },
    { key: 'runs', title: 'runs' },
    { key: 'consumers', title: 'consumers' },
    { key: 'fewMiB', title: 'RSS MiB with a tenth' },
    { key: 'allMiB', title: 'with all' },
    { key: 'endMiB', title: 'at the end' },
    { key: 'kibPerConsumer', title: 'KiB/consumer', digits: 1 },
    { key: 'ratio', title: 'ratio', digits: 2 },
  ],
  title: ({ consumers, producers, seconds }) =>
    `Memory: ${consumers} video consumers, ${producers} on each transport, on one worker for ${seconds} s`,
  plots: [{ title: 'KiB for each consumer', parts: [{ key: 'kibPerConsumer', label: 'RSS' }], digits: 1 }],
  legend:
    'KiB for each consumer with its share of a transport, from the last sample. Ratio: against the first server.',
};

/**
 * @param {string} spec
 * @param {import('./index.js').Context} context
 */
function runOnce(spec, { options, cores, progress }) {
  const { consumers, producers, pps, seconds } = options;
  const transports = Math.ceil(consumers / producers);
  const few = Math.ceil(transports / 10);
  return withTarget(spec, { cores: cores?.server }, async (bench) => {
    const { target } = bench;
    progress.step(`${spec}: ${few * producers} consumers`);
    const room = await target.call('createRoom');
    /** @type {string[]} */
    const producerIds = [];
    for (let index = 0; index < producers; index++) {
      producerIds.push(await publishPlain(bench, { room, pps, index }));
    }
    await serveUnread(bench, { room, producerIds, count: few });
    await wait(Math.min(SETTLE_MS, seconds * 1000));
    const fewBytes = residentBytes(target.pids);

    progress.step(`${spec}: ${consumers} consumers for ${seconds} s`);
    await serveUnread(bench, { room, producerIds, count: transports - few });
    const samples = [];
    for (let n = 0; n < SAMPLES; n++) {
      await wait((seconds * 1000) / SAMPLES);
      samples.push(residentBytes(target.pids));
    }
    const end = samples[SAMPLES - 1];
    return {
      consumers: transports * producers,
      fewMiB: fewBytes / 2 ** 20,
      allMiB: samples[0] / 2 ** 20,
      endMiB: end / 2 ** 20,
      kibPerConsumer: (end - fewBytes) / 1024 / ((transports - few) * producers),
      samplesMiB: samples.map((bytes) => Math.round(bytes / 2 ** 20)).join(' '),
    };
  });
}
