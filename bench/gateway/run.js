// @ts-check
/** What the gateway's benchmarks share: options, cores, keeping and showing the result. */
import { basename } from 'node:path';
import { describeOptions, readOptions, UsageError } from '../load/cli/options.js';
import { pinSelf, planCores } from '../load/measure/pinning.js';
import { publish, PUBLISH_OPTIONS } from '../load/report/publish.js';
import { summarise } from '../load/report/summary.js';

/** @type {import('../load/cli/options.js').OptionTable} */
const COMMON = { ...PUBLISH_OPTIONS, help: { type: 'flag', help: 'this text' } };

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
    const own = Object.keys(bench.options).filter((key) => key !== 'repeat');
    const { columns, legend, plots, ratioOf } = bench;
    publish(
      {
        scenario: name,
        title: bench.title(options),
        command: `node bench/gateway/${name}`,
        args,
        options: Object.fromEntries(own.map((key) => [key, options[key]])),
        columns,
        legend,
        plots,
        runs,
        summarise: (all) => summarise(all, ratioOf),
      },
      options,
    );
    process.exit(0);
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : error);
    process.exit(1);
  }
}
