/** Bytes of one block: about eleven full video packets. */
export const BLOCK_SIZE = 16 * 1024;

/**
 * One stretch of memory per worker for packets in flight and for those kept for retransmission, handed out in blocks.
 * Everything lies in one array so that a packet moves from the cache to an outgoing slot by copyWithin: no view object,
 * no allocation. The operating system backs only pages that were touched.
 */
export class PacketArena {
  readonly bytes: Uint8Array;
  private readonly free: number[] = [];
  private next = 0;

  /**
   * @param memory the bytes to hand out, or how many; at least a block, rounded down to whole blocks: the hard limit of
   *   what a worker keeps for retransmission
   */
  constructor(memory: number | Uint8Array) {
    const size = typeof memory === 'number' ? memory : memory.length;
    const whole = Math.max(1, Math.floor(size / BLOCK_SIZE)) * BLOCK_SIZE;
    if (typeof memory !== 'number' && whole > size)
      throw new RangeError(`an arena needs a block of ${BLOCK_SIZE} bytes at least, got ${size}`);
    this.bytes = typeof memory === 'number' ? new Uint8Array(whole) : memory.subarray(0, whole);
  }

  /** @returns the offset of a block of BLOCK_SIZE bytes, or -1 when all are in use */
  allocate(): number {
    const reused = this.free.pop();
    if (reused !== undefined) return reused;
    if (this.next + BLOCK_SIZE > this.bytes.length) return -1;
    const offset = this.next;
    this.next += BLOCK_SIZE;
    return offset;
  }

  /** A stretch for good, for outgoing slots; only before the first block is handed back. */
  allocateRange(size: number): number {
    const offset = this.next;
    const blocks = Math.ceil(size / BLOCK_SIZE);
    if (this.free.length > 0 || offset + blocks * BLOCK_SIZE > this.bytes.length) {
      throw new RangeError(`an arena of ${this.bytes.length} bytes has no ${size} bytes in a row left`);
    }
    this.next += blocks * BLOCK_SIZE;
    return offset;
  }

  release(block: number): void {
    this.free.push(block);
  }

  /** Bytes handed out at the moment. */
  get used(): number {
    return this.next - this.free.length * BLOCK_SIZE;
  }
}
