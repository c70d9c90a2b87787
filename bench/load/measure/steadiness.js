// @ts-check
/** Whether what was sampled over a long time held still: figures of its parts, slopes, and a verdict in words. */
import { median } from './distribution.js';
import { slopePerHour } from './slope.js';

/**
 * @typedef {object} Sample
 * @property {number} minute
 * @property {number} rssMiB
 * @property {number} delayP50
 * @property {number} core
 * @property {number} received packets of all viewers since the sample before
 */

/** Memory and delay of less say nothing: compilers, pools and rings are still being filled. */
const JUDGED_MINUTES = 5;
const MOST_GROWTH_PERCENT = 5;
const MOST_LOSS_PERCENT = 0.1;
/** Of the median delay, from the middle third to the last. */
const MOST_DELAY_RISE_MS = 1;

/**
 * The first third is left out of the slopes: it belongs to the start.
 * @param {Sample[]} samples
 */
export function steadiness(samples) {
  const third = Math.max(1, Math.floor(samples.length / 3));
  const [middle, end] = [samples.slice(-2 * third, -third), samples.slice(-third)];
  const rss = samples.map(({ rssMiB }) => rssMiB);
  const middleMiB = Math.max(...middle.map(({ rssMiB }) => rssMiB), rss[0]);
  const endMiB = Math.max(...end.map(({ rssMiB }) => rssMiB));
  const delayOf = (/** @type {Sample[]} */ part) => median(part.map(({ delayP50 }) => delayP50));
  /** @param {'rssMiB' | 'delayP50' | 'core'} key */
  const slope = (key) =>
    slopePerHour(samples.slice(third).map((sample) => [sample.minute / 60, sample[key]]));
  return {
    startMiB: rss[0],
    middleMiB,
    endMiB,
    growthPercent: (endMiB / middleMiB - 1) * 100,
    slopeMiB: slope('rssMiB'),
    slopeDelay: slope('delayP50'),
    slopeCore: slope('core'),
    delayRise: middle.length > 0 ? delayOf(end) - delayOf(middle) : 0,
    silentSamples: samples.filter(({ received }) => received === 0).length,
  };
}

/**
 * @param {Record<string, any>} row of one server: what `steadiness()` says, with `minutes`, `failed` and `lossPercent`
 * @returns {string} "steady", or what was not
 */
export function verdict({ minutes, failed, lossPercent, silentSamples, growthPercent, delayRise }) {
  const faults = [];
  if (failed > 0) faults.push(`${failed} joins failed`);
  if (silentSamples > 0) faults.push(`${silentSamples} samples without media`);
  if (lossPercent > MOST_LOSS_PERCENT) faults.push(`${lossPercent.toFixed(2)}% lost`);
  const judged = minutes >= JUDGED_MINUTES;
  if (judged && growthPercent > MOST_GROWTH_PERCENT)
    faults.push(`memory grew by ${growthPercent.toFixed(1)}% in the last third`);
  if (judged && delayRise > MOST_DELAY_RISE_MS)
    faults.push(`delay rose by ${delayRise.toFixed(1)} ms in the last third`);
  if (faults.length > 0) return faults.join('; ');
  return judged ? 'steady' : `steady, but under ${JUDGED_MINUTES} minutes say nothing of memory and delay`;
}
