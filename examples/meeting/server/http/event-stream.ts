/** Server-sent events (HTML Living Standard 9.2) to one page. */
import type { Exchange } from './exchange.js';

/** Proxies cut what is silent for a minute; the page takes half a minute of silence for a lost connection. */
export const HEARTBEAT_MS = 10_000;
/** A page that takes nothing while this much has been written for it is cut off; it connects anew and gets the present state. */
const MAX_WAITING_BYTES = 256 * 1024;

export class EventStream {
  #closed = false;
  #waiting = 0;
  #onClose: (() => void)[] = [];
  readonly #heartbeat: NodeJS.Timeout;

  constructor(
    private readonly exchange: Exchange,
    heartbeatMs = HEARTBEAT_MS,
  ) {
    exchange.onWritable(() => {
      this.#waiting = 0;
    });
    this.#heartbeat = setInterval(() => this.#write(': still here\n\n'), heartbeatMs);
    this.#heartbeat.unref();
    // How long the page waits before it connects anew; the first bytes also make proxies pass the headers on.
    this.#write('retry: 2000\n\n');
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(event: string, data: unknown): void {
    // JSON holds no line breaks, so one `data` line is enough.
    this.#write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** The page's `EventSource` would connect anew; tell it before that this was the end. */
  end(): void {
    if (this.#closed) return;
    this.exchange.end();
    this.handleClosed();
  }

  /** Also called when it is closed already. */
  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#onClose.push(listener);
  }

  /** The connection is gone. */
  handleClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#heartbeat);
    for (const listener of this.#onClose) listener();
    this.#onClose = [];
  }

  #write(text: string): void {
    if (this.#closed) return;
    if (this.exchange.write(text)) {
      this.#waiting = 0;
      return;
    }
    this.#waiting += text.length;
    if (this.#waiting <= MAX_WAITING_BYTES) return;
    this.exchange.abort();
    this.handleClosed();
  }
}
