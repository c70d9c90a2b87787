// Hot path: add() runs once per packet of a feedback. The arrays are reused and grow only when a feedback is larger than
// any before.
// Counterpart in libwebrtc: api/transport/network_types (TransportPacketsFeedback).

const INITIAL_CAPACITY = 32;
/** Moves per packet that insertion sort may cost; beyond that the order is not merely a little disturbed. */
const MAX_MOVES = 32;

/** What one feedback said about packets, each packet once. Times in milliseconds, each on its own side's clock. */
export class FeedbackResults {
  /** Packets that arrived. */
  count = 0;
  sendTimes = new Float64Array(INITIAL_CAPACITY);
  receiveTimes = new Float64Array(INITIAL_CAPACITY);
  sizes = new Int32Array(INITIAL_CAPACITY);
  clusters = new Int32Array(INITIAL_CAPACITY);
  /** Indices into the arrays above by rising receive time. */
  order = new Int32Array(INITIAL_CAPACITY);
  receivedBytes = 0;
  /** Lost for good; reported once. */
  lostPackets = 0;
  lostBytes = 0;
  /** Counted as lost in an earlier feedback, and here after all. */
  recoveredPackets = 0;
  firstSend = Number.POSITIVE_INFINITY;
  lastSend = Number.NEGATIVE_INFINITY;
  /** The smallest round trip seen, without the time that the receiver waited to report; NaN when nothing arrived. */
  roundTripMs = Number.NaN;
  private now = 0;

  begin(now: number): void {
    this.now = now;
    this.count = 0;
    this.receivedBytes = 0;
    this.lostPackets = 0;
    this.lostBytes = 0;
    this.recoveredPackets = 0;
    this.firstSend = Number.POSITIVE_INFINITY;
    this.lastSend = Number.NEGATIVE_INFINITY;
    this.roundTripMs = Number.NaN;
  }

  add(sendTime: number, receiveTime: number, size: number, cluster: number): void {
    if (this.count === this.order.length) this.grow();
    const index = this.count++;
    this.sendTimes[index] = sendTime;
    this.receiveTimes[index] = receiveTime;
    this.sizes[index] = size;
    this.clusters[index] = cluster;
    this.receivedBytes += size;
    this.span(sendTime);
  }

  addLost(sendTime: number, size: number): void {
    this.lostPackets++;
    this.lostBytes += size;
    this.span(sendTime);
  }

  finish(): void {
    if (this.count === 0) return;
    this.sort();
    const last = this.receiveTimes[this.order[this.count - 1]];
    let roundTrip = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.count; index++) {
      const candidate = this.now - this.sendTimes[index] - (last - this.receiveTimes[index]);
      if (candidate < roundTrip) roundTrip = candidate;
    }
    this.roundTripMs = Math.max(0, roundTrip);
  }

  private span(sendTime: number): void {
    if (sendTime < this.firstSend) this.firstSend = sendTime;
    if (sendTime > this.lastSend) this.lastSend = sendTime;
  }

  private sort(): void {
    const { order, receiveTimes, count } = this;
    let moves = MAX_MOVES * count;
    for (let index = 0; index < count; index++) {
      const time = receiveTimes[index];
      let at = index;
      for (; at > 0 && receiveTimes[order[at - 1]] > time; at--) {
        order[at] = order[at - 1];
        moves--;
      }
      order[at] = index;
      if (moves < 0) {
        for (let rest = 0; rest < count; rest++) order[rest] = rest;
        order.subarray(0, count).sort((a, b) => receiveTimes[a] - receiveTimes[b] || a - b);
        return;
      }
    }
  }

  private grow(): void {
    const capacity = this.order.length * 2;
    const old = { ...this };
    this.sendTimes = new Float64Array(capacity);
    this.receiveTimes = new Float64Array(capacity);
    this.sizes = new Int32Array(capacity);
    this.clusters = new Int32Array(capacity);
    this.order = new Int32Array(capacity);
    this.sendTimes.set(old.sendTimes);
    this.receiveTimes.set(old.receiveTimes);
    this.sizes.set(old.sizes);
    this.clusters.set(old.clusters);
  }
}
