// Runs once per feedback; allocates nothing.
// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/loss_based_bwe_v2.
import type { FeedbackResults } from './feedback-results.js';

const WINDOW = 20;
const OBSERVATION_MS = 250;
const MIN_OBSERVATIONS = 3;
const AGE_WEIGHT = 0.9;
const MIN_INHERENT = 0.001;
const INITIAL_INHERENT = 0.01;
/** Loss that a link may have by itself: less for faster links. */
const INHERENT_OFFSET = 0.05;
const INHERENT_BALANCE = 100_000;
const NEWTON_STEP = 0.75;
/** Of two explanations that are equally likely the one with more bandwidth is taken. */
const LINEAR_BIAS = 0.0002;
const LOG_BIAS = 0.02;
const MAX_BIASED_LOSS = 0.2;
const FACTORS = [1.02, 1, 0.95];
const MAX_OVER_ACKNOWLEDGED = 1.3;
/** While a queue stands, loss beyond this is that of a full queue, unless the link was seen to have more without one. */
const MAX_QUEUED_INHERENT = 0.02;
/** Bits per second that are not given up to those who share a full queue with us. */
const FAIR_BITRATE = 250_000;
/** Loss beyond the offset limits the bitrate to the balance, bits per second, over the excess. */
const UNQUEUED_OFFSET = 0.06;
const UNQUEUED_BALANCE = 60_000;
const QUEUED_OFFSET = 0.03;
const QUEUED_BALANCE = 20_000;

/**
 * Explains the losses of the last seconds by a bandwidth that was exceeded and by loss that the link always has, whichever
 * is more likely. Loss that does not depend on the rate leaves the estimate alone, as long as it is moderate.
 */
export class LossBasedEstimator {
  /** Bits per second; Infinity when loss is no limit. */
  limit = Number.POSITIVE_INFINITY;
  /** 0..1, over the last seconds, newer ones weigh more. */
  loss = 0;
  /** 0..1, the part of the loss that does not depend on the rate. */
  inherent = INITIAL_INHERENT;

  private readonly packets = new Float64Array(WINDOW);
  private readonly lost = new Float64Array(WINDOW);
  private readonly rates = new Float64Array(WINDOW);
  private count = 0;
  private bandwidth = Number.NaN;
  private partialPackets = 0;
  private partialLost = 0;
  private partialBytes = 0;
  private partialFirst = Number.POSITIVE_INFINITY;
  private partialLast = Number.NEGATIVE_INFINITY;
  private candidateInherent = 0;
  private queued = false;

  /**
   * @param delayLimit bits per second that the delay allows
   * @param acknowledged bits per second that get through, 0 while unknown
   * @param queued packets have been waiting in a queue for a while
   */
  update(results: FeedbackResults, delayLimit: number, acknowledged: number, queued: boolean): void {
    this.queued = queued;
    if (Number.isNaN(this.bandwidth) || this.limit === Number.POSITIVE_INFINITY) this.bandwidth = delayLimit;
    if (!this.observe(results)) return;
    if (this.count < MIN_OBSERVATIONS) return;
    this.average();
    this.choose(delayLimit, acknowledged);
    this.conclude(delayLimit);
  }

  /** So much came through in a probe, whatever was concluded before. */
  probed(bitrate: number): void {
    if (this.limit === Number.POSITIVE_INFINITY || bitrate <= this.limit) return;
    this.bandwidth = bitrate;
    this.limit = bitrate;
  }

  reset(): void {
    this.count = 0;
    this.loss = 0;
    this.inherent = INITIAL_INHERENT;
    this.bandwidth = Number.NaN;
    this.limit = Number.POSITIVE_INFINITY;
    this.begin();
  }

  private observe(results: FeedbackResults): boolean {
    // A packet that came after all takes back a loss, at most those of this observation.
    this.partialLost = Math.max(0, this.partialLost + results.lostPackets - results.recoveredPackets);
    this.partialPackets += results.count + results.lostPackets - results.recoveredPackets;
    this.partialBytes += results.receivedBytes + results.lostBytes;
    if (results.firstSend < this.partialFirst) this.partialFirst = results.firstSend;
    if (results.lastSend > this.partialLast) this.partialLast = results.lastSend;
    const span = this.partialLast - this.partialFirst;
    if (!(span >= OBSERVATION_MS) || this.partialPackets <= 0) return false;
    const at = this.count % WINDOW;
    this.packets[at] = this.partialPackets;
    this.lost[at] = Math.min(this.partialLost, this.partialPackets);
    this.rates[at] = (this.partialBytes * 8000) / span;
    this.count++;
    this.begin();
    return true;
  }

  private begin(): void {
    this.partialPackets = 0;
    this.partialLost = 0;
    this.partialBytes = 0;
    this.partialFirst = Number.POSITIVE_INFINITY;
    this.partialLast = Number.NEGATIVE_INFINITY;
  }

