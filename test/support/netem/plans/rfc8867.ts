/** The wired test cases of RFC 8867, section 5. */
import {
  bitrateGoal,
  dropGoal,
  fairnessGoal,
  linkUseGoal,
  lossGoal,
  queueDelayGoal,
  riseGoal,
  tcpGoal,
} from '../goals.js';
import type { CapacityStep, LinkOptions } from '../link-options.js';
import type { MediaFlowPlan, Plan, TcpFlowPlan } from '../plan.js';

const MBPS = 1e6;

/** Section 4.2: 50 ms, a queue of 300 ms, jitter up to 30 ms that keeps the order. */
function path(capacity: number | readonly CapacityStep[], delayMs = 50): LinkOptions {
  return {
    capacity: typeof capacity === 'number' ? [{ at: 0, bps: capacity }] : capacity,
    delayMs,
    queueMs: 300,
    jitter: { deviationMs: 5, maxMs: 30 },
  };
}

/** Section 4.3: 150 kbps to 1.5 Mbps, beginning with 150 kbps, and 20 kbps of audio. */
function media(name: string, start: number, stop: number, more: Partial<MediaFlowPlan> = {}): MediaFlowPlan {
  const video = { kind: 'adaptive', maxBitrate: 1.5 * MBPS } as const;
  return { kind: 'media', name, start, stop, initialBitrate: 150_000, video, ...more };
}

const VARIABLE_CAPACITY = [
  { at: 0, bps: 1 * MBPS },
  { at: 40_000, bps: 2.5 * MBPS },
  { at: 60_000, bps: 0.6 * MBPS },
  { at: 80_000, bps: 1 * MBPS },
];

function variableCapacity(name: string, title: string, delayMs: number): Plan {
  return {
    name,
    title,
    source: 'RFC 8867 section 5.1',
    duration: 100_000,
    forward: path(VARIABLE_CAPACITY, delayMs),
    backward: path(4 * MBPS, delayMs),
    flows: [media('video', 0, 99_000)],
    goals: [linkUseGoal(), queueDelayGoal(), riseGoal(), dropGoal()],
  };
}

const TWO_FLOWS: Plan = {
  name: 'rfc8867-5.2',
  title: 'Variable capacity, two flows',
  source: 'RFC 8867 section 5.2',
  duration: 125_000,
  forward: path([
    { at: 0, bps: 4 * MBPS },
    { at: 25_000, bps: 2 * MBPS },
    { at: 50_000, bps: 3.5 * MBPS },
    { at: 75_000, bps: 1 * MBPS },
    { at: 100_000, bps: 2 * MBPS },
  ]),
  backward: path(4 * MBPS),
  flows: [media('first', 0, 124_000), media('second', 0, 124_000)],
  goals: [linkUseGoal(), queueDelayGoal(), riseGoal(), dropGoal(), fairnessGoal(25_000, 124_000, 0.9)],
};

const CONGESTED_FEEDBACK: Plan = {
  name: 'rfc8867-5.3',
  title: 'Congested feedback, one flow each way',
  source: 'RFC 8867 section 5.3',
  duration: 100_000,
  forward: path([
    { at: 0, bps: 2 * MBPS },
    { at: 20_000, bps: 1 * MBPS },
    { at: 40_000, bps: 0.5 * MBPS },
    { at: 60_000, bps: 2 * MBPS },
  ]),
  backward: path([
    { at: 0, bps: 2 * MBPS },
    { at: 35_000, bps: 0.8 * MBPS },
    { at: 70_000, bps: 2 * MBPS },
  ]),
  flows: [media('there', 0, 99_000), media('back', 0, 99_000, { direction: 'backward' })],
  goals: [
    ...[linkUseGoal(), queueDelayGoal(), riseGoal(), dropGoal()],
    ...[linkUseGoal('backward'), queueDelayGoal('backward'), riseGoal('backward'), dropGoal('backward')],
  ],
};

