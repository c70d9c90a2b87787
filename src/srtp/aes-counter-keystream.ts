/**
 * The AES counter-mode keystream of RFC 3711 4.1.1, XORed onto bytes in place.
 *
 * Hot path. One long-lived AES-ECB context per key encrypts the counter blocks of a packet in one call: that is
 * about half the cost of a new `aes-128-ctr` context for an audio packet, and leaves no native object behind.
 */
import { createCipheriv, type Cipher } from 'node:crypto';
import { freeAtOnce } from './free-at-once.js';

/** No UDP datagram and no framed TCP packet (RFC 4571) is longer. */
const MAX_LENGTH = 65536;
const BLOCK = 16;

/*
 * Counter blocks, shared by all keystreams of the thread: the 14 bytes that are equal in every block of a packet
 * are written per packet, the 16-bit block number behind them never changes.
 */
const blocks = new Uint8Array(MAX_LENGTH);
const blocks16 = new Uint16Array(blocks.buffer);
const blocks32 = new Int32Array(blocks.buffer);
for (let i = 0; i < MAX_LENGTH / BLOCK; i++) {
  blocks[i * BLOCK + 14] = i >>> 8;
  blocks[i * BLOCK + 15] = i & 0xff;
}

export class AesCounterKeystream {
  /** The first 14 bytes of the counter of the next call; the caller writes them. */
  readonly iv = new Uint8Array(14);
  private readonly cipher: Cipher;

  /** @param key 16 bytes. */
  constructor(key: Uint8Array) {
    this.cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  }

  /** AES of whole blocks, each by itself: of counter blocks, the keystream. Whoever is done with it calls `freeAtOnce`. */
  encrypt(counters: Uint8Array): Uint8Array {
    return this.cipher.update(counters);
  }

  /** XORs the keystream at `iv` onto `length` (0-65536) bytes: encrypts and decrypts. */
  apply(bytes: Uint8Array, offset: number, length: number): void {
    if (length === 0) return;
    if (length > MAX_LENGTH) throw new RangeError(`a packet of ${length} bytes cannot come from a datagram`);
    const blockCount = (length + BLOCK - 1) >>> 4;
    this.fillCounters(blockCount);
    const keystream = this.encrypt(blocks.subarray(0, blockCount * BLOCK));
    const start = bytes.byteOffset + offset;
    let i = 0;
    // RTP headers are whole words, so payloads nearly always are aligned when their slots are.
    if (((start | keystream.byteOffset) & 3) === 0) {
      const words = length >>> 2;
      const target = new Int32Array(bytes.buffer, start, words);
      const source = new Int32Array(keystream.buffer, keystream.byteOffset, words);
      for (let w = 0; w < words; w++) target[w] ^= source[w];
      i = words << 2;
    }
    for (; i < length; i++) bytes[offset + i] ^= keystream[i];
    freeAtOnce(keystream);
  }

  private fillCounters(blockCount: number): void {
    blocks.set(this.iv);
    const word0 = blocks32[0];
    const word1 = blocks32[1];
    const word2 = blocks32[2];
    const half = blocks16[6];
    for (let i = 1; i < blockCount; i++) {
      const at = i << 2;
      blocks32[at] = word0;
      blocks32[at + 1] = word1;
      blocks32[at + 2] = word2;
      blocks16[(i << 3) + 6] = half;
    }
  }
}
