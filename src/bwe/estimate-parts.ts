// Runs only while somebody listens to the explanation.
// Counterpart in libwebrtc: the RtcEvent logs of goog_cc (rtc_event_bwe_update_delay_based and its kin).
import type { AlrDetector } from './alr-detector.js';
import type { EstimateTrace } from './congestion-types.js';
import type { DelayBasedEstimator } from './delay-based-estimator.js';
import type { FeedbackWatchdog } from './feedback-watchdog.js';
import type { LossBasedEstimator } from './loss-based-estimator.js';
import type { ModerateLossCap } from './moderate-loss-cap.js';
import type { Probing } from './probing.js';
import type { SentPacketHistory } from './sent-packet-history.js';

/** All that an estimate is made of. */
export interface EstimateParts {
  readonly history: SentPacketHistory;
  readonly delayBased: DelayBasedEstimator;
  readonly lossBased: LossBasedEstimator;
  readonly moderateLoss: ModerateLossCap;
  readonly alr: AlrDetector;
  readonly probing: Probing;
  readonly watchdog: FeedbackWatchdog;
}

/** Inputs, states and decision as numbers by name. Bitrates in bits per second, times in milliseconds, loss 0..1. */
export function explainEstimate(
  parts: EstimateParts,
  now: number,
): Omit<EstimateTrace, 'cause' | 'targetBitrate'> {
  const { history, delayBased, lossBased, moderateLoss, alr, probing, watchdog } = parts;
  const { trendline, queue, aimd } = delayBased;
  return {
    now,
    trend: trendline.modifiedTrend,
    threshold: trendline.threshold,
    jitter: trendline.variationMs,
    queue: queue.ms,
    usage: delayBased.usage,
    state: aimd.state,
    acknowledged: delayBased.acknowledged.at(now),
    loss: lossBased.loss,
    inherentLoss: lossBased.inherent,
    lossLimit: lossBased.limit,
    moderateLossLimit: moderateLoss.limit,
    delayLimit: aimd.bitrate,
    capacity: aimd.capacity.estimate,
    alr: alr.limited ? 1 : 0,
    probe: probing.bitrate,
    inflight: history.inFlightBytes,
    lostFeedback: history.lostFeedback,
    outage: watchdog.factor < 1 ? 1 : 0,
  };
}
