// @ts-check
/** Everybody joins at once, as at the start of a lesson: how long until they have media, and what a join costs. */
import { cpuBetween, cpuTimes } from '../measure/cpu.js';
import { distribution } from '../measure/distribution.js';
import { summarise } from '../report/summary.js';
import { Target } from '../targets/target.js';
import { SPEECH, videoLayer } from '../traffic/media-shapes.js';
import { LoadRoom } from '../traffic/room.js';
import { wait } from '../traffic/wait.js';
import { inTurns, turnOptions } from './frame.js';

const VIDEO_PPS = 30;

/** @type {import('./index.js').Scenario} */
export const joinStorm = {
  summary: [
    'N viewers join at the same moment: join time p50 and p95, DTLS handshakes for each second of CPU',
    '',
    'Join time: from asking for a transport to the first authentic packet. The CPU is that of the whole storm: API',
    'calls, ICE, DTLS and the media that flows meanwhile.',
  ].join('\n'),
  needs: ['webRtcTransport'],
  options: {
    ...turnOptions('sluss,mediasoup', 3),
    viewers: { type: 'number', default: 200, min: 1, max: 2000, help: 'how many join' },
    before: {
      type: 'number',
      default: 1,
      min: 1,
      max: 2000,
      help: 'viewers who join and leave before: a fresh process still compiles',
    },
    media: { type: 'choice', default: 'audio', choices: ['audio', 'video'], help: 'what is watched' },
  },
  ...inTurns(1, runOnce),
  summarise: (runs) => summarise(runs, 'cpuPerJoinMs'),
  columns: [
    { key: 'target', title: 'server' },
    { key: 'runs', title: 'runs' },
    { key: 'joinP50', title: 'join p50 ms', digits: 0 },
    { key: 'joinP95', title: 'p95', digits: 0 },
    { key: 'joinMax', title: 'max', digits: 0 },
    { key: 'connectP95', title: 'DTLS done p95', digits: 0 },
    { key: 'failed', title: 'failed' },
    { key: 'cpuPerJoinMs', title: 'CPU ms/join', digits: 2 },
    { key: 'ratio', title: 'ratio', digits: 2 },
    { key: 'handshakesPerCpuSecond', title: 'handshakes/CPU s', digits: 0 },
    { key: 'clientCore', title: 'client core %', digits: 0 },
  ],
  title: ({ viewers, media, before }) =>
    `Join storm: ${viewers} viewers of ${media} at once${before > 1 ? `, after ${before} others` : ''}`,
  plots: [
    { title: 'Join time, p95, ms', parts: [{ key: 'joinP95', label: 'p95' }], digits: 0 },
    { title: 'CPU for each join, ms', parts: [{ key: 'cpuPerJoinMs', label: 'CPU' }], digits: 2 },
  ],
  legend:
    'Medians of the runs. Ratio: CPU against the first server. The clients run in one process: near 100% of their core it is\n' +
    'they who set the pace.',
};

/**
 * @param {string} spec
 * @param {import('./index.js').Context} context
 */
async function runOnce(spec, { options, cores, progress }) {
  progress.step(`${spec}: ${options.viewers} viewers at once`);
  const target = await Target.start(spec, { cores: cores?.server });
  const room = await LoadRoom.open(target);
  try {
    const media = options.media === 'audio' ? { audio: SPEECH } : { video: [videoLayer(VIDEO_PPS)] };
    const { producerIds } = await room.addPublisher(media);
    // Nobody's first handshake in a fresh process is measured.
    await Promise.all(
      Array.from({ length: options.before }, async () => {
        const { client } = await room.addViewer(Object.values(producerIds));
        await room.remove(client);
      }),
    );
    await wait(500);

    const cpu = cpuTimes(target.pids);
    const ours = process.cpuUsage();
    const start = performance.now();
    const joins = Array.from({ length: options.viewers }, () => room.addViewer(Object.values(producerIds)));
    const outcomes = await Promise.allSettled(joins);
    const elapsed = performance.now() - start;
    const { user, system } = cpuBetween(cpu, cpuTimes(target.pids));
    const own = process.cpuUsage(ours);
    const times = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const total = distribution(times.map((time) => time.total));
    const connect = distribution(times.map((time) => time.connect));
    return {
      target: spec,
      version: target.version,
      joinP50: total.p50,
      joinP95: total.p95,
      joinMax: total.max,
      connectP50: connect.p50,
      connectP95: connect.p95,
      failed: outcomes.length - times.length,
      elapsedMs: elapsed,
      cpuPerJoinMs: (user + system) / 1000 / times.length,
      userPerJoinMs: user / 1000 / times.length,
      handshakesPerCpuSecond: times.length / ((user + system) / 1e6),
      clientCore: ((own.user + own.system) / 1000 / elapsed) * 100,
    };
  } finally {
    room.close();
    await target.close();
  }
}
