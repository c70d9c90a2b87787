// @ts-check
/** One plain RTP stream to N SRTP receivers: what forwarding one packet costs, without ICE, DTLS and browsers. */
import { distribution } from '../measure/distribution.js';
import { measureServer } from '../measure/server-work.js';
import { udpCounters } from '../measure/udp-counters.js';
import { summarise } from '../report/summary.js';
import { Target } from '../targets/target.js';
import { UNREAD_KEY } from '../traffic/media-shapes.js';
import { MediaSource } from '../traffic/media-source.js';
import { PlainPublisher } from '../traffic/plain-publisher.js';
import { producerParameters } from '../traffic/rtp-parameters.js';
import { SampledReceiver } from '../traffic/sampled-receiver.js';
import { UnreadSockets } from '../traffic/unread-sockets.js';
import { settle } from '../traffic/settle.js';
import { wait } from '../traffic/wait.js';
import { COST_APART, COST_PLOT, LOSS, MEMORY, OTHERS, PACKETS, SERVER } from './columns.js';
import { inTurns, turnOptions } from './frame.js';

const SSRC = 1111;
/** Receivers that are read, spread evenly from the first that is served to the last. */
const SAMPLED = 4;
const VIDEO_FRAME_RATE = 30;
/** After a change of the rate. */
const SETTLE_MS = 1000;

/** @type {import('./index.js').Scenario} */
export const fanOut = {
  summary: [
    'one plain RTP stream to N SRTP receivers: CPU for each forwarded packet, added latency, loss',
    '',
    'AES_CM_128_HMAC_SHA1_80 on PlainTransports, with NACK, RTX and header extensions negotiated. A few receivers are',
    'read: every packet of theirs is authenticated, decrypted and timed, at the full rate first, then at half of it.',
    'The others are sockets that nobody reads.',
  ].join('\n'),
  needs: ['plainProducer', 'plainReceivers'],
  options: {
    ...turnOptions('sluss,mediasoup,sendto', 3),
    kind: { type: 'choice', default: 'video', choices: ['video', 'audio'], help: 'VP8 or Opus' },
    receivers: { type: 'number', default: 200, min: 1, max: 2000, help: 'how many' },
    pps: { type: 'number', default: 600, min: 1, max: 20_000, help: 'packets per second of the stream' },
    size: { type: 'number', default: 1142, min: 64, max: 1400, help: 'bytes of each RTP packet' },
    seconds: { type: 'number', default: 5, min: 0.1, max: 600, help: 'length of each measurement' },
  },
  ...inTurns(2, runOnce),
  summarise: (runs) => summarise(runs, 'cpuPerPacket'),
  columns: [
    ...SERVER,
    PACKETS,
    ...COST_APART,
    { key: 'core', title: 'core %', digits: 0 },
    LOSS,
    { key: 'delayP50', title: 'delay p50 ms', digits: 2 },
    { key: 'delayP95', title: 'p95', digits: 2 },
    { key: 'delayP99', title: 'p99', digits: 2 },
    { key: 'drops', title: 'drops' },
    MEMORY,
    OTHERS,
  ],
  title: ({ kind, receivers, pps, size }) =>
    `Fan-out of ${kind}: ${size} bytes, ${pps} packets/s to ${receivers} SRTP receivers`,
  plots: [
    COST_PLOT,
    {
      title: 'Added latency at half the rate, p99, ms',
      parts: [{ key: 'delayP99', label: 'p99' }],
      digits: 2,
    },
  ],
  legend:
    'Medians of the runs. Ratio: CPU against the first server. Delay: from the sender to the sampled receivers at\n' +
    'half the rate. Loss: of the sampled receivers at the full rate. Others: what else ran on the machine,\n' +
    'in percent of a core.',
};

/**
 * @param {string} spec
 * @param {import('./index.js').Context} context
 */
