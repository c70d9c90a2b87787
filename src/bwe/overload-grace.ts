/** What is being sent may exceed the budget by so much, always: bitrates of encoders swing. */
const TOLERANCE = 0.05;
/** And by so much for a moment, because most dips of an estimate are over before a lower layer would show. */
const DIP_TOLERANCE = 0.25;
/** bps; the same bitrates added in another order. */
export const ROUNDING = 1;

/** How much of what is being sent may go on although the budget is smaller now. */
export class OverloadGrace {
  private since = Number.NaN;

  /** @param momentMs milliseconds that a dip may last */
  constructor(private readonly momentMs: number) {}

  /** @param sent bps being sent; @returns bps that may go on */
  limit(now: number, budget: number, sent: number): number {
    if (sent <= budget * (1 + TOLERANCE)) {
      this.since = Number.NaN;
      return Math.max(sent + ROUNDING, budget);
    }
    if (Number.isNaN(this.since)) this.since = now;
    const short = now - this.since < this.momentMs;
    return short && sent <= budget * (1 + DIP_TOLERANCE) ? sent + ROUNDING : budget * (1 + TOLERANCE);
  }
}
