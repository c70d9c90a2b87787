/** Report intervals that a score remembers, about a second each; the newest counts most. */
const HISTORY = 8;
export const MAX_SCORE = 10;

/**
 * How well a stream gets through, in mediasoup's scale: 10 for no loss. Loss hurts more than in proportion: a tenth of the
 * packets missing ruins a third of the quality. What retransmission brought back counts for less the more there was of it,
 * because it came late and took room. For people and statistics: layers are not chosen by it.
 */
export class StreamScore {
  private readonly history: number[] = [];
  private count = 0;
  private next = 0;
  /** 1 to 10. */
  value = MAX_SCORE;

  /**
   * One report interval.
   * @param expected packets that were sent
   * @param lost those that did not arrive by themselves
   * @param repaired those of them that retransmission brought back
   * @param retransmitted how many retransmissions that took
   */
  add(expected: number, lost: number, repaired: number, retransmitted: number): void {
    // Nothing was sent: nothing is known anew.
    if (expected <= 0) return;
    this.history[this.next] = MAX_SCORE * delivered(expected, lost, repaired, retransmitted) ** 4;
    this.next = (this.next + 1) % HISTORY;
    this.count = Math.min(HISTORY, this.count + 1);
    this.value = Math.max(1, Math.round(this.weighted()));
  }

  /** The stream stopped: what comes next is judged by itself. */
  reset(): void {
    this.count = 0;
    this.next = 0;
    this.value = MAX_SCORE;
  }

  private weighted(): number {
    let sum = 0;
    let weights = 0;
    for (let age = 1; age <= this.count; age++) {
      const weight = this.count + 1 - age;
      sum += weight * this.history[(this.next - age + HISTORY) % HISTORY];
      weights += weight;
    }
    return sum / weights;
  }
}

/** Part of the packets that were there in time, 0 to 1, a repaired one counting in part. */
function delivered(expected: number, lost: number, repaired: number, retransmitted: number): number {
  const missing = Math.max(0, Math.min(lost, expected));
  const mended = Math.max(0, Math.min(repaired, missing));
  const share = mended / expected;
  const effort = retransmitted > mended && mended > 0 ? mended / retransmitted : 1;
  const forgiven = mended * (1 - share) ** 2 * effort;
  return 1 - (missing - forgiven) / expected;
}
