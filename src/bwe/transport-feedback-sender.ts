// Hot path: record() runs once per received packet. It allocates nothing.
// Counterpart in libwebrtc: modules/remote_bitrate_estimator/transport_sequence_number_feedback_generator.
import { TransportFeedbackBuilder } from '../rtp/rtcp/transport-feedback-builder.js';
import { SequenceUnwrapper } from '../rtp/sequence.js';

/** Milliseconds between feedback packets (libwebrtc: 50-250, mediasoup: 100). */
export const FEEDBACK_INTERVAL_MS = 100;
const WINDOW = 4096;
const MASK = WINDOW - 1;
/** A late packet further back than this is no news to the sender. */
const MAX_REORDER = 500;
/** Feedback packets over which loss is measured: some 3 s. */
const LOSS_SPAN = 32;

/**
 * Tells a publisher when its packets arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01), which is all that its
 * own bandwidth estimator needs.
 */
export class TransportFeedbackSender {
  private readonly unwrapper = new SequenceUnwrapper();
  private readonly arrivals = new Float64Array(WINDOW);
  private readonly numbers = new Float64Array(WINDOW).fill(-1);
  private readonly builder = new TransportFeedbackBuilder();
  private next = 0;
  private highest = -1;
  private fresh = false;
  private feedbackCount = 0;
  private readonly expected = new Uint32Array(LOSS_SPAN);
  private readonly arrived = new Uint32Array(LOSS_SPAN);

  record(now: number, transportSequence: number): void {
    if (this.highest < 0) {
      this.unwrapper.unwrap(transportSequence);
      this.next = transportSequence;
      this.highest = transportSequence;
    }
    const number = this.unwrapper.peek(transportSequence);
    if (number < 0 || this.highest - number > MAX_REORDER) return;
    this.unwrapper.unwrap(transportSequence);
    if (number - this.highest > WINDOW) this.next = number;
    if (number > this.highest) this.highest = number;
    if (number < this.next) this.next = number;
    this.arrivals[number & MASK] = now;
    this.numbers[number & MASK] = number;
    this.fresh = true;
  }

  /** 0..1: the part of the numbered packets of the last few seconds that had not come when they were reported on. */
  get lossFraction(): number {
    let expected = 0;
    let arrived = 0;
    for (let index = 0; index < LOSS_SPAN; index++) {
      expected += this.expected[index];
      arrived += this.arrived[index];
    }
    return expected === 0 ? 0 : Math.max(0, 1 - arrived / expected);
  }

  /** Something arrived since the last feedback. */
  get pending(): boolean {
    return this.fresh;
  }

  /**
   * Writes one feedback packet.
   * @returns the new end, or `offset` when there is nothing (more) to report: call again until then
   */
  write(out: Uint8Array, offset: number, senderSsrc: number, mediaSsrc: number): number {
    if (!this.fresh) return offset;
    const first = Math.max(this.next, this.highest - WINDOW + 1);
    let number = first;
    while (number < this.highest && this.numbers[number & MASK] !== number) number++;
    this.builder.begin(first & 0xffff);
    let arrived = 0;
    let full = false;
    for (; number <= this.highest && !full; number++) {
      if (this.numbers[number & MASK] !== number) continue;
      full = !this.builder.add(number & 0xffff, this.arrivals[number & MASK]);
      if (full) break;
      arrived += 1;
    }
    this.expected[this.feedbackCount % LOSS_SPAN] = number - first;
    this.arrived[this.feedbackCount % LOSS_SPAN] = arrived;
    this.next = number;
    this.fresh = full;
    const end = this.builder.write(out, offset, senderSsrc, mediaSsrc, this.feedbackCount);
    this.feedbackCount = (this.feedbackCount + 1) & 0xff;
    return end < 0 ? offset : end;
  }
}
