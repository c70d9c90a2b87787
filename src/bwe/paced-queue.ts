// Hot path: push() and shift() run once per packet that has to wait. They allocate nothing but when the queue
// grows or shrinks.

/** Who can put a packet on the wire again that it chose before: the bytes stay where they are, in the packet ring. */
export interface PacedOwner {
  /** @returns bytes put on the wire, 0 when the packet is gone */
  sendPaced(
    now: number,
    output: number,
    input: number,
    era: number,
    rtx: boolean,
    probeCluster: number,
  ): number;
  /** One padding packet of about so many bytes. @returns bytes put on the wire, 0 when it cannot */
  sendPadding(now: number, bytes: number, probeCluster: number): number;
}

/** Entries; powers of two. The highest: more than two seconds of the highest bitrates. */
const FIRST_CAPACITY = 8;
const MAX_CAPACITY = 4096;
/** After so many times that no more than a quarter of the room was used before the queue was empty again, it is halved. */
const CALM_TIMES = 64;

/** An entry: outgoing and source's number; era; bytes. Side by side, since all are used together. */
const WORDS = 3;
const NUMBERS = 0;
const ERA = 1;
const SIZE = 2;

/** Of queues in which nothing has waited yet, as of most receivers. */
const NO_ENTRIES = new Int32Array(0);
const NO_TIMES = new Float64Array(0);

/** Packets that wait, first in first out, each as a reference of a few numbers. Grows with what waits, and shrinks again. */
export class PacedQueue {
  length = 0;
  bytes = 0;
  private head = 0;
  private mask = -1;
  private owners: (PacedOwner | null)[] = [];
  private entries = NO_ENTRIES;
  private times = NO_TIMES;
  /** The most that waited since the queue was empty, and how often in a row that was little. */
  private peak = 0;
  private calm = 0;

  /** @returns false when it is full */
  push(now: number, owner: PacedOwner, output: number, input: number, era: number, bytes: number): boolean {
    if (this.length > this.mask && !this.grow()) return false;
    const slot = (this.head + this.length) & this.mask;
    const at = slot * WORDS;
    this.owners[slot] = owner;
    this.entries[at + NUMBERS] = (output << 16) | input;
    this.entries[at + ERA] = era;
    this.entries[at + SIZE] = bytes;
    this.times[slot] = now;
    this.length += 1;
    this.bytes += bytes;
    if (this.length > this.peak) this.peak = this.length;
    return true;
  }

  /** Takes out the first entry and lets its owner send it. @returns what the owner sent */
  send(now: number, rtx: boolean, probeCluster: number): number {
    const owner = this.length > 0 ? this.owners[this.head] : null;
    if (owner === null) throw new Error('sending from an empty queue');
    const at = this.head * WORDS;
    const numbers = this.entries[at + NUMBERS];
    const era = this.entries[at + ERA] >>> 0;
    this.shift();
    return owner.sendPaced(now, numbers >>> 16, numbers & 0xffff, era, rtx, probeCluster);
  }

  /** Forgets the first entry. */
  shift(): void {
    this.owners[this.head] = null;
    this.bytes -= this.entries[this.head * WORDS + SIZE];
    this.length -= 1;
    this.head = (this.head + 1) & this.mask;
    if (this.length === 0) this.emptied();
  }

  /** When the first entry came; Infinity when there is none. */
  get since(): number {
    return this.length > 0 ? this.times[this.head] : Number.POSITIVE_INFINITY;
  }

  /** Entries that there is room for at present. */
  get capacity(): number {
    return this.mask + 1;
  }

  /** Forgets all of one owner; the others keep their order. */
  remove(owner: PacedOwner): void {
    const { head, mask, length, entries } = this;
    let kept = 0;
    for (let index = 0; index < length; index++) {
      const from = (head + index) & mask;
      if (this.owners[from] === owner) {
        this.bytes -= entries[from * WORDS + SIZE];
        continue;
      }
      const to = (head + kept) & mask;
      kept += 1;
      if (to === from) continue;
      this.owners[to] = this.owners[from];
      for (let word = 0; word < WORDS; word++) entries[to * WORDS + word] = entries[from * WORDS + word];
      this.times[to] = this.times[from];
    }
    for (let index = kept; index < length; index++) this.owners[(head + index) & mask] = null;
    this.length = kept;
    if (kept === 0 && length > 0) this.emptied();
  }

  private emptied(): void {
    const { capacity, peak } = this;
    this.peak = 0;
    this.calm = peak * 4 > capacity ? 0 : this.calm + 1;
    if (this.calm < CALM_TIMES) return;
    this.calm = 0;
    if (capacity > FIRST_CAPACITY) this.resize(capacity / 2);
  }

  private grow(): boolean {
    if (this.capacity >= MAX_CAPACITY) return false;
    this.resize(Math.max(FIRST_CAPACITY, this.capacity * 2));
    return true;
  }

  /** What waits moves to the beginning. */
  private resize(capacity: number): void {
    const { head, mask, length, owners, entries, times } = this;
    this.owners = new Array<PacedOwner | null>(capacity).fill(null);
    this.entries = new Int32Array(capacity * WORDS);
    this.times = new Float64Array(capacity);
    for (let index = 0; index < length; index++) {
      const from = (head + index) & mask;
      this.owners[index] = owners[from];
      for (let word = 0; word < WORDS; word++)
        this.entries[index * WORDS + word] = entries[from * WORDS + word];
      this.times[index] = times[from];
    }
    this.head = 0;
    this.mask = capacity - 1;
  }
}
