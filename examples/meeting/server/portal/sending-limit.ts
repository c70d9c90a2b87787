import { LIMITS, RateLimits } from '../http/rate-limits.js';

/** Messages to people: a long series to a full room at once, then a steady trickle. */
const SENDING = { burst: 1_500, perMinute: 10 };

/** How many messages one organiser may cause: a stolen login must not become a flood of text messages. */
export class SendingLimit {
  readonly #limits: RateLimits;

  /** `now`: milliseconds, monotonic. */
  constructor(now: () => number) {
    this.#limits = new RateLimits(now, { ...LIMITS, notice: SENDING });
  }

  /** Throws `rate-limited`. */
  take(organiserId: string, messages: number): void {
    for (let taken = 0; taken < messages; taken++) this.#limits.take('notice', organiserId);
  }
}
