// Runs once per feedback; allocates nothing.
// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/loss_based_bandwidth_estimation; the region in which
// draft-ietf-rmcat-gcc-02 section 6 leaves the estimate where it is.
import type { FeedbackResults } from './feedback-results.js';

const TIME_CONSTANT_MS = 7000;
const MIN_PACKETS = 100;
/** Loss from which on, and below which no more, growth is slow. */
const ENTER = 0.02;
const LEAVE = 0.015;
/** A few streams of video are never held back. */
const FREE_BITRATE = 2_350_000;
/** Per second. */
const GROWTH = 1.002;
/** Per second: what was reached faster has not been carried for as long as the loss was measured. */
const SETTLING = 1.08;

/**
 * A path that keeps losing some packets is not asked for much more than it carries: above what a few streams need the
 * estimate grows only slowly, since the losses may be those of others who are crowded out. It never lowers the estimate.
 */
export class ModerateLossCap {
  /** Bits per second; Infinity while little is lost. */
  limit = Number.POSITIVE_INFINITY;
  /** 0..1, over some ten seconds. */
  loss = 0;
  private packets = 0;
  private lost = 0;
  private last = Number.NaN;
  private settled = Number.POSITIVE_INFINITY;

  update(now: number, results: FeedbackResults, targetBitrate: number): void {
    const elapsed = Number.isNaN(this.last) ? 0 : Math.max(0, now - this.last);
    const keep = Math.exp(-elapsed / TIME_CONSTANT_MS);
    this.last = now;
    this.settled = Math.min(targetBitrate, this.settled * Math.pow(SETTLING, elapsed / 1000));
    this.packets = this.packets * keep + results.count + results.lostPackets;
    this.lost = Math.max(0, this.lost * keep + results.lostPackets - results.recoveredPackets);
    if (this.packets < MIN_PACKETS) return;
    this.loss = this.lost / this.packets;
    if (this.loss < LEAVE) this.limit = Number.POSITIVE_INFINITY;
    else if (this.limit !== Number.POSITIVE_INFINITY) this.limit *= Math.pow(GROWTH, elapsed / 1000);
    else if (this.loss >= ENTER) this.limit = Math.max(FREE_BITRATE, this.settled);
  }
}
