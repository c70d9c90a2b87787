// @ts-check
/** A meeting: everybody sends sound and simulcast, everybody watches everybody, and they speak in turns. */
import { distribution } from '../measure/distribution.js';
import { measureServer } from '../measure/server-work.js';
import { summarise } from '../report/summary.js';
import { Target } from '../targets/target.js';
import { LoadRoom } from '../traffic/room.js';
import { wait } from '../traffic/wait.js';

/** Sound packets per second of a speaker, and of somebody silent (Opus with DTX). */
const SPEECH_PPS = 50;
const SILENCE_PPS = 2.5;
const AUDIO = { frameRate: SPEECH_PPS, packetsPerFrame: 1, size: 112 };
/** About 100, 400 and 1,100 kbit/s. */
const SIMULCAST = [
  { frameRate: 15, packetsPerFrame: 1, size: 900, temporalLayers: true },
  { frameRate: 15, packetsPerFrame: 3, size: 1142, temporalLayers: true },
  { frameRate: 30, packetsPerFrame: 4, size: 1142, temporalLayers: true },
];
const TOP_LAYER = SIMULCAST.length - 1;
const SETTLE_MS = 2000;

/** @type {import('./index.js').Scenario} */
export const meeting = {
  summary: [
    'N people with simulcast in three layers and sound, who speak in turns: CPU for each packet and person, loss, delay',
    '',
    'The speaker is shown large (top layer), the others small (lowest layer). Who is silent sends a few sound packets a',
    'second, as Opus with DTX does.',
  ].join('\n'),
  needs: ['webRtcTransport'],
  options: {
    targets: { type: 'text', default: 'sluss,mediasoup', help: 'servers, comma-separated' },
    people: { type: 'number', default: 16, min: 2, max: 100, help: 'how many' },
    turn: { type: 'number', default: 2, min: 0.5, max: 60, help: 'seconds until somebody else speaks' },
    seconds: { type: 'number', default: 8, min: 0.1, max: 600, help: 'length of the measurement' },
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
  summarise: (runs) => summarise(runs, 'core'),
  columns: [
    { key: 'target', title: 'server' },
    { key: 'runs', title: 'runs' },
    { key: 'people', title: 'people' },
    { key: 'pps', title: 'packets/s' },
    { key: 'core', title: 'core %', digits: 1 },
    { key: 'ratio', title: 'ratio', digits: 2 },
    { key: 'cpuPerPacket', title: 'CPU us/packet', digits: 2 },
    { key: 'lossPercent', title: 'loss %', digits: 2 },
    { key: 'delayP50', title: 'delay p50 ms', digits: 2 },
    { key: 'delayP99', title: 'p99', digits: 2 },
    { key: 'rssMiB', title: 'RSS MiB' },
    { key: 'others', title: 'others %', digits: 0 },
  ],
  title: ({ people }) => `A meeting of ${people} people with simulcast`,
  plots: [
    { title: 'CPU of the whole meeting, % of a core', parts: [{ key: 'core', label: 'CPU' }], digits: 1 },
  ],
  legend:
    'Medians of the runs. Ratio: CPU of the whole meeting against the first server. Others: what else ran on\n' +
    'the machine, in percent of a core.',
};

/**
 * @param {string} spec
 * @param {import('./index.js').Context} context
 */
async function runOnce(spec, { options, cores, progress }) {
  const target = await Target.start(spec, { cores: cores?.server });
  const room = await LoadRoom.open(target);
  /** @type {NodeJS.Timeout | undefined} */
  let turns;
  try {
    progress.step(`${spec}: ${options.people} people come`);
    for (let n = 0; n < options.people; n++) {
      const publisher = await room.addPublisher({ audio: AUDIO, video: SIMULCAST });
      publisher.client.sampled = true;
      silence(publisher);
    }
    for (const publisher of room.publishers) {
      const others = room.publishers.filter((other) => other !== publisher);
      await room.watch(
        publisher,
        others.flatMap(({ producerIds }) => Object.values(producerIds)),
      );
    }
    let turn = 0;
    const next = () => giveTheFloor(room, turn++);
    await next();
    turns = setInterval(() => next().catch(() => {}), options.turn * 1000);
    await wait(Math.min(SETTLE_MS, options.seconds * 1000));

    progress.step(`${spec}: they speak in turns`);
    room.reset();
    const work = await measureServer(target, options.seconds);
    const { received, lost, notAuthentic, delays } = room.reception();
    const delay = distribution(delays);
    const { drops } = await target.call('counters');
    return {
      target: spec,
      version: target.version,
      people: options.people,
      ...work,
      received,
      lossPercent: (lost / Math.max(1, received + lost)) * 100,
      notAuthentic,
      delayP50: delay.p50,
      delayP95: delay.p95,
      delayP99: delay.p99,
      dropReasons: drops,
    };
  } finally {
    clearInterval(turns);
    room.close();
    await target.close();
  }
}

/**
 * @param {LoadRoom} room
 * @param {number} turn
 */
async function giveTheFloor(room, turn) {
  const { publishers, target } = room;
  const speaker = publishers[turn % publishers.length];
  const before = publishers[(turn + publishers.length - 1) % publishers.length];
  silence(before);
  speaker.paces[0].changeRate(SPEECH_PPS);
  await target.call('preferLayers', {
    layers: { [before.producerIds.video]: 0, [speaker.producerIds.video]: TOP_LAYER },
  });
}

/** @param {import('../traffic/room.js').Publisher} publisher */
function silence({ paces }) {
  paces[0].changeRate(SILENCE_PPS);
}
