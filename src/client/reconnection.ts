/** Tries again and again with growing delays, until it works, would never work, or has taken too long. */
import { RETRYABLE_ERRORS } from '../signalling/protocol.js';
import { Backoff } from './backoff.js';
import type { RoomClientOptions } from './room-client-types.js';
import { errorCode } from './signalling-error.js';

/** A connection that lasted this long was a good one. */
const STABLE_MS = 5_000;

export class Reconnection {
  readonly #backoff: Backoff;
  readonly #giveUpAfterMs: number;
  #connectedAt = -Infinity;
  #wake: () => void = () => {};

  constructor({ minDelayMs = 250, maxDelayMs = 5_000, giveUpAfterMs = Infinity }: ReconnectOptions = {}) {
    this.#backoff = new Backoff(minDelayMs, maxDelayMs);
    this.#giveUpAfterMs = giveUpAfterMs;
  }

  /** There is a connection now. */
  connected(): void {
    this.#connectedAt = performance.now();
  }

  /** The network is back: no need to wait for the next attempt. */
  wake(): void {
    this.#wake();
  }

  /** Resolves when an attempt has; rejects as the last one did, or with the signal's reason. */
  async run(attempt: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    // A server that accepts and drops again must not be called back in a tight circle.
    if (startedAt - this.#connectedAt > STABLE_MS) this.#backoff.reset();
    for (;;) {
      await this.#sleep(this.#backoff.next(), signal);
      signal.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        const isLate = performance.now() - startedAt > this.#giveUpAfterMs;
        if (signal.aborted || isLate || !mayPass(error)) throw error;
      }
    }
  }

  #sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, delayMs);
      signal.addEventListener('abort', wake);
      this.#wake = wake;
    });
  }
}

type ReconnectOptions = NonNullable<RoomClientOptions['reconnect']>;

/** Of this client, and of a page's `ticket`: no answer, or not so soon. */
const PASSING = new Set(['connect-failed', 'connection-lost', 'offline', 'timeout', 'rate-limited']);

function mayPass(error: unknown): boolean {
  const code = errorCode(error);
  return PASSING.has(code) || RETRYABLE_ERRORS.has(code);
}
