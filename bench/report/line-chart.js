// @ts-check
/** Values over time as SVG: one line for each part, of the last run of each server. */
import { escape, frame, OTHERS, OURS } from './svg.js';

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 60;
const RIGHT = 16;
const TOP = 48;
const BOTTOM = 36;

/** @typedef {{ label: string, colour: string, points: [number, number][] }} Line */

/**
 * @param {import('../load/report/results.js').Plot} plot with `over`
 * @param {Record<string, any>[]} runs with `samples`
 */
export function lineChart(plot, runs) {
  const lines = linesOf(plot, runs);
  const all = lines.flatMap(({ points }) => points);
  const lastX = Math.max(...all.map(([x]) => x), Number.MIN_VALUE);
  const mostY = Math.max(...all.map(([, y]) => y), 1e-9);
  const x = (/** @type {number} */ value) => LEFT + (value / lastX) * (WIDTH - LEFT - RIGHT);
  const y = (/** @type {number} */ value) => HEIGHT - BOTTOM - (value / mostY) * (HEIGHT - TOP - BOTTOM);
  const digits = plot.digits ?? 1;
  const floor = y(0);
  return frame(plot.title, WIDTH, HEIGHT, [
    ...legend(lines),
    ...[0, mostY / 2, mostY].map(
      (value) =>
        `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" class="rule"/>` +
        `<text x="${LEFT - 8}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${value.toFixed(digits)}</text>`,
    ),
    `<text x="${LEFT}" y="${floor + 22}">0</text>`,
    `<text x="${WIDTH - RIGHT}" y="${floor + 22}" text-anchor="end">${lastX.toFixed(1)} ${escape(plot.over?.label)}</text>`,
    ...lines.map(({ points, colour }) => {
      const path = points.map(([px, py]) => `${x(px).toFixed(1)},${y(py).toFixed(1)}`).join(' ');
      return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>`;
    }),
  ]);
}

/**
 * @param {import('../load/report/results.js').Plot} plot
 * @param {Record<string, any>[]} runs
 * @returns {Line[]}
 */
function linesOf({ parts, over }, runs) {
  const last = new Map(runs.map((run) => [run.target, run]));
  return [...last.values()].flatMap(({ target, samples }) =>
    parts.map(({ key, label }, part) => ({
      label: last.size > 1 ? `${target}, ${label}` : label,
      colour: (String(target).startsWith('sluss') ? OURS : OTHERS)[part % 2],
      points: samples.map((/** @type {Record<string, number>} */ sample) => [
        sample[over?.key ?? ''],
        sample[key],
      ]),
    })),
  );
}

/** @param {Line[]} lines */
function legend(lines) {
  if (lines.length < 2) return [];
  const widths = lines.map(({ label }) => 34 + label.length * 7);
  let at = WIDTH - RIGHT - widths.reduce((sum, width) => sum + width, 0);
  return lines.map(({ label, colour }, n) => {
    const mark = `<rect x="${at}" y="14" width="12" height="12" fill="${colour}"/>`;
    const text = `<text x="${at + 18}" y="24">${escape(label)}</text>`;
    at += widths[n];
    return mark + text;
  });
}
