// @ts-check
/** A worker of dist/ whose "thread" is this one: clinic's tools look at one thread only. */
import { MessageChannel } from 'node:worker_threads';
import { Worker } from '../../dist/api/worker.js';
import { createContext } from '../../dist/transport/create-context.js';
import { DtlsCertificate } from '../../dist/transport/dtls/dtls-certificate.js';
import { monotonicNow, wallClockOffset } from '../../dist/worker/clock.js';
import { createCoreFactory } from '../../dist/worker/core-factory.js';
import { Scheduler } from '../../dist/worker/scheduler.js';
import { WorkerHost } from '../../dist/worker/worker-host.js';

export async function createOneThreadWorker() {
  const { port1, port2 } = new MessageChannel();
  const context = createContext({
    now: monotonicNow,
    wallClockOffset,
    notify: (targetId, event, data) => host.notify(targetId, event, data),
    turnEnded: () => scheduler.arm(),
  });
  const scheduler = new Scheduler(context.core.timers, monotonicNow, () => context.core.flush());
  const host = new WorkerHost({
    settings: { logLevel: 'error', logTags: [], rtcMinPort: 20_000, rtcMaxPort: 59_000 },
    core: createCoreFactory(context, await DtlsCertificate.generate()),
    now: monotonicNow,
    post: (message) => port2.postMessage(message),
    endTurn: () => context.endTurn(),
    updateLog: () => {},
    log: () => {},
  });
  port2.on('message', (message) => {
    host.receive(message);
    if (message.kind === 'command' && message.command === 'worker.close') port1.close();
  });
  const handle = { threadId: 0, port: port1, close() {}, onDied() {}, onEnded() {} };
  return new Worker(/** @type {any} */ (handle), {});
}
