/**
 * The keystream of the next packets of one outgoing stream, made ahead of time: one call to node:crypto for 8 or 32
 * packets instead of one each. Hot path: allocates once per call to node:crypto.
 *
 * **No keystream byte is ever used for two different packets.** What is kept is a window of packet indices (rollover
 * counter and sequence number, RFC 3711 3.3.1) of one SSRC under one key, and slot i of it belongs to index `base + i` and
 * to no other: it is given out for that index only, and once. A window begins above every index seen so far. Whatever else
 * is asked for (an index from before the window, far beyond it or given out already; a payload longer than the slot)
 * is answered with "none", and the caller computes the keystream of exactly that index. Which of the two ways a packet
 * takes therefore never shows in its bytes.
 */
import type { AesCounterKeystream } from './aes-counter-keystream.js';
import { type ChunkHolder, LARGE_CHUNK, SMALL_CHUNK } from './keystream-pool.js';
import { rolloverCounter, RTP_INDEX_LIMIT } from './packet-index.js';
import { writeRtpIv } from './rtp-iv.js';
import type { SrtpKernel } from './srtp-kernel.js';

/** Packets of a window at most: the bits of `given`. */
const MAX_PACKETS = 32;
/** Packets in order before a window pays: a stream that has stopped again, or one that jumps about, never gets one. */
const RUN_UP = 3;
/** Indices that may be missing before the next window, because packets were lost on their way to us. */
const MAX_GAP = 64;
/** Payloads up to this long find eight packets' room in a small chunk. */
const SMALL_STRIDE = SMALL_CHUNK / 8;
/** Longer ones, of which a chunk would hold only a few, are not worth it. */
const MAX_STRIDE = LARGE_CHUNK / 4;

export class KeystreamAhead implements ChunkHolder {
  used = false;
  /** The window: indices [base, base + count), each with `stride` bytes in the chunk. */
  private base = 0;
  private count = 0;
  private stride = 0;
  /** Bit i: slot i was given out. */
  private given = 0;
  /** 0: no chunk. */
  private chunk = 0;
  private chunkSize = SMALL_CHUNK;
  /** Packets in order since the last jump. */
  private run = 0;
  /** Payloads in bytes, of this window and of the one before: the next stride follows them. */
  private longest = 0;
  private longestBefore = 0;

  /**
   * @param cipher of the stream's key
   * @param expected an index that is above all that were used before
   */
  constructor(
    readonly kernel: SrtpKernel,
    private readonly cipher: AesCounterKeystream,
    private readonly salt: Uint8Array,
    private readonly ssrc: number,
    private expected: number,
  ) {}

  /**
   * The keystream of a packet.
   * @param length of its payload, bytes
   * @returns where it lies in the kernel's memory, to be used before the next call; 0 when there is none
   */
  take(index: number, length: number): number {
    const slot = index - this.base;
    if (slot < 0 || slot >= this.count) return this.outside(index, length);
    const bit = 1 << slot;
    if ((this.given & bit) !== 0) return 0;
    this.given |= bit;
    this.used = true;
    if (length > this.longest) this.longest = length;
    return length > this.stride ? 0 : this.chunk + slot * this.stride;
  }

  release(): void {
    if (this.chunk !== 0) this.kernel.keystreams.takeBack(this.chunk, this.chunkSize);
    this.chunk = 0;
    this.count = 0;
  }

  private outside(index: number, length: number): number {
    if (index < this.expected || index >= RTP_INDEX_LIMIT) return 0;
    this.run = index - this.expected < MAX_GAP ? this.run + 1 : 0;
    this.expected = index + 1;
    if (this.run < RUN_UP || !this.makeRoom(length)) return 0;
    this.fill(index);
    return this.chunk;
  }

  /** Gives up the window, chooses the stride of the next and has a chunk for it. */
  private makeRoom(length: number): boolean {
    this.count = 0;
    const longest = Math.max(length, this.longest, this.longestBefore);
    this.longestBefore = this.longest;
    this.longest = length;
    const stride = Math.max(16, (longest + 15) & ~15);
    if (stride > MAX_STRIDE) return false;
    this.stride = stride;
    const size = stride <= SMALL_STRIDE ? SMALL_CHUNK : LARGE_CHUNK;
    const { keystreams } = this.kernel;
    const held = this.chunk !== 0;
    if (held && size === this.chunkSize) return true;
    const chunk = keystreams.lend(size);
    if (chunk === 0) return false;
    if (held) keystreams.takeBack(this.chunk, this.chunkSize);
    else keystreams.watch(this);
    this.chunk = chunk;
    this.chunkSize = size;
    return true;
  }

  /** Makes a window that begins with the packet at hand. */
  private fill(index: number): void {
    const { kernel, stride } = this;
    const room = Math.min(MAX_PACKETS, Math.floor(this.chunkSize / stride));
    const count = Math.min(room, RTP_INDEX_LIMIT - index);
    for (let i = 0; i < count; i++) {
      const roc = rolloverCounter(index + i);
      writeRtpIv(kernel.bytes, kernel.counterBase, this.salt, this.ssrc, roc, (index + i) & 0xffff);
      kernel.writeCounters(i * stride, stride >>> 4);
    }
    kernel.bytes.set(this.cipher.encrypt(kernel.counters(count * stride)), this.chunk);
    this.base = index;
    this.count = count;
    this.given = 1;
    this.expected = index + count;
    this.used = true;
  }
}
