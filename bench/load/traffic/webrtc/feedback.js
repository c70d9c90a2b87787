// @ts-check
/** Transport-wide feedback of one receiver: what arrived when, told every 100 ms as browsers do. */
import { transportFeedback } from '../rtcp.js';

/** Packets in one feedback packet; more than that are told in several. */
const MOST_STATUSES = 300;

export class FeedbackLog {
  constructor() {
    /** @type {Map<number, number>} unwrapped transport-wide number to arrival, ms */
    this.arrivals = new Map();
    this.lowest = 0;
    this.highest = 0;
    this.count = 0;
    this.started = false;
  }

  /**
   * @param {number} number 16 bits
   * @param {number} now
   */
  add(number, now) {
    if (!this.started) {
      this.started = true;
      this.lowest = number;
      this.highest = number - 1;
    }
    const step = ((number - this.highest + 0x8000) & 0xffff) - 0x8000;
    const unwrapped = this.highest + step;
    if (unwrapped < this.lowest) return;
    this.highest = Math.max(this.highest, unwrapped);
    this.arrivals.set(unwrapped, now);
  }

  /**
   * Feedback for everything since the last call.
   * @param {number} ownSsrc
   * @param {number} mediaSsrc
   * @returns {Buffer[]}
   */
  take(ownSsrc, mediaSsrc) {
    const packets = [];
    while (this.arrivals.size > 0 && this.lowest <= this.highest) {
      const base = this.lowest;
      const end = Math.min(this.highest, base + MOST_STATUSES - 1);
      const statuses = [];
      for (let number = base; number <= end; number++) {
        statuses.push(this.arrivals.get(number));
        this.arrivals.delete(number);
      }
      packets.push(transportFeedback(ownSsrc, mediaSsrc, this.count++, base, statuses));
      this.lowest = end + 1;
    }
    return packets;
  }
}
