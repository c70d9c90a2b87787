// @ts-check
/** People come and go for a long time: does memory stay flat, does media keep flowing, as fast as at first? */
import { cpuTimes, residentBytes } from '../measure/cpu.js';
import { distribution } from '../measure/distribution.js';
import { slopePerHour } from '../measure/slope.js';
import { summarise } from '../report/summary.js';
import { SPEECH, videoLayer } from '../traffic/media-shapes.js';
import { wait } from '../traffic/wait.js';
import { withRoom } from './frame.js';

const VIDEO_PPS = 60;
/** Each time: this many samples in all, but none shorter than a second nor longer than ten. */
const SAMPLES = 90;
const LONGEST_SAMPLE = 10;
/** Viewers whose packets are timed; they stay. */
const SAMPLED = 4;
/** What comes before belongs to the start: compilers, pools, first rings. */
const SETTLED_SHARE = 1 / 3;
const OVER = { key: 'minute', label: 'minutes' };

/** @type {import('./index.js').Scenario} */
export const soak = {
  summary: [
    'a room in which viewers come and go for a long time: does memory stay flat, does media keep flowing?',
    '',
    'Each second some viewers leave and as many join; a few stay and time every packet. Growth: the largest sample of the',
    'last third against the largest of the middle third. Slope: a line through the samples of the last two thirds.',
  ].join('\n'),
  needs: ['webRtcTransport'],
  options: {
    targets: { type: 'text', default: 'sluss', help: 'servers, comma-separated; one after another' },
    minutes: { type: 'number', default: 15, min: 0.05, max: 1440, help: 'how long' },
    viewers: { type: 'number', default: 40, min: 1, max: 500, help: 'how many at a time' },
    churn: { type: 'number', default: 2, min: 0, max: 50, help: 'viewers replaced each second' },
  },
  steps: (options, targets) => targets.length * stepsOf(options).length,
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
    { key: 'drops', title: 'drops' },
    { key: 'delayP99', title: 'delay p99 ms', digits: 2 },
    { key: 'startMiB', title: 'RSS MiB at first' },
    { key: 'middleMiB', title: 'middle third' },
    { key: 'endMiB', title: 'last third' },
    { key: 'growthPercent', title: 'growth %', digits: 1 },
    { key: 'slopeMiB', title: 'slope MiB/h', digits: 1 },
  ],
  title: ({ minutes, viewers }) => `Soak: ${minutes} minutes, ${viewers} viewers who come and go`,
  plots: [
    { title: 'Resident memory, MiB', over: OVER, parts: [{ key: 'rssMiB', label: 'RSS' }], digits: 0 },
    {
      title: 'Delay, ms',
      over: OVER,
      parts: [
        { key: 'delayP50', label: 'p50' },
        { key: 'delayP99', label: 'p99' },
      ],
      digits: 2,
    },
    {
      title: 'Packets dropped and lost',
      over: OVER,
      parts: [
        { key: 'drops', label: 'dropped by the server' },
        { key: 'lost', label: 'lost to viewers' },
      ],
      digits: 0,
    },
    { title: 'CPU, % of a core', over: OVER, parts: [{ key: 'core', label: 'CPU' }], digits: 1 },
  ],
  legend:
    'RSS: the largest sample of its part. Drops: what the server says it threw away, whatever the reason; somebody who\n' +
    'leaves still has packets under way. Delay p99: the worst of all samples.',
};

/** @param {Record<string, any>} options @returns {number[]} seconds of each sample */
function stepsOf({ minutes }) {
  const seconds = minutes * 60;
  const length = Math.min(LONGEST_SAMPLE, Math.max(1, seconds / SAMPLES));
  const count = Math.max(1, Math.round(seconds / length));
  return Array.from({ length: count }, () => seconds / count);
}

/**
 * @param {string} spec
 * @param {import('./index.js').Context} context
 */
function runOnce(spec, context) {
  const { options, progress } = context;
  const { minutes, viewers, churn } = options;
  return withRoom(spec, context, async (room, target) => {
    const { producerIds } = await room.addPublisher({ audio: SPEECH, video: [videoLayer(VIDEO_PPS)] });
    const people = new Churn(room, Object.values(producerIds));
    for (let n = 0; n < viewers; n++) await people.join(n < SAMPLED);

    /** @type {Record<string, number>[]} */
    const samples = [];
    const meter = await Meter.start(target, room, people);
    for (const seconds of stepsOf(options)) {
      const [mib] = samples.slice(-1).map(({ rssMiB }) => `${Math.round(rssMiB)} MiB, `);
      progress.step(`${spec}: ${mib ?? ''}${people.joins} joins`);
      await people.replaceFor(seconds, churn);
      samples.push(await meter.sample());
    }
    return {
      minutes,
      joins: people.joins,
      failed: people.failed,
      ...meter.totals,
      ...memoryOf(samples),
      samples,
    };
  });
}

