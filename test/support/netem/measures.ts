import { capacityAt } from './link-options.js';
import type { LinkRecord } from './link-record.js';
import { wireBitrate } from './media-packet.js';
import type { FlowPlan, Plan } from './plan.js';
import { isMedia, SAMPLE_MS, type MediaFlowRecord, type PlanRun } from './plan-run.js';

export type Direction = 'forward' | 'backward';

/** A time in which neither the capacity nor the set of flows changes. */
export interface Segment {
  from: number;
  to: number;
  capacity: number;
  /** The capacity, or what the flows could send at most if that is less. */
  attainable: number;
}

/** What a controller may take to settle after a change before its link use counts. */
export const SETTLE_MS = 5000;
/** A bitrate is a mean over so long. */
const RATE_WINDOW_MS = 1000;
const RATE_STEP_MS = 50;
const FAIRNESS_WINDOW_MS = 10_000;

export function segments(plan: Plan, direction: Direction): Segment[] {
  const times = new Set([0, plan.duration]);
  for (const { at } of plan[direction].capacity) times.add(at);
  for (const { from, to } of plan[direction].outages ?? []) times.add(from).add(to);
  for (const flow of plan.flows) {
    if (directionOf(flow) !== direction) continue;
    times.add(flow.start).add(flow.stop);
    for (const { from, to } of pausesOf(flow)) times.add(from).add(to);
  }
  const sorted = [...times].filter((time) => time <= plan.duration).sort((a, b) => a - b);
  return sorted.slice(1).map((to, index) => {
    const from = sorted[index];
    const { capacity: steps, outages = [] } = plan[direction];
    const out = outages.some((outage) => from >= outage.from && from < outage.to);
    const capacity = out ? 0 : capacityAt(steps, from);
    const wanted = plan.flows
      .filter((flow) => directionOf(flow) === direction && activeAt(flow, from))
      .reduce((sum, flow) => sum + ceiling(flow, capacity), 0);
    return { from, to, capacity, attainable: Math.min(capacity, wanted) };
  });
}

/** Bits that passed, of those that could have: 0 to 1, after `SETTLE_MS` of each segment. */
export function linkUse(run: PlanRun, direction: Direction): number {
  let passed = 0;
  let possible = 0;
  for (const { from, to, attainable } of segments(run.plan, direction)) {
    const start = from + SETTLE_MS;
    if (start >= to || attainable === 0) continue;
    passed += run[direction].bits(start, to);
    possible += (attainable * (to - start)) / 1000;
  }
  return possible === 0 ? NaN : passed / possible;
}

/** Of the packets of all media flows at the bottleneck, over the whole run. */
export function queueDelayPercentile(run: PlanRun, direction: Direction, percent: number): number {
  const { flow, queueDelay } = run[direction];
  const delays: number[] = [];
  for (let i = 0; i < flow.length; i++) {
    if (flow[i] >= 0 && isMedia(run.plan.flows[flow[i]])) delays.push(queueDelay[i]);
  }
  return percentile(delays, percent);
}

/** Lost media packets, of those sent: 0 to 1. */
export function mediaLoss(run: PlanRun, direction: Direction): number {
  let sent = 0;
  run.plan.flows.forEach((flow, index) => {
    if (directionOf(flow) === direction) sent += run.media[index]?.sentPackets ?? 0;
  });
  const lost = run[direction].lost.filter(({ flow }) => flow >= 0 && isMedia(run.plan.flows[flow])).length;
  return lost / Math.max(1, sent);
}

/**
 * How long after each rise of what is attainable (the start of the run is one) 90% of it pass the link.
 * The worst of them in milliseconds, `Infinity` when it is not reached. A segment too short to settle in tells nothing.
 */
export function worstRiseMs(run: PlanRun, direction: Direction): number {
  let previous = 0;
  let worst = NaN;
  for (const { from, to, attainable } of segments(run.plan, direction)) {
    if (attainable > previous * 1.01 && to - from > SETTLE_MS) {
      const taken = timeToReach(run[direction], from, to, attainable * 0.9);
      worst = Number.isNaN(worst) ? taken : Math.max(worst, taken);
    }
    previous = attainable;
  }
  return worst;
}

function timeToReach(record: LinkRecord, from: number, to: number, bitrate: number): number {
  for (let end = from + RATE_STEP_MS; end <= to; end += RATE_STEP_MS) {
    const start = Math.max(from, end - RATE_WINDOW_MS);
    if (record.bits(start, end) >= (bitrate * Math.max(RATE_WINDOW_MS / 2, end - start)) / 1000)
      return end - from;
  }
  return Infinity;
}

/** How long after each drop of the capacity the estimates together are below it: the worst, in milliseconds. */
export function worstDropMs(run: PlanRun, direction: Direction): number {
  let previous = 0;
  let worst = 0;
  for (const { from, to, capacity } of segments(run.plan, direction)) {
    if (capacity < previous && capacity > 0)
      worst = Math.max(worst, timeBelow(run, direction, from, to, capacity));
    previous = capacity;
  }
  return worst;
}

