/**
 * Entry of a worker thread. Everything that is wrong inside it (an exception that nobody catches) ends the thread and
 * only the thread; the API hears of it as 'died'.
 */
import { exit } from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { createContext } from '../transport/create-context.js';
import { DtlsCertificate } from '../transport/dtls/dtls-certificate.js';
import { monotonicNow, wallClockOffset } from './clock.js';
import { createCoreFactory } from './core-factory.js';
import type { MessageFromThread, MessageToThread, ThreadSettings } from './messages.js';
import { Scheduler } from './scheduler.js';
import { ThreadLog } from './thread-log.js';
import { encodeError } from './wire-error.js';
import { WorkerHost } from './worker-host.js';

if (!parentPort) {
  throw new Error('worker-thread.js is started by createWorker(), not by itself');
}
const port = parentPort;
const settings = workerData as ThreadSettings;
const post = (message: MessageFromThread): void => port.postMessage(message);

try {
  serve(await loadCertificate());
  post({ kind: 'ready' });
} catch (error) {
  post({ kind: 'failed', error: encodeError(error) });
}

async function loadCertificate(): Promise<DtlsCertificate> {
  const { dtlsCertificatePem, dtlsPrivateKeyPem } = settings;
  return dtlsCertificatePem === undefined || dtlsPrivateKeyPem === undefined
    ? DtlsCertificate.generate()
    : DtlsCertificate.fromPem(dtlsCertificatePem, dtlsPrivateKeyPem);
}

function serve(certificate: DtlsCertificate): void {
  const log = new ThreadLog(post);
  log.update(settings);
  const context = createContext({
    now: monotonicNow,
    wallClockOffset,
    notify: (targetId, event, data) => host.notify(targetId, event, data),
    turnEnded: () => scheduler.arm(),
  });
  const scheduler = new Scheduler(context.core.timers, monotonicNow, () => context.core.flush());
  const host = new WorkerHost({
    settings,
    core: createCoreFactory(context, certificate),
    now: monotonicNow,
    post,
    endTurn: () => context.endTurn(),
    updateLog: (changed) => log.update(changed),
    log: (level, tag, text) => log.write(level, tag, text),
  });
  port.on('message', (message: MessageToThread) => {
    host.receive(message);
    if (message.kind === 'command' && message.command === 'worker.close') {
      exit(0);
    }
  });
}
