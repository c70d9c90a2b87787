#!/usr/bin/env node
// @ts-check
/** The load tool: `node bench/load/main.js <scenario> [options]`, see --help. */
import { parse } from 'node:path';
import { COMMON_OPTIONS, describeOptions, readOptions, UsageError } from './cli/options.js';
import { usableTargets } from './cli/targets-option.js';
import { describeMachine } from './measure/machine.js';
import { planCores, pinSelf } from './measure/pinning.js';
import { Progress } from './report/progress.js';
import { joinResults, loadResult, saveResult } from './report/results.js';
import { table } from './report/table.js';
import { SCENARIOS } from './scenarios/index.js';

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
  /** @type {import('./report/results.js').Result} */
  let result = {
    scenario: name,
    title: scenario.title(options),
    command: [
      'node bench/load/main.js',
      name,
      ...args.filter((arg) => arg !== '--append' && arg !== '--json'),
    ].join(' '),
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    options: Object.fromEntries(own.map((key) => [key, options[key]])),
    columns: scenario.columns,
    legend: scenario.legend,
    plots: scenario.plots,
    rows: scenario.summarise(runs),
    runs,
  };
  if (options.save) {
    if (options.append) {
      result = joinResults(loadResult(options.save), result);
      result.rows = scenario.summarise(result.runs);
    }
    saveResult(options.save, result);
    note(`Kept as ${parse(options.save).name}.json in bench/results.`);
  }
  if (options.json) console.log(JSON.stringify(result, null, 1));
  else console.log(`\n${table(scenario.columns, result.rows)}\n\n${scenario.legend}`);
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
  await main();
  process.exit(0);
} catch (error) {
  if (error instanceof UsageError)
    console.error(`${error.message}\nnode bench/load/main.js --help tells more.`);
  else console.error(error);
  process.exit(1);
}