function timeBelow(run: PlanRun, direction: Direction, from: number, to: number, bitrate: number): number {
  for (let time = from; time <= to; time += 10) {
    let sum = 0;
    run.plan.flows.forEach((flow, index) => {
      if (directionOf(flow) === direction && activeAt(flow, time))
        sum += run.media[index]?.estimateAt(time) ?? 0;
    });
    if (sum <= bitrate) return time - from;
  }
  return Infinity;
}

/**
 * How evenly the media flows of a direction share, from 1 / (number of flows) to 1: the mean of Jain's index over windows of
 * 10 s, so that flows which only take turns do not look fair.
 */
export function fairness(run: PlanRun, direction: Direction, from: number, to: number): number {
  let sum = 0;
  let count = 0;
  for (let start = from; start + FAIRNESS_WINDOW_MS <= to; start += FAIRNESS_WINDOW_MS) {
    sum += jainIndex(run, direction, start, start + FAIRNESS_WINDOW_MS);
    count++;
  }
  return sum / count;
}

function jainIndex(run: PlanRun, direction: Direction, from: number, to: number): number {
  const shares: number[] = [];
  run.plan.flows.forEach((flow, index) => {
    if (isMedia(flow) && directionOf(flow) === direction) shares.push(run[direction].bits(from, to, index));
  });
  const sum = shares.reduce((a, b) => a + b, 0);
  const squares = shares.reduce((a, b) => a + b * b, 0);
  return squares === 0 ? 0 : (sum * sum) / (shares.length * squares);
}

/** What all TCP flows together got, bits per second. */
export function tcpBitrate(run: PlanRun, from: number, to: number): number {
  const indexes = run.plan.flows.flatMap(({ kind }, index) => (kind === 'tcp' ? [index] : []));
  return indexes.reduce((sum, index) => sum + flowBitrate(run, index, from, to), 0);
}

/** Mean bitrate on the wire of one flow. */
export function flowBitrate(run: PlanRun, index: number, from: number, to: number): number {
  const direction = directionOf(run.plan.flows[index]);
  return run[direction].bits(from, to, index) / ((to - from) / 1000);
}

/** When, after `from`, the estimate is `bitrate` or more for the first time; milliseconds since `from`. */
export function estimateReachesMs(record: MediaFlowRecord, from: number, bitrate: number): number {
  if (record.estimateAt(from) >= bitrate) return 0;
  const change = record.estimateChanges.find(({ at, bitrate: value }) => at > from && value >= bitrate);
  return change === undefined ? Infinity : change.at - from;
}

/** When, after `from`, a layer at least this high is sent; milliseconds since `from`. */
export function rungReachesMs(record: MediaFlowRecord, from: number, rung: number): number {
  const first = Math.ceil(from / SAMPLE_MS);
  const index = record.rung.findIndex((value, i) => i >= first && value >= rung);
  return index < 0 ? Infinity : (index + 1) * SAMPLE_MS - from;
}

/** When, after `from`, half a second of at least this bitrate has arrived; milliseconds since `from`. */
export function receivedReachesMs(record: MediaFlowRecord, from: number, bitrate: number): number {
  const window = RATE_WINDOW_MS / 2 / SAMPLE_MS;
  for (let end = Math.ceil(from / SAMPLE_MS) + window; end <= record.receivedBitrate.length; end++) {
    const sum = record.receivedBitrate.slice(end - window, end).reduce((a, b) => a + b, 0);
    if (sum / window >= bitrate) return end * SAMPLE_MS - from;
  }
  return Infinity;
}

/** Part of the time in which a layer at least this high is sent, 0 to 1. */
export function rungShare(record: MediaFlowRecord, from: number, to: number, rung: number): number {
  const samples = record.rung.slice(Math.ceil(from / SAMPLE_MS), Math.floor(to / SAMPLE_MS));
  return samples.filter((value) => value >= rung).length / samples.length;
}

export function percentile(values: number[], percent: number): number {
  if (values.length === 0) return NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}

export function directionOf(flow: FlowPlan): Direction {
  return flow.direction ?? 'forward';
}

function pausesOf(flow: FlowPlan): readonly { from: number; to: number }[] {
  return flow.kind === 'media' ? (flow.pauses ?? []) : [];
}

function activeAt(flow: FlowPlan, time: number): boolean {
  const paused = pausesOf(flow).some(({ from, to }) => time >= from && time < to);
  return time >= flow.start && time < flow.stop && !paused;
}

/** The most that a flow sends on a link of this capacity, on the wire. Traffic that comes and goes counts for nothing. */
function ceiling(flow: FlowPlan, capacity: number): number {
  if (flow.kind === 'tcp') return flow.downloads === undefined ? Infinity : 0;
  if (flow.kind === 'udp') return flow.onMs === undefined ? flow.bitrate : 0;
  const { video, audio = true } = flow;
  if (video.kind === 'adaptive') return wireBitrate(video.maxBitrate, audio);
  const fitting = video.rungs
    .map((rung) => wireBitrate(rung, audio))
    .filter((bitrate) => bitrate <= capacity);
  return Math.max(0, ...fitting);
}
