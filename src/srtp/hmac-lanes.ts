/**
 * Packets that wait for their HMAC-SHA1 tag, which the kernel computes for four at a time. Hot path: allocates nothing.
 *
 * Four lanes take as long as the longest message among them, so packets are grouped by length, longest first. Two or three
 * that are left over are still cheaper in the lanes than each by itself; a single long one is not, and goes to node:crypto.
 */
import type { HmacSha1 } from './hmac-sha1.js';

/** Packets that wait at most; a full batch of the forwarding loop. */
const CAPACITY = 256;
/** Bytes of one description; see kernel/lane.as for what is in it. */
const LANE_SIZE = 64;
export const HMAC_LANES_SIZE = CAPACITY * LANE_SIZE;
/** Words of the SHA-1 states that HMAC starts from: inner, then outer. */
export const HMAC_STATE_WORDS = 10;
/** SHA-1 blocks of the longest packet (65,535 bytes), and one more. */
const MAX_BLOCKS = 1026;
/** From so many blocks on, node:crypto is faster than four lanes of which one is used; bench/srtp/protect.js shows both. */
const LONG_FOR_ONE = 7;

/** Writes the tags of four lanes, given where their descriptions lie. */
export type SignFour = (a: number, b: number, c: number, d: number) => void;

export class HmacLanes {
  private count = 0;
  private shortest = MAX_BLOCKS;
  private longest = 0;
  private readonly blocks = new Uint16Array(CAPACITY);
  /** Lanes in the order in which they are signed. */
  private readonly order = new Int32Array(CAPACITY);
  private readonly keys = new Array<HmacSha1 | null>(CAPACITY).fill(null);
  /** Where in that order the lanes with so many blocks go. */
  private readonly places = new Uint16Array(MAX_BLOCKS);

  /**
   * @param bytes all of the kernel's memory, and the same as words
   * @param start where the descriptions lie: `HMAC_LANES_SIZE` bytes
   */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly words: Int32Array,
    private readonly start: number,
    private readonly signFour: SignFour,
  ) {}

  /** Forgets what waits: an exception may have left something behind. */
  clear(): void {
    for (let lane = 0; lane < this.count; lane++) this.keys[lane] = null;
    this.count = 0;
    this.shortest = MAX_BLOCKS;
    this.longest = 0;
  }

  /**
   * @param address where the packet lies in the kernel's memory, encrypted already; its tag is written behind it
   * @param states the key's, `HMAC_STATE_WORDS` of them
   */
  add(
    address: number,
    length: number,
    roc: number,
    tagLength: number,
    states: Int32Array,
    key: HmacSha1,
  ): void {
    if (this.count === CAPACITY) this.sign();
    const { words } = this;
    const lane = this.count++;
    const at = (this.start + lane * LANE_SIZE) >> 2;
    words[at] = address;
    words[at + 1] = length;
    words[at + 2] = roc;
    words[at + 3] = tagLength;
    for (let i = 0; i < HMAC_STATE_WORDS; i++) words[at + 4 + i] = states[i];
    this.keys[lane] = key;
    const blocks = (length + 76) >>> 6;
    this.blocks[lane] = blocks;
    if (blocks < this.shortest) this.shortest = blocks;
    if (blocks > this.longest) this.longest = blocks;
  }

  /** Writes the tags of all that wait. */
  sign(): void {
    const { order, start } = this;
    this.sort();
    let count = this.count;
    if ((count & 3) === 1 && this.blocks[order[count - 1]] >= LONG_FOR_ONE) this.signAlone(order[--count]);
    for (let i = 0; i < count; i += 4) {
      const left = count - i;
      const first = start + order[i] * LANE_SIZE;
      this.signFour(
        first,
        left > 1 ? start + order[i + 1] * LANE_SIZE : first,
        left > 2 ? start + order[i + 2] * LANE_SIZE : first,
        left > 3 ? start + order[i + 3] * LANE_SIZE : first,
      );
    }
    this.clear();
  }

  private signAlone(lane: number): void {
    const { bytes, words } = this;
    const at = (this.start + lane * LANE_SIZE) >> 2;
    const length = words[at + 1];
    const tagLength = words[at + 3];
    const digest = this.keys[lane]!.digestWithRoc(bytes, words[at], length, words[at + 2]);
    for (let i = 0; i < tagLength; i++) bytes[words[at] + length + i] = digest[i];
  }

  /** A counting sort by blocks; nearly always all are equal. */
  private sort(): void {
    const { count, order, blocks, places, shortest, longest } = this;
    if (shortest === longest) {
      for (let lane = 0; lane < count; lane++) order[lane] = lane;
      return;
    }
    for (let n = shortest; n <= longest; n++) places[n] = 0;
    for (let lane = 0; lane < count; lane++) places[blocks[lane]]++;
    let next = 0;
    for (let n = longest; n >= shortest; n--) {
      const lanes = places[n];
      places[n] = next;
      next += lanes;
    }
    for (let lane = 0; lane < count; lane++) order[places[blocks[lane]]++] = lane;
  }
}
