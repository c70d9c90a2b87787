// @ts-check
/**
 * What every scenario does around its measurement: servers run in turns, each is started in a process of its own, and
 * whatever was opened is closed again, also when something fails.
 */
import { distribution } from '../measure/distribution.js';
import { measureServer } from '../measure/server-work.js';
import { Target } from '../targets/target.js';
import { MediaSource } from '../traffic/media-source.js';
import { UNREAD_KEY, videoLayer } from '../traffic/media-shapes.js';
import { PlainPublisher } from '../traffic/plain-publisher.js';
import { LoadRoom } from '../traffic/room.js';
import { producerParameters } from '../traffic/rtp-parameters.js';
import { UnreadSockets } from '../traffic/unread-sockets.js';

/** @typedef {import('./index.js').Context} Context */
/** @typedef {{ target: string } & Record<string, any>} Run what was measured once */

const FIRST_SSRC = 1111;
/** Transports made in one call: a server that is busy for long looks like one that hangs. */
const PORTION = 50;

/**
 * Options that say which servers and how often.
 * @param {string} targets default
 * @param {number} repeat default
 * @returns {import('../cli/options.js').OptionTable}
 */
export function turnOptions(targets, repeat) {
  return {
    targets: { type: 'text', default: targets, help: 'servers, comma-separated' },
    repeat: { type: 'number', default: repeat, min: 1, max: 50, help: 'runs of each server, in turns' },
  };
}

/**
 * `steps` and `run` of a scenario that measures each server `repeat` times, in turns.
 * @param {number} stepsPerRun
 * @param {(spec: string, context: Context) => Promise<Run | Run[]>} runOnce
 */
export function inTurns(stepsPerRun, runOnce) {
  return {
    /** @type {(options: Record<string, any>, targets: string[]) => number} */
    steps: ({ repeat }, targets) => repeat * targets.length * stepsPerRun,
    /** @param {Context} context */
    async run(context) {
      /** @type {Run[]} */
      const runs = [];
      for (let round = 0; round < context.options.repeat; round++) {
        for (const spec of context.targets) runs.push(...[await runOnce(spec, context)].flat());
      }
      return runs;
    },
  };
}

/**
 * @typedef {object} Bench what runs while a server is measured
 * @property {Target} target
 * @property {<T extends { close(): unknown }>(thing: T) => T} keep closes it before the server, last one first
 */

/**
 * Starts a server, and ends it when the work is done.
 * @param {string} spec
 * @param {{ cores?: string, settings?: object }} options
 * @param {(bench: Bench) => Promise<Record<string, any>>} work
 * @returns {Promise<Run>} with the server's name and version
 */
export async function withTarget(spec, options, work) {
  const target = await Target.start(spec, options);
  /** @type {{ close(): unknown }[]} */
  const kept = [];
  /** @type {Bench['keep']} */
  const keep = (thing) => {
    kept.push(thing);
    return thing;
  };
  try {
    return { target: spec, version: target.version, ...(await work({ target, keep })) };
  } finally {
    for (const thing of kept.reverse()) await thing.close();
    await target.close();
  }
}

/**
 * The same with a room for WebRTC clients.
 * @param {string} spec
 * @param {Context} context
 * @param {(room: LoadRoom, target: Target) => Promise<Record<string, any>>} work
 */
export function withRoom(spec, { cores }, work) {
  return withTarget(spec, { cores: cores?.server }, async ({ target, keep }) =>
    work(keep(await LoadRoom.open(target)), target),
  );
}

/**
 * A stream of plain RTP video into a room of the server, from now on.
 * @param {Bench} bench
 * @param {{ room: number, pps: number, index?: number }} options index tells several of them apart
 * @returns {Promise<string>} id of the producer
 */
export async function publishPlain({ target, keep }, { room, pps, index = 0 }) {
  const ssrc = FIRST_SSRC + 2 * index;
  const mid = String(index);
  const rtpParameters = producerParameters('video', { mid, ssrcs: [ssrc] });
  const { producerId, port } = await target.call('plainProducer', { room, kind: 'video', rtpParameters });
  const source = new MediaSource({ ...videoLayer(pps), kind: 'video', mid, ssrc });
  const publisher = await PlainPublisher.start(source, port);
  keep({ close: () => publisher.stop() });
  return producerId;
}

/**
 * Receivers that nobody reads.
 * @param {Bench} bench
 * @param {{ room: number, producerIds: string[], count: number }} options
 */
export async function serveUnread({ target, keep }, { room, producerIds, count }) {
  const { ports } = keep(await UnreadSockets.open(count));
  for (let at = 0; at < ports.length; at += PORTION) {
    const receivers = ports.slice(at, at + PORTION).map((port) => ({ port, keyBase64: UNREAD_KEY }));
    await target.call('plainReceivers', { room, producerIds, receivers });
  }
}

/**
 * What a room costs its server and gives its clients, from now on for so many seconds.
 * @param {LoadRoom} room
 * @param {number} seconds
 */
export async function measureRoom(room, seconds) {
  room.reset();
  const work = await measureServer(room.target, seconds);
  const { received, lost, notAuthentic, delays } = room.reception();
  const { p50, p95, p99 } = distribution(delays);
  const { drops } = await room.target.call('counters');
  return {
    ...work,
    received,
    notAuthentic,
    lossPercent: (lost / Math.max(1, received + lost)) * 100,
    delayP50: p50,
    delayP95: p95,
    delayP99: p99,
    dropReasons: drops,
  };
}