async function runOnce(spec, { options, cores, progress }) {
  const { kind, pps, seconds } = options;
  progress.step(`${spec}: ${kind}, ${pps} packets/s to ${options.receivers}`);
  const bench = await setUp(spec, options, cores?.server);
  const { target, publisher, sampled } = bench;
  try {
    publisher.changeRate(pps);
    await settle(seconds);
    const full = await measure(bench, seconds);
    if (Math.abs(full.kernelPps / full.pps - 1) > 0.03) {
      progress.note(
        `${spec} counted ${Math.round(full.pps)} packets/s, the kernel ${Math.round(full.kernelPps)}: ` +
          'something else on this machine uses UDP, or the server reports wrongly.',
      );
    }

    progress.step(`${spec}: delay at half the rate`);
    publisher.changeRate(pps / 2);
    await wait(Math.min(SETTLE_MS, seconds * 1000));
    for (const receiver of sampled) receiver.reset();
    await wait(seconds * 1000);
    const delay = distribution(sampled.flatMap(({ delays }) => delays));
    const { drops } = await target.call('counters');
    return {
      target: spec,
      version: target.version,
      ...full,
      delayP50: delay.p50,
      delayP95: delay.p95,
      delayP99: delay.p99,
      delayMax: delay.max,
      drops: sum(Object.values(drops)),
      dropReasons: drops,
    };
  } finally {
    await bench.close();
  }
}

/**
 * @param {Awaited<ReturnType<typeof setUp>>} bench
 * @param {number} seconds
 */
async function measure({ target, publisher, sampled }, seconds) {
  for (const receiver of sampled) receiver.reset();
  const sentByUs = publisher.datagrams;
  const udp = udpCounters();
  const start = performance.now();
  const work = await measureServer(target, seconds);
  // The kernel's count shows whether the server's own is true.
  const kernelPackets = udpCounters().sent - udp.sent - (publisher.datagrams - sentByUs) - work.relayed;
  const kernelPps = kernelPackets / ((performance.now() - start) / 1000);
  const received = sum(sampled.map((receiver) => receiver.received));
  const lost = sum(sampled.map((receiver) => receiver.lost));
  return {
    ...work,
    kernelPps,
    lossPercent: received + lost === 0 ? 100 : (lost / (received + lost)) * 100,
    sampledPackets: received,
    notAuthentic: sum(sampled.map((receiver) => receiver.notAuthentic)),
  };
}

/**
 * @param {string} spec
 * @param {Record<string, any>} options
 * @param {string | undefined} cores
 */
async function setUp(spec, { kind, receivers, pps, size }, cores) {
  const target = await Target.start(spec, { cores });
  const sampled = await openAll(Math.min(SAMPLED, receivers), () => SampledReceiver.open());
  const unread = await UnreadSockets.open(receivers - sampled.length);
  /** @type {PlainPublisher | undefined} */
  let publisher;
  const close = async () => {
    publisher?.stop();
    for (const receiver of sampled) receiver.close();
    await unread.close();
    await target.close();
  };
  try {
    const room = await target.call('createRoom');
    const rtpParameters = producerParameters(kind, { mid: '0', ssrcs: [SSRC] });
    const producer = await target.call('plainProducer', { room, kind, rtpParameters });
    const all = spread(sampled, unread.ports);
    const served = await target.call('plainReceivers', {
      room,
      producerId: producer.producerId,
      receivers: all,
    });
    if (served.pids) target.pids = served.pids;
    for (const receiver of sampled)
      receiver.expect(served.keys[all.findIndex(({ port }) => port === receiver.port)]);

    const frameRate = kind === 'video' ? Math.min(VIDEO_FRAME_RATE, pps) : pps;
    const packetsPerFrame = Math.max(1, Math.round(pps / frameRate));
    const source = new MediaSource({ kind, ssrc: SSRC, mid: '0', size, packetsPerFrame, frameRate });
    publisher = await PlainPublisher.start(source, served.port ?? producer.port);
  } catch (error) {
    await close();
    throw error;
  }
  return { target, publisher, sampled, close };
}

/**
 * @param {SampledReceiver[]} sampled
 * @param {number[]} unreadPorts
 */
function spread(sampled, unreadPorts) {
  const all = unreadPorts.map((port) => ({ port, keyBase64: UNREAD_KEY }));
  const last = all.length + sampled.length - 1;
  sampled.forEach((receiver, n) => {
    const place = sampled.length === 1 ? 0 : Math.round((last * n) / (sampled.length - 1));
    all.splice(place, 0, { port: receiver.port, keyBase64: receiver.ownKey });
  });
  return all;
}

/**
 * @template T
 * @param {number} count
 * @param {() => Promise<T>} open
 * @returns {Promise<T[]>}
 */
function openAll(count, open) {
  return Promise.all(Array.from({ length: count }, open));
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
