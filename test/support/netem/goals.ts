import {
  estimateReachesMs,
  fairness,
  flowBitrate,
  linkUse,
  mediaLoss,
  queueDelayPercentile,
  receivedReachesMs,
  rungReachesMs,
  rungShare,
  tcpBitrate,
  worstDropMs,
  worstRiseMs,
  type Direction,
} from './measures.js';
import type { Goal } from './plan.js';

/** The goals that every plan shares where they have a meaning. */
export function linkUseGoal(direction: Direction = 'forward'): Goal {
  return {
    name: suffix('link use', direction),
    unit: '%',
    measure: (run) => linkUse(run, direction) * 100,
    atLeast: 85,
  };
}

export function queueDelayGoal(direction: Direction = 'forward'): Goal {
  const measure: Goal['measure'] = (run) => queueDelayPercentile(run, direction, 95);
  return { name: suffix('queue delay p95', direction), unit: 'ms', measure, atMost: 100 };
}

export function riseGoal(direction: Direction = 'forward'): Goal {
  const measure: Goal['measure'] = (run) => worstRiseMs(run, direction) / 1000;
  return { name: suffix('90% after a rise', direction), unit: 's', measure, atMost: 5 };
}

export function dropGoal(direction: Direction = 'forward'): Goal {
  const measure: Goal['measure'] = (run) => worstDropMs(run, direction) / 1000;
  return { name: suffix('below capacity after a drop', direction), unit: 's', measure, atMost: 1 };
}

/** Of the media flows, see `fairness`. */
export function fairnessGoal(from: number, to: number, atLeast: number): Goal {
  return { name: 'fairness', unit: '', measure: (run) => fairness(run, 'forward', from, to), atLeast };
}

/** Of the packets of all media flows. */
export function lossGoal(atMostPercent: number): Goal {
  return {
    name: 'loss',
    unit: '%',
    measure: (run) => mediaLoss(run, 'forward') * 100,
    atMost: atMostPercent,
  };
}

/** All TCP flows together. */
export function tcpGoal(from: number, to: number, atLeastKbps: number): Goal {
  return {
    name: 'TCP',
    unit: 'kbps',
    measure: (run) => tcpBitrate(run, from, to) / 1000,
    atLeast: atLeastKbps,
  };
}

/** The estimate of flow 0 at a time. */
export function estimateGoal(at: number, limits: { atLeast?: number; atMost?: number }): Goal {
  const measure: Goal['measure'] = (run) => run.media[0]!.estimateAt(at) / 1000;
  return { name: `estimate at ${at / 1000} s`, unit: 'kbps', measure, ...limits };
}

export function estimateReachesGoal(bitrate: number, withinSeconds: number): Goal {
  const measure: Goal['measure'] = (run) => estimateReachesMs(run.media[0]!, 0, bitrate) / 1000;
  return { name: `estimate of ${bitrate / 1e6} Mbps`, unit: 's', measure, atMost: withinSeconds };
}

/** Mean of a flow on the wire. */
export function bitrateGoal(name: string, flow: number, from: number, to: number, atLeastKbps: number): Goal {
  const measure: Goal['measure'] = (run) => flowBitrate(run, flow, from, to) / 1000;
  return { name, unit: 'kbps', measure, atLeast: atLeastKbps };
}

/** How long after `from` layer `rung` of flow 0 is sent. */
export function rungReachesGoal(name: string, from: number, rung: number, withinSeconds: number): Goal {
  const measure: Goal['measure'] = (run) => rungReachesMs(run.media[0]!, from, rung) / 1000;
  return { name, unit: 's', measure, atMost: withinSeconds };
}

/** How long after `from` media of flow 0 arrives again. */
export function receivedGoal(name: string, from: number, bitrate: number, withinSeconds: number): Goal {
  const measure: Goal['measure'] = (run) => receivedReachesMs(run.media[0]!, from, bitrate) / 1000;
  return { name, unit: 's', measure, atMost: withinSeconds };
}

/** Part of the time in which layer `rung` of flow 0 is sent. */
export function rungKeptGoal(from: number, to: number, rung: number, atLeast: number): Goal {
  const measure: Goal['measure'] = (run) => rungShare(run.media[0]!, from, to, rung) * 100;
  return { name: 'layer kept', unit: '%', measure, atLeast };
}

export function goalMet(goal: Goal, value: number): boolean {
  return value >= (goal.atLeast ?? -Infinity) && value <= (goal.atMost ?? Infinity);
}

/** `link use 91% (at least 85%)`. */
export function describeGoal(goal: Goal, value: number): string {
  const wanted = goal.atLeast !== undefined ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
  return `${goal.name} ${formatNumber(value, goal.unit)} (${wanted}${unitOf(goal.unit)})`;
}

export function formatNumber(value: number, unit: Goal['unit']): string {
  if (Number.isNaN(value)) return '-';
  if (!Number.isFinite(value)) return 'never';
  const digits = unit === '' ? 2 : unit === 's' ? 1 : 0;
  return value.toFixed(digits) + unitOf(unit);
}

function unitOf(unit: Goal['unit']): string {
  return unit === '' || unit === '%' ? unit : ` ${unit}`;
}

function suffix(name: string, direction: Direction): string {
  return direction === 'forward' ? name : `${name} (back)`;
}
