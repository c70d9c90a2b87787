/**
 * A sliding window over packet indices (RFC 3711 3.3.2): says of each index whether it is new, seen or too old.
 * A ring of bits that is cleared word by word as it moves on (RFC 6479), so nothing is shifted.
 * Hot path: allocates nothing.
 */

/** How far behind the highest index a packet may arrive, in packets. RFC 3711 asks for at least 64. */
export const REPLAY_WINDOW_SIZE = 128;

export const ReplayVerdict = { Fresh: 0, Seen: 1, Stale: 2 } as const;
export type ReplayVerdict = (typeof ReplayVerdict)[keyof typeof ReplayVerdict];

// A power of two, with at least one word to spare: the word being filled is shared with the oldest bits.
const WORDS = 8;

export class ReplayWindow {
  /** The highest accepted index; -1 before the first. */
  highest = -1;
  private readonly bits = new Int32Array(WORDS);

  /** Changes nothing: a packet is only accepted once it has been authenticated. */
  check(index: number): ReplayVerdict {
    if (index > this.highest) return ReplayVerdict.Fresh;
    if (this.highest - index >= REPLAY_WINDOW_SIZE) return ReplayVerdict.Stale;
    return (this.bits[wordOf(index)] & (1 << (index & 31))) === 0 ? ReplayVerdict.Fresh : ReplayVerdict.Seen;
  }

  /** Marks an index that `check` called fresh. */
  accept(index: number): void {
    if (index > this.highest) {
      const from = Math.floor(this.highest / 32);
      const steps = Math.min(Math.floor(index / 32) - from, WORDS);
      for (let i = 1; i <= steps; i++) this.bits[(from + i) & (WORDS - 1)] = 0;
      this.highest = index;
    }
    this.bits[wordOf(index)] |= 1 << (index & 31);
  }
}

/** `>>>` takes the index modulo 2^32, which keeps the bits that are used here. */
function wordOf(index: number): number {
  return (index >>> 5) & (WORDS - 1);
}
