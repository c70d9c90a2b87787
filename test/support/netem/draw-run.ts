/** A run as a picture: capacity, estimates and bitrates above; queueing delay and lost packets below. */
import { describeGoal } from './goals.js';
import { directionOf, type Direction } from './measures.js';
import { SAMPLE_MS, type PlanRun } from './plan-run.js';
import { curve, element, escape, linear, staircase, text, ticks, type Scale } from './svg.js';

const WIDTH = 960;
const LEFT = 64;
const RIGHT = 944;
const RATES = { top: 64, bottom: 270 };
const QUEUE = { top: 300, bottom: 380 };
const HEIGHT = 424;
/** So many points per curve at most. */
const POINTS = 400;
/** Readable on white and on nearly black alike. */
const FLOW_COLOURS = ['#2f81f7', '#d2731a', '#2f9e5b', '#a371f7', '#d6498f'];
const CROSS_COLOUR = '#8c8c8c';
const STYLE = [
  'text{font:12px system-ui,sans-serif;fill:#808890}',
  '.title{font-size:15px;font-weight:600}',
  '.axis{stroke:#808890;stroke-opacity:.7;fill:none}',
  '.grid{stroke:#808890;stroke-opacity:.22;fill:none}',
  '.capacity{fill:#808890;fill-opacity:.14;stroke:#808890;stroke-width:1.5}',
  '.estimate{fill:none;stroke-width:1.8}',
  '.bitrate{fill:none;stroke-width:1;stroke-opacity:.55}',
  '.queue{fill:#b08800;fill-opacity:.35;stroke:#b08800}',
  '.goal{stroke:#b08800;stroke-dasharray:4 4;fill:none}',
  '.lost{stroke:#e5484d;fill:none}',
].join('');

interface Curve {
  name: string;
  colour: string;
  estimate: number[] | null;
  bitrate: number[];
}

export function drawRun(run: PlanRun, direction: Direction = 'forward'): string {
  const { plan } = run;
  const x = linear(0, plan.duration, LEFT, RIGHT);
  const curves = curvesOf(run, direction);
  const top = highest(run, direction, curves);
  const way = direction === 'forward' ? '' : ', way back';
  const title = `${plan.title}${way}`;
  const goals = plan.goals.map((goal) => describeGoal(goal, goal.measure(run))).join('; ');
  const parts = [
    element('title', { id: 'title' }, escape(`${title} (${plan.source})`)),
    element('desc', { id: 'desc' }, escape(`Seed ${run.seed}. ${goals}.`)),
    element('style', {}, STYLE),
    text(LEFT, 22, title, { class: 'title' }),
    text(RIGHT, 22, `${plan.source}, seed ${run.seed}`, { 'text-anchor': 'end' }),
    legend(curves),
    ...ratePanel(run, direction, curves, x, top),
    ...queuePanel(run, direction, x),
    ...timeAxis(plan.duration, x),
  ];
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: 'img',
    'aria-labelledby': 'title desc',
  };
  return `${element('svg', attributes, `\n${parts.filter((part) => part !== '').join('\n')}\n`)}\n`;
}

function curvesOf(run: PlanRun, direction: Direction): Curve[] {
  const curves: Curve[] = [];
  const cross: number[] = [];
  run.plan.flows.forEach((flow, index) => {
    if (directionOf(flow) !== direction) return;
    const record = run.media[index];
    if (record !== null) {
      const hide = (value: number, i: number) =>
        (i + 1) * SAMPLE_MS < flow.start || i * SAMPLE_MS > flow.stop ? NaN : value;
      curves.push({
        name: flow.name,
        colour: FLOW_COLOURS[curves.length % FLOW_COLOURS.length],
        estimate: record.estimate.map(hide),
        bitrate: record.sentBitrate.map(hide),
      });
      return;
    }
    servedBitrate(run, direction, index).forEach((value, i) => (cross[i] = (cross[i] ?? 0) + value));
  });
  if (cross.length > 0)
    curves.push({ name: 'cross traffic', colour: CROSS_COLOUR, estimate: null, bitrate: cross });
  return curves;
}

function servedBitrate(run: PlanRun, direction: Direction, index: number): number[] {
  const { servedAt, flow, bytes } = run[direction];
  const bitrate = new Array<number>(Math.ceil(run.plan.duration / SAMPLE_MS)).fill(0);
  for (let i = 0; i < flow.length; i++) {
    const bucket = Math.floor(servedAt[i] / SAMPLE_MS);
    if (flow[i] === index && bucket < bitrate.length) bitrate[bucket] += (bytes[i] * 8000) / SAMPLE_MS;
  }
  return bitrate;
}

/** The top of the upper panel: the capacity, and what is used of a link that has none. */
function highest(run: PlanRun, direction: Direction, curves: Curve[]): number {
  const steps = run.plan[direction].capacity.map(({ bps }) => bps).filter(Number.isFinite);
  const capacity = Math.max(0, ...steps);
  const estimates = curves.flatMap(({ estimate }) => (estimate ?? []).filter(Number.isFinite));
  const estimate = estimates.reduce((most, value) => Math.max(most, value), 0);
  return capacity === 0
    ? estimate * 1.1
    : Math.min(capacity * 1.5, Math.max(capacity * 1.1, estimate * 1.05));
}

