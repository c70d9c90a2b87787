#!/usr/bin/env node
// @ts-check
/** The load tool: `node bench/load/main.js <scenario> [options]`, see --help. */
import { describeOptions, readOptions, UsageError } from './cli/options.js';
import { usableTargets } from './cli/targets-option.js';
import { planCores, pinSelf } from './measure/pinning.js';
import { hasShortCollections, runAgainWithShortCollections } from './measure/short-collections.js';
import { Progress } from './report/progress.js';
import { asTable, publish, PUBLISH_OPTIONS } from './report/publish.js';
import { timelines } from './report/timelines.js';
import { SCENARIOS } from './scenarios/index.js';

/** Of every scenario. @type {import('./cli/options.js').OptionTable} */
const COMMON_OPTIONS = {
  ...PUBLISH_OPTIONS,
  'no-pin': { type: 'flag', help: 'do not give the server a core of its own' },
  help: { type: 'flag', help: 'this text' },
};

async function main() {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === '--help' || name === 'help') return console.log(overview());
  const scenario = SCENARIOS[name];
  if (!scenario)
    throw new UsageError(`no scenario '${name}'; there are ${Object.keys(SCENARIOS).join(', ')}`);
  const known = { ...scenario.options, ...COMMON_OPTIONS };
  const options = readOptions(args, known);
  if (options.help) return console.log(`${scenario.summary}\n\n${describeOptions(known)}`);

  /** @param {string} line */
  const note = (line) => process.stderr.write(`${line}\n`);
  const targets = await usableTargets(options.targets, scenario.needs, note);
  const cores = planCores(scenario.serverCores?.(options) ?? 1);
  if (options['no-pin']) cores.pinned = false;
  if (cores.pinned) pinSelf(cores.traffic);
  else if (!options['no-pin']) note('Server and traffic share their cores: compare figures of one run only.');

  const progress = new Progress(scenario.steps(options, targets));
  const runs = await scenario.run({ options, targets, cores: cores.pinned ? cores : undefined, progress });
  progress.end();

  const own = Object.keys(scenario.options).filter((key) => key !== 'repeat' && key !== 'targets');
  const { columns, legend, plots, summarise } = scenario;
  publish(
    {
      scenario: name,
      title: scenario.title(options),
      command: `node bench/load/main.js ${name}`,
      args,
      options: Object.fromEntries(own.map((key) => [key, options[key]])),
      columns,
      legend,
      plots,
      runs,
      summarise,
    },
    options,
    (result) => [asTable(result), ...timelines(result)].join('\n'),
  );
}

function overview() {
  const lines = Object.entries(SCENARIOS).map(
    ([name, { summary }]) => `  ${name.padEnd(12)} ${summary.split('\n')[0]}`,
  );
  return [
    'Makes load for WebRTC servers and measures what it costs them.',
    '',
    '  node bench/load/main.js <scenario> [options]',
    '  node bench/load/main.js <scenario> --help',
    '',
    ...lines,
    '',
    'Servers side by side: --targets sluss,mediasoup,werift,janus,sendto. What is not installed is left out.',
    'Each server runs in a process of its own on the first core, traffic on the others.',
  ].join('\n');
}

try {
  if (!hasShortCollections()) process.exit(await runAgainWithShortCollections());
  await main();
  process.exit(0);
} catch (error) {
  if (error instanceof UsageError)
    console.error(`${error.message}\nnode bench/load/main.js --help tells more.`);
  else console.error(error);
  process.exit(1);
}
