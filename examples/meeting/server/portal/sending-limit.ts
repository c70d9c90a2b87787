import { RateLimits } from '../http/rate-limits.js';

/** How many messages one organiser may cause: a stolen login must not become a flood of text messages. */
export class SendingLimit {
  readonly #limits: RateLimits;

  /** `now`: milliseconds, monotonic. */
  constructor(now: () => number) {
    this.#limits = new RateLimits(now);
  }

  /** Throws `rate-limited`. */
  take(organiserId: string, messages: number): void {
    if (messages > 0) this.#limits.take('message', organiserId, messages);
  }
}
