/** Delays between attempts to reconnect: exponential, and spread so that clients of a lost server do not return as one. */
export class Backoff {
  #attempts = 0;

  constructor(
    private readonly minDelayMs: number,
    private readonly maxDelayMs: number,
    private readonly random: () => number = Math.random,
  ) {}

  /** Between half of and the whole of `min * 2^n`, at most `max`. */
  next(): number {
    const ceiling = Math.min(this.maxDelayMs, this.minDelayMs * 2 ** this.#attempts);
    this.#attempts++;
    return ceiling / 2 + (ceiling / 2) * this.random();
  }

  reset(): void {
    this.#attempts = 0;
  }
}
