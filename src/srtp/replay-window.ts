/**
 * A sliding window over packet indices (RFC 3711 3.3.2): says of each index whether it is new, seen or too old.
 * A ring of bits that is cleared word by word as it moves on (RFC 6479), so nothing is shifted.
 * Hot path: allocates nothing.
 */

/** How far behind the highest index a packet may arrive, in packets, unless said otherwise. RFC 3711 asks for at least 64. */
export const REPLAY_WINDOW_SIZE = 128;

export const ReplayVerdict = { Fresh: 0, Seen: 1, Stale: 2 } as const;
export type ReplayVerdict = (typeof ReplayVerdict)[keyof typeof ReplayVerdict];

export class ReplayWindow {
  /** The highest accepted index; -1 before the first. */
  highest = -1;
  private readonly bits: Int32Array;

  /** @param size how far back it reaches, in packets; a power of two, 32 at least */
  constructor(private readonly size = REPLAY_WINDOW_SIZE) {
    // A power of two again, with words to spare: the one being filled is shared with the oldest bits.
    this.bits = new Int32Array(size / 16);
  }

  /** Changes nothing: a packet is only accepted once it has been authenticated. */
  check(index: number): ReplayVerdict {
    if (index > this.highest) return ReplayVerdict.Fresh;
    if (this.highest - index >= this.size) return ReplayVerdict.Stale;
    return (this.bits[this.wordOf(index)] & (1 << (index & 31))) === 0
      ? ReplayVerdict.Fresh
      : ReplayVerdict.Seen;
  }

  /** Marks an index that `check` called fresh. */
  accept(index: number): void {
    if (index > this.highest) {
      const words = this.bits.length;
      const from = Math.floor(this.highest / 32);
      const steps = Math.min(Math.floor(index / 32) - from, words);
      for (let i = 1; i <= steps; i++) this.bits[(from + i) & (words - 1)] = 0;
      this.highest = index;
    }
    this.bits[this.wordOf(index)] |= 1 << (index & 31);
  }

  /** `>>>` takes the index modulo 2^32, which keeps the bits that are used here. */
  private wordOf(index: number): number {
    return (index >>> 5) & (this.bits.length - 1);
  }
}
