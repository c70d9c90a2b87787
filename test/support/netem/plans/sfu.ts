/** What an SFU does: it forwards one of few bitrates, and has to find out by itself whether the next one fits. */
import {
  bitrateGoal,
  estimateGoal,
  queueDelayGoal,
  receivedGoal,
  rungKeptGoal,
  rungReachesGoal,
} from '../goals.js';
import type { CapacityStep, LinkOptions } from '../link-options.js';
import type { MediaFlowPlan, Plan } from '../plan.js';

/** Three simulcast layers of VP8: 180p, 360p, 720p. */
const RUNGS = [150_000, 600_000, 2_000_000];
const TOP = RUNGS.length - 1;

function media(initialBitrate: number, stop: number): MediaFlowPlan {
  return {
    kind: 'media',
    name: 'video',
    start: 0,
    stop,
    initialBitrate,
    video: { kind: 'layered', rungs: RUNGS },
  };
}

function path(capacity: readonly CapacityStep[], more: Partial<LinkOptions> = {}): LinkOptions {
  return { capacity, delayMs: 50, queueMs: 300, ...more };
}

const OUTAGE = { from: 15_000, to: 17_000 };

const BACK = path([{ at: 0, bps: 4_000_000 }]);

export const SFU_PLANS: readonly Plan[] = [
  {
    name: 'sfu-start',
    title: 'Layers on 5 Mbps, from 300 kbps',
    source: 'own goal',
    duration: 60_000,
    forward: path([{ at: 0, bps: 5_000_000 }]),
    backward: BACK,
    flows: [media(300_000, 60_000)],
    goals: [
      rungReachesGoal('top layer', 0, TOP, 5),
      rungKeptGoal(5000, 60_000, TOP, 99),
      queueDelayGoal(),
      bitrateGoal('media', 0, 10_000, 60_000, 1900),
    ],
  },
  {
    name: 'sfu-deadlock',
    title: 'Layers, 1 Mbps becomes 5 Mbps',
    source: 'own goal',
    duration: 60_000,
    forward: path([
      { at: 0, bps: 1_000_000 },
      { at: 20_000, bps: 5_000_000 },
    ]),
    backward: BACK,
    flows: [media(300_000, 60_000)],
    goals: [
      rungReachesGoal('middle layer', 0, 1, 5),
      rungReachesGoal('top layer after the rise', 20_000, TOP, 10),
      rungKeptGoal(30_000, 60_000, TOP, 99),
      queueDelayGoal(),
    ],
  },
  {
    name: 'sfu-between-layers',
    title: 'Layers on 1.5 Mbps: the top one never fits',
    source: 'own goal',
    duration: 90_000,
    forward: path([{ at: 0, bps: 1_500_000 }]),
    backward: BACK,
    flows: [media(300_000, 90_000)],
    goals: [
      rungReachesGoal('middle layer', 0, 1, 5),
      rungKeptGoal(5000, 90_000, 1, 99),
      queueDelayGoal(),
      estimateGoal(90_000, { atMost: 1700 }),
    ],
  },
  {
    name: 'sfu-5-percent-loss',
    title: 'Layers on 5 Mbps with 5% random loss',
    source: 'own goal',
    duration: 90_000,
    forward: path([{ at: 0, bps: 5_000_000 }], { loss: 0.05 }),
    backward: BACK,
    flows: [media(300_000, 90_000)],
    goals: [
      rungReachesGoal('top layer', 0, TOP, 10),
      rungKeptGoal(10_000, 90_000, TOP, 95),
      queueDelayGoal(),
    ],
  },
  {
    name: 'sfu-outage',
    title: 'Layers, all is lost for 2 s',
    source: 'own goal',
    duration: 40_000,
    forward: path([{ at: 0, bps: 5_000_000 }], { outages: [OUTAGE] }),
    backward: path([{ at: 0, bps: 4_000_000 }], { outages: [OUTAGE] }),
    flows: [media(300_000, 40_000)],
    goals: [
      receivedGoal('picture after the outage', OUTAGE.to, RUNGS[0], 3),
      rungKeptGoal(OUTAGE.to + 5000, 40_000, TOP, 99),
      queueDelayGoal(),
    ],
  },
  {
    name: 'sfu-narrow',
    title: 'Layers on 250 kbps',
    source: 'own goal',
    duration: 60_000,
    forward: path([{ at: 0, bps: 250_000 }]),
    backward: BACK,
    flows: [media(300_000, 60_000)],
    goals: [rungReachesGoal('lowest layer', 0, 0, 3), rungKeptGoal(5000, 60_000, 0, 95), queueDelayGoal()],
  },
];