function ratePanel(run: PlanRun, direction: Direction, curves: Curve[], x: Scale, top: number): string[] {
  const y = linear(0, top / 1e6, RATES.bottom, RATES.top);
  const limited = (bps: number) => y(Math.min(bps, top) / 1e6);
  const parts = grid(ticks(top / 1e6, 5), y, 'Mbps', RATES);
  const steps = run.plan[direction].capacity.map(({ at, bps }) => [x(at), limited(bps)] as const);
  const stairs = staircase(steps, RIGHT);
  parts.push(element('path', { class: 'capacity', d: `${stairs}V${RATES.bottom}H${LEFT}Z` }));
  for (const { from, to } of run.plan[direction].outages ?? []) {
    parts.push(
      element('rect', {
        ...{ x: x(from), y: RATES.top, width: x(to) - x(from), height: RATES.bottom - RATES.top },
        ...{ fill: '#e5484d', 'fill-opacity': '.15' },
      }),
    );
  }
  for (const { colour, bitrate } of curves) {
    parts.push(element('path', { class: 'bitrate', stroke: colour, d: rateCurve(bitrate, x, limited) }));
  }
  for (const { colour, estimate } of curves) {
    if (estimate === null) continue;
    parts.push(element('path', { class: 'estimate', stroke: colour, d: rateCurve(estimate, x, limited) }));
  }
  return parts;
}

function rateCurve(values: number[], x: Scale, y: Scale): string {
  const per = Math.max(1, Math.ceil(values.length / POINTS));
  const points: [number, number][] = [];
  for (let i = 0; i < values.length; i += per) {
    const bucket = values.slice(i, i + per);
    const mean = bucket.reduce((a, b) => a + b, 0) / bucket.length;
    points.push([x((i + bucket.length / 2) * SAMPLE_MS), y(mean)]);
  }
  return curve(points);
}

function queuePanel(run: PlanRun, direction: Direction, x: Scale): string[] {
  const record = run[direction];
  const bucketMs = run.plan.duration / POINTS;
  const most = new Array<number>(POINTS).fill(0);
  const lost = new Array<boolean>(POINTS).fill(false);
  const bucketOf = (at: number) => Math.min(POINTS - 1, Math.floor(at / bucketMs));
  record.servedAt.forEach(
    (at, i) => (most[bucketOf(at)] = Math.max(most[bucketOf(at)], record.queueDelay[i])),
  );
  for (const { at, flow } of record.lost) if (flow >= 0) lost[bucketOf(at)] = true;
  const top = Math.max(120, Math.min(400, Math.max(...most) * 1.05));
  const y = linear(0, top, QUEUE.bottom, QUEUE.top);
  const points = most.map((delay, i) => [x((i + 0.5) * bucketMs), y(Math.min(delay, top))] as const);
  const marks = lost
    .map((is, i) => (is ? `M${Math.round(x((i + 0.5) * bucketMs))} ${QUEUE.bottom}v6` : ''))
    .join('');
  return [
    ...grid(ticks(top, 3), y, 'ms', QUEUE),
    element('path', {
      class: 'queue',
      d: `${curve(points)}L${RIGHT} ${QUEUE.bottom}L${LEFT} ${QUEUE.bottom}Z`,
    }),
    element('path', { class: 'goal', d: `M${LEFT} ${Math.round(y(100))}H${RIGHT}` }),
    marks === '' ? '' : element('path', { class: 'lost', d: marks }),
    text(LEFT, QUEUE.top - 8, 'Queueing delay: the worst packet; dashed: the goal for 95%; red below: loss'),
  ];
}

function grid(values: number[], y: Scale, unit: string, panel: { top: number; bottom: number }): string[] {
  const lines = values.map((value) => `M${LEFT} ${Math.round(y(value))}H${RIGHT}`).join('');
  return [
    element('path', { class: 'grid', d: lines }),
    element('path', { class: 'axis', d: `M${LEFT} ${panel.top}V${panel.bottom}H${RIGHT}` }),
    ...values.map((value) => text(LEFT - 6, y(value) + 4, `${value}`, { 'text-anchor': 'end' })),
    text(LEFT - 6, panel.top - 8, unit, { 'text-anchor': 'end' }),
  ];
}

function timeAxis(duration: number, x: Scale): string[] {
  const labels = ticks(duration / 1000, 10).map((seconds) =>
    text(x(seconds * 1000), QUEUE.bottom + 22, `${seconds}`, { 'text-anchor': 'middle' }),
  );
  return [...labels, text(RIGHT, HEIGHT - 4, 'seconds', { 'text-anchor': 'end' })];
}

function legend(curves: Curve[]): string {
  let x = LEFT;
  const entries = [legendEntry(x, 'capacity', CROSS_COLOUR, 8)];
  x += 86;
  for (const { name, colour, estimate } of curves) {
    const label = estimate === null ? name : curves.length === 1 ? 'estimate (bold), sent (thin)' : name;
    entries.push(legendEntry(x, label, colour, 3));
    x += 40 + label.length * 6.6;
  }
  if (curves.length > 1) entries.push(text(x, 46, 'bold: estimate, thin: bitrate'));
  return entries.join('');
}

function legendEntry(x: number, label: string, colour: string, height: number): string {
  const line = {
    x,
    y: 42 - height / 2,
    width: 18,
    height,
    fill: colour,
    'fill-opacity': height > 4 ? '.4' : '1',
  };
  return element('rect', line) + text(x + 24, 46, label);
}
