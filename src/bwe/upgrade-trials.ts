/** Milliseconds until the next upgrade after one that did not last; doubled with each further failure. */
const HOLD_OFF_MS = 2000;
const MAX_HOLD_OFF_MS = 30_000;
/** From nothing to the first rung: a missing picture is worse than one that comes and goes. */
const MAX_RESUME_HOLD_OFF_MS = 2000;
/** Milliseconds: an upgrade that had to be taken back sooner has failed, one that lasted longer has succeeded. */
const TRIAL_MS = 10_000;
/** Upgrades that stay clearly below the total that failed are no new trial. */
const BELOW_FAILED = 0.9;
/** So much more than what the failed upgrade relied on: the network is another one now. */
const NEW_NETWORK = 1.3;

/**
 * Every upgrade is a trial, because an estimate above what is being sent is a guess. Remembers how the last one went, for
 * all streams together: it is their total that the network could not carry.
 */
export class UpgradeTrials {
  private upgradedAt = Number.NEGATIVE_INFINITY;
  private upgradedTotal = 0;
  /** What the network was said to carry when the upgrade was made. */
  private reliedOn = 0;
  private failedAt = Number.NEGATIVE_INFINITY;
  /** The least that has failed in a row. */
  private failedTotal = 0;
  /** The most that was on offer for an upgrade that failed. */
  private deceptive = 0;
  private failures = 0;

  /** @param total bps after the upgrade; @param bitrate bps that the network is said to carry; @param resume from nothing to the first rung */
  allows(now: number, total: number, bitrate: number, resume: boolean): boolean {
    if (this.failures === 0 || total < this.failedTotal * BELOW_FAILED) return true;
    if (bitrate > this.deceptive * NEW_NETWORK) return true;
    const most = resume ? MAX_RESUME_HOLD_OFF_MS : MAX_HOLD_OFF_MS;
    return now - this.failedAt >= Math.min(most, HOLD_OFF_MS * 2 ** (this.failures - 1));
  }

  /** @param total bps of all streams after it; @param bitrate bps that the network is said to carry */
  upgraded(now: number, total: number, bitrate: number): void {
    const lasted = this.failedAt < this.upgradedAt && now - this.upgradedAt >= TRIAL_MS;
    if (lasted && this.upgradedTotal >= this.failedTotal * BELOW_FAILED) this.failures = 0;
    this.upgradedAt = now;
    this.upgradedTotal = total;
    this.reliedOn = bitrate;
  }

  /** Something had to be taken back. @param total bps of all streams before */
  downgraded(now: number, total: number): void {
    // Several steps down in a row are one failure.
    if (this.failedAt >= this.upgradedAt) return;
    this.failedAt = now;
    if (now - this.upgradedAt >= TRIAL_MS) {
      if (this.upgradedTotal >= this.failedTotal * BELOW_FAILED) this.failures = 0;
      return;
    }
    this.deceptive = this.failures === 0 ? this.reliedOn : Math.max(this.deceptive, this.reliedOn);
    this.failedTotal = this.failures === 0 ? total : Math.min(this.failedTotal, total);
    this.failures += 1;
  }
}
