// @ts-check
/**
 * Does the forwarding loop allocate? The loop as a worker runs it, without sockets: `node bench/router/allocations.js`.
 * Prints the bytes for each forwarded packet and the functions that allocate them. What is once a second (reports, scores)
 * is in it; packets that come in, and the feedback of receivers, are made without allocating.
 */
import { publish } from '../load/report/publish.js';
import { summarise } from '../load/report/summary.js';
import { availability } from '../load/targets/sluss.js';
import { allocationColumns, describeAllocations, printAllocations } from '../support/allocation-report.js';
import { measureAllocations } from '../support/allocations.js';
import { microOptions } from '../support/micro-bench.js';
import { audioRoom, videoRoom } from './rooms.js';

/** Packets that are forwarded for each second of `--seconds`. */
const PACKETS_PER_SECOND = 200_000;

const { args, options, command } = microOptions();

/** @type {Record<string, () => (() => number)>} */
const CASES = {
  'video, 10 receivers, AES_CM': () => videoRoom({ receivers: 10, srtp: true }),
  'video, 100 receivers, plain': () => videoRoom({ receivers: 100, srtp: false }),
  'video, 100 receivers, AES_CM': () => videoRoom({ receivers: 100, srtp: true }),
  'video, 100 receivers, AES_CM, estimated and paced': () =>
    videoRoom({ receivers: 100, srtp: true, reports: true }),
  'sound, 100 people, 3 speak': () => audioRoom({ people: 100, speaking: 3, silence: 'dtx' }),
};

const runs = [];
for (const [name, create] of Object.entries(CASES)) {
  if (!name.includes(options.only)) continue;
  runs.push(await measure(name, create()));
}
publish(
  {
    scenario: command,
    title: 'Allocations of the forwarding loop',
    command,
    args,
    options: { only: options.only },
    ...allocationColumns,
    plots: [],
    runs,
    summarise: (all) =>
      summarise(all).map((row) => ({
        ...row,
        most: all.findLast((run) => run.target === row.target)?.most,
      })),
  },
  options,
  () => '',
);

/**
 * @param {string} name
 * @param {() => number} turn
 */
async function measure(name, turn) {
  const wanted = Math.round(options.seconds * PACKETS_PER_SECOND);
  let packets = 0;
  const work = () => {
    for (packets = 0; packets < wanted;) packets += turn();
  };
  // The first time: functions are compiled, rings grow.
  work();
  const start = performance.now();
  work();
  const elapsedMs = performance.now() - start;
  const run = describeAllocations(name, packets, elapsedMs, await measureAllocations(work));
  if (!options.json) printAllocations(run);
  return { ...run, version: availability().version };
}
