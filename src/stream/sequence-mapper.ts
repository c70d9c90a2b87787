// Hot path: map() runs once per packet and receiver. It allocates nothing.
import { SequenceUnwrapper } from '../rtp/sequence.js';

/** How far back a reordered packet still finds its place; a power of two. */
const HISTORY = 1024;
/** Words of one bit per number. */
const WORDS = HISTORY / 32;
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
  /**
   * Two sets of the last input numbers, a bit for each. The first WORDS words: those that are settled, given out or left out.
   * Behind them: those that were left out when they were the newest, each of which moved all later ones up by one. So what a
   * missing number is to subtract is what the newest subtracts, less those of the second set between the two.
   */
  private readonly bits = new Int32Array(2 * WORDS);
  private started = false;
  private firstInput = 0;
  private highestInput = 0;
  /** What to subtract from the next input to get its output. */
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
      this.advance(input, true);
      this.offset += 1;
      return -1;
    }
    if (!this.isMissing(input)) return -1;
    this.settle(input);
    const output = input - this.offsetAt(input);
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
    let { offset } = this;
    if (input > this.highestInput) {
      this.advance(input, false);
    } else {
      if (!this.isMissing(input)) return -1;
      offset = this.offsetAt(input);
      // Given out once: two packets under one number would be encrypted with the same keystream.
      this.settle(input);
    }
    let output = input - offset;
    if (output - this.highestOutput > MAX_OUTPUT_JUMP) {
      // Too far for the receiver's (and our own) guess of the rollover counter: a new beginning, with a visible gap.
      output = this.highestOutput + 2;
      this.offset = input - output;
      this.firstInput = input;
      this.bits.fill(0, WORDS);
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

  /** A number beyond all others is settled; those between were skipped, lost so far. */
  private advance(input: number, leftOut: boolean): void {
    const { bits } = this;
    let number = Math.max(this.highestInput + 1, input - HISTORY + 1);
    for (; number <= input; number++) {
      const word = wordOf(number);
      const others = ~(1 << number);
      bits[word] &= others;
      bits[WORDS + word] &= others;
    }
    this.settle(input);
    if (leftOut) bits[WORDS + wordOf(input)] |= 1 << input;
    this.highestInput = input;
  }

  private settle(input: number): void {
    this.bits[wordOf(input)] |= 1 << input;
  }

  /** Of a number up to the highest: it may still come. */
  private isMissing(input: number): boolean {
    if (input < this.firstInput || this.highestInput - input >= HISTORY) return false;
    return (this.bits[wordOf(input)] & (1 << input)) === 0;
  }

  /** What to subtract from a missing number. */
  private offsetAt(input: number): number {
    let later = 0;
    let number = input + 1;
    while (number <= this.highestInput) {
      const word = this.bits[WORDS + wordOf(number)];
      if ((number & 31) === 0 && this.highestInput - number >= 31) {
        later += bitCount(word);
        number += 32;
      } else {
        later += (word >>> number) & 1;
        number += 1;
      }
    }
    return this.offset - later;
  }
}

/** Shifts take the lower five bits of a number, and this the next ones. */
function wordOf(number: number): number {
  return (number >>> 5) & (WORDS - 1);
}

function bitCount(word: number): number {
  let pairs = word - ((word >>> 1) & 0x55555555);
  pairs = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((pairs + (pairs >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
