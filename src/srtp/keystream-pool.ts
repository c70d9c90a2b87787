/**
 * The memory of keystreams made ahead of time: a bounded stretch of the kernel's, lent out in chunks of two sizes.
 * Whoever holds a chunk and does not use it between two sweeps loses it, so streams that pause and senders that are gone
 * need not be told apart and nothing has to be closed.
 */

/** Bytes: 8 packets of up to 1,280 bytes of payload. */
export const LARGE_CHUNK = 10 * 1024;
/** Bytes: 32 packets of audio, or 8 of 512 bytes. */
export const SMALL_CHUNK = 4 * 1024;

export interface ChunkHolder {
  /** It was used since the last sweep, which resets this. */
  used: boolean;
  /** Gives its chunk back. */
  release(): void;
}

export class KeystreamPool {
  private readonly holders: ChunkHolder[] = [];
  private readonly freeLarge: number[] = [];
  private readonly freeSmall: number[] = [];
  private next: number;

  /** Chunks are cut from `[start, end)` of the kernel's memory. */
  constructor(
    private readonly start: number,
    private readonly end: number,
  ) {
    this.next = start;
  }

  /**
   * @param size LARGE_CHUNK or SMALL_CHUNK
   * @returns the address of a chunk, or 0 when there is none
   */
  lend(size: number): number {
    const reused = (size === LARGE_CHUNK ? this.freeLarge : this.freeSmall).pop();
    if (reused !== undefined) return reused;
    if (this.next + size > this.end) return 0;
    const address = this.next;
    this.next += size;
    return address;
  }

  takeBack(address: number, size: number): void {
    (size === LARGE_CHUNK ? this.freeLarge : this.freeSmall).push(address);
  }

  /** From now on it may lose its chunk; that ends with the chunk. */
  watch(holder: ChunkHolder): void {
    this.holders.push(holder);
  }

  /** To be called now and then: chunks that were not used since the last time come back. */
  sweep(): void {
    const { holders } = this;
    let kept = 0;
    for (const holder of holders) {
      if (holder.used) {
        holder.used = false;
        holders[kept++] = holder;
      } else {
        holder.release();
      }
    }
    holders.length = kept;
  }

  /** Bytes lent out at the moment. */
  get lent(): number {
    const free = this.freeLarge.length * LARGE_CHUNK + this.freeSmall.length * SMALL_CHUNK;
    return this.next - this.start - free;
  }
}
