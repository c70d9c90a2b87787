/** Switches simulcast encodings on and off as viewers come and go, without disturbing what else is set. */
import type { types } from 'mediasoup-client';

/** Another call of setParameters between our read and write makes the browser refuse ours; then we read again. */
const ATTEMPTS = 3;

export class SenderEncodings {
  #wanted: readonly boolean[] | null = null;
  #producer: types.Producer | null = null;
  /** Of the page's own choice: what it left out stays out. */
  #allowed: readonly boolean[] = [];
  #running: Promise<void> | null = null;

  /** A new producer sends all that the page allows, until the server says otherwise. */
  attach(producer: types.Producer, encodings: readonly RTCRtpEncodingParameters[] = []): void {
    this.#producer = producer;
    this.#allowed = encodings.map(({ active }) => active !== false);
    this.#wanted = null;
  }

  detach(): void {
    this.#producer = null;
  }

  /** By encoding. Rejects never; the newest wish wins. */
  want(encodings: readonly boolean[]): void {
    this.#wanted = encodings;
    this.#running ??= this.#settle().finally(() => (this.#running = null));
  }

  async #settle(): Promise<void> {
    for (;;) {
      const wanted = this.#wanted;
      const producer = this.#producer;
      if (wanted && producer) await this.#apply(producer, wanted);
      if (wanted === this.#wanted && producer === this.#producer) return;
    }
  }

  async #apply(producer: types.Producer, wanted: readonly boolean[]): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const sender = producer.rtpSender;
      if (producer.closed || !sender) return;
      const parameters = sender.getParameters();
      const { encodings } = parameters;
      if (encodings.length < 2 || encodings.length !== wanted.length) return;
      let changed = false;
      encodings.forEach((encoding, index) => {
        const active = wanted[index] && (this.#allowed[index] ?? true);
        changed ||= encoding.active !== active;
        encoding.active = active;
      });
      if (!changed) return;
      try {
        return await sender.setParameters(parameters);
      } catch {
        // Sending a layer too many costs only bits: no reason to disturb anybody.
      }
    }
  }
}
