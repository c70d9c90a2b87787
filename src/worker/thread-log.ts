import type { WorkerLogLevel, WorkerLogTag } from './entity-types.js';
import type { MessageFromThread } from './messages.js';

type Level = 'debug' | 'warn' | 'error';

const ranks: Record<WorkerLogLevel, number> = { debug: 0, warn: 1, error: 2, none: 3 };

/** The thread's log: filtered here, written by the application (see `setLogEventListeners()`). */
export class ThreadLog {
  #post: (message: MessageFromThread) => void;
  #rank = ranks.error;
  #tags = new Set<WorkerLogTag>();

  constructor(post: (message: MessageFromThread) => void) {
    this.#post = post;
  }

  update({ logLevel, logTags }: { logLevel: WorkerLogLevel; logTags: WorkerLogTag[] }): void {
    this.#rank = ranks[logLevel];
    this.#tags = new Set(logTags);
  }

  /** Errors are logged whatever the tags. */
  write(level: Level, tag: WorkerLogTag, text: string): void {
    if (ranks[level] >= this.#rank && (level === 'error' || this.#tags.has(tag))) {
      this.#post({ kind: 'log', level, tag, text });
    }
  }
}
