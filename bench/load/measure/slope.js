// @ts-check

/**
 * The line through points (hours, value) with the least squares.
 * @param {[hours: number, value: number][]} points
 * @returns {number} its rise per hour; 0 for fewer than two points in time
 */
export function slopePerHour(points) {
  const mean = (/** @type {0 | 1} */ part) =>
    points.reduce((sum, point) => sum + point[part], 0) / Math.max(1, points.length);
  const hours = mean(0);
  const value = mean(1);
  let spread = 0;
  let rise = 0;
  for (const [x, y] of points) {
    spread += (x - hours) ** 2;
    rise += (x - hours) * (y - value);
  }
  return spread === 0 ? 0 : rise / spread;
}
