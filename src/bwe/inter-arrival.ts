// Hot path: add() runs once per packet that arrived. It allocates nothing.
// Counterpart in libwebrtc: modules/congestion_controller/goog_cc/inter_arrival_delta; draft-ietf-rmcat-gcc-02 section 5.2.

/** Packets sent within this many milliseconds are one group. */
const GROUP_MS = 5;
/** Packets that arrive at once although they were sent apart were held up together (Wi-Fi); a burst ends after this. */
const MAX_BURST_MS = 100;
/** Arrival times that run away from our own clock by so much mean that the receiver's clock jumped. */
const CLOCK_JUMP_MS = 3000;
const MAX_REORDERED_GROUPS = 3;

/** Cuts the arrivals into groups by send time, and measures how the distance of two groups changed on the way. */
export class InterArrival {
  /** Of the last two complete groups, after `add` said true; milliseconds. */
  sendDelta = 0;
  arrivalDelta = 0;

  private firstSend = -1;
  private lastSend = 0;
  private firstArrival = 0;
  private lastArrival = 0;
  private lastSystem = 0;
  private previousSend = -1;
  private previousArrival = 0;
  private previousSystem = 0;
  private reordered = 0;

  /** @returns true when a group was completed, so that the deltas are new */
  add(now: number, sendTime: number, arrivalTime: number): boolean {
    let complete = false;
    if (this.firstSend < 0) {
      this.open(sendTime, arrivalTime);
    } else if (sendTime < this.firstSend) {
      return false;
    } else if (this.startsGroup(sendTime, arrivalTime)) {
      if (this.previousSend >= 0) {
        this.sendDelta = this.lastSend - this.previousSend;
        this.arrivalDelta = this.lastArrival - this.previousArrival;
        if (!this.plausible()) return false;
        complete = true;
      }
      this.previousSend = this.lastSend;
      this.previousArrival = this.lastArrival;
      this.previousSystem = this.lastSystem;
      this.open(sendTime, arrivalTime);
    } else if (sendTime > this.lastSend) {
      this.lastSend = sendTime;
    }
    if (arrivalTime > this.lastArrival) this.lastArrival = arrivalTime;
    this.lastSystem = now;
    return complete;
  }

  reset(): void {
    this.firstSend = -1;
    this.previousSend = -1;
    this.reordered = 0;
  }

  private open(sendTime: number, arrivalTime: number): void {
    this.firstSend = sendTime;
    this.lastSend = sendTime;
    this.firstArrival = arrivalTime;
    this.lastArrival = arrivalTime;
  }

  private startsGroup(sendTime: number, arrivalTime: number): boolean {
    const arrivalDelta = arrivalTime - this.lastArrival;
    const sendDelta = sendTime - this.lastSend;
    if (sendDelta === 0) return false;
    const burst =
      arrivalDelta - sendDelta < 0 &&
      arrivalDelta <= GROUP_MS &&
      arrivalTime - this.firstArrival < MAX_BURST_MS;
    return !burst && sendTime - this.firstSend > GROUP_MS;
  }

  /** A clock that jumped, or group after group out of order: forget all and begin anew. */
  private plausible(): boolean {
    if (Math.abs(this.arrivalDelta - (this.lastSystem - this.previousSystem)) >= CLOCK_JUMP_MS) {
      this.reset();
      return false;
    }
    if (this.arrivalDelta >= 0) {
      this.reordered = 0;
      return true;
    }
    if (++this.reordered >= MAX_REORDERED_GROUPS) this.reset();
    return false;
  }
}
