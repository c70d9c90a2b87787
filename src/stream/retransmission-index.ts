// Hot path: record() runs once per packet and receiver. It allocates nothing, except that the table doubles a few times
// when more is sent at once than ever before.

const FIRST_SIZE = 64;
/** As many as a PacketRing finds again. */
const MAX_SIZE = 1024;
/** Milliseconds: what is overwritten sooner than this after it was sent shows that the table is too small. */
const KEPT_MS = 2000;

/** An entry: outgoing and source's number; token and answers; time. Side by side, since all are used together. */
const WORDS = 3;
const NUMBERS = 0;
const TOKEN = 1;
const TIME = 2;
/** Of the second word: two bits count the answers, the rest is the token and one, so that 0 is an empty entry. */
const ANSWER_BITS = 2;
const ANSWERS = 3;

/** Answers per packet: a receiver that did not get three copies has another problem. */
const MAX_ANSWERS = 3;
/** Milliseconds within which a repeated request is the same request, when the round trip is shorter or unknown. */
const MIN_REPEAT_MS = 40;

export const RetransmissionVerdict = { Send: 0, Unknown: 1, TooSoon: 2, TooOften: 3 } as const;
export type RetransmissionVerdict = (typeof RetransmissionVerdict)[keyof typeof RetransmissionVerdict];

/**
 * What one receiver was sent lately: outgoing sequence number to the source's number and a token that says how it was written.
 * The bytes themselves lie once in the source's PacketRing. As large as two seconds of what is sent, up to 1,024 packets.
 */
export class RetransmissionIndex {
  private entries = new Int32Array(FIRST_SIZE * WORDS);
  private mask = FIRST_SIZE - 1;

  /** @param token 0 to 2^29 - 2 */
  record(now: number, output: number, input: number, token: number): void {
    let at = (output & this.mask) * WORDS;
    if (this.entries[at + TOKEN] !== 0 && this.age(now, at) < KEPT_MS && this.grow()) {
      at = (output & this.mask) * WORDS;
    }
    const { entries } = this;
    entries[at + NUMBERS] = (output << 16) | input;
    entries[at + TOKEN] = (token + 1) << ANSWER_BITS;
    entries[at + TIME] = now | 0;
  }

  /** Whether a request may be answered now. */
  verdict(now: number, output: number, roundTripMs: number): RetransmissionVerdict {
    if (!this.knows(output)) return RetransmissionVerdict.Unknown;
    const at = (output & this.mask) * WORDS;
    const answers = this.entries[at + TOKEN] & ANSWERS;
    if (answers >= MAX_ANSWERS) return RetransmissionVerdict.TooOften;
    const pause = Math.max(MIN_REPEAT_MS, roundTripMs);
    return answers > 0 && this.age(now, at) < pause
      ? RetransmissionVerdict.TooSoon
      : RetransmissionVerdict.Send;
  }

  /** It was: only this counts, so that what could not be sent may be asked for again. */
  answered(now: number, output: number): void {
    if (!this.knows(output)) return;
    const at = (output & this.mask) * WORDS;
    if ((this.entries[at + TOKEN] & ANSWERS) < MAX_ANSWERS) this.entries[at + TOKEN] += 1;
    this.entries[at + TIME] = now | 0;
  }

  /** The source's sequence number of a packet that verdict() let through. */
  inputOf(output: number): number {
    return this.entries[(output & this.mask) * WORDS + NUMBERS] & 0xffff;
  }

  tokenOf(output: number): number {
    return (this.entries[(output & this.mask) * WORDS + TOKEN] >>> ANSWER_BITS) - 1;
  }

  /** It was sent, not too long ago. */
  knows(output: number): boolean {
    const at = (output & this.mask) * WORDS;
    return this.entries[at + NUMBERS] >>> 16 === output && this.entries[at + TOKEN] !== 0;
  }

  clear(): void {
    this.entries.fill(0);
  }

  /** Milliseconds since it was sent or sent again; the clock is kept in 32 bits, which go round. */
  private age(now: number, at: number): number {
    return ((now | 0) - this.entries[at + TIME]) >>> 0;
  }

  private grow(): boolean {
    const size = (this.mask + 1) * 2;
    if (size > MAX_SIZE) return false;
    const old = this.entries;
    this.mask = size - 1;
    this.entries = new Int32Array(size * WORDS);
    for (let from = 0; from < old.length; from += WORDS) {
      if (old[from + TOKEN] === 0) continue;
      const to = ((old[from + NUMBERS] >>> 16) & this.mask) * WORDS;
      for (let word = 0; word < WORDS; word++) this.entries[to + word] = old[from + word];
    }
    return true;
  }
}