/** Viewers who leave, and others who come in their place. */
class Churn {
  joins = 0;
  failed = 0;
  /** Of those who have left. */
  gone = { received: 0, lost: 0 };
  /** Those who time packets stay. @type {Set<unknown>} */
  #staying = new Set();

  /**
   * @param {import('../traffic/room.js').LoadRoom} room
   * @param {string[]} watched
   */
  constructor(room, watched) {
    this.room = room;
    this.watched = watched;
    for (const { client } of room.publishers) this.#staying.add(client);
  }

  async join(staying = false) {
    this.joins++;
    try {
      const { client } = await this.room.addViewer(this.watched, { sampled: staying });
      if (staying) this.#staying.add(client);
    } catch {
      this.failed++;
    }
  }

  /**
   * @param {number} seconds
   * @param {number} perSecond
   */
  async replaceFor(seconds, perSecond) {
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      const ms = Math.min(1000, end - performance.now());
      await Promise.all([this.#replace(Math.round((perSecond * ms) / 1000)), wait(ms)]);
    }
  }

  /** Those who have been there longest leave. @param {number} count */
  async #replace(count) {
    const leaving = [...this.room.clients].filter((client) => !this.#staying.has(client)).slice(0, count);
    for (const client of leaving) {
      for (const stream of client.streams.values()) {
        this.gone.received += stream.received;
        this.gone.lost += stream.lost;
      }
      await this.room.remove(client);
    }
    await Promise.all(leaving.map(() => this.join()));
  }
}

/** What one stretch of time after another shows. */
class Meter {
  /**
   * @param {import('../targets/target.js').Target} target
   * @param {import('../traffic/room.js').LoadRoom} room
   * @param {Churn} people
   */
  static async start(target, room, people) {
    const meter = new Meter(target, room, people);
    await meter.sample();
    meter.totals.delayP99 = 0;
    meter.start = performance.now();
    return meter;
  }

  totals = { received: 0, lossPercent: 0, drops: 0, delayP99: 0 };
  start = 0;
  #before = { lost: 0, drops: 0, cpu: 0, at: 0 };

  /**
   * @param {import('../targets/target.js').Target} target
   * @param {import('../traffic/room.js').LoadRoom} room
   * @param {Churn} people
   */
  constructor(target, room, people) {
    this.target = target;
    this.room = room;
    this.people = people;
  }

  async sample() {
    const { room, people, target, totals } = this;
    const there = room.reception();
    const delay = distribution(there.delays);
    for (const client of room.clients) client.delays = [];
    const received = people.gone.received + there.received;
    const lost = people.gone.lost + there.lost;
    const { drops: reasons } = await target.call('counters');
    const drops = sum(Object.values(reasons));
    const { user, system } = cpuTimes(target.pids);
    const now = { lost, drops, cpu: user + system, at: performance.now() };
    const before = this.#before;
    this.#before = now;
    totals.received = received;
    totals.lossPercent = (lost / Math.max(1, received + lost)) * 100;
    // Those who have left take their counters with them.
    const dropped = Math.max(0, drops - before.drops);
    totals.drops += dropped;
    totals.delayP99 = Math.max(totals.delayP99, delay.p99);
    return {
      minute: (now.at - this.start) / 60_000,
      rssMiB: residentBytes(target.pids) / 2 ** 20,
      delayP50: delay.p50,
      delayP99: delay.p99,
      drops: dropped,
      lost: Math.max(0, lost - before.lost),
      core: ((now.cpu - before.cpu) / 1000 / (now.at - before.at)) * 100,
    };
  }
}

/** @param {Record<string, number>[]} samples */
function memoryOf(samples) {
  const rss = samples.map(({ rssMiB }) => rssMiB);
  const third = Math.max(1, Math.floor(rss.length * SETTLED_SHARE));
  const middleMiB = Math.max(...rss.slice(-2 * third, -third), rss[0]);
  const endMiB = Math.max(...rss.slice(-third));
  const slopeMiB = slopePerHour(samples.slice(third).map(({ minute, rssMiB }) => [minute / 60, rssMiB]));
  return { startMiB: rss[0], middleMiB, endMiB, growthPercent: (endMiB / middleMiB - 1) * 100, slopeMiB };
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
