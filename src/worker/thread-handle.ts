import { Worker as Thread } from 'node:worker_threads';
import type { ChannelPort } from './channel.js';
import type { WorkerLogTag } from './entity-types.js';
import type { MessageFromThread, ThreadSettings, WireError } from './messages.js';

export interface ThreadHooks {
  /** The error of a failed start, in its own class. */
  revive(error: WireError): Error;
  log(level: 'debug' | 'warn' | 'error', tag: WorkerLogTag, text: string): void;
}

/** How long a thread may take to end by itself after `close()`. */
const CLOSE_GRACE_MS = 2000;

/**
 * MiB. Nearly all garbage of a worker is keystream, which is dead as soon as it was copied (srtp/keystream-ahead). The less of
 * it lies about, the sooner its memory is used again while it is still in the processor's cache: with V8's own 48 MiB, a
 * tenth of a worker's time went into fresh pages.
 */
const YOUNG_GENERATION_MB = 6;

/** One worker thread from start to end. */
export class ThreadHandle {
  /** The thread ended without `close()`; called once. */
  onDied: (error: Error) => void = () => {};
  /** The thread is gone, for whatever reason; called once, last. */
  onEnded: () => void = () => {};
  readonly threadId: number;
  #closing = false;
  #grace: NodeJS.Timeout | undefined;

  /** Resolves when the thread takes requests. */
  static start(settings: ThreadSettings, hooks: ThreadHooks): Promise<ThreadHandle> {
    const thread = new Thread(new URL('./worker-thread.js', import.meta.url), {
      name: 'sluss',
      workerData: settings,
      // Loaders and preloads of the application are not meant for this thread.
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    return new Promise((resolve, reject) => {
      const onExit = (code: number): void =>
        reject(new Error(`worker thread ended with code ${code} while it started`));
      thread.once('error', reject);
      thread.once('exit', onExit);
      thread.on('message', (message: MessageFromThread) => {
        if (message.kind === 'log') {
          hooks.log(message.level, message.tag, message.text);
        } else if (message.kind === 'failed') {
          reject(hooks.revive(message.error));
        } else if (message.kind === 'ready') {
          thread.off('error', reject);
          thread.off('exit', onExit);
          resolve(new ThreadHandle(thread));
        }
      });
    });
  }

  private constructor(readonly thread: Thread) {
    this.threadId = thread.threadId;
    thread.once('error', (error: Error) => this.#died(error));
    thread.once('exit', (code) => {
      clearTimeout(this.#grace);
      this.#died(new Error(`worker thread ended unexpectedly with code ${code}`));
      this.onEnded();
    });
  }

  get port(): ChannelPort {
    return this.thread;
  }

  /** To be called after 'worker.close' was sent: sees to it that the thread ends, by force if it does not do so itself. */
  close(): void {
    this.#closing = true;
    this.#grace = setTimeout(() => void this.thread.terminate(), CLOSE_GRACE_MS);
  }

  #died(error: Error): void {
    if (!this.#closing) {
      this.#closing = true;
      this.onDied(error);
    }
  }
}
