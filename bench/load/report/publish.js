// @ts-check
/** The end of every benchmark: its runs become a result, which is kept and shown as the options say. */
import { parse } from 'node:path';
import { describeMachine } from '../measure/machine.js';
import { joinResults, loadResult, saveResult } from './results.js';
import { table } from './table.js';

/**
 * @typedef {object} Draft
 * @property {string} scenario
 * @property {string} title
 * @property {string} command as typed from the root of the project, without the options below
 * @property {string[]} args
 * @property {Record<string, unknown>} options what runs must have in common to stand in one result
 * @property {import('./table.js').Column[]} columns
 * @property {string} legend
 * @property {import('./results.js').Plot[]} plots
 * @property {Record<string, any>[]} runs
 * @property {(runs: Record<string, any>[]) => Record<string, any>[]} summarise
 */

/** How a result is kept and shown; of every benchmark. @type {import('../cli/options.js').OptionTable} */
export const PUBLISH_OPTIONS = {
  json: { type: 'flag', help: 'print the whole result as JSON on standard output instead of the table' },
  save: {
    type: 'text',
    default: '',
    help: 'keep the result as bench/results/<name>.json, for npm run report',
  },
  append: { type: 'flag', help: 'with --save: add these runs to what is kept there' },
};
/** They say nothing about how a figure was made. */
const NOT_IN_COMMAND = ['--append', '--json'];

/**
 * @param {Draft} draft
 * @param {Record<string, any>} wishes values of PUBLISH_OPTIONS
 * @param {(result: import('./results.js').Result) => string} [show] default: the table and its legend
 */
export function publish(draft, { json, save, append }, show = asTable) {
  const { scenario, title, command, args, options, columns, legend, plots, summarise } = draft;
  /** @type {import('./results.js').Result} */
  let result = {
    scenario,
    title,
    command: [command, ...args.filter((arg) => !NOT_IN_COMMAND.includes(arg))].join(' '),
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    options,
    columns,
    legend,
    plots,
    rows: [],
    runs: draft.runs,
  };
  if (save && append) result = joinResults(loadResult(save), result);
  result.rows = summarise(result.runs);
  if (save) {
    saveResult(save, result);
    process.stderr.write(`Kept as ${parse(save).name}.json in bench/results.\n`);
  }
  const text = json ? JSON.stringify(result, null, 1) : show(result);
  if (text !== '') console.log(text);
}

/** @param {import('./results.js').Result} result */
export function asTable({ columns, rows, legend }) {
  return `\n${table(columns, rows)}\n\n${legend}`;
}
