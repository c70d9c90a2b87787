import { setTimeout as sleep } from 'node:timers/promises';
import { DeliveryError } from './mailer.js';

export interface Sms {
  /** E.164. */
  to: string;
  text: string;
  /** The same when it is sent again, so that the provider can drop the copy. */
  id: string;
}

/** Sends text messages, or rejects with a `DeliveryError`. */
export interface SmsPort {
  send(sms: Sms): Promise<void>;
}

export interface HttpSmsOptions {
  /** Takes `POST { to, from, text }`; any answer 200 to 299 means that it was taken. */
  url: string;
  /** Sent as `Authorization: Bearer`. */
  token: string;
  /** The sender that is shown: at most 11 letters and digits, or a number. */
  from: string;
  /** Milliseconds for one attempt. Default 10,000. */
  timeout?: number;
  /** Waits before the second attempt and those after it, in milliseconds. Default 500, 2,000. */
  retryDelays?: readonly number[];
}

/**
 * The small HTTP port that a provider of text messages is put behind. Trouble that may pass is tried again here a few
 * times; whoever keeps the message tries again later.
 */
export class HttpSmsPort implements SmsPort {
  readonly #options: HttpSmsOptions;

  constructor(options: HttpSmsOptions) {
    this.#options = options;
  }

  async send(sms: Sms): Promise<void> {
    for (const delay of this.#options.retryDelays ?? [500, 2_000]) {
      try {
        return await this.#post(sms);
      } catch (error) {
        if (error instanceof DeliveryError && error.permanent) throw error;
        await sleep(delay);
      }
    }
    await this.#post(sms);
  }

  async #post({ to, text, id }: Sms): Promise<void> {
    const { url, token, from, timeout } = this.#options;
    let response: Response;
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          Authorization: `Bearer ${token}`,
          'Idempotency-Key': id,
        },
        body: JSON.stringify({ to, from, text }),
        signal: AbortSignal.timeout(timeout ?? 10_000),
        // The token goes to nobody else.
        redirect: 'error',
      });
      // Read to the end, so that the connection is free again.
      await response.arrayBuffer();
    } catch (error) {
      const timedOut = error instanceof Error && error.name === 'TimeoutError';
      throw new DeliveryError(`SMS provider: ${timedOut ? 'no answer in time' : 'not reached'}`, false);
    }
    if (response.ok) return;
    // 400 and 422 judge the message; everything else is the provider's state or our agreement with it.
    throw new DeliveryError(
      `SMS provider: status ${response.status}`,
      response.status === 400 || response.status === 422,
    );
  }
}