const COMPETING: Plan = {
  name: 'rfc8867-5.4',
  title: 'Three flows, one after the other',
  source: 'RFC 8867 section 5.4',
  duration: 120_000,
  forward: path(3.5 * MBPS),
  backward: path(3.5 * MBPS),
  flows: [media('first', 0, 119_000), media('second', 20_000, 119_000), media('third', 40_000, 119_000)],
  goals: [linkUseGoal(), queueDelayGoal(), fairnessGoal(60_000, 119_000, 0.9)],
};

const ROUND_TRIP_FAIRNESS: Plan = {
  name: 'rfc8867-5.5',
  title: 'Five flows with delays from 10 to 150 ms',
  source: 'RFC 8867 section 5.5',
  duration: 300_000,
  forward: path(4 * MBPS, 0),
  backward: path(4 * MBPS, 0),
  flows: [10, 25, 50, 100, 150].map((accessDelayMs, index) =>
    media(`${accessDelayMs} ms`, index * 10_000, 299_000, { accessDelayMs }),
  ),
  // Who answers ten times as fast also takes back sooner: the estimator is not round-trip fair.
  goals: [linkUseGoal(), queueDelayGoal(), fairnessGoal(100_000, 299_000, 0.75)],
};

const LONG_TCP: Plan = {
  name: 'rfc8867-5.6',
  title: 'Against one long TCP transfer',
  source: 'RFC 8867 section 5.6',
  duration: 120_000,
  forward: path(2 * MBPS),
  backward: path(2 * MBPS),
  flows: [{ kind: 'tcp', name: 'tcp', start: 0, stop: 119_000 }, media('video', 5000, 119_000)],
  // The queue is TCP's; what counts is that neither starves the other.
  goals: [
    linkUseGoal(),
    bitrateGoal('media', 1, 20_000, 119_000, 200),
    tcpGoal(20_000, 119_000, 400),
    lossGoal(5),
  ],
};

function shortTcp(index: number): TcpFlowPlan {
  const downloads = { minBytes: 100_000, maxBytes: 1_000_000, meanIdleMs: 10_000, startsIdle: index >= 2 };
  return { kind: 'tcp', name: `tcp ${index + 1}`, start: 0, stop: 299_000, downloads };
}

const SHORT_TCP: Plan = {
  name: 'rfc8867-5.7',
  title: 'Two flows against ten short TCP transfers',
  source: 'RFC 8867 section 5.7',
  duration: 300_000,
  forward: path(2 * MBPS),
  backward: path(2 * MBPS),
  flows: [
    ...[media('first', 5000, 299_000), media('second', 5000, 299_000)],
    ...Array.from({ length: 10 }, (_, index) => shortTcp(index)),
  ],
  goals: [
    bitrateGoal('first', 0, 20_000, 299_000, 150),
    bitrateGoal('second', 1, 20_000, 299_000, 150),
    tcpGoal(20_000, 299_000, 400),
    lossGoal(5),
    fairnessGoal(20_000, 299_000, 0.8),
  ],
};

const PAUSE: Plan = {
  name: 'rfc8867-5.8',
  title: 'Three flows, one pauses',
  source: 'RFC 8867 section 5.8',
  duration: 120_000,
  forward: path(3.5 * MBPS),
  backward: path(3.5 * MBPS),
  flows: [
    media('first', 0, 119_000),
    media('second', 0, 119_000, { pauses: [{ from: 40_000, to: 60_000 }] }),
    media('third', 0, 119_000),
  ],
  goals: [linkUseGoal(), queueDelayGoal(), fairnessGoal(75_000, 119_000, 0.9)],
};

export const RFC8867_PLANS: readonly Plan[] = [
  variableCapacity('rfc8867-5.1', 'Variable capacity, one flow', 50),
  variableCapacity('rfc8867-5.1-100ms', 'Variable capacity, one flow, 100 ms', 100),
  ...[TWO_FLOWS, CONGESTED_FEEDBACK, COMPETING, ROUND_TRIP_FAIRNESS],
  ...[LONG_TCP, SHORT_TCP, PAUSE],
];
