// @ts-check
/** Medians and percentiles. */

/** @typedef {{ count: number, p50: number, p95: number, p99: number, max: number }} Distribution */

/** @param {number[]} values */
export function median(values) {
  return percentile([...values].sort(ascending), 0.5);
}

/**
 * @param {number[]} values in any order
 * @returns {Distribution} zeros for no values
 */
export function distribution(values) {
  const sorted = Float64Array.from(values).sort();
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    max: sorted[sorted.length - 1] ?? 0,
  };
}

/**
 * Nearest rank; the mean of the two middle values for the median of an even count.
 * @param {ArrayLike<number>} sorted
 * @param {number} fraction
 */
function percentile(sorted, fraction) {
  const { length } = sorted;
  if (length === 0) return 0;
  if (fraction === 0.5 && length % 2 === 0) return (sorted[length / 2 - 1] + sorted[length / 2]) / 2;
  return sorted[Math.min(length - 1, Math.ceil(length * fraction) - 1)];
}

/**
 * @param {number} a
 * @param {number} b
 */
function ascending(a, b) {
  return a - b;
}
