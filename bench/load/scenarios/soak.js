// @ts-check
/** People come and go for a long time: does memory stay flat, does media keep flowing, as fast as at first? */
import { cpuBetween, cpuTimes, residentBytes } from '../measure/cpu.js';
import { distribution } from '../measure/distribution.js';
import { steadiness, verdict } from '../measure/steadiness.js';
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
const OVER = { key: 'minute', label: 'minutes' };

/** @type {import('./index.js').Scenario} */
export const soak = {
  summary: [
    'a room in which viewers come and go for a long time: does memory stay flat, does media keep flowing?',
    '',
    'Each second some viewers leave and as many join; a few stay and time every packet. Growth: the largest sample of the',
    'last third against the largest of the middle third. Slopes: a line through the samples of the last two thirds. The',
    'verdict names what did not hold still.',
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
  summarise: (runs) => summarise(runs).map((row) => ({ ...row, verdict: verdict(row) })),
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
    { key: 'slopeDelay', title: 'delay ms/h', digits: 2 },
    { key: 'slopeCore', title: 'CPU %/h', digits: 1 },
    { key: 'core', title: 'core %', digits: 0 },
    { key: 'trafficCore', title: 'traffic core %', digits: 0 },
    { key: 'verdict', title: 'verdict' },
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
    'leaves still has packets under way. Delay p99: the worst of all samples. Its slope is that of the\n' +
    'median. Core: of the server, and of the load clients beside it.',
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

    /** @type {import('../measure/steadiness.js').Sample[]} */
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
      ...steadiness(samples),
      ...meter.cores(),
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
    meter.begun = { server: cpuTimes(target.pids), traffic: process.cpuUsage() };
    return meter;
  }

  totals = { received: 0, lossPercent: 0, drops: 0, delayP99: 0 };
  start = 0;
  /** CPU times at the start. */
  begun = { server: { user: 0, system: 0 }, traffic: { user: 0, system: 0 } };
  #before = { received: 0, lost: 0, drops: 0, cpu: 0, at: 0 };

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
    const now = { received, lost, drops, cpu: user + system, at: performance.now() };
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
      received: received - before.received,
      drops: dropped,
      lost: Math.max(0, lost - before.lost),
      core: ((now.cpu - before.cpu) / 1000 / (now.at - before.at)) * 100,
    };
  }

  /** Since the start, in percent of a core. */
  cores() {
    const elapsed = performance.now() - this.start;
    /** @param {{ user: number, system: number }} cpu */
    const percent = ({ user, system }) => ((user + system) / 1000 / elapsed) * 100;
    return {
      core: percent(cpuBetween(this.begun.server, cpuTimes(this.target.pids))),
      trafficCore: percent(process.cpuUsage(this.begun.traffic)),
    };
  }
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
