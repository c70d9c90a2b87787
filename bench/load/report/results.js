// @ts-check
/** Results that are kept, one file for each named figure. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

export const RESULTS_FOLDER = fileURLToPath(new URL('../../results/', import.meta.url));

/**
 * @typedef {object} Result
 * @property {string} scenario
 * @property {string} title
 * @property {string} command
 * @property {string} date
 * @property {object} machine
 * @property {Record<string, unknown>} options
 * @property {import('./table.js').Column[]} columns
 * @property {string} legend
 * @property {Plot[]} plots
 * @property {Record<string, any>[]} rows one for each server: medians
 * @property {Record<string, any>[]} runs one for each measured run, in the order in which they ran
 */
/**
 * Horizontal bars, one for each row, several keys stacked; or with `over`, lines: one for each key of the run's `samples`.
 * @typedef {object} Plot
 * @property {string} title with the unit
 * @property {{ key: string, label: string }[]} parts
 * @property {number} [digits]
 * @property {{ key: string, label: string }} [over] the field of a sample that grows with time
 */

/** @param {string} name @returns {Result | undefined} */
export function loadResult(name) {
  const file = join(RESULTS_FOLDER, `${name}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/**
 * @param {string} name
 * @param {Result} result
 */
export function saveResult(name, result) {
  if (!/^[a-z0-9-]+$/.test(name)) throw new Error(`--save takes a name of a-z, 0-9 and -, got '${name}'`);
  mkdirSync(RESULTS_FOLDER, { recursive: true });
  writeFileSync(join(RESULTS_FOLDER, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
}

/**
 * The earlier runs and the new ones together, if they measured the same.
 * @param {Result | undefined} earlier
 * @param {Result} result
 */
export function joinResults(earlier, result) {
  if (!earlier) return result;
  /** @param {Result} result */
  const same = ({ scenario, options }) => JSON.stringify([scenario, options]);
  if (same(earlier) !== same(result)) {
    throw new Error('--append: the kept result has other options; leave --append out to replace it');
  }
  return { ...result, runs: [...earlier.runs, ...result.runs] };
}
