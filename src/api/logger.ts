/** Where the library's own log lines go. Nothing is written by the library itself. */
export interface LogEventListeners {
  ondebug?: (namespace: string, log: string) => void;
  onwarn?: (namespace: string, log: string) => void;
  onerror?: (namespace: string, log: string, error?: Error) => void;
}

let current: LogEventListeners = {};

/**
 * Sets the listeners of log lines, for the whole library and all its workers. Namespaces are `sluss:<Class>`;
 * lines of a worker thread come as `sluss:Worker:<tag>`, as far as the worker's `logLevel` and `logTags` let them.
 * Called without an argument it silences the log (the default).
 */
export function setLogEventListeners(listeners: LogEventListeners = {}): void {
  current = listeners;
}

export class Logger {
  #namespace: string;

  constructor(name: string) {
    this.#namespace = `sluss:${name}`;
  }

  debug(log: string): void {
    current.ondebug?.(this.#namespace, log);
  }

  warn(log: string): void {
    current.onwarn?.(this.#namespace, log);
  }

  error(log: string, error?: Error): void {
    current.onerror?.(this.#namespace, log, error);
  }
}
