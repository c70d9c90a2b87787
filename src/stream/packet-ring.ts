// Hot path: store() runs once per received packet. It allocates nothing but, now and then, a block of the arena.
import { seqDiff } from '../rtp/sequence.js';
import { BLOCK_SIZE, type PacketArena } from './packet-arena.js';

/** Packets that can be found again, whatever their age; a power of two. */
const MAX_PACKETS = 1024;
const MASK = MAX_PACKETS - 1;
const MAX_BLOCKS = 128;

export interface PacketRingOptions {
  /** Milliseconds that a packet is kept for; what others chose: 2 s of video, 1 s of audio. */
  retentionMs: number;
}

/**
 * The last packets of one received stream, once, whoever receives them: the source of the fan-out and of retransmissions.
 * Grows and shrinks by blocks with the bitrate; when the arena is full it recycles its own oldest block instead.
 */
export class PacketRing {
  private readonly offsets = new Int32Array(MAX_PACKETS).fill(-1);
  private readonly lengths = new Uint16Array(MAX_PACKETS);
  private readonly sequences = new Uint16Array(MAX_PACKETS);
  /** Which block, counted from the first ever, holds the packet: it is gone once that number is below `oldest`. */
  private readonly blockOf = new Float64Array(MAX_PACKETS);
  private readonly blocks = new Int32Array(MAX_BLOCKS);
  private readonly newestTime = new Float64Array(MAX_BLOCKS);
  private oldest = 0;
  private next = 0;
  private fillPosition = BLOCK_SIZE;
  private highest = -1;

  constructor(
    private readonly arena: PacketArena,
    private readonly options: PacketRingOptions,
  ) {}

  /**
   * Room for a packet of up to `size` bytes, to be written by the caller and then made findable with store().
   * @returns offset in the arena, or -1 when there is no memory: the packet can be forwarded, but not kept
   */
  reserve(now: number, size: number): number {
    if (size > BLOCK_SIZE) return -1;
    if (this.fillPosition + size > BLOCK_SIZE && !this.openBlock(now)) return -1;
    return this.blocks[(this.next - 1) % MAX_BLOCKS] + this.fillPosition;
  }

  /** Keeps the packet that was written where reserve() said. */
  store(now: number, sequenceNumber: number, offset: number, length: number): void {
    const slot = sequenceNumber & MASK;
    this.offsets[slot] = offset;
    this.lengths[slot] = length;
    this.sequences[slot] = sequenceNumber;
    this.blockOf[slot] = this.next - 1;
    this.newestTime[(this.next - 1) % MAX_BLOCKS] = now;
    // Eight-byte steps keep each packet aligned for word-wise copies.
    this.fillPosition += (length + 7) & ~7;
    if (this.highest < 0 || seqDiff(sequenceNumber, this.highest) > 0) this.highest = sequenceNumber;
  }

  /** @returns offset of the packet in the arena or -1 when it is not (or no longer) here */
  find(sequenceNumber: number): number {
    const slot = sequenceNumber & MASK;
    const offset = this.offsets[slot];
    if (offset < 0 || this.sequences[slot] !== sequenceNumber || this.blockOf[slot] < this.oldest) return -1;
    // Numbers repeat after 65,536 packets; what is further behind than the ring is long is a stale entry.
    if (seqDiff(this.highest, sequenceNumber) >= MAX_PACKETS) return -1;
    return offset;
  }

  /** Length of a packet that find() found. */
  lengthOf(sequenceNumber: number): number {
    return this.lengths[sequenceNumber & MASK];
  }

  /** Gives back what is past its time; to be called about once a second, so that a silent stream holds no memory. */
  expire(now: number): void {
    const { retentionMs } = this.options;
    while (this.oldest < this.next && now - this.newestTime[this.oldest % MAX_BLOCKS] > retentionMs) {
      this.releaseOldest();
    }
    if (this.oldest === this.next) this.fillPosition = BLOCK_SIZE;
  }

  /** Gives every block back; the ring can be used again. */
  clear(): void {
    while (this.oldest < this.next) this.releaseOldest();
    this.fillPosition = BLOCK_SIZE;
    this.offsets.fill(-1);
    this.highest = -1;
  }

  private openBlock(now: number): boolean {
    this.expire(now);
    if (this.next - this.oldest >= MAX_BLOCKS) this.releaseOldest();
    let block = this.arena.allocate();
    if (block < 0) {
      if (this.oldest === this.next) return false;
      this.releaseOldest();
      block = this.arena.allocate();
    }
    this.blocks[this.next % MAX_BLOCKS] = block;
    this.newestTime[this.next % MAX_BLOCKS] = now;
    this.next += 1;
    this.fillPosition = 0;
    return true;
  }

  private releaseOldest(): void {
    this.arena.release(this.blocks[this.oldest % MAX_BLOCKS]);
    this.oldest += 1;
  }
}
