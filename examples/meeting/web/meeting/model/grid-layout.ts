export interface GridLayout {
  columns: number;
  rows: number;
  /** CSS pixels, whole. */
  tileWidth: number;
  tileHeight: number;
}

/**
 * The number of columns that makes `count` equal tiles largest in a box, all sizes in CSS pixels.
 * `ratio` is a tile's width by its height.
 */
export function fitGrid(count: number, width: number, height: number, gap = 8, ratio = 16 / 9): GridLayout {
  let best: GridLayout = { columns: 1, rows: Math.max(1, count), tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(Math.max(1, count) / columns);
    const byWidth = (width - gap * (columns - 1)) / columns;
    const byHeight = ((height - gap * (rows - 1)) / rows) * ratio;
    const tileWidth = Math.max(0, Math.floor(Math.min(byWidth, byHeight)));
    if (tileWidth > best.tileWidth) {
      best = { columns, rows, tileWidth, tileHeight: Math.floor(tileWidth / ratio) };
    }
  }
  return best;
}
