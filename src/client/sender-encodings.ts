/** Switches simulcast encodings on and off as viewers come and go, without disturbing what else is set. */
import type { types } from 'mediasoup-client';

/** Another call of setParameters between our read and write makes the browser refuse ours; then we read again. */
const ATTEMPTS = 3;
/** After so many refusals in a row; a layer that somebody waits for must come in the end. */
const RETRY_MS = 1_000;

export class SenderEncodings {
  #wanted: readonly boolean[] | null = null;
  #producer: types.Producer | null = null;
  /** Of the page's own choice: what it left out stays out. */
  #allowed: readonly boolean[] = [];
  #running = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** A new producer sends all that the page allows, until the server says otherwise. */
  attach(producer: types.Producer, encodings: readonly RTCRtpEncodingParameters[] = []): void {
    this.#producer = producer;
    this.#allowed = encodings.map(({ active }) => active !== false);
    this.#wanted = null;
  }

  detach(): void {
    this.#producer = null;
    clearTimeout(this.#retry);
  }

  /** By encoding. Rejects never; the newest wish wins. */
  want(encodings: readonly boolean[]): void {
    this.#wanted = encodings;
    if (!this.#running) void this.#settle();
  }

  async #settle(): Promise<void> {
    this.#running = true;
    clearTimeout(this.#retry);
    for (;;) {
      const wanted = this.#wanted;
      const producer = this.#producer;
      const done = !wanted || !producer || (await this.#apply(producer, wanted));
      if (wanted !== this.#wanted || producer !== this.#producer) continue;
      // In the same turn, so that no wish falls between.
      this.#running = false;
      if (!done) this.#retry = setTimeout(() => void this.#settle(), RETRY_MS);
      return;
    }
  }

  /** False: the browser refused, and something that is wanted is not sent. */
  async #apply(producer: types.Producer, wanted: readonly boolean[]): Promise<boolean> {
    let missing = false;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const sender = producer.rtpSender;
      if (producer.closed || !sender) return true;
      const parameters = sender.getParameters();
      const { encodings } = parameters;
      if (encodings.length < 2 || encodings.length !== wanted.length) return true;
      let changed = false;
      missing = false;
      encodings.forEach((encoding, index) => {
        const active = wanted[index] && (this.#allowed[index] ?? true);
        changed ||= encoding.active !== active;
        missing ||= active && !encoding.active;
        encoding.active = active;
      });
      if (!changed) return true;
      try {
        await sender.setParameters(parameters);
        return true;
      } catch {
        // Read again.
      }
    }
    // Sending a layer too many costs only bits: no reason to go on.
    return !missing;
  }
}
