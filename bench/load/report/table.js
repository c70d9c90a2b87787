// @ts-check
/** A table for a terminal: text to the left, numbers to the right. */

/**
 * @typedef {object} Column
 * @property {string} key field of a row
 * @property {string} title with the unit
 * @property {number} [digits] behind the point; numbers only
 */

/**
 * @param {Column[]} columns
 * @param {Record<string, any>[]} rows
 */
export function table(columns, rows) {
  const cells = rows.map((row) => columns.map((column) => formatCell(row[column.key], column)));
  const widths = columns.map(({ title }, n) => Math.max(title.length, ...cells.map((row) => row[n].length)));
  const numeric = columns.map(({ key }) => rows.some((row) => typeof row[key] === 'number'));
  /** @param {string[]} row */
  const line = (row) =>
    row
      .map((cell, n) => (numeric[n] ? cell.padStart(widths[n]) : cell.padEnd(widths[n])))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(columns.map(({ title }) => title)), rule, ...cells.map(line)].join('\n');
}

/**
 * @param {unknown} value
 * @param {Column} column
 */
export function formatCell(value, { digits }) {
  if (value === undefined || value === null) return '-';
  if (typeof value !== 'number') return String(value);
  if (!Number.isFinite(value)) return '-';
  return digits === undefined ? String(Math.round(value)) : value.toFixed(digits);
}
