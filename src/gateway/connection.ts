/**
 * One WebSocket: decodes and checks what comes in, hands requests on one after another, and encodes what goes out.
 * It knows nothing about rooms; the peer behind it may outlive it.
 */
import type { Logger } from 'pino';
import { decodeFrame, encodeFrame, SERVER_DECODE_LIMITS } from '../signalling/codec.js';
import type {
  ErrorInfo,
  NotificationName,
  Notifications,
  RequestMessage,
  ServerMessage,
} from '../signalling/messages.js';
import { parseRequest } from '../signalling/parse-request.js';
import { CloseCode, type Subprotocol } from '../signalling/protocol.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { GatewayLimits } from './options.js';
import type { Peer, PeerLink } from './peer.js';
import { TokenBucket } from './rate-limiter.js';
import { toErrorInfo } from './request-error.js';
import type { SharedNotification } from './shared-notification.js';

type Frame = Uint8Array | string;

/** A socket of whatever server is below. After `end` or `terminate` nothing else is called. */
export interface SocketPort {
  readonly protocol: Subprotocol;
  readonly remoteAddress: string;
  readonly origin: string;
  /** A text subprotocol may have its frames as UTF-8, too. */
  send(frames: readonly Frame[]): void;
  bufferedBytes(): number;
  ping(): void;
  end(code: number, reason: string): void;
  terminate(): void;
}

export interface ConnectionEnvironment {
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  now(): number;
  /** Resolves to the response's data. */
  handle(connection: Connection, message: RequestMessage): Promise<object>;
  /** `code` is the WebSocket close code; 1006 when the socket was lost. Called exactly once. */
  closed(connection: Connection, code: number): void;
}

/** A bad message costs this many good ones, so that garbage runs into the rate limit soon. */
const BAD_MESSAGE_COST = 10;

/** More than this goes out without waiting for the end of the turn. */
const OUTBOX_BYTES = 16 * 1024;

export class Connection implements PeerLink {
  lastHeardAt: number;
  /** When it was opened, or its peer left: since then it must join. */
  unjoinedSince: number;
  #peer: Peer | null = null;
  #closed = false;
  #bucket: TokenBucket;
  readonly #queue: RequestMessage[] = [];
  #working = false;
  #afterReply: (() => void)[] | null = null;
  /** What this turn of the event loop has to say; it goes out together when the turn ends. */
  #outbox: Frame[] | null = null;
  #outboxBytes = 0;

  constructor(
    readonly port: SocketPort,
    private readonly env: ConnectionEnvironment,
  ) {
    this.unjoinedSince = this.lastHeardAt = env.now();
    this.#bucket = new TokenBucket(env.limits.messagesPerSecond, env.limits.messageBurst, this.lastHeardAt);
  }

  get peer(): Peer | null {
    return this.#peer;
  }

