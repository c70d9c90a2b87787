/** What is being sent may exceed the budget by so much, always: bitrates of encoders swing. */
const TOLERANCE = 0.05;
/** And by so much for a moment, because most dips of an estimate are over before a lower layer would show. */
const DIP_TOLERANCE = 0.25;
/** bps; the same bitrates added in another order. */
export const ROUNDING = 1;

/** How much of what is being sent may go on although the budget is smaller now. */
export class OverloadGrace {
  private since = Number.NaN;

  /**
   * @param momentMs milliseconds that a dip may last
   * @param partial where a dip is too deep for all that is sent, a part may go on all the same
   */
  constructor(
    private readonly momentMs: number,
    private readonly partial = false,
  ) {}

  /**
   * @param budget bps, less than 0 when others take more than there is
   * @param sent bps being sent
   * @param besides bps that others take of the same estimate, which errs by a part of all
   * @returns bps that may go on
   */
  limit(now: number, budget: number, sent: number, besides = 0): number {
    const all = budget + besides;
    if (sent + besides <= all * (1 + TOLERANCE)) {
      this.since = Number.NaN;
      return Math.max(sent + ROUNDING, budget);
    }
    if (Number.isNaN(this.since)) this.since = now;
    const short = now - this.since < this.momentMs;
    const most = all * (1 + DIP_TOLERANCE) - besides;
    if (short && (sent <= most || this.partial)) return Math.min(sent + ROUNDING, most);
    return all * (1 + TOLERANCE) - besides;
  }
}
