// Hot path: admit() and output() run once per packet and receiver. Nothing is allocated.
import { ERAS } from './eras.js';

/**
 * A counter of `bits` bits in the packets of one source after another, made continuous: each era has one offset, found
 * when its first packet is admitted. The first source is left alone.
 */
export class CounterShift {
  /** A plain array: for eight numbers a typed one would take twice the memory. */
  private readonly offsets = new Array<number>(ERAS).fill(0);
  private readonly mask: number;
  private readonly half: number;
  private era = -1;
  private started = false;
  private highest = -1;

  constructor(bits: 7 | 8 | 15 | 16) {
    this.mask = 2 ** bits - 1;
    this.half = 2 ** (bits - 1);
  }

  /** The source changes. */
  sync(era: number): void {
    this.era = era;
    this.started = false;
    this.offsets[era & (ERAS - 1)] = 0;
  }

  /** A packet of the present source that is going to be sent. */
  admit(input: number): void {
    const slot = this.era & (ERAS - 1);
    if (!this.started) {
      this.started = true;
      this.offsets[slot] = this.highest < 0 ? 0 : (this.highest + 1 - input) & this.mask;
    }
    const output = (input + this.offsets[slot]) & this.mask;
    // A reordered packet of an older picture must not pull the reference back.
    if (this.highest < 0 || ((output - this.highest) & this.mask) < this.half) this.highest = output;
  }

  /** What to write for `input` in a packet that was admitted in `era`. */
  output(input: number, era: number): number {
    return (input + this.offsets[era & (ERAS - 1)]) & this.mask;
  }
}
