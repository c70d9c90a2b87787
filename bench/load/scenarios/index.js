// @ts-check
/** All scenarios by name. */
import { fanOut } from './fan-out.js';
import { joinStorm } from './join-storm.js';
import { meeting } from './meeting.js';
import { memory } from './memory.js';
import { pipe } from './pipe.js';
import { soak } from './soak.js';
import { viewers } from './viewers.js';
import { workers } from './workers.js';

/**
 * @typedef {object} Context
 * @property {Record<string, any>} options as read
 * @property {string[]} targets that can run
 * @property {{ server: string, traffic: string } | undefined} cores undefined: not pinned
 * @property {import('../report/progress.js').Progress} progress
 */
/**
 * @typedef {object} Scenario
 * @property {string} summary first line: what it does
 * @property {string[]} needs methods of a target
 * @property {import('../cli/options.js').OptionTable} options
 * @property {(options: Record<string, any>) => number} [serverCores] default 1
 * @property {(options: Record<string, any>, targets: string[]) => number} steps for the progress bar
 * @property {(context: Context) => Promise<Record<string, any>[]>} run
 * @property {(runs: Record<string, any>[]) => Record<string, any>[]} summarise
 * @property {import('../report/table.js').Column[]} columns
 * @property {string} legend under the table
 * @property {(options: Record<string, any>) => string} title of a kept result
 * @property {import('../report/results.js').Plot[]} plots
 */

/** @type {Record<string, Scenario>} */
export const SCENARIOS = {
  'fan-out': fanOut,
  viewers,
  meeting,
  'join-storm': joinStorm,
  memory,
  workers,
  pipe,
  soak,
};
