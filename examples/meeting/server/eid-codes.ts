/** To whom one-time codes are really sent. To everybody else it looks the same: nobody finds out who may log in. */
import type { CodeMessage } from 'sluss/gateway';
import type { Logger } from 'pino';

const ALLOWED_FOR_MS = 60_000;

export interface CodeMailOptions {
  /** Rejects when the mail cannot be sent. */
  send: (message: CodeMessage) => Promise<void>;
  /** True: somebody of this address logs in to the portal with a code. */
  isOrganiser: (email: string) => Promise<boolean>;
  now: () => number;
  log: Logger;
}

export class CodeMail {
  readonly #allowed = new Map<string, number>();

  constructor(private readonly options: CodeMailOptions) {}

  /** For the next minute: the address of an invitation. */
  allow(email: string): void {
    const now = this.options.now();
    for (const [old, until] of this.#allowed) if (until <= now) this.#allowed.delete(old);
    this.#allowed.set(email, now + ALLOWED_FOR_MS);
  }

  /** For `OneTimeCode`. Resolves before anything is sent, since how long that takes would tell whether it is. */
  readonly send = (message: CodeMessage): Promise<void> => {
    void this.#deliver(message).catch((error: unknown) => {
      this.options.log.error({ err: error }, 'a one-time code could not be sent');
    });
    return Promise.resolve();
  };

  async #deliver(message: CodeMessage): Promise<void> {
    const isInvited = (this.#allowed.get(message.email) ?? 0) > this.options.now();
    if (!isInvited && !(await this.options.isOrganiser(message.email))) return;
    await this.options.send(message);
  }
}
