/** What libwebrtc asserts of its own controller (goog_cc_network_control_unittest), as plans. */
import { bitrateGoal, estimateGoal, lossGoal, tcpGoal } from '../goals.js';
import type { LinkOptions } from '../link-options.js';
import type { MediaFlowPlan, Plan } from '../plan.js';

function media(initialBitrate: number, stop: number, more: Partial<MediaFlowPlan> = {}): MediaFlowPlan {
  const video = { kind: 'adaptive', maxBitrate: 5_000_000 } as const;
  return { kind: 'media', name: 'video', start: 0, stop, initialBitrate, video, audio: false, ...more };
}

function link(bps: number, delayMs: number, more: Partial<LinkOptions> = {}): LinkOptions {
  return { capacity: [{ at: 0, bps }], delayMs, ...more };
}

const OPEN = link(Infinity, 0);

export const LIBWEBRTC_PLANS: readonly Plan[] = [
  {
    name: 'libwebrtc-tcp',
    title: '1 Mbps shared with TCP',
    source: 'libwebrtc IsFairToTCP',
    duration: 60_000,
    forward: link(1_000_000, 50),
    backward: link(1_000_000, 50),
    flows: [media(1_000_000, 60_000), { kind: 'tcp', name: 'tcp', start: 0, stop: 60_000 }],
    goals: [
      estimateGoal(10_000, { atMost: 750 }),
      estimateGoal(60_000, { atMost: 750 }),
      bitrateGoal('media', 0, 10_000, 60_000, 100),
      tcpGoal(10_000, 60_000, 200),
      lossGoal(5),
    ],
  },
  {
    name: 'libwebrtc-10-percent-loss',
    title: '10% random loss on 2 Mbps',
    source: 'libwebrtc LossBasedControlDoesModestBackoffToHighLoss',
    duration: 120_000,
    forward: link(2_000_000, 200, { loss: 0.1 }),
    backward: link(Infinity, 200),
    flows: [media(300_000, 120_000)],
    goals: [estimateGoal(120_000, { atLeast: 100 }), bitrateGoal('media', 0, 20_000, 120_000, 100)],
  },
  {
    name: 'libwebrtc-3-percent-loss',
    title: '3% random loss, 2 then 5 Mbps',
    source: 'libwebrtc LossBasedEstimatorCapsRateAtModerateLoss',
    duration: 21_000,
    forward: {
      capacity: [
        { at: 0, bps: 2_000_000 },
        { at: 1000, bps: 5_000_000 },
      ],
      delayMs: 100,
      loss: 0.03,
    },
    backward: link(2_000_000, 100, { loss: 0.03 }),
    flows: [media(1_000_000, 21_000)],
    goals: [estimateGoal(21_000, { atMost: 2500 })],
  },
  {
    name: 'libwebrtc-video-stops',
    title: 'Video stops for 4 s',
    source: 'libwebrtc NoRttBackoffCollapseWhenVideoStops',
    duration: 5000,
    forward: link(2_000_000, 100),
    backward: OPEN,
    flows: [media(1_000_000, 6000, { pauses: [{ from: 1000, to: 6000 }] })],
    goals: [estimateGoal(5000, { atLeast: 1000 })],
  },
  {
    name: 'libwebrtc-late-feedback',
    title: 'Feedback 300 s late',
    source: 'libwebrtc NoCrashOnVeryLateFeedback',
    duration: 320_000,
    forward: link(2_000_000, 50),
    backward: {
      capacity: [
        { at: 0, bps: 1_000_000 },
        { at: 5000, bps: 0 },
        { at: 305_000, bps: 1_000_000 },
      ],
      delayMs: 50,
    },
    flows: [media(300_000, 320_000, { pauses: [{ from: 5000, to: 304_000 }] })],
    // It is enough for libwebrtc not to crash; here the estimate has to be of use again, too.
    goals: [estimateGoal(320_000, { atLeast: 1000, atMost: 2500 })],
  },
];
