/**
 * The memory of keystreams made ahead of time: a bounded stretch of the kernel's, lent out in chunks of two sizes.
 * Whoever holds a chunk and does not use it between two sweeps loses it, so streams that pause and senders that are gone
 * need not be told apart and nothing has to be closed.
 *
 * It is cut into pages, each of which holds chunks of one size; once all of them have come back it is free for either size.
 *
 * A chunk is zeroed when it comes back: keystream that was made for packets not sent would show them to whoever recorded the
 * ciphertext and reads this memory later. What is not zeroed: the one copy that node:crypto returns, which is
 * freed; session keys, which live in arrays of the heap, in the ciphers of node:crypto and, for the length of a
 * batch, among the packets that wait for their tag.
 */

/** Bytes: 8 packets of up to 1,280 bytes of payload. */
export const LARGE_CHUNK = 10 * 1024;
/** Bytes: 32 packets of audio, or 8 of 512 bytes. */
export const SMALL_CHUNK = 4 * 1024;
/** Bytes: the least that both sizes divide. */
export const KEYSTREAM_PAGE = 20 * 1024;

export interface ChunkHolder {
  /** It was used since the last sweep, which resets this. */
  used: boolean;
  /** Gives its chunk back. */
  release(): void;
}

export class KeystreamPool {
  /** Bytes lent out at the moment. */
  lent = 0;
  /** How often a chunk was asked for and there was none: the stream did without. */
  refused = 0;
  private readonly holders: ChunkHolder[] = [];
  /** By page; bit i: chunk i of it is lent. */
  private readonly taken: Uint8Array;
  /** By page: where it stands among those with room. */
  private readonly place: Uint32Array;
  /** Pages with chunks of that size, some of them lent and some not. */
  private readonly roomForLarge: number[] = [];
  private readonly roomForSmall: number[] = [];
  /** Pages that were used before and hold nothing; those from `untouched` on never were. */
  private readonly empty: number[] = [];
  private untouched = 0;

  /** Pages are cut from `[start, end)` of `bytes`, the kernel's memory. */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly start: number,
    end: number,
  ) {
    const pages = Math.max(0, Math.floor((end - start) / KEYSTREAM_PAGE));
    this.taken = new Uint8Array(pages);
    this.place = new Uint32Array(pages);
  }

  /**
   * @param size LARGE_CHUNK or SMALL_CHUNK
   * @returns the address of a chunk, or 0 when there is none
   */
  lend(size: number): number {
    const room = this.roomFor(size);
    if (room.length === 0 && !this.openPage(room)) {
      this.refused++;
      return 0;
    }
    const page = room[room.length - 1];
    let chunk = 0;
    while ((this.taken[page] & (1 << chunk)) !== 0) chunk++;
    this.taken[page] |= 1 << chunk;
    if (this.taken[page] === allTaken(size)) room.pop();
    this.lent += size;
    return this.start + page * KEYSTREAM_PAGE + chunk * size;
  }

  /** Takes back, and zeroes, what `lend` gave for this size. */
  takeBack(address: number, size: number): void {
    this.bytes.fill(0, address, address + size);
    const page = Math.floor((address - this.start) / KEYSTREAM_PAGE);
    const chunk = (address - this.start - page * KEYSTREAM_PAGE) / size;
    const room = this.roomFor(size);
    if (this.taken[page] === allTaken(size)) this.place[page] = room.push(page) - 1;
    this.taken[page] &= ~(1 << chunk);
    this.lent -= size;
    if (this.taken[page] !== 0) return;
    const last = room.pop()!;
    if (last !== page) {
      room[this.place[page]] = last;
      this.place[last] = this.place[page];
    }
    this.empty.push(page);
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

  private roomFor(size: number): number[] {
    return size === LARGE_CHUNK ? this.roomForLarge : this.roomForSmall;
  }

  private openPage(room: number[]): boolean {
    const page = this.empty.pop() ?? (this.untouched < this.taken.length ? this.untouched++ : -1);
    if (page < 0) return false;
    this.place[page] = room.push(page) - 1;
    return true;
  }
}

/** Every chunk of a page. */
function allTaken(size: number): number {
  return (1 << (KEYSTREAM_PAGE / size)) - 1;
}
