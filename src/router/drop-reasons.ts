import { type DropCounters } from '../stream/drop-counters.js';

/** Why the core lets a packet fall; each is counted per transport and shows in its dump. */
export const RTP_DROP_REASONS = [
  'rtp-malformed',
  'rtp-too-large',
  'rtp-unknown-stream',
  'rtp-unknown-payload-type',
  'rtp-duplicate',
  'rtp-padding-only',
  'red-malformed',
  'rtx-empty',
  'rtx-without-stream',
  'rtx-out-of-window',
  'rtp-not-kept',
  'rtp-out-of-order',
  'rtcp-malformed',
  'rtcp-unknown-type',
  'rtcp-unknown-ssrc',
  'feedback-over-budget',
  'egress-not-connected',
  'egress-batch-full',
  'pacer-full',
  'paced-too-late',
  'retransmission-unknown',
  'retransmission-too-soon',
  'retransmission-too-often',
  'retransmission-over-budget',
  'retransmission-in-outage',
  'key-frame-request-too-often',
] as const;

export type RtpDropReason = (typeof RTP_DROP_REASONS)[number];

export type RtpDrops = DropCounters<RtpDropReason>;
