// @ts-check
/** One row per target out of many runs: the median of every number. */
import { median } from '../measure/distribution.js';

/**
 * @param {Record<string, any>[]} runs flat; every one has `target`
 * @param {string} [baseline] field whose ratio to the first target's is given as `ratio`
 * @returns {Record<string, any>[]} in the order in which the targets first ran
 */
export function summarise(runs, baseline) {
  const targets = [...new Set(runs.map(({ target }) => target))];
  const rows = targets.map((target) => {
    const own = runs.filter((run) => run.target === target);
    /** @type {Record<string, any>} */
    const row = { target, version: own[0].version, runs: own.length };
    for (const key of new Set(own.flatMap((run) => Object.keys(run)))) {
      const values = own.map((run) => run[key]).filter((value) => typeof value === 'number');
      if (values.length > 0) row[key] = median(values);
    }
    return row;
  });
  if (baseline !== undefined) {
    for (const row of rows) row.ratio = row[baseline] / rows[0][baseline];
  }
  return rows;
}
