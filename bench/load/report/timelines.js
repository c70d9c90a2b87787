// @ts-check
/** What changed during a run, as one line of block characters for each plot over time. */

const LEVELS = '▁▂▃▄▅▆▇█';
const WIDTH = 60;

/**
 * @param {import('./results.js').Result} result
 * @returns {string[]} none when nothing was sampled over time
 */
export function timelines({ plots, runs }) {
  const lines = plots.flatMap(({ over, title, parts, digits = 1 }) => {
    if (over === undefined) return [];
    return runs.flatMap((run) =>
      parts.map(({ key, label }) => {
        const values = run.samples.map((/** @type {Record<string, number>} */ sample) => sample[key]);
        const range = `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
        return `${sparkline(values)}  ${title}${parts.length > 1 ? `, ${label}` : ''}: ${range}  (${run.target})`;
      }),
    );
  });
  return lines.length > 0 ? ['', ...lines] : [];
}

/**
 * From the least value to the largest; several samples share a column when there are many, the largest is shown.
 * @param {number[]} values
 */
export function sparkline(values) {
  const columns = Math.min(WIDTH, values.length);
  const shown = Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    return Math.max(...values.slice(from, Math.floor(((column + 1) * values.length) / columns)));
  });
  const least = Math.min(...shown);
  const span = Math.max(...shown) - least || 1;
  return shown.map((value) => LEVELS[Math.round(((value - least) / span) * (LEVELS.length - 1))]).join('');
}
