// @ts-check
/** Horizontal bars as SVG. */
import { escape, frame, OTHERS, OURS } from './svg.js';

const WIDTH = 720;
const LABEL_WIDTH = 190;
const VALUE_WIDTH = 70;
const BAR_HEIGHT = 22;
const ROW_HEIGHT = 34;
const TOP = 48;

/**
 * @param {import('../load/report/results.js').Plot} plot
 * @param {Record<string, any>[]} rows
 */
export function barChart({ title, parts, digits = 1 }, rows) {
  const shown = rows.filter((row) => parts.every(({ key }) => Number.isFinite(row[key])));
  const totals = shown.map((row) => parts.reduce((sum, { key }) => sum + row[key], 0));
  const most = Math.max(...totals, Number.MIN_VALUE);
  const scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / most;
  const bars = shown.map((row, n) => bar(row, n, totals[n], { parts, scale, digits }));
  const height = TOP + shown.length * ROW_HEIGHT + 8;
  return frame(title, WIDTH, height, [parts.length > 1 ? legend(parts) : '', ...bars]);
}

/**
 * @param {Record<string, any>} row
 * @param {number} n
 * @param {number} total
 * @param {{ parts: { key: string }[], scale: number, digits: number }} options
 */
function bar(row, n, total, { parts, scale, digits }) {
  const y = TOP + n * ROW_HEIGHT;
  const colours = String(row.target).startsWith('sluss') ? OURS : OTHERS;
  let x = LABEL_WIDTH;
  const pieces = parts.map(({ key }, part) => {
    const width = Math.max(0, row[key] * scale);
    const piece = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" fill="${colours[part % 2]}"/>`;
    x += width;
    return piece;
  });
  const middle = y + BAR_HEIGHT / 2 + 4;
  return [
    `<text x="${LABEL_WIDTH - 10}" y="${middle}" text-anchor="end">${escape(row.target)}</text>`,
    ...pieces,
    `<text x="${(x + 8).toFixed(1)}" y="${middle}">${total.toFixed(digits)}</text>`,
  ].join('');
}

/** @param {{ label: string }[]} parts */
function legend(parts) {
  return parts
    .map(({ label }, part) => {
      const x = WIDTH - (parts.length - part) * 90;
      return `<rect x="${x}" y="14" width="12" height="12" fill="${OTHERS[part % 2]}"/><text x="${x + 18}" y="24">${escape(label)}</text>`;
    })
    .join('');
}
