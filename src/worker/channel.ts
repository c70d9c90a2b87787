import type {
  MessageFromThread,
  MessageToThread,
  RequestMap,
  RequestMethod,
  CommandName,
  Target,
  WireError,
} from './messages.js';

/** The part of a `node:worker_threads` Worker or MessagePort that the channel uses. */
export interface ChannelPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: MessageFromThread) => void): unknown;
  off(event: 'message', listener: (message: MessageFromThread) => void): unknown;
}

/** How the channel makes the errors of the layer above it. */
export interface ChannelErrors {
  /** The error of a failed request, in its own class. */
  revive(error: WireError): Error;
  /** For requests that were pending when the worker closed or died, and for those sent afterwards. */
  closed(method: RequestMethod): Error;
}

export type NotificationHandler = (event: string, data: unknown) => void;

interface PendingRequest {
  method: RequestMethod;
  resolve: (data: unknown) => void;
  reject: (error: Error) => void;
}

export const WORKER_TARGET: Target = { id: '' };

/**
 * The API's end of the control channel: requests with answers, one-way commands, notifications by entity id.
 *
 * Node runs the microtasks of one message before it delivers the next, so an entity that subscribes right after
 * `await request(...)` misses no notification sent behind the answer.
 */
export class Channel {
  #port: ChannelPort;
  #errors: ChannelErrors;
  #closed = false;
  #nextId = 1;
  #pending = new Map<number, PendingRequest>();
  #handlers = new Map<string, NotificationHandler>();

  constructor(port: ChannelPort, errors: ChannelErrors) {
    this.#port = port;
    this.#errors = errors;
    port.on('message', this.#onMessage);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Ids that have a notification handler (for `worker.dump()`). */
  get notificationTargets(): string[] {
    return [...this.#handlers.keys()];
  }

  /**
   * Asks the thread and waits for its answer, without a time limit: an answer or the thread's end always comes.
   *
   * @throws what the thread threw, in its own class; `closed()` of the given errors once the channel is closed.
   */
  request<Method extends RequestMethod>(
    method: Method,
    target: Target,
    ...[data]: RequestMap[Method]['data'] extends undefined ? [] : [RequestMap[Method]['data']]
  ): Promise<RequestMap[Method]['response']> {
    if (this.#closed) {
      return Promise.reject(this.#errors.closed(method));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // Posted first: a value that cannot be cloned throws here and leaves no entry behind.
      this.#post({ kind: 'request', id, method, target, data: data as never });
      this.#pending.set(id, { method, resolve: resolve as never, reject });
    });
  }

  /** Tells the thread something that has no answer. Does nothing on a closed channel. */
  command(command: CommandName, target: Target): void {
    if (!this.#closed) {
      this.#post({ kind: 'command', command, target });
    }
  }

  /** At most one handler for an id. */
  subscribe(targetId: string, handler: NotificationHandler): void {
    this.#handlers.set(targetId, handler);
  }

  unsubscribe(targetId: string): void {
    this.#handlers.delete(targetId);
  }

  /** Rejects everything pending; nothing is sent or delivered from here on. */
  close(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#port.off('message', this.#onMessage);
    this.#handlers.clear();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { method, reject } of pending) {
      reject(this.#errors.closed(method));
    }
  }

  #post(message: MessageToThread): void {
    this.#port.postMessage(message);
  }

  #onMessage = (message: MessageFromThread): void => {
    if (message.kind === 'notification') {
      // No handler: the entity was closed on this side while the notification was on its way.
      this.#handlers.get(message.targetId)?.(message.event, message.data);
    } else if (message.kind === 'response') {
      const pending = this.#pending.get(message.id);
      if (!pending) {
        throw new Error(`control channel: an answer to request ${message.id}, which is not pending`);
      }
      this.#pending.delete(message.id);
      if (message.error) {
        pending.reject(this.#errors.revive(message.error));
      } else {
        pending.resolve(message.data);
      }
    }
  };
}
