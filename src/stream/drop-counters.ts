/**
 * Counts of what was thrown away, by named reason. Reasons that are listed at the start show their zeros too; others
 * appear when they first occur. Counting is on the packet path: it allocates nothing but the first time.
 */
export class DropCounters<Reason extends string> {
  /** As long as nothing was counted, the zeros that all counters of these reasons share. */
  #counts: Record<Reason, number>;
  #counted = false;

  constructor(reasons: readonly Reason[] = NO_REASONS) {
    this.#counts = zerosOf(reasons);
  }

  count(reason: Reason): void {
    if (!this.#counted) {
      this.#counted = true;
      this.#counts = { ...this.#counts };
    }
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

const NO_REASONS: readonly never[] = [];
const zeros = new WeakMap<readonly string[], Record<string, number>>();

function zerosOf<Reason extends string>(reasons: readonly Reason[]): Record<Reason, number> {
  let counts = zeros.get(reasons);
  if (counts === undefined) {
    counts = {};
    for (const reason of reasons) counts[reason] = 0;
    zeros.set(reasons, counts);
  }
  return counts;
}
