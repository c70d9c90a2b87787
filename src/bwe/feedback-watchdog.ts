// Hot path: packetSent() runs once per packet. It allocates nothing.
// Counterpart in libwebrtc: RttBasedBackoff in modules/congestion_controller/goog_cc/send_side_bandwidth_estimation.

/** Packets are unanswered for so long, and three round trips: the path is down or hopelessly full. */
const SILENCE_MS = 1000;
const ROUND_TRIPS = 3;
const STEP_MS = 500;
const STEP = 0.5;
const MAX_STEPS = 5;

/** Notices that feedback stays away although packets are sent, and how far to step back meanwhile. */
export class FeedbackWatchdog {
  /** 1 in normal times, less in an outage: what part of the estimate is sent. */
  factor = 1;
  /** When the outage began, by the first packet that was not answered; NaN when there is none. */
  outageSince = Number.NaN;
  private awaitingSince = Number.NaN;
  private steps = 0;
  private active = false;

  /** Only once feedback has been seen at all: without it there is nothing to miss. */
  packetSent(now: number): void {
    if (this.active && Number.isNaN(this.awaitingSince)) this.awaitingSince = now;
  }

  /** @returns how long the outage was that this feedback ended, 0 when there was none */
  feedback(now: number): number {
    const length = Number.isNaN(this.outageSince) ? 0 : now - this.outageSince;
    this.active = true;
    this.awaitingSince = Number.NaN;
    this.outageSince = Number.NaN;
    this.steps = 0;
    this.factor = 1;
    return length;
  }

  /** The receiver reports in another way now: until feedback comes again there is nothing to miss. */
  rest(): void {
    this.active = false;
    this.awaitingSince = Number.NaN;
    this.outageSince = Number.NaN;
    this.steps = 0;
    this.factor = 1;
  }

  nextTimeout(roundTripMs: number): number {
    if (Number.isNaN(this.awaitingSince) || this.steps >= MAX_STEPS) return Number.POSITIVE_INFINITY;
    return this.awaitingSince + Math.max(SILENCE_MS, ROUND_TRIPS * roundTripMs) + this.steps * STEP_MS;
  }

  /** @returns whether `factor` changed */
  handleTimeout(now: number, roundTripMs: number): boolean {
    let changed = false;
    while (now >= this.nextTimeout(roundTripMs)) {
      if (this.steps === 0) this.outageSince = this.awaitingSince;
      this.steps++;
      this.factor *= STEP;
      changed = true;
    }
    return changed;
  }
}
