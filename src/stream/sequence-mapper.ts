// Hot path: map() runs once per packet and receiver. It allocates nothing.
import { SequenceUnwrapper } from '../rtp/sequence.js';

/** How far back a reordered packet still finds its place; a power of two. */
const HISTORY = 1024;
const MASK = HISTORY - 1;
const DROPPED = 0x7fffffff;
/** Half of what the rollover counter of SRTP can follow (RFC 3711 appendix A: 2^15). */
const MAX_OUTPUT_JUMP = 0x3fff;

/**
 * Maps the sequence numbers of whatever is forwarded (one source after another, with packets left out on the way)
 * to one continuous outgoing sequence, so that a receiver never mistakes our choice for loss.
 *
 * Loss on the way in stays visible as a gap; a packet that we drop on purpose closes the gap behind it, for packets
 * not yet seen. What was decided for a number is remembered, so that reordered packets keep their place.
 */
export class SequenceMapper {
  private readonly unwrapper = new SequenceUnwrapper();
  /** Per input number: what to subtract to get the output, or DROPPED. */
  private readonly offsets = new Int32Array(HISTORY);
  private started = false;
  private firstInput = 0;
  private highestInput = 0;
  private offset = 0;
  private highestOutput: number;
  private pendingSync = true;
  private pendingGap = 0;

  /** @param firstOutput the first outgoing sequence number, 0..65535 (low ones make an early SRTP wrap unlikely) */
  constructor(firstOutput: number) {
    this.highestOutput = firstOutput - 1;
  }

  /**
   * The next input number starts a new source: it continues right behind the highest output.
   * @param gap output numbers to leave unused, 1 when the last frame sent was cut short so that the receiver sees its end is missing
   */
  sync(gap = 0): void {
    this.pendingSync = true;
    this.pendingGap = this.started ? gap : 0;
  }

  /** Extended (not wrapped) highest outgoing number; one less than the first one before anything was sent. */
  get highest(): number {
    return this.highestOutput;
  }

  /**
   * The packet with this number is not forwarded; numbers after it move up by one.
   * @returns -1, or the outgoing number that was kept for it while it was missing: numbers behind it are given out, so the
   * receiver would wait for it until it is filled
   */
  drop(sequenceNumber: number): number {
    if (this.pendingSync) return -1;
    const input = this.unwrapper.unwrap(sequenceNumber);
    if (input > this.highestInput) {
      this.fill(input);
      this.offsets[input & MASK] = DROPPED;
      this.offset += 1;
      this.highestInput = input;
      return -1;
    }
    if (this.highestInput - input >= HISTORY || input < this.firstInput) return -1;
    const offset = this.offsets[input & MASK];
    this.offsets[input & MASK] = DROPPED;
    if (offset === DROPPED) return -1;
    const output = input - offset;
    if (output - this.highestOutput > MAX_OUTPUT_JUMP) return -1;
    // It is given out by this: what goes on after a switch must not get it again, or two packets under one number would be
    // encrypted with the same keystream.
    if (output > this.highestOutput) this.highestOutput = output;
    return output & 0xffff;
  }

  /** @returns the outgoing number 0..65535, or -1: given out or dropped before, older than the last sync, or too old to know. */
  map(sequenceNumber: number): number {
    if (this.pendingSync) this.start(sequenceNumber);
    const input = this.unwrapper.unwrap(sequenceNumber);
    if (input > this.highestInput) {
      this.fill(input);
      this.offsets[input & MASK] = this.offset;
      this.highestInput = input;
    } else if (input < this.firstInput || this.highestInput - input >= HISTORY) {
      return -1;
    }
    const offset = this.offsets[input & MASK];
    if (offset === DROPPED) return -1;
    // Given out once: two packets under one number would be encrypted with the same keystream.
    this.offsets[input & MASK] = DROPPED;
    let output = input - offset;
    if (output - this.highestOutput > MAX_OUTPUT_JUMP) {
      // Too far for the receiver's (and our own) guess of the rollover counter: a new beginning, with a visible gap.
      output = this.highestOutput + 2;
      this.offset = input - output;
      this.firstInput = input;
    }
    if (output > this.highestOutput) this.highestOutput = output;
    return output & 0xffff;
  }

  private start(sequenceNumber: number): void {
    this.unwrapper.reset();
    const input = this.unwrapper.unwrap(sequenceNumber);
    this.offset = input - (this.highestOutput + 1 + this.pendingGap);
    this.firstInput = input;
    this.highestInput = input - 1;
    this.pendingSync = false;
    this.started = true;
  }

  /** Numbers that were skipped (lost so far) keep the offset of their time. */
  private fill(input: number): void {
    let missing = Math.max(this.highestInput + 1, input - HISTORY + 1);
    for (; missing < input; missing++) this.offsets[missing & MASK] = this.offset;
  }
}
