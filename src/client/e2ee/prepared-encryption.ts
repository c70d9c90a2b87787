/** What an encrypted room needs and what takes time to make, made before anybody knows when it is needed. */
import { SignallingError } from '../signalling-error.js';
import { Identity } from './key-exchange.js';

/** For one `EncryptedRoom`, as its `worker`. Nothing of it leaves the page before the room's client has joined. */
export class PreparedEncryption {
  readonly #identity = Identity.create();
  #state: 'ready' | 'taken' | 'failed' | 'closed' = 'ready';

  constructor(private readonly worker: Worker) {
    worker.onerror = () => this.#failed();
    this.#identity.catch(() => this.#failed());
  }

  /** False: it was used, was closed, or its worker could not be loaded. Prepare another one then. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** For the one room that it is for, which ends the worker. Throws when it is not ready. */
  take(): { worker: Worker; identity: Promise<Identity> } {
    if (!this.isReady) {
      throw new SignallingError(
        'encryption-failed',
        `this prepared encryption is ${this.#state}: it serves one room, prepare another one`,
      );
    }
    this.#state = 'taken';
    this.worker.onerror = null;
    return { worker: this.worker, identity: this.#identity };
  }

  /** Ends the worker, unless a room has it. */
  close(): void {
    if (this.#state === 'taken') return;
    this.#state = 'closed';
    this.worker.terminate();
  }

  #failed(): void {
    if (this.#state === 'ready') this.#state = 'failed';
  }
}

/**
 * To be called where a meeting is coming, as on the page of a waiting room, so that joining it takes less time: the key pair
 * is made, and `worker` (of the bundled `e2ee-worker.js`) starts meanwhile. Close it when it is not used.
 */
export function prepareEncryption(worker: Worker): PreparedEncryption {
  return new PreparedEncryption(worker);
}
