/**
 * Counts of what was thrown away, by named reason. Reasons that are listed at the start show their zeros too; others
 * appear when they first occur. Counting is on the packet path: it allocates nothing.
 */
export class DropCounters<Reason extends string> {
  readonly #counts: Record<Reason, number>;

  constructor(reasons: readonly Reason[] = []) {
    const counts = {} as Record<Reason, number>;
    for (const reason of reasons) counts[reason] = 0;
    this.#counts = counts;
  }

  count(reason: Reason): void {
    this.#counts[reason] = (this.#counts[reason] ?? 0) + 1;
  }

  get(reason: Reason): number {
    return this.#counts[reason] ?? 0;
  }

  /** The sum over all reasons. */
  get total(): number {
    let total = 0;
    for (const reason in this.#counts) total += this.#counts[reason];
    return total;
  }

  /** A copy: reason -> count. */
  snapshot(): Record<Reason, number> {
    return { ...this.#counts };
  }
}
