// @ts-check
/** People come and go for a long time: does the server's memory stay flat? */
import { residentBytes } from '../measure/cpu.js';
import { summarise } from '../report/summary.js';
import { Target } from '../targets/target.js';
import { LoadRoom } from '../traffic/room.js';
import { wait } from '../traffic/wait.js';
import { videoLayer } from './viewers.js';

const AUDIO = { frameRate: 50, packetsPerFrame: 1, size: 112 };
const VIDEO_PPS = 60;
const SAMPLE_SECONDS = 10;
/** What comes before belongs to the start: compilers, pools, first rings. */
const SETTLED_SHARE = 1 / 3;

/** @type {import('./index.js').Scenario} */
export const soak = {
  summary: [
    'a room in which viewers come and go for a long time: does resident memory stay flat, does media keep flowing?',
    '',
    'Each second some viewers leave and as many join. Growth: the largest sample of the last third against the largest',
    'of the middle third.',
  ].join('\n'),
  needs: ['webRtcTransport'],
  options: {
    targets: { type: 'text', default: 'sluss', help: 'servers, comma-separated; one after another' },
    minutes: { type: 'number', default: 15, min: 0.05, max: 1440, help: 'how long' },
    viewers: { type: 'number', default: 40, min: 1, max: 500, help: 'how many at a time' },
    churn: { type: 'number', default: 2, min: 0, max: 50, help: 'viewers replaced each second' },
  },
  steps: ({ minutes }, targets) => targets.length * Math.ceil((minutes * 60) / SAMPLE_SECONDS),
  async run(context) {
    const runs = [];
    for (const spec of context.targets) runs.push(await runOnce(spec, context));
    return runs;
  },
  summarise: (runs) => summarise(runs),
  columns: [
    { key: 'target', title: 'server' },
    { key: 'minutes', title: 'minutes', digits: 1 },
    { key: 'joins', title: 'joins' },
    { key: 'failed', title: 'failed' },
    { key: 'received', title: 'packets received' },
    { key: 'lossPercent', title: 'loss %', digits: 3 },
    { key: 'startMiB', title: 'RSS MiB at first' },
    { key: 'middleMiB', title: 'middle third' },
    { key: 'endMiB', title: 'last third' },
    { key: 'growthPercent', title: 'growth %', digits: 1 },
  ],
  title: ({ minutes, viewers }) => `Soak: ${minutes} minutes, ${viewers} viewers who come and go`,
  plots: [
    { title: 'Resident memory in the last third, MiB', parts: [{ key: 'endMiB', label: 'RSS' }], digits: 0 },
  ],
  legend: 'RSS: the largest sample of its part.',
};

/**
 * @param {string} spec
 * @param {import('./index.js').Context} context
 */
async function runOnce(spec, { options, cores, progress }) {
  const { minutes, viewers, churn } = options;
  const target = await Target.start(spec, { cores: cores?.server });
  const room = await LoadRoom.open(target);
  try {
    const { producerIds } = await room.addPublisher({ audio: AUDIO, video: [videoLayer(VIDEO_PPS)] });
    const watched = Object.values(producerIds);
    const counts = { joins: 0, failed: 0 };
    const join = () => {
      counts.joins++;
      return room.addViewer(watched).catch(() => void counts.failed++);
    };
    for (let n = 0; n < viewers; n++) await join();

    const samples = [];
    let received = 0;
    let lost = 0;
    const steps = Math.ceil((minutes * 60) / SAMPLE_SECONDS);
    for (let step = 0; step < steps; step++) {
      progress.step(
        `${spec}: ${Math.round(residentBytes(target.pids) / 2 ** 20)} MiB, ${counts.joins} joins`,
      );
      const seconds = Math.min(SAMPLE_SECONDS, minutes * 60 - step * SAMPLE_SECONDS);
      const end = performance.now() + seconds * 1000;
      while (performance.now() < end) {
        const second = Math.min(1000, end - performance.now());
        const [leaving] = await Promise.all([
          replace(room, Math.round((churn * second) / 1000), join),
          wait(second),
        ]);
        received += leaving.received;
        lost += leaving.lost;
      }
      samples.push(residentBytes(target.pids) / 2 ** 20);
    }
    const staying = room.reception();
    received += staying.received;
    lost += staying.lost;
    const third = Math.max(1, Math.floor(samples.length * SETTLED_SHARE));
    const middle = Math.max(...samples.slice(-2 * third, -third), samples[0]);
    const last = Math.max(...samples.slice(-third));
    return {
      target: spec,
      version: target.version,
      minutes,
      ...counts,
      received,
      lossPercent: (lost / Math.max(1, received + lost)) * 100,
      startMiB: samples[0],
      middleMiB: middle,
      endMiB: last,
      growthPercent: (last / middle - 1) * 100,
      samplesMiB: samples.map((mib) => Math.round(mib)).join(' '),
    };
  } finally {
    room.close();
    await target.close();
  }
}

/**
 * The viewers who have been there longest leave.
 * @param {LoadRoom} room
 * @param {number} count
 * @param {() => Promise<unknown>} join
 */
async function replace(room, count, join) {
  const publishers = new Set(room.publishers.map(({ client }) => client));
  const leaving = [...room.clients].filter((client) => !publishers.has(client)).slice(0, count);
  const sum = { received: 0, lost: 0 };
  for (const client of leaving) {
    for (const stream of client.streams.values()) {
      sum.received += stream.received;
      sum.lost += stream.lost;
    }
    await room.remove(client);
  }
  await Promise.all(leaving.map(join));
  return sum;
}
