// @ts-check
/** A meeting: everybody sends sound and simulcast, everybody watches everybody, and they speak in turns. */
import { summarise } from '../report/summary.js';
import { SILENCE_PPS, SIMULCAST, SPEECH, SPEECH_PPS } from '../traffic/media-shapes.js';
import { settle } from '../traffic/settle.js';
import { CPU, LOSS, MEMORY, OTHERS, PACKETS, RATIO, SERVER } from './columns.js';
import { inTurns, measureRoom, turnOptions, withRoom } from './frame.js';

const TOP_LAYER = SIMULCAST.length - 1;

/** @typedef {import('../traffic/room.js').LoadRoom} LoadRoom */

/** @type {import('./index.js').Scenario} */
export const meeting = {
  summary: [
    'N people with simulcast in three layers and sound, who speak in turns: CPU for each packet and person, loss, delay',
    '',
    'The speaker is shown large (top layer), the others small (lowest layer). Who is silent sends a few sound packets a',
    'second, as Opus with DTX does.',
  ].join('\n'),
  needs: ['webRtcTransport', 'preferLayers'],
  options: {
    ...turnOptions('sluss,mediasoup', 1),
    people: { type: 'number', default: 16, min: 2, max: 100, help: 'how many' },
    turn: { type: 'number', default: 2, min: 0.5, max: 60, help: 'seconds until somebody else speaks' },
    seconds: { type: 'number', default: 8, min: 0.1, max: 600, help: 'length of the measurement' },
  },
  ...inTurns(2, runOnce),
  summarise: (runs) => summarise(runs, 'core'),
  columns: [
    ...SERVER,
    { key: 'people', title: 'people' },
    PACKETS,
    { key: 'core', title: 'core %', digits: 1 },
    RATIO,
    CPU,
    LOSS,
    { key: 'delayP50', title: 'delay p50 ms', digits: 2 },
    { key: 'delayP99', title: 'p99', digits: 2 },
    MEMORY,
    OTHERS,
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
function runOnce(spec, context) {
  const { options, progress } = context;
  return withRoom(spec, context, async (room) => {
    progress.step(`${spec}: ${options.people} people come`);
    await everybodyComes(room, options.people);
    const turns = takeTurns(room, options.turn * 1000);
    try {
      await turns.first;
      await settle(options.seconds);

      progress.step(`${spec}: they speak in turns`);
      return { people: options.people, ...(await measureRoom(room, options.seconds)) };
    } finally {
      clearInterval(turns.timer);
    }
  });
}

/**
 * All of them send and watch all others; nobody speaks.
 * @param {LoadRoom} room
 * @param {number} people
 */
async function everybodyComes(room, people) {
  for (let n = 0; n < people; n++) {
    const publisher = await room.addPublisher({ audio: SPEECH, video: SIMULCAST });
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
}

/**
 * @param {LoadRoom} room
 * @param {number} ms until somebody else speaks
 */
function takeTurns(room, ms) {
  let turn = 0;
  const next = () => giveTheFloor(room, turn++);
  // A turn that fails shows in what is measured.
  return { first: next(), timer: setInterval(() => next().catch(() => {}), ms) };
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
