// @ts-check
/** Writes docs/benchmarks.md and its plots from bench/results: `npm run report`. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadResult, RESULTS_FOLDER } from './load/report/results.js';
import { barChart } from './report/bar-chart.js';
import { lineChart } from './report/line-chart.js';
import { page } from './report/markdown.js';

if (!existsSync(RESULTS_FOLDER)) {
  console.error(
    'Nothing is kept in bench/results. `npm run all` makes every result, --save <name> of a benchmark one.',
  );
  process.exit(1);
}
const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const plotsFolder = join(docs, 'benchmarks');
/** @type {Map<string, import('./load/report/results.js').Result>} */
const results = new Map();
for (const file of readdirSync(RESULTS_FOLDER).sort()) {
  if (!file.endsWith('.json')) continue;
  const name = file.slice(0, -'.json'.length);
  results.set(name, /** @type {import('./load/report/results.js').Result} */ (loadResult(name)));
}

rmSync(plotsFolder, { recursive: true, force: true });
mkdirSync(plotsFolder, { recursive: true });
for (const [name, { plots, rows, runs }] of results) {
  plots.forEach((plot, n) => {
    const svg = plot.over ? lineChart(plot, runs) : barChart(plot, rows);
    writeFileSync(join(plotsFolder, fileName(name, n)), svg);
  });
}
writeFileSync(
  join(docs, 'benchmarks.md'),
  page(results, (name, n) => `benchmarks/${fileName(name, n)}`),
);
console.log(`docs/benchmarks.md: ${results.size} results`);

/**
 * @param {string} name
 * @param {number} plot
 */
function fileName(name, plot) {
  return `${name}-${plot + 1}.svg`;
}
