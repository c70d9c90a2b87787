// @ts-check
/** Calls `send` at an even rate: as often as is due at each turn of a short timer, bounded after a stall. */

const TURN_MS = 1;
/** What a stalled process makes up for at once; more would be a burst that nobody asked for. */
const MOST_PER_TURN = 50;

export class PacedTimer {
  /**
   * @param {number} perSecond
   * @param {() => void} send
   */
  constructor(perSecond, send) {
    this.perSecond = perSecond;
    this.send = send;
    this.sent = 0;
    this.start = performance.now();
    this.timer = setInterval(() => this.#turn(), TURN_MS);
  }

  /** @param {number} perSecond from now on */
  changeRate(perSecond) {
    this.perSecond = perSecond;
    this.#restart();
  }

  stop() {
    clearInterval(this.timer);
  }

  #turn() {
    const due = Math.floor(((performance.now() - this.start) / 1000) * this.perSecond);
    for (let n = 0; this.sent < due; n++) {
      if (n === MOST_PER_TURN) return this.#restart();
      this.send();
      this.sent++;
    }
  }

  #restart() {
    this.start = performance.now();
    this.sent = 0;
  }
}
