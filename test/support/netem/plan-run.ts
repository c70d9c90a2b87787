import type { EstimateTrace } from '#src/bwe/congestion-types.js';
import type { LinkRecord } from './link-record.js';
import type { MediaPacket } from './media-packet.js';
import type { FlowPlan, MediaFlowPlan, Plan } from './plan.js';

/** Milliseconds between the points of a curve. */
export const SAMPLE_MS = 100;

/** What one media flow did, as curves with a point every `SAMPLE_MS`. Bitrates are those on the wire. */
export class MediaFlowRecord {
  readonly estimate: number[] = [];
  readonly sentBitrate: number[] = [];
  readonly receivedBitrate: number[] = [];
  /** Index of the rung being sent, -1 when none; empty for an adaptive source. */
  readonly rung: number[] = [];
  /** Each change of the estimate. */
  readonly estimateChanges: { at: number; bitrate: number }[] = [];
  /** Without padding. */
  sentPackets = 0;
  malformedFeedback = 0;
  readonly trace: EstimateTrace[] = [];
  private sentBytes = 0;
  private receivedBytes = 0;

  sent(packet: MediaPacket): void {
    if (packet.kind !== 'padding') this.sentPackets++;
    this.sentBytes += packet.bytes;
  }

  arrived(packet: MediaPacket): void {
    this.receivedBytes += packet.bytes;
  }

  estimateChanged(at: number, bitrate: number): void {
    const last = this.estimateChanges.at(-1);
    if (last?.bitrate !== bitrate) this.estimateChanges.push({ at, bitrate });
  }

  sample(estimate: number, rung: number | null): void {
    this.estimate.push(estimate);
    this.sentBitrate.push((this.sentBytes * 8000) / SAMPLE_MS);
    this.receivedBitrate.push((this.receivedBytes * 8000) / SAMPLE_MS);
    if (rung !== null) this.rung.push(rung);
    this.sentBytes = 0;
    this.receivedBytes = 0;
  }

  /** The estimate that held at a time. */
  estimateAt(time: number): number {
    let bitrate = this.estimateChanges[0]?.bitrate ?? 0;
    for (const change of this.estimateChanges) {
      if (change.at > time) break;
      bitrate = change.bitrate;
    }
    return bitrate;
  }
}

export interface PlanRun {
  plan: Plan;
  seed: number;
  forward: LinkRecord;
  backward: LinkRecord;
  /** As in `plan.flows`; null for cross traffic. */
  media: (MediaFlowRecord | null)[];
}

export function isMedia(flow: FlowPlan): flow is MediaFlowPlan {
  return flow.kind === 'media';
}
