// @ts-check
/** Hundreds of WebRTC viewers of a few publishers: joining one after another, then a steady state. */
import { distribution } from '../measure/distribution.js';
import { summarise } from '../report/summary.js';
import { SPEECH, videoLayer } from '../traffic/media-shapes.js';
import { settle } from '../traffic/settle.js';
import { wait } from '../traffic/wait.js';
import { COST_APART, COST_PLOT, LOSS, MEMORY, OTHERS, PACKETS, SERVER } from './columns.js';
import { inTurns, measureRoom, turnOptions, withRoom } from './frame.js';

const SAMPLED = 4;

/** @type {import('./index.js').Scenario} */
export const viewers = {
  summary: [
    'WebRTC viewers and publishers in the hundreds (ICE, DTLS, SRTP): join time, CPU for each packet, loss',
    '',
    'Viewers join at a steady rate, each with a socket, a DTLS handshake, and the reports and bandwidth feedback of a',
    'browser. Join time: from asking for a transport to the first authentic packet.',
  ].join('\n'),
  needs: ['webRtcTransport'],
  options: {
    ...turnOptions('sluss,mediasoup', 1),
    viewers: { type: 'number', default: 200, min: 1, max: 2000, help: 'how many watch' },
    publishers: { type: 'number', default: 1, min: 1, max: 100, help: 'how many send video and audio' },
    'video-pps': {
      type: 'number',
      default: 60,
      min: 10,
      max: 5000,
      help: 'packets of 1,142 bytes of each video, per second',
    },
    'join-rate': {
      type: 'number',
      default: 40,
      min: 1,
      max: 1000,
      help: 'viewers that begin to join each second',
    },
    seconds: { type: 'number', default: 5, min: 0.1, max: 600, help: 'length of the steady state' },
  },
  ...inTurns(2, runOnce),
  summarise: (runs) => summarise(runs, 'cpuPerPacket'),
  columns: [
    ...SERVER,
    { key: 'joinP50', title: 'join p50 ms', digits: 0 },
    { key: 'joinP95', title: 'p95', digits: 0 },
    { key: 'failed', title: 'failed' },
    PACKETS,
    ...COST_APART,
    { key: 'core', title: 'core %', digits: 0 },
    LOSS,
    { key: 'delayP99', title: 'delay p99 ms', digits: 2 },
    MEMORY,
    OTHERS,
  ],
  title: (options) =>
    `${options.viewers} WebRTC viewers of ${options.publishers} publisher(s), ${options['video-pps']} packets/s of video`,
  plots: [COST_PLOT, { title: 'Join time, p95, ms', parts: [{ key: 'joinP95', label: 'p95' }], digits: 0 }],
  legend:
    'Medians of the runs. Ratio: CPU against the first server. Loss and delay: between load clients, both ends ours.\n' +
    'Others: what else ran on the machine, in percent of a core.',
};

/**
 * @param {string} spec
 * @param {import('./index.js').Context} context
 */
function runOnce(spec, context) {
  const { options, progress } = context;
  return withRoom(spec, context, async (room) => {
    progress.step(`${spec}: ${options.viewers} viewers join`);
    const producerIds = [];
    for (let n = 0; n < options.publishers; n++) {
      const video = [videoLayer(options['video-pps'])];
      const { producerIds: own } = await room.addPublisher({ audio: SPEECH, video });
      producerIds.push(...Object.values(own));
    }
    const joins = await joinAtRate(room, producerIds, options);
    await settle(options.seconds);

    progress.step(`${spec}: steady state`);
    return { ...joins, ...(await measureRoom(room, options.seconds)) };
  });
}

/**
 * @param {import('../traffic/room.js').LoadRoom} room
 * @param {string[]} producerIds
 * @param {Record<string, any>} options
 */
async function joinAtRate(room, producerIds, options) {
  const begun = [];
  for (let n = 0; n < options.viewers; n++) {
    begun.push(room.addViewer(producerIds, { sampled: n < SAMPLED }));
    begun.at(-1)?.catch(() => {});
    await wait(1000 / options['join-rate']);
  }
  const outcomes = await Promise.allSettled(begun);
  const times = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const total = distribution(times.map((time) => time.total));
  const connect = distribution(times.map((time) => time.connect));
  return {
    failed: outcomes.length - times.length,
    joinP50: total.p50,
    joinP95: total.p95,
    connectP50: connect.p50,
    connectP95: connect.p95,
  };
}
