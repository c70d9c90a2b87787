// Hot path: sent() runs once per packet, process() walks each feedback once. They allocate nothing, except that the ring
// doubles a few times when the rate is higher than ever before.
// Counterpart in libwebrtc: modules/congestion_controller/rtp/transport_feedback_adapter.
import { referenceTimeDiff, type TransportFeedback } from '../rtp/rtcp/transport-feedback.js';
import { SequenceUnwrapper } from '../rtp/sequence.js';
import { FeedbackResults } from './feedback-results.js';

const INITIAL_CAPACITY = 64;
const MAX_CAPACITY = 16384;
/** A packet that is overwritten sooner than this after it was sent shows that the ring is too small. */
const MIN_HISTORY_MS = 5000;
/** Without an answer for so long a packet is not in flight any more. */
const MAX_FLIGHT_MS = 10_000;
/** A packet reported missing is lost for good once something sent this much later has arrived ... */
const REORDER_MS = 60;
const REFERENCE_MS = 64;

const State = { Free: 0, Sent: 1, Missing: 2, Received: 3, Lost: 4, Unreported: 5 } as const;

/** Remembers what was sent and when, and turns transport-wide feedback into packet results. */
export class SentPacketHistory {
  /** Of the last `process`; reused. */
  readonly results = new FeedbackResults();
  /** Bytes sent of which nothing is known yet. */
  inFlightBytes = 0;
  /** Feedback packets that never came, by their count. */
  lostFeedback = 0;
  /** Losses of packets sent before this are an outage's and are not counted. */
  ignoreLossBefore = Number.NEGATIVE_INFINITY;

  private readonly unwrapper = new SequenceUnwrapper();
  private mask = INITIAL_CAPACITY - 1;
  /** The lower 32 bits. */
  private numbers = new Int32Array(INITIAL_CAPACITY);
  private sendTimes = new Float64Array(INITIAL_CAPACITY);
  private sizes = new Uint16Array(INITIAL_CAPACITY);
  private clusters = new Int32Array(INITIAL_CAPACITY);
  private states = new Uint8Array(INITIAL_CAPACITY);
  /** Which feedback first reported the packet missing. */
  private missingSince = new Int32Array(INITIAL_CAPACITY);
  private lastSent = -1;
  /** Everything below is settled: received, lost, or never reported. */
  private unsettled = 0;
  private newestReceived = -1;
  private newestReceivedSend = Number.NEGATIVE_INFINITY;
  private feedbacks = 0;
  private lastFeedbackCount = -1;
  private lastReference = -1;
  private referenceMs = 0;

  /** `size` in bytes; `probeCluster` -1 when the packet is no part of a probe. */
  sent(now: number, transportSequence: number, size: number, probeCluster: number): void {
    const number = this.unwrapper.unwrap(transportSequence);
    let slot = number & this.mask;
    if (this.states[slot] !== State.Free && now - this.sendTimes[slot] < MIN_HISTORY_MS && this.grow()) {
      slot = number & this.mask;
    }
    this.release(slot);
    if (this.lastSent < 0) this.unsettled = number;
    this.numbers[slot] = number;
    this.sendTimes[slot] = now;
    this.sizes[slot] = size;
    this.clusters[slot] = probeCluster;
    this.states[slot] = State.Sent;
    this.inFlightBytes += size;
    if (number > this.lastSent) this.lastSent = number;
  }

  /**
   * Fills `results`. Packets that were never sent, are forgotten, or were reported before are passed over.
   * @returns whether the feedback said anything new
   */
  process(now: number, feedback: TransportFeedback): boolean {
    const results = this.results;
    results.begin(now);
    if (this.lastSent < 0) return false;
    this.feedbacks = (this.feedbacks + 1) | 0;
    this.countFeedback(feedback.feedbackPacketCount);
    const baseMs = this.unwrapReference(feedback.referenceTime);
    const base = this.unwrapper.peek(feedback.baseSequence);
    const first = Math.max(0, this.lastSent - this.mask - base);
    const end = Math.min(feedback.statusCount, this.lastSent - base + 1);
    for (let index = first; index < end; index++) {
      const number = base + index;
      const slot = number & this.mask;
      if (!this.holds(slot, number)) continue;
      if (feedback.statuses[index] !== 0)
        this.receive(slot, number, baseMs + feedback.arrivalTicks[index] * 0.25);
      else this.miss(slot);
    }
    this.settle(now);
    results.finish();
    return results.count > 0 || results.lostPackets > 0;
  }

