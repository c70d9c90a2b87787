// @ts-check
/**
 * One hot path at a time: named cases, each a turn of work that is repeated for a while; nanoseconds per packet.
 * Cases run one after another in one process, so their figures can be compared with each other.
 */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeOptions, readOptions, UsageError } from '../load/cli/options.js';
import { asTable, publish, PUBLISH_OPTIONS } from '../load/report/publish.js';
import { summarise } from '../load/report/summary.js';
import { availability } from '../load/targets/sluss.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Between two looks at the clock, about. */
const PACKETS_PER_LOOK = 200;

/** @type {import('../load/cli/options.js').OptionTable} */
const OPTIONS = {
  seconds: {
    type: 'number',
    default: 0.5,
    min: 0.001,
    max: 60,
    help: 'length of each case, after as long a warm-up',
  },
  only: { type: 'text', default: '', help: 'cases with this text in their name' },
  ...PUBLISH_OPTIONS,
  help: { type: 'flag', help: 'this text' },
};

/**
 * @typedef {object} MicroBench
 * @property {string} title
 * @property {string} [unit] what a nanosecond figure is for; default: packet
 * @property {Record<string, () => (() => number)>} cases by name: makes a turn, which returns how many packets it was
 */

/**
 * Measures and prints every case; ends the process when the options make no sense.
 * @param {MicroBench} bench
 */
export function microBench({ title, unit = 'packet', cases }) {
  const { args, options, command } = microOptions();
  const names = Object.keys(cases).filter((name) => name.includes(options.only));
  const { version } = availability();
  const width = Math.max(...names.map((name) => name.length));
  const runs = names.map((name) => {
    const ns = nanosecondsPerPacket(cases[name](), options.seconds);
    if (!options.json) console.log(`${name.padEnd(width)} ${format(ns).padStart(8)} ns per ${unit}`);
    return { target: name, version, ns };
  });
  publish(
    {
      scenario: command,
      title,
      command,
      args,
      options: { only: options.only },
      columns: [
        { key: 'target', title: 'what' },
        { key: 'ns', title: `ns per ${unit}`, digits: 1 },
      ],
      legend: `Nanoseconds per ${unit} on one core, after a warm-up.`,
      plots: [],
      runs,
      summarise,
    },
    options,
    () => '',
  );
}

/**
 * Keeps and shows what a benchmark with a table of its own has measured.
 * @param {ReturnType<typeof microOptions>} how
 * @param {Pick<import('../load/report/publish.js').Draft, 'title' | 'columns' | 'legend' | 'runs'> & { plots?: import('../load/report/results.js').Plot[] }} table
 */
export function publishTable({ args, options, command }, { plots = [], ...table }) {
  publish(
    { scenario: command, command, args, options: { only: options.only }, ...table, plots, summarise },
    options,
    (result) => (options.save ? asTable(result) : ''),
  );
}

/** For benchmarks of this kind with a table of their own. */
export function microOptions() {
  try {
    const args = process.argv.slice(2);
    const options = readOptions(args, OPTIONS);
    if (options.help) {
      console.log(describeOptions(OPTIONS));
      process.exit(0);
    }
    return { args, options, command: `node ${relative(ROOT, process.argv[1])}` };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/**
 * Runs `turn` for about the given time, after as long a warm-up.
 * @param {() => number} turn does some work and says how many packets that was
 * @param {number} seconds
 */
export function nanosecondsPerPacket(turn, seconds) {
  run(turn, seconds);
  const { packets, elapsed } = run(turn, seconds);
  return (elapsed * 1e6) / packets;
}

/**
 * @param {() => number} turn
 * @param {number} seconds
 */
function run(turn, seconds) {
  const start = performance.now();
  const end = start + seconds * 1000;
  let packets = 0;
  do {
    const enough = packets + PACKETS_PER_LOOK;
    // A turn may also be one in which nothing was to be done.
    for (let turns = 0; packets < enough && turns < PACKETS_PER_LOOK; turns++) packets += turn();
  } while (performance.now() < end);
  return { packets, elapsed: performance.now() - start };
}

/** @param {number} ns */
function format(ns) {
  return ns < 100 ? ns.toFixed(1) : String(Math.round(ns));
}
