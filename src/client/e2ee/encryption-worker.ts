/** The worker as the page sees it: takes keys, makes transforms, and is watched, since a dead one says nothing. */
import { SignallingError } from '../signalling-error.js';
import type { KeysMessage, PageMessage, TransformOptions, WorkerMessage } from './worker-messages.js';

export type EncryptionFailure =
  /** The script of the worker is not there, is no script, or is forbidden. */
  | 'worker-not-loaded'
  /** The worker ended with an error. */
  | 'worker-failed'
  /** The worker does not answer. It is no failure any more when it does. */
  | 'worker-silent';

export interface EncryptionWorkerEvents {
  onMessage(message: Exclude<WorkerMessage, { type: 'alive' }>): void;
  /** `failure` is another one, or null again. */
  onFailure(): void;
}

/** The worker is asked for a sign of life this often, ms. */
export const ASK_INTERVAL_MS = 5_000;
/** So many questions without an answer: counted, not timed, so that a page or machine that slept blames nobody. */
const UNANSWERED = 3;

export class EncryptionWorker {
  #failure: EncryptionFailure | null = null;
  #message = '';
  #unanswered = 0;
  #heard = false;
  #closed = false;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    private readonly worker: Worker,
    private readonly events: EncryptionWorkerEvents,
  ) {
    worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => this.#hear(data);
    worker.onerror = ({ message }) =>
      this.#heard
        ? this.#fail('worker-failed', message || 'it ended with an error')
        : this.#fail('worker-not-loaded', message || 'it could not be loaded');
    worker.onmessageerror = () => this.#fail('worker-failed', 'it said what this page cannot read');
    this.#timer = setInterval(() => this.#ask(), ASK_INTERVAL_MS);
    this.#ask();
  }

  get failure(): EncryptionFailure | null {
    return this.#failure;
  }

  /** Null: nothing has failed. */
  get error(): SignallingError | null {
    if (this.#failure === null) return null;
    return new SignallingError('encryption-failed', `the encryption worker failed: ${this.#message}`);
  }

  /** What is encrypted and opened with from now on. */
  setKeys(keys: KeysMessage): void {
    this.#tell({ type: 'keys', ...keys });
  }

  /** Throws after `close`. One of a worker that failed lets nothing through. */
  transform(options: TransformOptions): RTCRtpScriptTransform {
    if (this.#closed) throw new SignallingError('closed', 'the encrypted room is closed');
    return new RTCRtpScriptTransform(this.worker, options);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.worker.terminate();
  }

  #ask(): void {
    if (this.#unanswered === UNANSWERED && this.#failure === null)
      this.#fail('worker-silent', 'it does not answer');
    this.#unanswered++;
    this.#tell({ type: 'are-you-there' });
  }

  #hear(message: WorkerMessage): void {
    this.#heard = true;
    this.#unanswered = 0;
    if (this.#failure === 'worker-silent') {
      this.#failure = null;
      this.events.onFailure();
    }
    if (message.type !== 'alive') this.events.onMessage(message);
  }

  #fail(failure: EncryptionFailure, message: string): void {
    if (this.#closed || (this.#failure !== null && this.#failure !== 'worker-silent')) return;
    this.#failure = failure;
    this.#message = message;
    this.events.onFailure();
  }

  #tell(message: PageMessage): void {
    this.worker.postMessage(message);
  }
}
