// Hot path: record() runs once per packet and receiver. It allocates nothing.

const SIZE = 1024;
const MASK = SIZE - 1;

/** Answers per packet: a receiver that did not get three copies has another problem. */
const MAX_ANSWERS = 3;
/** Milliseconds within which a repeated request is the same request, when the round trip is shorter or unknown. */
const MIN_REPEAT_MS = 40;

export const RetransmissionVerdict = { Send: 0, Unknown: 1, TooSoon: 2, TooOften: 3 } as const;
export type RetransmissionVerdict = (typeof RetransmissionVerdict)[keyof typeof RetransmissionVerdict];

/**
 * What one receiver was sent lately: outgoing sequence number to the source's number and a token that says how it was written.
 * The bytes themselves lie once in the source's PacketRing.
 */
export class RetransmissionIndex {
  private readonly outputs = new Int32Array(SIZE).fill(-1);
  private readonly inputs = new Uint16Array(SIZE);
  private readonly tokens = new Uint32Array(SIZE);
  private readonly answers = new Uint8Array(SIZE);
  private readonly answeredAt = new Float64Array(SIZE);

  record(output: number, input: number, token: number): void {
    const slot = output & MASK;
    this.outputs[slot] = output;
    this.inputs[slot] = input;
    this.tokens[slot] = token;
    this.answers[slot] = 0;
  }

  /** Whether a request may be answered now. */
  verdict(now: number, output: number, roundTripMs: number): RetransmissionVerdict {
    const slot = output & MASK;
    if (this.outputs[slot] !== output) return RetransmissionVerdict.Unknown;
    if (this.answers[slot] >= MAX_ANSWERS) return RetransmissionVerdict.TooOften;
    const pause = Math.max(MIN_REPEAT_MS, roundTripMs);
    const soon = this.answers[slot] > 0 && now - this.answeredAt[slot] < pause;
    return soon ? RetransmissionVerdict.TooSoon : RetransmissionVerdict.Send;
  }

  /** It was: only this counts, so that what could not be sent may be asked for again. */
  answered(now: number, output: number): void {
    const slot = output & MASK;
    this.answers[slot] += 1;
    this.answeredAt[slot] = now;
  }

  /** The source's sequence number of a packet that verdict() let through. */
  inputOf(output: number): number {
    return this.inputs[output & MASK];
  }

  tokenOf(output: number): number {
    return this.tokens[output & MASK];
  }

  /** It was sent, not too long ago. */
  knows(output: number): boolean {
    return this.outputs[output & MASK] === output;
  }

  clear(): void {
    this.outputs.fill(-1);
  }
}
