/** Counts by reasons of several layers. The reasons come from our own code, so there are few and known ones. */
export class ReasonCounts {
  private readonly counts = new Map<string, number>();

  count(reason: string): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
  }

  snapshot(): Record<string, number> {
    return Object.fromEntries(this.counts);
  }
}
