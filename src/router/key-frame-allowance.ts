/** Key frames that one receiver may ask for in a row; each costs all who watch the same sender (as JVB: 3 in 10 s). */
const BURST = 3;
const REFILL_MS = 3300;

/** How often one receiver may make its sender begin anew. */
export class KeyFrameAllowance {
  private tokens = BURST;
  private takenAt = Number.NEGATIVE_INFINITY;
  private refilledAt = 0;

  /**
   * @param answeredAt when a key frame last began to go out to it: until one does, it asks for the same one again, however often
   * @returns false when it asks too often
   */
  take(now: number, answeredAt: number): boolean {
    if (this.takenAt > answeredAt) return true;
    this.tokens = Math.min(BURST, this.tokens + (now - this.refilledAt) / REFILL_MS);
    this.refilledAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    this.takenAt = now;
    return true;
  }
}
