/** The body of a request, pulled in pieces: what nobody has asked for yet waits at the sender. */
import type { Exchange } from './exchange.js';

/** Above this the socket is paused. */
const HIGH_WATER_BYTES = 256 * 1024;
/**
 * A body that nobody wants is read to its end up to here, and thrown away: a sender whose connection ends while it sends
 * never sees the answer. A document a little too large is to learn that it is.
 */
const DISCARD_BYTES = 32 * 1024 * 1024;

export class BodyReader {
  readonly #chunks: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #broken = false;
  #discarding = false;
  #wake: () => void = () => {};

  constructor(private readonly exchange: Exchange) {
    exchange.onData((chunk, isLast) => {
      if (!this.#discarding && chunk.length > 0) {
        // The bytes are valid during this call only.
        this.#chunks.push(chunk.slice());
        this.#queued += chunk.length;
        if (this.#queued > HIGH_WATER_BYTES && !isLast) exchange.pauseBody();
      }
      if (isLast) this.#ended = true;
      this.#wake();
    });
  }

  /** The connection is gone. */
  handleAborted(): void {
    this.#broken = true;
    this.#wake();
  }

  /** The next piece; null at the end; throws `BodyCut` when the connection is gone. */
  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#broken) throw new BodyCut();
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#queued -= chunk.length;
        if (this.#queued < HIGH_WATER_BYTES / 2) this.exchange.resumeBody();
        return chunk;
      }
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Before an answer: true when the rest of the body is too much to wait for, so that the connection is to end. */
  abandon(): boolean {
    this.#discarding = true;
    this.#chunks.length = 0;
    if (this.#ended) return false;
    const declared = Number(this.exchange.header('content-length') || DISCARD_BYTES + 1);
    return !(declared <= DISCARD_BYTES);
  }
}

/** Nobody is there any more to whom it could be answered. */
export class BodyCut extends Error {
  override readonly name = 'BodyCut';
  constructor() {
    super('the connection ended before the body did');
  }
}
