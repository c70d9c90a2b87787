import { EventEmitter } from 'node:events';

/** Event name -> tuple of listener arguments. Write it as a `type`, since an interface has no index signature. */
export type EventMap = Record<string, unknown[]>;

interface ListenerErrorEvent {
  /** A listener of `eventName` threw `error` while `safeEmit()` ran it. */
  listenererror: [eventName: string, error: Error];
}

type Events<E> = Omit<E, keyof ListenerErrorEvent> & ListenerErrorEvent;
type Listener<A> = A extends unknown[] ? (...args: A) => void : never;
type Args<A> = A extends unknown[] ? A : never;

/**
 * Node's EventEmitter with typed events, any number of listeners, and `safeEmit()`, by which the library calls
 * the application: an exception in an application's listener must not break the library's own work.
 */
export class EnhancedEventEmitter<E extends EventMap = EventMap> extends EventEmitter {
  constructor() {
    super();
    // A router with a thousand transports is no leak.
    this.setMaxListeners(Infinity);
  }

  override on<K extends keyof Events<E> & string>(eventName: K, listener: Listener<Events<E>[K]>): this {
    return super.on(eventName, listener);
  }

  override addListener<K extends keyof Events<E> & string>(
    eventName: K,
    listener: Listener<Events<E>[K]>,
  ): this {
    return super.addListener(eventName, listener);
  }

  override once<K extends keyof Events<E> & string>(eventName: K, listener: Listener<Events<E>[K]>): this {
    return super.once(eventName, listener);
  }

  override prependListener<K extends keyof Events<E> & string>(
    eventName: K,
    listener: Listener<Events<E>[K]>,
  ): this {
    return super.prependListener(eventName, listener);
  }

  override prependOnceListener<K extends keyof Events<E> & string>(
    eventName: K,
    listener: Listener<Events<E>[K]>,
  ): this {
    return super.prependOnceListener(eventName, listener);
  }

  override off<K extends keyof Events<E> & string>(eventName: K, listener: Listener<Events<E>[K]>): this {
    return super.off(eventName, listener);
  }

  override removeListener<K extends keyof Events<E> & string>(
    eventName: K,
    listener: Listener<Events<E>[K]>,
  ): this {
    return super.removeListener(eventName, listener);
  }

  override emit<K extends keyof Events<E> & string>(eventName: K, ...args: Args<Events<E>[K]>): boolean {
    return super.emit(eventName, ...args);
  }

  /**
   * As `emit()`, but an exception thrown by a listener is given to `listenererror` instead of to the caller.
   * Without a `listenererror` listener it becomes a process warning, so that no fault is lost in silence.
   * Returns whether the event had listeners.
   */
  safeEmit<K extends keyof Events<E> & string>(eventName: K, ...args: Args<Events<E>[K]>): boolean {
    const hadListeners = this.listenerCount(eventName) > 0;
    try {
      super.emit(eventName, ...args);
    } catch (thrown) {
      this.reportListenerError(eventName, thrown);
    }
    return hadListeners;
  }

  private reportListenerError(eventName: string, thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    try {
      // A faulty 'listenererror' listener must not be told about itself for ever.
      if (eventName !== 'listenererror' && super.emit('listenererror', eventName, error)) {
        return;
      }
    } catch (second) {
      warn('listenererror', second);
    }
    warn(eventName, error);
  }
}

function warn(eventName: string, thrown: unknown): void {
  const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  process.emitWarning(`A listener of the event '${eventName}' threw`, {
    code: 'SLUSS_LISTENER_ERROR',
    detail,
  });
}