  set peer(peer: Peer | null) {
    if (peer === null && this.#peer !== null) this.unjoinedSince = this.env.now();
    this.#peer = peer;
  }

  get closed(): boolean {
    return this.#closed;
  }

  receive(frame: Frame): void {
    if (this.#closed) return;
    const { limits, metrics } = this.env;
    this.lastHeardAt = this.env.now();
    metrics.messages.in.add();
    metrics.bytes.in.add(frame.length);
    if (!this.#bucket.take(this.lastHeardAt)) return this.close(CloseCode.Policy, 'rate-limited');
    if (frame.length > limits.maxMessageBytes) return this.close(CloseCode.TooBig, 'message-too-big');

    const decoded = decodeFrame(this.port.protocol, frame, SERVER_DECODE_LIMITS);
    if (!decoded.ok) return this.#refuse(null, { code: 'malformed', message: decoded.message });
    const parsed = parseRequest(decoded.value);
    if (!parsed.ok) return this.#refuse(parsed.id, parsed.error);
    metrics.requests.add(1, { request: parsed.message.request });
    // Not behind slower requests: the client measures by it whether we live.
    if (parsed.message.request === 'ping') return this.#send({ id: parsed.message.id, ok: true, data: {} });
    if (this.#queue.length >= limits.maxQueuedRequests) {
      const message = `more than ${limits.maxQueuedRequests} requests are waiting; wait for responses`;
      return this.#fail(parsed.message.id, { code: 'limit-reached', message });
    }
    this.#queue.push(parsed.message);
    if (!this.#working) void this.#work();
  }

  /** The other side answered a ping. */
  heard(): void {
    this.lastHeardAt = this.env.now();
  }

  /** For so many milliseconds nothing could be heard, which is not the silence of the other side. */
  excuse(now: number, ms: number): void {
    this.lastHeardAt = Math.min(now, this.lastHeardAt + ms);
    this.unjoinedSince = Math.min(now, this.unjoinedSince + ms);
  }

  /** The other side sent a ping: it counts as a message, and its pong as something that must be read. */
  pinged(): void {
    if (this.#closed) return;
    this.lastHeardAt = this.env.now();
    if (!this.#bucket.take(this.lastHeardAt)) return this.close(CloseCode.Policy, 'rate-limited');
    if (this.port.bufferedBytes() > this.env.limits.maxBackpressureBytes) this.terminate('backpressure');
  }

  /** After a resume: the allowance goes on where the old socket left it, so that reconnecting brings no fresh burst. */
  continueAllowance(previous: TokenBucket | null): TokenBucket {
    if (previous) this.#bucket = previous;
    return this.#bucket;
  }

  notify<K extends NotificationName>(notification: K, data: Notifications[K]): void {
    this.#send({ notification, data } as ServerMessage);
  }

  deliver(message: SharedNotification): void {
    if (!this.#closed) this.#put(message.frame(this.port.protocol));
  }

  afterReply(callback: () => void): void {
    (this.#afterReply ??= []).push(callback);
  }

  ping(): void {
    if (!this.#closed) this.port.ping();
  }

  /** Closes with a close frame. `cause` is a coded word, which `reason` is too unless it is a text for people. */
  close(code: number, reason: string, cause = reason): void {
    if (this.#closed) return;
    this.#flush();
    this.env.metrics.closes.add(1, { cause });
    this.#finish(code);
    this.port.end(code, reason);
  }

  /** Cuts the socket off without a close frame. */
  terminate(cause: string): void {
    if (this.#closed) return;
    this.env.metrics.closes.add(1, { cause });
    this.#finish(1006);
    this.port.terminate();
  }

  /** The socket below closed. */
  handleClosed(code: number): void {
    if (!this.#closed) this.#finish(code);
  }

  #finish(code: number): void {
    this.#closed = true;
    this.#queue.length = this.#outboxBytes = 0;
    this.#outbox = null;
    this.env.closed(this, code);
  }

  /** One request after another: what a peer asks for happens in the order it asked. */
  async #work(): Promise<void> {
    this.#working = true;
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      try {
        const data = await this.env.handle(this, message);
        this.#send({ id: message.id, ok: true, data });
      } catch (error) {
        const info = toErrorInfo(error);
        if (info.code === 'internal')
          this.env.log.error({ err: error, request: message.request }, 'request failed');
        this.#fail(message.id, info);
      }
      const callbacks = this.#afterReply;
      this.#afterReply = null;
      callbacks?.forEach((callback) => callback());
    }
    this.#working = false;
  }

  #refuse(id: number | null, error: ErrorInfo): void {
    this.#fail(id, error);
    if (!this.#bucket.take(this.env.now(), BAD_MESSAGE_COST - 1))
      this.close(CloseCode.Policy, 'rate-limited');
  }

  #fail(id: number | null, error: ErrorInfo): void {
    this.env.metrics.errors.add(1, { code: error.code });
    this.#send({ id, ok: false, error });
  }

  #send(message: ServerMessage): void {
    if (this.#closed) return;
    this.#put(encodeFrame(this.port.protocol, message));
  }

  #put(frame: Frame): void {
    const waiting = this.port.bufferedBytes() + this.#outboxBytes;
    if (waiting + frame.length > this.env.limits.maxBackpressureBytes) return this.terminate('backpressure');
    const { messages, bytes } = this.env.metrics;
    messages.out.add();
    bytes.out.add(frame.length);
    if (this.#outbox) this.#outbox.push(frame);
    else {
      this.#outbox = [frame];
      queueMicrotask(() => this.#flush());
    }
    this.#outboxBytes += frame.length;
    if (this.#outboxBytes >= OUTBOX_BYTES) this.#flush();
  }

  #flush(): void {
    const frames = this.#outbox;
    if (!frames) return;
    this.#outbox = null;
    this.#outboxBytes = 0;
    this.port.send(frames);
  }
}
