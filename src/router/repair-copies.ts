import { type Timers, type TimerClient } from '../stream/timers.js';

/** Copies that may wait; a power of two. */
const SIZE = 64;
const MASK = SIZE - 1;

/**
 * Packets of one receiver that go out once more a few milliseconds later, before anybody asks. Ordered by time; when there
 * is no room for one more it is left out, since the receiver can still ask.
 */
export class RepairCopies implements TimerClient {
  timerIndex = -1;
  timerAt = 0;
  private readonly outputs = new Uint16Array(SIZE);
  private readonly unasked = new Uint8Array(SIZE);
  private readonly dueAt = new Float64Array(SIZE);
  private first = 0;
  private end = 0;

  /** @param send what sends a copy; `unasked`: of a packet that nobody has missed yet */
  constructor(
    private readonly timers: Timers,
    private readonly send: (now: number, output: number, unasked: boolean) => void,
  ) {}

  add(at: number, output: number, unasked: boolean): void {
    if (this.end - this.first === SIZE) return;
    let place = this.end++;
    while (place > this.first && this.dueAt[(place - 1) & MASK] > at) {
      this.move(place - 1, place);
      place -= 1;
    }
    this.outputs[place & MASK] = output;
    this.unasked[place & MASK] = unasked ? 1 : 0;
    this.dueAt[place & MASK] = at;
    this.timers.schedule(this, at);
  }

  handleTimeout(now: number): void {
    while (this.first < this.end && this.dueAt[this.first & MASK] <= now) {
      const slot = this.first++ & MASK;
      this.send(now, this.outputs[slot], this.unasked[slot] === 1);
    }
    if (this.first < this.end) this.timers.schedule(this, this.dueAt[this.first & MASK]);
  }

  clear(): void {
    this.timers.cancel(this);
    this.first = this.end;
  }

  private move(from: number, to: number): void {
    this.outputs[to & MASK] = this.outputs[from & MASK];
    this.unasked[to & MASK] = this.unasked[from & MASK];
    this.dueAt[to & MASK] = this.dueAt[from & MASK];
  }
}
