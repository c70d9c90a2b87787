/** A few shapes of SVG, as text. Numbers have one decimal at most, so that pictures are small and always the same. */

export interface Scale {
  (value: number): number;
}

export function linear(fromValue: number, toValue: number, fromPixel: number, toPixel: number): Scale {
  return (value) => fromPixel + ((value - fromValue) / (toValue - fromValue)) * (toPixel - fromPixel);
}

export function element(name: string, attributes: Record<string, string | number>, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${shown(value)}"`);
  return content === ''
    ? `<${name}${written.join('')}/>`
    : `<${name}${written.join('')}>${content}</${name}>`;
}

export function text(
  x: number,
  y: number,
  content: string,
  more: Record<string, string | number> = {},
): string {
  return element('text', { x, y, ...more }, escape(content));
}

/** Straight lines between points; a point that is not finite leaves a gap. */
export function curve(points: readonly (readonly [number, number])[]): string {
  let path = '';
  let drawing = false;
  for (const [x, y] of points) {
    const there = Number.isFinite(y);
    if (there) path += `${drawing ? 'L' : 'M'}${shown(x)} ${shown(y)}`;
    drawing = there;
  }
  return path;
}

/** Horizontal from each point to the next one's x, then up or down. */
export function staircase(points: readonly (readonly [number, number])[], endX: number): string {
  let path = '';
  points.forEach(([x, y], index) => {
    const end = points[index + 1]?.[0] ?? endX;
    path += `${index === 0 ? `M${shown(x)} ${shown(y)}` : `V${shown(y)}`}H${shown(end)}`;
  });
  return path;
}

/** Round numbers from 0 to `end`, about `count` of them. */
export function ticks(end: number, count: number): number[] {
  const rough = end / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const distance = (step: number) => Math.abs(Math.log(step / rough));
  const steps = [1, 2, 2.5, 5, 10].map((factor) => factor * power);
  const step = steps.reduce((best, candidate) => (distance(candidate) < distance(best) ? candidate : best));
  const values: number[] = [];
  for (let index = 0; index * step <= end * 1.0001; index++)
    values.push(Number((index * step).toPrecision(6)));
  return values;
}

export function escape(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function shown(value: string | number): string {
  return typeof value === 'string' ? value : String(Math.round(value * 10) / 10);
}
