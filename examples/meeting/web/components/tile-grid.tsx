import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { fitGrid } from '../model/grid-layout.js';

/** Lays its tiles out as large as the space allows, and again whenever either changes. */
export function TileGrid({
  count,
  label,
  children,
}: {
  count: number;
  label: string;
  children: ComponentChildren;
}) {
  const element = useRef<HTMLUListElement>(null);
  const size = useSignal({ width: 0, height: 0 });

  useLayoutEffect(() => {
    const grid = element.current;
    if (grid === null) return;
    const observer = new ResizeObserver(() => {
      size.value = { width: grid.clientWidth, height: grid.clientHeight };
    });
    observer.observe(grid);
    return () => observer.disconnect();
  }, []);

  const { width, height } = size.value;
  const layout = fitGrid(count, width, height);
  return (
    <ul
      ref={element}
      class="grid"
      aria-label={label}
      style={{ '--tile-width': `${layout.tileWidth}px`, '--tile-height': `${layout.tileHeight}px` }}
    >
      {children}
    </ul>
  );
}
