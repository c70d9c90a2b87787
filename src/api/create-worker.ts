import { ThreadHandle } from '../worker/thread-handle.js';
import { checkAppData, type AppData } from './app-data.js';
import { reviveError } from './channel-errors.js';
import { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { Logger } from './logger.js';
import { Worker } from './worker.js';
import { readWorkerSettings, type WorkerSettings } from './worker-settings.js';

export type ObserverEvents = {
  newworker: [Worker];
};

export type Observer = EnhancedEventEmitter<ObserverEvents>;

/** Tells of every worker that the process creates. */
export const observer: Observer = new EnhancedEventEmitter();

/**
 * Starts a worker thread.
 *
 * @throws TypeError for malformed settings and for a certificate or key that cannot be used.
 */
export async function createWorker<WorkerAppData extends AppData = AppData>(
  settings: WorkerSettings<WorkerAppData> = {},
): Promise<Worker<WorkerAppData>> {
  const appData = checkAppData(settings.appData);
  const handle = await ThreadHandle.start(await readWorkerSettings(settings), {
    revive: reviveError,
    log: (level, tag, text) => new Logger(`Worker:${tag}`)[level](text),
  });
  const worker = new Worker<WorkerAppData>(handle, appData);
  observer.safeEmit('newworker', worker);
  return worker;
}
