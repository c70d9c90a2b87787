/** One WebSocket with requests, responses, notifications and a sign of life; it never reconnects by itself. */
import { CLIENT_DECODE_LIMITS, decodeFrame, encodeFrame } from '../signalling/codec.js';
import type { NotificationMessage, Notifications, RequestName, Requests } from '../signalling/messages.js';
import { parseServerMessage } from '../signalling/parse-server-message.js';
import { CloseCode, type Subprotocol } from '../signalling/protocol.js';
import { SignallingError } from './signalling-error.js';

export interface SignallingSocketOptions {
  url: string;
  subprotocol: Subprotocol;
  WebSocket: typeof WebSocket;
  /** Called once after `open` resolved, however the socket ended. */
  onClosed(code: number, reason: string): void;
}

const OPEN_TIMEOUT_MS = 8_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Browsers hide the server's pings from the page, so the page asks by itself. */
const PING_INTERVAL_MS = 4_000;
const PING_TIMEOUT_MS = 6_000;

interface PendingRequest {
  resolve: (data: object) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

export class SignallingSocket {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, PendingRequest>();
  #nextId = 1;
  #closed = false;
  #opened = false;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #onNotification: ((message: NotificationMessage) => void) | null = null;
  /** Notifications that came before `start`. */
  #early: NotificationMessage[] = [];

  constructor(private readonly options: SignallingSocketOptions) {
    this.#socket = new options.WebSocket(options.url, [options.subprotocol]);
    this.#socket.binaryType = 'arraybuffer';
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves with the server's welcome. */
  open(): Promise<Notifications['welcome']> {
    return new Promise((resolve, reject) => {
      const failed = (message: string): void => {
        clearTimeout(timer);
        this.#finish(1006, '');
        this.#socket.close();
        reject(new SignallingError('connect-failed', message));
      };
      const timer = setTimeout(() => failed('the server did not answer in time'), OPEN_TIMEOUT_MS);
      this.#onNotification = (message) => {
        if (message.notification !== 'welcome') return;
        clearTimeout(timer);
        this.#onNotification = null;
        this.#opened = true;
        this.#pingTimer = setInterval(() => this.#ping(), PING_INTERVAL_MS);
        resolve(message.data);
      };
      this.#socket.onmessage = (event: MessageEvent<ArrayBuffer | string>) => this.#receive(event.data);
      this.#socket.onerror = () => {}; // a close event follows
      this.#socket.onclose = ({ code, reason }) => {
        if (this.#opened) this.#finish(code, reason);
        else failed(`cannot connect to ${this.options.url}${reason ? ` (${reason})` : ''}`);
      };
    });
  }

  /** Hands over the notifications from now on, and first those that already came. */
  start(onNotification: (message: NotificationMessage) => void): void {
    this.#onNotification = onNotification;
    const early = this.#early;
    this.#early = [];
    for (const message of early) onNotification(message);
  }

  request<K extends RequestName>(
    request: K,
    data: Requests[K]['data'],
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<Requests[K]['response']> {
    // Closing: nothing that is sent now arrives, and browsers complain of it on the console.
    if (this.#closed || this.#isClosing)
      return Promise.reject(new SignallingError('connection-lost', 'the connection is closed'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new SignallingError('timeout', `no response to "${request}" in ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(id, { resolve: resolve, reject, timer });
      this.#socket.send(encodeFrame(this.options.subprotocol, { id, request, data }));
    });
  }

  /** Says a proper goodbye: the server lets the peer leave at once. `onClosed` is not called. */
  close(): void {
    if (this.#closed) return;
    this.#opened = false;
    this.#finish(CloseCode.Normal, '');
    this.#socket.close(CloseCode.Normal, 'left');
  }

  /** Gives the socket up as lost. */
  #abandon(): void {
    if (this.#closed) return;
    this.#finish(1006, 'no sign of life');
    // 4999 is nothing that the server takes for a goodbye, should it still be heard.
    this.#socket.close(4999, 'no sign of life');
  }

  /** The other end has begun to close. */
  get #isClosing(): boolean {
    return this.#socket.readyState > this.#socket.OPEN;
  }

  #ping(): void {
    // How it ended comes with the close event.
    if (this.#isClosing) return;
    this.request('ping', {}, PING_TIMEOUT_MS).catch(() => this.#abandon());
  }

  #receive(frame: ArrayBuffer | string): void {
    if (this.#closed) return;
    const bytes = typeof frame === 'string' ? frame : new Uint8Array(frame);
    const decoded = decodeFrame(this.options.subprotocol, bytes, CLIENT_DECODE_LIMITS);
    const message = decoded.ok ? parseServerMessage(decoded.value) : null;
    if (!message) return;
    if ('notification' in message) {
      if (this.#onNotification) this.#onNotification(message);
      else this.#early.push(message);
      return;
    }
    const pending = message.id === null ? undefined : this.#pending.get(message.id);
    if (!pending) return;
    this.#pending.delete(message.id!);
    clearTimeout(pending.timer);
    if (message.ok) pending.resolve(message.data);
    else pending.reject(new SignallingError(message.error.code, message.error.message, message.error.field));
  }

  #finish(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#pingTimer);
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(closeError(code, reason));
    }
    this.#pending.clear();
    if (this.#opened) this.options.onClosed(code, reason);
  }
}

function closeError(code: number, reason: string): SignallingError {
  if (code === CloseCode.Removed) return new SignallingError('removed', reason);
  if (code === CloseCode.Ended) return new SignallingError('ended', reason);
  return new SignallingError('connection-lost', 'the connection was lost before the response came');
}
