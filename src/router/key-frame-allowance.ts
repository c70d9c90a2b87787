/** Key frames that one receiver may ask for in a row; each costs all who watch the same sender (as JVB: 3 in 10 s). */
const BURST = 3;
const REFILL_MS = 3300;

/** How often one receiver may make its sender begin anew. */
export class KeyFrameAllowance {
  private tokens = BURST;
  private askedAt = 0;

  /** @returns false when it asks too often */
  take(now: number): boolean {
    this.tokens = Math.min(BURST, this.tokens + (now - this.askedAt) / REFILL_MS);
    this.askedAt = now;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
