import type { Timers } from '../stream/timers.js';

/** Shortest wait, in milliseconds: close deadlines are served together rather than by a timer each. */
const MIN_WAIT_MS = 1;
/** Node turns waits above 2^31-1 ms into 1 ms. */
const MAX_WAIT_MS = 60_000;

/**
 * The thread's single timer: it is armed for the earliest deadline of the core's `Timers`.
 * Setting a Node timer is dear and `arm()` runs after every datagram, so a timer that is set too early is left
 * alone: it costs one look when it fires.
 */
export class Scheduler {
  #timers: Timers;
  #now: () => number;
  #afterTimeouts: () => void;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Infinity;
  #closed = false;

  /** @param afterTimeouts called after all timeouts of one tick, to send what they produced. */
  constructor(timers: Timers, now: () => number, afterTimeouts: () => void) {
    this.#timers = timers;
    this.#now = now;
    this.#afterTimeouts = afterTimeouts;
  }

  /** To be called whenever something may have been scheduled: after datagrams and requests. */
  arm(): void {
    const next = this.#timers.next;
    if (next >= this.#armedFor || this.#closed) {
      return;
    }
    clearTimeout(this.#timer);
    const wait = Math.min(Math.max(Math.ceil(next - this.#now()), MIN_WAIT_MS), MAX_WAIT_MS);
    this.#armedFor = next;
    this.#timer = setTimeout(this.#run, wait);
  }

  /** Stops for good. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #run = (): void => {
    this.#armedFor = Infinity;
    this.#timers.run(this.#now());
    this.#afterTimeouts();
    this.arm();
  };
}
