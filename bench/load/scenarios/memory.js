// @ts-check
/** What one video consumer costs in memory, while media flows to all of them. */
import { residentBytes } from '../measure/cpu.js';
import { summarise } from '../report/summary.js';
import { Target } from '../targets/target.js';
import { MediaSource } from '../traffic/media-source.js';
import { PlainPublisher } from '../traffic/plain-publisher.js';
import { producerParameters } from '../traffic/rtp-parameters.js';
import { UnreadSockets } from '../traffic/unread-sockets.js';
import { wait } from '../traffic/wait.js';
import { videoLayer } from './viewers.js';

const SSRC = 1111;
const SETTLE_MS = 3000;
const SAMPLES = 10;
/** Transports made in one call. */
const PORTION = 50;
const KEY = Buffer.alloc(30, 7).toString('base64');

/** @type {import('./index.js').Scenario} */
export const memory = {
  summary: [
    'resident memory for each video consumer of one worker, while media flows',
    '',
    'The server first forwards to a tenth of the consumers, then to all of them. The difference is what the others cost,',
    'with their share of a transport; sockets that nobody reads take what is sent.',
  ].join('\n'),
  needs: ['plainProducer', 'plainReceivers'],
  options: {
    targets: { type: 'text', default: 'sluss,mediasoup', help: 'servers, comma-separated' },
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
    repeat: { type: 'number', default: 1, min: 1, max: 50, help: 'runs of each server, in turns' },
  },
  steps: ({ repeat }, targets) => repeat * targets.length * 2,
  async run(context) {
    const runs = [];
    for (let round = 0; round < context.options.repeat; round++) {
      for (const spec of context.targets) runs.push(await runOnce(spec, context));
    }
    return runs;
  },
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
async function runOnce(spec, { options, cores, progress }) {
  const { consumers, producers, pps, seconds } = options;
  const transports = Math.ceil(consumers / producers);
  const target = await Target.start(spec, { cores: cores?.server });
  const sockets = await UnreadSockets.open(transports);
  /** @type {PlainPublisher[]} */
  const publishers = [];
  try {
    const few = Math.ceil(transports / 10);
    progress.step(`${spec}: ${few * producers} consumers`);
    const room = await target.call('createRoom');
    /** @type {string[]} */
    const producerIds = [];
    for (let n = 0; n < producers; n++) {
      const ssrc = SSRC + 2 * n;
      const rtpParameters = producerParameters('video', { mid: String(n), ssrcs: [ssrc] });
      const { producerId, port } = await target.call('plainProducer', { room, kind: 'video', rtpParameters });
      producerIds.push(producerId);
      const source = new MediaSource({ ...videoLayer(pps), kind: 'video', mid: String(n), ssrc });
      publishers.push(await PlainPublisher.start(source, port));
    }
    /** @param {number[]} ports */
    const serve = async (ports) => {
      for (let at = 0; at < ports.length; at += PORTION) {
        const receivers = ports.slice(at, at + PORTION).map((to) => ({ port: to, keyBase64: KEY }));
        await target.call('plainReceivers', { room, producerIds, receivers });
      }
    };
    await serve(sockets.ports.slice(0, few));
    await wait(Math.min(SETTLE_MS, seconds * 1000));
    const fewBytes = residentBytes(target.pids);

    progress.step(`${spec}: ${consumers} consumers for ${seconds} s`);
    await serve(sockets.ports.slice(few));
    const samples = [];
    for (let n = 0; n < SAMPLES; n++) {
      await wait((seconds * 1000) / SAMPLES);
      samples.push(residentBytes(target.pids));
    }
    const end = samples[SAMPLES - 1];
    return {
      target: spec,
      version: target.version,
      consumers: transports * producers,
      fewMiB: fewBytes / 2 ** 20,
      allMiB: samples[0] / 2 ** 20,
      endMiB: end / 2 ** 20,
      kibPerConsumer: (end - fewBytes) / 1024 / ((transports - few) * producers),
      samplesMiB: samples.map((bytes) => Math.round(bytes / 2 ** 20)).join(' '),
    };
  } finally {
    for (const publisher of publishers) publisher.stop();
    await sockets.close();
    await target.close();
  }
}
