/** How fast the estimate goes up and down, and what else a path may do. */
import {
  dropGoal,
  estimateReachesGoal,
  linkUseGoal,
  queueDelayGoal,
  receivedGoal,
  riseGoal,
} from '../goals.js';
import type { CapacityStep, LinkOptions } from '../link-options.js';
import type { MediaFlowPlan, Plan } from '../plan.js';

function media(initialBitrate: number, maxBitrate: number, stop: number): MediaFlowPlan {
  const video = { kind: 'adaptive', maxBitrate } as const;
  return { kind: 'media', name: 'video', start: 0, stop, initialBitrate, video };
}

function path(capacity: readonly CapacityStep[], more: Partial<LinkOptions> = {}): LinkOptions {
  return { capacity, delayMs: 50, queueMs: 300, ...more };
}

const OUTAGE = { from: 15_000, to: 17_000 };

const BACK = path([{ at: 0, bps: 4_000_000 }]);

export const STEP_PLANS: readonly Plan[] = [
  {
    name: 'ramp',
    title: 'From 300 kbps to 2.5 Mbps',
    source: 'own goal',
    duration: 20_000,
    forward: path([{ at: 0, bps: 3_000_000 }]),
    backward: BACK,
    flows: [media(300_000, 2_500_000, 20_000)],
    goals: [linkUseGoal(), queueDelayGoal(), estimateReachesGoal(2_500_000, 3), riseGoal()],
  },
  {
    name: 'rise-and-drop',
    title: 'Capacity up and down, source without limit',
    source: 'own goal',
    duration: 120_000,
    forward: path([
      { at: 0, bps: 1_000_000 },
      { at: 20_000, bps: 3_000_000 },
      { at: 40_000, bps: 1_500_000 },
      { at: 60_000, bps: 2_500_000 },
      { at: 80_000, bps: 500_000 },
      { at: 100_000, bps: 1_000_000 },
    ]),
    backward: BACK,
    flows: [media(300_000, 8_000_000, 120_000)],
    goals: [linkUseGoal(), queueDelayGoal(), riseGoal(), dropGoal()],
  },
  {
    name: 'outage',
    title: 'All is lost for 2 s',
    source: 'own goal',
    duration: 40_000,
    forward: path([{ at: 0, bps: 2_000_000 }], { outages: [OUTAGE] }),
    backward: path([{ at: 0, bps: 4_000_000 }], { outages: [OUTAGE] }),
    flows: [media(300_000, 8_000_000, 40_000)],
    goals: [
      linkUseGoal(),
      queueDelayGoal(),
      receivedGoal('picture after the outage', OUTAGE.to, 150_000, 3),
      riseGoal(),
    ],
  },
  {
    name: 'stall',
    title: 'Nothing moves for 2 s, then what was queued comes',
    source: 'own goal',
    duration: 60_000,
    forward: path([
      { at: 0, bps: 2_000_000 },
      { at: OUTAGE.from, bps: 0 },
      { at: OUTAGE.to, bps: 2_000_000 },
    ]),
    backward: path([
      { at: 0, bps: 4_000_000 },
      { at: OUTAGE.from, bps: 0 },
      { at: OUTAGE.to, bps: 4_000_000 },
    ]),
    flows: [media(300_000, 8_000_000, 60_000)],
    goals: [linkUseGoal(), queueDelayGoal(), riseGoal()],
  },
  {
    name: 'radio',
    title: 'Jitter, reordering, duplicates and bursts of loss',
    source: 'own goal',
    duration: 60_000,
    forward: path([{ at: 0, bps: 2_000_000 }], {
      jitter: { deviationMs: 8, maxMs: 40, reorders: true },
      burstLoss: { enter: 0.002, leave: 0.3, lossInside: 0.7 },
      reordering: { probability: 0.01, delayMs: 25 },
      duplication: 0.005,
    }),
    backward: path([{ at: 0, bps: 2_000_000 }], { jitter: { deviationMs: 8, maxMs: 40 }, loss: 0.02 }),
    flows: [media(300_000, 8_000_000, 60_000)],
    goals: [linkUseGoal(), queueDelayGoal()],
  },
  {
    name: 'cross-traffic',
    title: '3 Mbps, 1.5 Mbps of UDP come and go',
    source: 'own goal',
    duration: 90_000,
    forward: path([{ at: 0, bps: 3_000_000 }]),
    backward: BACK,
    flows: [
      media(300_000, 8_000_000, 90_000),
      { kind: 'udp', name: 'udp 1', start: 20_000, stop: 40_000, bitrate: 1_500_000 },
      { kind: 'udp', name: 'udp 2', start: 60_000, stop: 75_000, bitrate: 1_500_000 },
    ],
    goals: [linkUseGoal(), queueDelayGoal()],
  },
];
