import { type Timers, type TimerClient } from '../stream/timers.js';

/** Copies that may wait; powers of two. */
const FIRST_SIZE = 8;
const MAX_SIZE = 64;
/** Of receivers that nothing was copied for yet. */
const NO_TIMES = new Float64Array(0);
const NO_PACKETS = new Int32Array(0);
/** Beside the outgoing number: nobody has missed the packet. */
const UNASKED = 0x10000;

/**
 * Packets of one receiver that go out once more a few milliseconds later, before anybody asks. Ordered by time; when there
 * is no room for one more it is left out, since the receiver can still ask.
 */
export class RepairCopies implements TimerClient {
  timerIndex = -1;
  timerAt = 0;
  /** Outgoing numbers, with UNASKED or not. */
  private packets = NO_PACKETS;
  private dueAt = NO_TIMES;
  private mask = -1;
  private first = 0;
  private end = 0;

  /** @param send what sends a copy; `unasked`: of a packet that nobody has missed yet */
  constructor(
    private readonly timers: Timers,
    private readonly send: (now: number, output: number, unasked: boolean) => void,
  ) {}

  add(at: number, output: number, unasked: boolean): void {
    if (this.end - this.first === this.dueAt.length && !this.grow()) return;
    let place = this.end++;
    while (place > this.first && this.dueAt[(place - 1) & this.mask] > at) {
      this.move(place - 1, place);
      place -= 1;
    }
    this.packets[place & this.mask] = unasked ? output | UNASKED : output;
    this.dueAt[place & this.mask] = at;
    this.timers.schedule(this, at);
  }

  handleTimeout(now: number): void {
    while (this.first < this.end && this.dueAt[this.first & this.mask] <= now) {
      const packet = this.packets[this.first++ & this.mask];
      this.send(now, packet & 0xffff, (packet & UNASKED) !== 0);
    }
    if (this.first < this.end) this.timers.schedule(this, this.dueAt[this.first & this.mask]);
  }

  clear(): void {
    this.timers.cancel(this);
    this.first = this.end;
  }

  private move(from: number, to: number): void {
    this.packets[to & this.mask] = this.packets[from & this.mask];
    this.dueAt[to & this.mask] = this.dueAt[from & this.mask];
  }

  private grow(): boolean {
    const size = Math.max(FIRST_SIZE, this.dueAt.length * 2);
    if (size > MAX_SIZE) return false;
    const packets = new Int32Array(size);
    const dueAt = new Float64Array(size);
    for (let place = this.first; place < this.end; place++) {
      packets[place & (size - 1)] = this.packets[place & this.mask];
      dueAt[place & (size - 1)] = this.dueAt[place & this.mask];
    }
    this.packets = packets;
    this.dueAt = dueAt;
    this.mask = size - 1;
    return true;
  }
}
