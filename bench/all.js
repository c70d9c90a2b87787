// @ts-check
/**
 * Makes every kept result anew, then the page: `npm run all`. One command after another, in rounds, so that every figure is
 * the median of runs at different times. Ctrl-C stops it; the same command again goes on where it stopped.
 *   node all.js --rounds 3 --long --prefix "some command that waits for a quiet machine"
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RESULTS_FOLDER } from './load/report/results.js';
import { describeOptions, readOptions, UsageError } from './load/cli/options.js';
import { duration, LONG, ROUNDS } from './report/runs.js';

/** What is done of the present command; gone when all is. */
const STATE = join(RESULTS_FOLDER, '.unfinished');

/** @type {import('./load/cli/options.js').OptionTable} */
const OPTIONS = {
  rounds: { type: 'number', default: 3, min: 1, max: 20, help: 'how often everything is measured' },
  only: { type: 'text', default: '', help: 'results whose name begins so, comma-separated' },
  long: { type: 'flag', help: 'also what takes minutes: memory and soak, once' },
  prefix: { type: 'text', default: '', help: 'command before each command' },
  fresh: { type: 'flag', help: 'begin anew, even if the last time was stopped' },
  list: { type: 'flag', help: 'say what would be done, and do nothing' },
  help: { type: 'flag', help: 'this text' },
};

/** @typedef {{ name: string, command: string, seconds: number, round: number }} Step */

const options = optionsOf(process.argv.slice(2));
const steps = plan();
const wanted = JSON.stringify({ rounds: options.rounds, only: options.only, long: options.long });
const done = readDone();
const todo = steps.filter((step) => !done.has(keyOf(step)));
if (options.list) {
  for (const { name, round, command } of todo) console.log(`${name}, round ${round + 1}: node ${command}`);
  console.log(`${todo.length} of ${steps.length} to do, ${duration(secondsOf(todo))}`);
  process.exit(0);
}

/** @type {import('node:child_process').ChildProcess | undefined} */
let running;
let stopped = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    stopped = true;
    // A prefix, such as flock, does not tell its child.
    if (running?.pid !== undefined) process.kill(-running.pid, signal);
  });
}

const failed = [];
const start = performance.now();
if (done.size > 0) console.error(`Goes on: ${done.size} of ${steps.length} were done (--fresh begins anew).`);
for (const [index, step] of todo.entries()) {
  const left = duration(secondsOf(todo.slice(index)));
  const gone = duration((performance.now() - start) / 1000);
  const round = options.rounds > 1 ? `, round ${step.round + 1} of ${options.rounds}` : '';
  console.error(
    `\n── ${done.size + 1}/${steps.length} ${step.name}${round} ── ${gone} gone, about ${left} to go`,
  );
  const code = await make(step);
  if (code === 0) remember(step);
  else if (!stopped) failed.push(`${step.name}, round ${step.round + 1}`);
  if (stopped) {
    console.error('\nStopped. The same command goes on from here.');
    process.exit(130);
  }
}
if (failed.length > 0) {
  console.error(`\nFailed: ${failed.join('; ')}. The same command tries them again.`);
} else {
  rmSync(STATE, { force: true });
}
await run(process.execPath, ['report.js']);
process.exit(failed.length > 0 ? 1 : 0);

/** @returns {Step[]} */
function plan() {
  const parts = options.only.split(',').filter(Boolean);
  const chosen = (/** @type {{ name: string }} */ { name }) =>
    parts.length === 0 || parts.some((/** @type {string} */ part) => name.startsWith(part));
  const rounds = Array.from({ length: options.rounds }, (_, round) =>
    ROUNDS.filter(chosen).map((step) => ({ ...step, round })),
  );
  const long = options.long ? LONG.filter(chosen).map((step) => ({ ...step, round: 0 })) : [];
  return [...rounds.flat(), ...long];
}

/**
 * The first run of a result replaces what was kept, the others are added to it.
 * @param {Step} step
 */
function make({ name, command, round }) {
  const [program, ...before] = [...options.prefix.split(' ').filter(Boolean), process.execPath];
  const append = round > 0 ? ['--append'] : [];
  return run(program, [...before, ...command.split(' '), '--save', name, ...append]);
}

/**
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<number>} exit code
 */
async function run(program, args) {
  // In a group of its own, so that all of it can be stopped.
  running = spawn(program, args, { cwd: import.meta.dirname, stdio: 'inherit', detached: true });
  const [code] = await once(running, 'exit').catch((error) => {
    console.error(`${program}: ${error.message}`);
    return [1];
  });
  running = undefined;
  return code ?? 1;
}

/** @returns {Set<string>} steps of the same command that were done before it was stopped */
function readDone() {
  if (options.fresh || !existsSync(STATE)) return new Set();
  const state = JSON.parse(readFileSync(STATE, 'utf8'));
  return new Set(state.wanted === wanted ? state.done : []);
}

/** @param {Step} step */
function remember(step) {
  done.add(keyOf(step));
  mkdirSync(dirname(STATE), { recursive: true });
  writeFileSync(STATE, JSON.stringify({ wanted, done: [...done] }));
}

/** @param {Step} step */
function keyOf({ name, round }) {
  return `${name} ${round}`;
}

/** @param {Step[]} some */
function secondsOf(some) {
  return some.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** @param {string[]} args */
function optionsOf(args) {
  try {
    const read = readOptions(args, OPTIONS);
    if (!read.help) return read;
    console.log(`Every result of the report, made anew.\n\n${describeOptions(OPTIONS)}`);
    process.exit(0);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
