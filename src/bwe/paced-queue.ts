// Hot path: push() and shift() run once per packet that has to wait. They allocate nothing but when the queue grows.

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

const FIRST_CAPACITY = 64;
/** Entries; more than two seconds of the highest bitrates. A power of two. */
const MAX_ENTRIES = 4096;

/** Packets that wait, first in first out, each as a reference of a few numbers. */
export class PacedQueue {
  length = 0;
  bytes = 0;
  private head = 0;
  private mask = FIRST_CAPACITY - 1;
  private owners: (PacedOwner | null)[] = new Array<PacedOwner | null>(FIRST_CAPACITY).fill(null);
  private outputs = new Uint16Array(FIRST_CAPACITY);
  private inputs = new Uint16Array(FIRST_CAPACITY);
  private eras = new Uint32Array(FIRST_CAPACITY);
  private sizes = new Uint16Array(FIRST_CAPACITY);
  private times = new Float64Array(FIRST_CAPACITY);

  /** @returns false when it is full */
  push(now: number, owner: PacedOwner, output: number, input: number, era: number, bytes: number): boolean {
    if (this.length > this.mask && !this.grow()) return false;
    const slot = (this.head + this.length) & this.mask;
    this.owners[slot] = owner;
    this.outputs[slot] = output;
    this.inputs[slot] = input;
    this.eras[slot] = era;
    this.sizes[slot] = bytes;
    this.times[slot] = now;
    this.length += 1;
    this.bytes += bytes;
    return true;
  }

  /** Takes out the first entry and lets its owner send it. @returns what the owner sent */
  send(now: number, rtx: boolean, probeCluster: number): number {
    const slot = this.head;
    const owner = this.owners[slot];
    if (owner === null) throw new Error('sending from an empty queue');
    this.shift();
    return owner.sendPaced(now, this.outputs[slot], this.inputs[slot], this.eras[slot], rtx, probeCluster);
  }

  /** Forgets the first entry. */
  shift(): void {
    this.owners[this.head] = null;
    this.bytes -= this.sizes[this.head];
    this.length -= 1;
    this.head = (this.head + 1) & this.mask;
  }

  /** When the first entry came; Infinity when there is none. */
  get since(): number {
    return this.length > 0 ? this.times[this.head] : Number.POSITIVE_INFINITY;
  }

  /** Forgets all of one owner; the others keep their order. */
  remove(owner: PacedOwner): void {
    const { head, mask, length } = this;
    let kept = 0;
    for (let index = 0; index < length; index++) {
      const from = (head + index) & mask;
      if (this.owners[from] === owner) {
        this.bytes -= this.sizes[from];
        continue;
      }
      const to = (head + kept) & mask;
      kept += 1;
      if (to === from) continue;
      this.owners[to] = this.owners[from];
      this.outputs[to] = this.outputs[from];
      this.inputs[to] = this.inputs[from];
      this.eras[to] = this.eras[from];
      this.sizes[to] = this.sizes[from];
      this.times[to] = this.times[from];
    }
    for (let index = kept; index < length; index++) this.owners[(head + index) & mask] = null;
    this.length = kept;
  }

  private grow(): boolean {
    const old = this.mask + 1;
    if (old >= MAX_ENTRIES) return false;
    // The capacity is a multiple of the old one, so what lay before the head moves to behind the old end.
    this.owners = this.owners.concat(this.owners);
    this.outputs = twice(this.outputs, new Uint16Array(old * 2));
    this.inputs = twice(this.inputs, new Uint16Array(old * 2));
    this.eras = twice(this.eras, new Uint32Array(old * 2));
    this.sizes = twice(this.sizes, new Uint16Array(old * 2));
    this.times = twice(this.times, new Float64Array(old * 2));
    this.mask = old * 2 - 1;
    for (let slot = 0; slot < old * 2; slot++) {
      if (slot < this.head || slot >= this.head + old) this.owners[slot] = null;
    }
    return true;
  }
}

function twice<T extends Uint16Array | Uint32Array | Float64Array>(from: T, into: T): T {
  into.set(from, 0);
  into.set(from, from.length);
  return into;
}