  private average(): void {
    let packets = 0;
    let lost = 0;
    let weight = 1;
    for (let back = 1; back <= Math.min(this.count, WINDOW); back++, weight *= AGE_WEIGHT) {
      const at = (this.count - back) % WINDOW;
      packets += weight * this.packets[at];
      lost += weight * this.lost[at];
    }
    this.loss = packets > 0 ? lost / packets : 0;
  }

  private choose(delayLimit: number, acknowledged: number): void {
    let best = this.bandwidth;
    let bestInherent = this.inherent;
    let bestScore = Number.NEGATIVE_INFINITY;
    const candidates = FACTORS.length + 2;
    for (let index = 0; index < candidates; index++) {
      let bandwidth = delayLimit;
      if (index < FACTORS.length) bandwidth = this.bandwidth * FACTORS[index];
      else if (index === FACTORS.length) bandwidth = acknowledged;
      if (!(bandwidth > 0)) continue;
      if (acknowledged > 0 && bandwidth > this.bandwidth && this.limit < delayLimit) {
        bandwidth = Math.max(this.bandwidth, Math.min(bandwidth, acknowledged * MAX_OVER_ACKNOWLEDGED));
      }
      bandwidth = Math.min(bandwidth, delayLimit);
      const score = this.score(bandwidth);
      if (score > bestScore) {
        bestScore = score;
        best = bandwidth;
        bestInherent = this.candidateInherent;
      }
    }
    // While more is lost than the link loses by itself, there is congestion: no growth.
    if (best > this.bandwidth && this.limit < delayLimit && bestInherent < this.loss * 0.9) return;
    this.bandwidth = best;
    this.inherent = bestInherent;
  }

  /** Log-likelihood of what was observed, for this bandwidth and the inherent loss that suits it best. */
  private score(bandwidth: number): number {
    let upper = Math.min(1, INHERENT_OFFSET + INHERENT_BALANCE / bandwidth);
    if (this.queued) upper = Math.min(upper, Math.max(MAX_QUEUED_INHERENT, this.inherent));
    let slope = 0;
    let curvature = 0;
    const observations = Math.min(this.count, WINDOW);
    let weight = 1;
    for (let back = 1; back <= observations; back++, weight *= AGE_WEIGHT) {
      const at = (this.count - back) % WINDOW;
      const excess = this.excess(at, bandwidth);
      const p = clampProbability(this.inherent * (1 - excess) + excess);
      const lost = this.lost[at];
      const received = this.packets[at] - lost;
      slope += weight * (1 - excess) * (lost / p - received / (1 - p));
      curvature -= weight * (1 - excess) * (1 - excess) * (lost / (p * p) + received / ((1 - p) * (1 - p)));
    }
    let inherent = this.inherent;
    if (curvature < 0) inherent -= (NEWTON_STEP * slope) / curvature;
    inherent = Math.max(MIN_INHERENT, Math.min(inherent, upper));
    this.candidateInherent = inherent;

    const kbps = bandwidth / 1000;
    const bias = this.loss > MAX_BIASED_LOSS ? 0 : LINEAR_BIAS * kbps + LOG_BIAS * Math.log(1 + kbps);
    let score = 0;
    weight = 1;
    for (let back = 1; back <= observations; back++, weight *= AGE_WEIGHT) {
      const at = (this.count - back) % WINDOW;
      const excess = this.excess(at, bandwidth);
      const p = clampProbability(inherent * (1 - excess) + excess);
      const lost = this.lost[at];
      score +=
        weight * (lost * Math.log(p) + (this.packets[at] - lost) * Math.log(1 - p) + bias * this.packets[at]);
    }
    return score;
  }

  private excess(at: number, bandwidth: number): number {
    const rate = this.rates[at];
    return rate > bandwidth ? (rate - bandwidth) / rate : 0;
  }

  private conclude(delayLimit: number): void {
    if (this.queued) this.bandwidth = Math.max(this.bandwidth, FAIR_BITRATE);
    this.bandwidth = Math.min(this.bandwidth, delayLimit);
    const limit = Math.min(this.bandwidth, this.tolerable());
    this.limit = limit < delayLimit ? limit : Number.POSITIVE_INFINITY;
  }

  /** The higher the loss the less may be sent, whatever its cause is thought to be: others may suffer too. */
  private tolerable(): number {
    const excess = this.loss - (this.queued ? QUEUED_OFFSET : UNQUEUED_OFFSET);
    if (excess <= 0) return Number.POSITIVE_INFINITY;
    return Math.max(FAIR_BITRATE, (this.queued ? QUEUED_BALANCE : UNQUEUED_BALANCE) / excess);
  }
}

function clampProbability(p: number): number {
  return Math.max(1e-6, Math.min(p, 1 - 1e-6));
}
