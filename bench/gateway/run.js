// @ts-check
/** What the gateway's benchmarks share: options, cores, keeping and showing the result. */
import { basename } from 'node:path';
import { describeOptions, readOptions, UsageError } from '../load/cli/options.js';
import { describeMachine } from '../load/measure/machine.js';
import { pinSelf, planCores } from '../load/measure/pinning.js';
import { joinResults, loadResult, saveResult } from '../load/report/results.js';
import { summarise } from '../load/report/summary.js';
import { table } from '../load/report/table.js';

/** @type {import('../load/cli/options.js').OptionTable} */
const COMMON = {
  json: { type: 'flag', help: 'print the whole result as JSON instead of the table' },
  save: { type: 'text', default: '', help: 'keep the result as bench/results/<name>.json' },
  append: { type: 'flag', help: 'with --save: add these runs to what is kept there' },
  help: { type: 'flag', help: 'this text' },
};

/**
 * @typedef {object} Bench
 * @property {string} summary
 * @property {import('../load/cli/options.js').OptionTable} options
 * @property {(options: Record<string, any>) => string} title
 * @property {import('../load/report/table.js').Column[]} columns
 * @property {string} legend
 * @property {import('../load/report/results.js').Plot[]} plots
 * @property {string} [ratioOf] field that the ratio is of
 * @property {(options: Record<string, any>, cores: string | undefined) => Promise<Record<string, any>[]>} run cores: of the server
 */

/** @param {Bench} bench */
export async function runBench(bench) {
  try {
    const args = process.argv.slice(2);
    const options = readOptions(args, { ...bench.options, ...COMMON });
    if (options.help)
      return console.log(`${bench.summary}\n\n${describeOptions({ ...bench.options, ...COMMON })}`);
    const cores = planCores();
    if (cores.pinned) pinSelf(cores.traffic);
    const runs = await bench.run(options, cores.pinned ? cores.server : undefined);
    const name = basename(process.argv[1]);
    /** @type {import('../load/report/results.js').Result} */
    let result = {
      scenario: name,
      title: bench.title(options),
      command: ['node', `bench/gateway/${name}`, ...args.filter((arg) => arg !== '--append')].join(' '),
      date: new Date().toISOString().slice(0, 10),
      machine: describeMachine(),
      options: Object.fromEntries(Object.keys(bench.options).map((key) => [key, options[key]])),
      columns: bench.columns,
      legend: bench.legend,
      plots: bench.plots,
      rows: [],
      runs,
    };
    if (options.save && options.append) result = joinResults(loadResult(options.save), result);
    result.rows = summarise(result.runs, bench.ratioOf);
    if (options.save) saveResult(options.save, result);
    if (options.json) console.log(JSON.stringify(result, null, 2));
    else console.log(`\n${table(bench.columns, result.rows)}\n\n${bench.legend}`);
    process.exit(0);
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : error);
    process.exit(1);
  }
}
