import type { LinkOptions } from './link-options.js';
import type { PlanRun } from './plan-run.js';

/** A situation, and what must hold in it. All times in milliseconds since the start, bitrates in bits per second. */
export interface Plan {
  /** Unique; the name of the picture. */
  name: string;
  title: string;
  /** Where it comes from. */
  source: string;
  duration: number;
  forward: LinkOptions;
  backward: LinkOptions;
  flows: readonly FlowPlan[];
  goals: readonly Goal[];
}

/** A number taken from a run, and where it has to lie. */
export interface Goal {
  name: string;
  unit: '' | '%' | 'ms' | 's' | 'kbps';
  measure: (run: PlanRun) => number;
  atLeast?: number;
  atMost?: number;
}

export type FlowPlan = MediaFlowPlan | TcpFlowPlan | UdpFlowPlan;

interface TimedFlow {
  name: string;
  start: number;
  stop: number;
  /** Default forward; its feedback or acknowledgements go the other way. */
  direction?: 'forward' | 'backward';
  /** Propagation of its own in each direction, beyond the shared link. Default 0. */
  accessDelayMs?: number;
}

/** A sender with the product's bandwidth estimator. */
export interface MediaFlowPlan extends TimedFlow {
  kind: 'media';
  /** What the estimator begins with. */
  initialBitrate: number;
  video: AdaptiveVideo | LayeredVideo;
  /** An opus stream of 20 kbps beside the video. Default true. */
  audio?: boolean;
  /** Nothing is sent, audio neither. */
  pauses?: readonly { from: number; to: number }[];
}

/** An encoder of our own: it follows the estimate. */
export interface AdaptiveVideo {
  kind: 'adaptive';
  /** Default 150 kbps (RFC 8867 section 4.3). */
  minBitrate?: number;
  maxBitrate: number;
}

/** Simulcast of somebody else, as an SFU forwards it: one of few bitrates, or nothing. */
export interface LayeredVideo {
  kind: 'layered';
  /** Ascending. */
  rungs: readonly number[];
}

export interface TcpFlowPlan extends TimedFlow {
  kind: 'tcp';
  /** Default: one transfer without end. */
  downloads?: { minBytes: number; maxBytes: number; meanIdleMs: number; startsIdle: boolean };
}

export interface UdpFlowPlan extends TimedFlow {
  kind: 'udp';
  bitrate: number;
  /** Default 1200. */
  packetBytes?: number;
  /** Alternates: on for so long, then off. Default always on. */
  onMs?: number;
  offMs?: number;
}
