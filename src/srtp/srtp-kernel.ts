/**
 * The WebAssembly part of SRTP (kernel/*.as) and the memory that it works on: one per worker thread, of a size that never
 * changes. Outgoing packets must lie in it. The operating system backs only pages that were touched.
 *
 *      0   8 KiB   the module's own tables
 *      8   16 KiB  packets that wait for their tag (hmac-lanes)
 *     24   40 KiB  counter blocks, keys and a packet that is being verified
 *     64           packets: the worker's arena
 *      …           keystreams made ahead of time (keystream-pool)
 */
import { HMAC_LANES_SIZE, HMAC_STATE_WORDS, HmacLanes, type SignFour } from './hmac-lanes.js';
import { KeystreamPool, LARGE_CHUNK } from './keystream-pool.js';

const PAGE = 64 * 1024;
const OWN_SIZE = 8 * 1024;
const LANES = OWN_SIZE;
const KEY_BLOCK = LANES + HMAC_LANES_SIZE;
const KEY_STATE = KEY_BLOCK + 64;
const COUNTER_BASE = KEY_STATE + 64;
const COUNTERS = COUNTER_BASE + 64;
const PACKETS = PAGE;
/** Bytes; every chunk lent: about 4,600 streams of video, each with one of audio. */
const KEYSTREAM_SIZE = 64 * 1024 * 1024;
/** AES works on blocks of 16 bytes. */
const BLOCK = 16;
/** HMAC-SHA1 works on blocks of 64 bytes (RFC 2104 2). */
const HMAC_BLOCK = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** Addresses are byte offsets in the memory. */
interface KernelExports {
  firstFree(): number;
  writeCounters(target: number, base: number, blocks: number): void;
  applyKeystream(packet: number, keystream: number, length: number): void;
  signFour: SignFour;
  hashKeyBlock(block: number, target: number): void;
}

export class SrtpKernel {
  /** All of the memory. */
  readonly bytes: Uint8Array;
  /** The part of it that is there for packets. */
  readonly packets: Uint8Array;
  readonly keystreams: KeystreamPool;
  readonly lanes: HmacLanes;
  private readonly words: Int32Array;
  /** What `counters` returned, by blocks. */
  private readonly counterViews: (Uint8Array | undefined)[] = new Array<undefined>(LARGE_CHUNK / BLOCK + 1);

  /**
   * @param wasm the compiled module
   * @param packetSize bytes for packets
   * @param keystreamSize bytes for keystreams made ahead of time; when they are all lent, streams do without
   * @returns null where it cannot run: no WebAssembly, no SIMD in it, or no memory; node:crypto gives the same results
   * @throws RangeError when the module needs more memory for itself than OWN_SIZE: it was built wrong
   */
  static create(wasm: Uint8Array, packetSize: number, keystreamSize = KEYSTREAM_SIZE): SrtpKernel | null {
    if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(wasm as BufferSource)) return null;
    const pages = Math.ceil((PACKETS + packetSize + keystreamSize) / PAGE);
    let memory: WebAssembly.Memory;
    let instance: WebAssembly.Instance;
    try {
      memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
      const module = new WebAssembly.Module(wasm as BufferSource);
      instance = new WebAssembly.Instance(module, { env: { memory } });
    } catch (error) {
      if (error instanceof RangeError || error instanceof WebAssembly.LinkError) return null;
      throw error;
    }
    return new SrtpKernel(memory, instance.exports as unknown as KernelExports, packetSize);
  }

  private constructor(
    memory: WebAssembly.Memory,
    private readonly exports: KernelExports,
    packetSize: number,
  ) {
    if (exports.firstFree() > OWN_SIZE)
      throw new RangeError(
        `the SRTP kernel needs ${exports.firstFree()} bytes for itself, ${OWN_SIZE} are set aside: raise OWN_SIZE`,
      );
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Int32Array(memory.buffer);
    this.packets = new Uint8Array(memory.buffer, PACKETS, packetSize);
    // The kernel reads up to 63 bytes behind a packet: what follows is memory too.
    this.keystreams = new KeystreamPool(this.bytes, PACKETS + packetSize, this.bytes.length - HMAC_BLOCK);
    this.lanes = new HmacLanes(this.bytes, this.words, LANES, exports.signFour);
  }

  /** The SHA-1 states after the two key blocks of HMAC, for a key of at most 64 bytes. */
  hmacStates(key: Uint8Array): Int32Array {
    const states = new Int32Array(HMAC_STATE_WORDS);
    this.hashKey(key, INNER_PAD, states, 0);
    this.hashKey(key, OUTER_PAD, states, HMAC_STATE_WORDS / 2);
    return states;
  }

  /** XORs keystream onto `length` bytes of a packet. */
  applyKeystream(packet: number, keystream: number, length: number): void {
    this.exports.applyKeystream(packet, keystream, length);
  }

  /** Where `writeCounters` expects the part of a counter that its blocks have in common: 16 bytes, of which 14 are used. */
  get counterBase(): number {
    return COUNTER_BASE;
  }

  /** Writes `blocks` counter blocks at `offset` of what `counters` returns. */
  writeCounters(offset: number, blocks: number): void {
    this.exports.writeCounters(COUNTERS + offset, COUNTER_BASE, blocks);
  }

  /** The first `count` counter blocks, of as many as a large chunk has; lasting: there is one view for each count. */
  counters(count: number): Uint8Array {
    return (this.counterViews[count] ??= this.bytes.subarray(COUNTERS, COUNTERS + count * BLOCK));
  }

  private hashKey(key: Uint8Array, pad: number, states: Int32Array, at: number): void {
    for (let i = 0; i < HMAC_BLOCK; i++) this.bytes[KEY_BLOCK + i] = pad ^ (i < key.length ? key[i] : 0);
    this.exports.hashKeyBlock(KEY_BLOCK, KEY_STATE);
    for (let i = 0; i < HMAC_STATE_WORDS / 2; i++) states[at + i] = this.words[(KEY_STATE >> 2) + i];
    // The key is not left where everything else in this memory could reach it.
    this.bytes.fill(0, KEY_BLOCK, KEY_STATE + HMAC_BLOCK);
  }
}
