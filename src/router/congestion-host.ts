import { type AllocatedStream } from '../bwe/congestion-types.js';
import { type PacedOwner } from '../bwe/pacer.js';
import { type Timers } from '../stream/timers.js';

/** A stream towards the receiver, as congestion control sees it. Audio is only counted. */
export interface ControlledStream extends AllocatedStream, PacedOwner {
  readonly id: string;
  readonly kind: 'audio' | 'video';
  /** The application wants it to be sent and the producer sends it. */
  readonly active: boolean;
  /** Called before each allocation. */
  updateRungs(now: number): void;
  /** -1, -1: paused for lack of bitrate. Not called while `rungs` is empty; called again and again with the same values. */
  setTargetLayers(now: number, spatialLayer: number, temporalLayer: number): void;
  /** bps being sent. */
  bitrate(now: number): number;
  /** Nothing came through for a while, and now it does again: what was lost meanwhile is too much to be sent again. */
  pathRestored(now: number): void;
}

/** What congestion control needs of its transport. */
export interface CongestionHost {
  readonly timers: Timers;
  /** One padding packet of about so many bytes under an SSRC of its own. @returns bytes put on the wire, 0 when it cannot */
  sendProbation(now: number, bytes: number, probeCluster: number): number;
  /** Whether trace() is wanted for this type. */
  traces(type: 'bwe' | 'probation'): boolean;
  /** mediasoup's trace event, direction `out`. */
  trace(now: number, type: 'bwe' | 'probation', info: BandwidthTraceInfo | ProbationTraceInfo): void;
}

export interface CongestionOptions {
  /** What the receiver can tell: transport-wide feedback, or only REMB. */
  feedback: 'transport-cc' | 'remb';
  /** bps; default 600,000. */
  initialBitrate?: number;
}

/** mediasoup's `info` of a `bwe` trace event; all in bps. */
export interface BandwidthTraceInfo {
  type: 'transport-cc' | 'remb';
  /** What all streams would take at their best. */
  desiredBitrate: number;
  /** The same within the limit that the application set. */
  effectiveDesiredBitrate: number;
  minBitrate: number;
  /** 0 = no limit. */
  maxBitrate: number;
  startBitrate: number;
  /** Of the probe being sent, else 0. */
  maxPaddingBitrate: number;
  availableBitrate: number;
}

export function bandwidthTraceInfo(
  type: 'transport-cc' | 'remb',
  startBitrate: number,
  minBitrate: number,
): BandwidthTraceInfo {
  return {
    type,
    desiredBitrate: 0,
    effectiveDesiredBitrate: 0,
    minBitrate,
    maxBitrate: 0,
    startBitrate,
    maxPaddingBitrate: 0,
    availableBitrate: startBitrate,
  };
}

/** One padding packet. */
export interface ProbationTraceInfo {
  probeCluster: number;
  /** bps that the probe is sent at. */
  bitrate: number;
  size: number;
  /** Over the RTX stream of a consumer; false: over an SSRC only for this. */
  rtx: boolean;
}

/** For getStats(); bitrates in bps. */
export interface CongestionStats {
  availableOutgoingBitrate: number;
  allocatedBitrate: number;
  wantedBitrate: number;
  /** 0..1, by transport-wide feedback. */
  lossFraction: number;
  roundTripMs: number;
  queuedBytes: number;
  queueDelayMs: number;
  /** Packets given up in the pacer's queue, and refused by it. */
  packetsDiscarded: number;
}
