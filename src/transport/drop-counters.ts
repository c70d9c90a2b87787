/**
 * Counts of what was thrown away, by named reason. Every reason exists from the start, so that a dump shows the
 * zeros too and counting never adds a key. Counting is on the packet path: it allocates nothing.
 */
export class DropCounters<Reason extends string> {
  readonly #counts: Record<Reason, number>;

  constructor(reasons: readonly Reason[]) {
    const counts = {} as Record<Reason, number>;
    for (const reason of reasons) counts[reason] = 0;
    this.#counts = counts;
  }

  count(reason: Reason): void {
    this.#counts[reason]++;
  }

  get(reason: Reason): number {
    return this.#counts[reason];
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
