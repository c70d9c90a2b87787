// @ts-check
/** The page: goals, then one section for each kept result. */
import { formatCell } from '../load/report/table.js';
import { GOALS } from './goals.js';

/** @typedef {import('../load/report/results.js').Result} Result */

/**
 * @param {Map<string, Result>} results by name
 * @param {(name: string, plot: number) => string} plotPath relative to the page
 */
export function page(results, plotPath) {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run report` in `bench/` from the runs that are kept in `bench/results/`; edit nothing here by hand.',
    'Every figure can be made again with the command beside it. Absolute figures drift with the machine, so compare',
    'inside one table: its servers ran in turns, and each figure is the median of the runs. Speed is never a test.',
    '',
    ...goals(results),
    ...[...results].flatMap(([name, result]) => section(name, result, plotPath)),
  ].join('\n');
}

/** @param {Map<string, Result>} results */
function goals(results) {
  const rows = GOALS.map(({ what, result: name, limit, measured, met, digits }) => {
    const value = evaluate(results.get(name), measured);
    if (value === undefined) return [what, limit, 'not measured', ''];
    return [what, limit, value.toFixed(digits), met(value) ? 'yes' : '**no**'];
  });
  const reasons = GOALS.flatMap(({ what, missed }, n) =>
    missed !== undefined && rows[n][3] === '**no**' ? [`- **${what}**: ${missed}`] : [],
  );
  return [
    '## Goals',
    '',
    ...grid(['what', 'goal', 'measured', 'met'], rows, []),
    '',
    ...(reasons.length > 0 ? ['Why some are missed, as far as profiles show:', '', ...reasons, ''] : []),
  ];
}

/**
 * @param {Result | undefined} result
 * @param {import('./goals.js').Goal['measured']} measured
 * @returns {number | undefined} undefined without all the rows that it needs
 */
function evaluate(result, measured) {
  if (!result) return undefined;
  let complete = true;
  const value = measured((target) => {
    const row = result.rows.find((candidate) => candidate.target === target);
    complete &&= row !== undefined;
    return row ?? {};
  });
  return complete && Number.isFinite(value) ? value : undefined;
}

/**
 * @param {string} name
 * @param {Result} result
 * @param {(name: string, plot: number) => string} plotPath
 */
function section(name, { title, command, date, machine, columns, rows, legend, plots }, plotPath) {
  const versions = [...new Set(rows.map(({ version }) => version).filter(Boolean))];
  const numeric = columns.flatMap(({ key }, n) =>
    rows.some((row) => typeof row[key] === 'number') ? [n] : [],
  );
  const { cpu, cores, memoryGiB, system, kernel, node } = /** @type {Record<string, unknown>} */ (machine);
  return [
    `## ${title}`,
    '',
    '```',
    command,
    '```',
    '',
    ...grid(
      columns.map(({ title }) => title),
      rows.map((row) => columns.map((column) => formatCell(row[column.key], column))),
      numeric,
    ),
    '',
    legend.replaceAll('\n', ' '),
    '',
    ...plots.flatMap((plot, n) => [`![${plot.title}](${plotPath(name, n)})`, '']),
    `${date}. ${cpu}, ${cores} cores, ${memoryGiB} GiB; ${system}, ${kernel}; Node ${node}${versions.map((version) => `; ${version}`).join('')}.`,
    '',
  ];
}

/**
 * A table with columns as wide as their cells, the way prettier writes them.
 * @param {string[]} titles
 * @param {string[][]} rows
 * @param {number[]} numeric columns to the right
 */
function grid(titles, rows, numeric) {
  const widths = titles.map((title, n) => Math.max(3, title.length, ...rows.map((row) => row[n].length)));
  /** @param {string[]} cells */
  const line = (cells) =>
    `| ${cells.map((cell, n) => (numeric.includes(n) ? cell.padStart(widths[n]) : cell.padEnd(widths[n]))).join(' | ')} |`;
  const rule = widths.map((width, n) =>
    numeric.includes(n) ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(titles), line(rule), ...rows.map(line)];
}
