/** Which counters of one stream were taken: none twice, and none far behind the newest (as RFC 4303 3.4.3 does it). */

/** Counters behind the newest that may still come. */
export const REPLAY_WINDOW = 1024;

export class ReplayWindow {
  #newest = -1;
  /** By counter modulo the window; only those in the window count. */
  readonly #taken = new Uint8Array(REPLAY_WINDOW);

  /** False: it was taken before, or is too old to tell. Ask before the frame is opened. */
  isFresh(counter: number): boolean {
    if (counter > this.#newest) return true;
    return counter > this.#newest - REPLAY_WINDOW && this.#taken[counter % REPLAY_WINDOW] === 0;
  }

  /** After the frame proved to be genuine. False: meanwhile somebody else took it. */
  take(counter: number): boolean {
    if (!this.isFresh(counter)) return false;
    if (counter >= this.#newest + REPLAY_WINDOW) this.#taken.fill(0);
    else
      for (let passed = this.#newest + 1; passed < counter; passed++) this.#taken[passed % REPLAY_WINDOW] = 0;
    this.#taken[counter % REPLAY_WINDOW] = 1;
    this.#newest = Math.max(this.#newest, counter);
    return true;
  }
}
