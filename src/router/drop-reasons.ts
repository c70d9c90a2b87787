/** Why the core lets a packet fall; each is counted per transport and shows in its dump. */
export const RTP_DROP_REASONS = [
  'rtp-malformed',
  'rtp-too-large',
  'rtp-unknown-stream',
  'rtp-unknown-payload-type',
  'rtp-duplicate',
  'rtp-padding-only',
  'rtx-empty',
  'rtx-without-stream',
  'rtx-out-of-window',
  'rtp-no-memory',
  'rtcp-malformed',
  'rtcp-unknown-type',
  'rtcp-unknown-ssrc',
  'egress-not-connected',
  'egress-batch-full',
  'retransmission-unknown',
  'retransmission-too-soon',
  'retransmission-too-often',
] as const;

export type RtpDropReason = (typeof RTP_DROP_REASONS)[number];

/** Counts by reason. */
export class RtpDrops {
  private readonly counts = new Map<RtpDropReason, number>(RTP_DROP_REASONS.map((reason) => [reason, 0]));

  count(reason: RtpDropReason): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
  }

  /** The reasons that occurred. */
  snapshot(): Partial<Record<RtpDropReason, number>> {
    return Object.fromEntries([...this.counts].filter(([, count]) => count > 0));
  }
}
