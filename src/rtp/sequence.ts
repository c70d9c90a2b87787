/**
 * Arithmetic on the wrapping counters of RTP: 16-bit sequence numbers and 32-bit timestamps.
 * Hot path: allocates nothing.
 */

/** Signed distance a - b, -32768 to 32767: positive when `a` comes after `b`. */
export function seqDiff(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}

/** True when `a` comes after `b`. At a distance of exactly half the circle neither is newer. */
export function seqNewer(a: number, b: number): boolean {
  return seqDiff(a, b) > 0;
}

/** `a + n` on the 16-bit circle; `n` may be negative. */
export function seqAdd(a: number, n: number): number {
  return (a + n) & 0xffff;
}

/** Signed distance a - b, -2^31 to 2^31 - 1. */
export function tsDiff(a: number, b: number): number {
  return (a - b) | 0;
}

/** True when `a` comes after `b`. At a distance of exactly half the circle neither is newer. */
export function tsNewer(a: number, b: number): boolean {
  return tsDiff(a, b) > 0;
}

/** `a + n` on the 32-bit circle; `n` is an integer and may be negative. */
export function tsAdd(a: number, n: number): number {
  return (a + n) >>> 0;
}

/**
 * Turns 16-bit sequence numbers into a line that does not wrap: each value lands nearest to the one before it.
 * The first value is the sequence number itself; packets that were sent before it but came later go below zero.
 */
export class SequenceUnwrapper {
  private last = 0;
  private started = false;

  unwrap(seq: number): number {
    this.last = this.peek(seq);
    this.started = true;
    return this.last;
  }

  /** What `unwrap` would return, without moving the reference. */
  peek(seq: number): number {
    return this.started ? this.last + seqDiff(seq, this.last) : seq;
  }

  reset(): void {
    this.last = 0;
    this.started = false;
  }
}

/** The same for 32-bit timestamps. */
export class TimestampUnwrapper {
  private last = 0;
  private started = false;

  unwrap(timestamp: number): number {
    this.last = this.peek(timestamp);
    this.started = true;
    return this.last;
  }

  /** What `unwrap` would return, without moving the reference. */
  peek(timestamp: number): number {
    return this.started ? this.last + tsDiff(timestamp, this.last) : timestamp;
  }

  reset(): void {
    this.last = 0;
    this.started = false;
  }
}
