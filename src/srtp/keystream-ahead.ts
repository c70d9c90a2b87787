/**
 * One outgoing stream with the keystream of its next packets, made ahead of time: one call to node:crypto for 8 or 32
 * packets instead of one each. Hot path: allocates once per call to node:crypto, and frees that again. It is one object with its stream because a
 * packet to each of many receivers costs as much as the memory that it touches.
 *
 * **No keystream byte is ever used for two different packets.** What is kept is a window of packet indices (rollover
 * counter and sequence number, RFC 3711 3.3.1) of one SSRC under one key, and slot i of it belongs to index `base + i` and
 * to no other. It is what AES makes of that index, so it may be given out as often as that index is asked for: a packet that
 * goes out again under its number, which its sender promises to be the same (see srtp-sender), is encrypted to the same
 * bytes either way. Whatever else is asked for (an index outside of the window; a payload longer than the slot) is answered
 * with "none", and the caller computes the keystream of exactly that index. Which of the two ways a packet takes therefore
 * never shows in its bytes.
 */
import type { AesCounterKeystream } from './aes-counter-keystream.js';
import { freeAtOnce } from './free-at-once.js';
import { type ChunkHolder, LARGE_CHUNK, SMALL_CHUNK } from './keystream-pool.js';
import { OutgoingStream } from './outgoing-stream.js';
import { rolloverCounter, RTP_INDEX_LIMIT } from './packet-index.js';
import { writeRtpIv } from './rtp-iv.js';
import type { SrtpKernel } from './srtp-kernel.js';

/** Packets of a window at most: as many as a small chunk has of audio. */
const MAX_PACKETS = 32;
/** Packets in order before a window pays: a stream that has stopped again, or one that jumps about, never gets one. */
const RUN_UP = 3;
/** Indices that may be missing before the next window, because packets were lost on their way to us. */
const MAX_GAP = 64;
/** Payloads up to this long find eight packets' room in a small chunk. */
const SMALL_STRIDE = SMALL_CHUNK / 8;
/** Longer ones, of which a chunk would hold only a few, are not worth it. */
const MAX_STRIDE = LARGE_CHUNK / 4;

/** What encrypts the streams of one sender. */
export interface RtpCipher {
  readonly rtpKeystream: AesCounterKeystream;
  readonly rtpSalt: Uint8Array;
}

export class KeystreamAhead extends OutgoingStream implements ChunkHolder {
  /** The window: indices [base, base + count), each with `stride` bytes in the chunk. */
  private base = 0;
  private count = 0;
  private stride = 0;
  /** 0: no chunk. */
  private chunk = 0;
  /** Of this window, bytes of a payload; and of the one before: the next stride follows them. */
  private longest = 0;
  used = false;
  private kernel: SrtpKernel | null = null;
  private longestBefore = 0;
  private chunkSize = SMALL_CHUNK;
  /** Packets in order since the last jump. */
  private run = 0;
  /** What follows the window, or the packet before; -1 before the first. */
  private expected = -1;

  /**
   * The keystream of a packet.
   * @param kernel in whose memory it is needed
   * @param cipher that of the stream's key, always the same
   * @param length of the packet's payload, bytes
   * @returns where it lies in the kernel's memory, to be used before the next call; 0 when there is none
   */
  take(kernel: SrtpKernel, cipher: RtpCipher, index: number, length: number): number {
    const slot = index - this.base;
    if (slot < 0 || slot >= this.count || kernel !== this.kernel)
      return this.outside(kernel, cipher, index, length);
    this.used = true;
    if (length > this.longest) this.longest = length;
    return length > this.stride ? 0 : this.chunk + slot * this.stride;
  }

  /** See touch-ahead: the beginning of the next keystream brings the rest. */
  touch(): number {
    const next = this.highest + 1 - this.base;
    return next < this.count ? this.kernel!.bytes[this.chunk + next * this.stride] : this.longest;
  }

  release(): void {
    if (this.chunk !== 0) this.kernel!.keystreams.takeBack(this.chunk, this.chunkSize);
    this.chunk = 0;
    this.count = 0;
  }

  /** Packets from before the window leave it as it is: they are few, and those that follow it are many. */
  private outside(kernel: SrtpKernel, cipher: RtpCipher, index: number, length: number): number {
    if (kernel !== this.kernel) this.moveTo(kernel);
    if (index < this.expected || index >= RTP_INDEX_LIMIT) return 0;
    this.run = this.expected < 0 || index - this.expected < MAX_GAP ? this.run + 1 : 0;
    this.expected = index + 1;
    if (this.run < RUN_UP || !this.makeRoom(kernel, length)) return 0;
    this.fill(kernel, cipher, index);
    return this.chunk;
  }

  /** The other kernel may go on watching: at worst a sweep of its takes a chunk that is in use. */
  private moveTo(kernel: SrtpKernel): void {
    this.release();
    this.kernel = kernel;
    this.expected = -1;
    this.run = 0;
  }

  /** Gives up the window, chooses the stride of the next and has a chunk for it. */
  private makeRoom(kernel: SrtpKernel, length: number): boolean {
    this.count = 0;
    const longest = Math.max(length, this.longest, this.longestBefore);
    this.longestBefore = this.longest;
    this.longest = length;
    const stride = Math.max(16, (longest + 15) & ~15);
    if (stride > MAX_STRIDE) return false;
    this.stride = stride;
    const size = stride <= SMALL_STRIDE ? SMALL_CHUNK : LARGE_CHUNK;
    const { keystreams } = kernel;
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
  private fill(kernel: SrtpKernel, cipher: RtpCipher, index: number): void {
    const { stride } = this;
    const blocks = stride >>> 4;
    const room = Math.min(MAX_PACKETS, Math.floor(this.chunkSize / stride));
    // Streams of one room carry the same packets. If their windows ended with the same one, that packet would wait for all
    // of them to be made; so each stream's end elsewhere.
    const count = Math.min(room - ((index + (this.ssrc >>> 0)) % room), RTP_INDEX_LIMIT - index);
    for (let i = 0; i < count; i++) {
      const roc = rolloverCounter(index + i);
      writeRtpIv(kernel.bytes, kernel.counterBase, cipher.rtpSalt, this.ssrc, roc, (index + i) & 0xffff);
      kernel.writeCounters(i * stride, blocks);
    }
    const keystream = cipher.rtpKeystream.encrypt(kernel.counters(count * blocks));
    kernel.bytes.set(keystream, this.chunk);
    freeAtOnce(keystream);
    this.base = index;
    this.count = count;
    this.expected = index + count;
    this.used = true;
  }
}
