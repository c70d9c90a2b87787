// @ts-check
/** One stream that a client receives: how much came, and what was missing for good. */

export class InboundStream {
  constructor() {
    this.started = false;
    this.highest = 0;
    this.first = 0;
    this.received = 0;
  }

  /** @param {number} sequence 16 bits */
  add(sequence) {
    if (!this.started) {
      this.started = true;
      this.first = sequence;
      this.highest = sequence;
    }
    this.received++;
    const step = ((sequence - this.highest + 0x8000) & 0xffff) - 0x8000;
    if (step > 0) this.highest += step;
  }

  /** Begins a new measurement. */
  reset() {
    this.first = this.highest + 1;
    this.received = 0;
  }

  get lost() {
    return this.started ? Math.max(0, this.highest - this.first + 1 - this.received) : 0;
  }
}