  private receive(slot: number, number: number, receiveTime: number): void {
    const state = this.states[slot];
    if (state === State.Received) return;
    if (state === State.Lost) this.results.recoveredPackets++;
    if (state === State.Sent || state === State.Missing) this.inFlightBytes -= this.sizes[slot];
    this.states[slot] = State.Received;
    if (number > this.newestReceived) {
      this.newestReceived = number;
      this.newestReceivedSend = this.sendTimes[slot];
    }
    this.results.add(this.sendTimes[slot], receiveTime, this.sizes[slot], this.clusters[slot]);
  }

  private miss(slot: number): void {
    if (this.states[slot] !== State.Sent) return;
    this.states[slot] = State.Missing;
    this.missingSince[slot] = this.feedbacks;
  }

  /** Decides, in order, about packets older than the newest that arrived. */
  private settle(now: number): void {
    this.unsettled = Math.max(this.unsettled, this.lastSent - this.mask);
    for (; this.unsettled <= this.lastSent; this.unsettled++) {
      const slot = this.unsettled & this.mask;
      if (!this.holds(slot, this.unsettled)) continue;
      const state = this.states[slot];
      if (state !== State.Sent && state !== State.Missing) continue;
      const sendTime = this.sendTimes[slot];
      if (now - sendTime < MAX_FLIGHT_MS) {
        if (this.unsettled > this.newestReceived) return;
        // ... or once a later feedback still does not have it.
        const late = state === State.Missing && this.missingSince[slot] !== this.feedbacks;
        if (!late && this.newestReceivedSend - sendTime < REORDER_MS) return;
      }
      this.inFlightBytes -= this.sizes[slot];
      if (state === State.Missing) {
        this.states[slot] = State.Lost;
        if (sendTime >= this.ignoreLossBefore) this.results.addLost(sendTime, this.sizes[slot]);
      } else {
        this.states[slot] = State.Unreported;
      }
    }
  }

  private countFeedback(count: number): void {
    if (this.lastFeedbackCount >= 0) {
      const gap = (count - this.lastFeedbackCount) & 0xff;
      // More than half a circle is an old one that came late.
      if (gap > 128 || gap === 0) return;
      this.lostFeedback += gap - 1;
    }
    this.lastFeedbackCount = count;
  }

  private unwrapReference(reference: number): number {
    if (this.lastReference < 0) this.referenceMs = reference * REFERENCE_MS;
    else this.referenceMs += referenceTimeDiff(reference, this.lastReference) * REFERENCE_MS;
    this.lastReference = reference;
    return this.referenceMs;
  }

  private holds(slot: number, number: number): boolean {
    return this.numbers[slot] === (number | 0) && this.states[slot] !== State.Free;
  }

  private release(slot: number): void {
    const state = this.states[slot];
    if (state === State.Sent || state === State.Missing) this.inFlightBytes -= this.sizes[slot];
    this.states[slot] = State.Free;
  }

  private grow(): boolean {
    const old = this.mask + 1;
    const capacity = old * 2;
    if (capacity > MAX_CAPACITY) return false;
    const { numbers, sendTimes, sizes, clusters, states, missingSince } = this;
    this.mask = capacity - 1;
    this.numbers = new Int32Array(capacity);
    this.sendTimes = new Float64Array(capacity);
    this.sizes = new Uint16Array(capacity);
    this.clusters = new Int32Array(capacity);
    this.states = new Uint8Array(capacity);
    this.missingSince = new Int32Array(capacity);
    for (let from = 0; from < old; from++) {
      if (states[from] === State.Free) continue;
      const to = numbers[from] & this.mask;
      this.numbers[to] = numbers[from];
      this.sendTimes[to] = sendTimes[from];
      this.sizes[to] = sizes[from];
      this.clusters[to] = clusters[from];
      this.states[to] = states[from];
      this.missingSince[to] = missingSince[from];
    }
    return true;
  }
}
