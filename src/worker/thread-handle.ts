import { setFlagsFromString } from 'node:v8';
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

/** MiB. What a worker allocates is dead soon; the less of it lies about, the more of it stays in the processor's cache. */
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
    enableTransfer();
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

/**
 * Gives threads that start from now on ArrayBuffer.prototype.transfer (see srtp/free-at-once) in Node 20, whose V8 has it
 * behind a flag; later ones have it anyway. In this thread nothing changes.
 */
function enableTransfer(): void {
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--harmony-rab-gsab-transfer');
}
