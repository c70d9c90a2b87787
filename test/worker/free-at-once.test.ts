/** Keystream is freed when it was used, in every supported Node: worker threads have what that takes. */
import { once } from 'node:events';
import { Worker as Thread } from 'node:worker_threads';
import t from 'tap';
import { createWorker } from '#src/index.js';

/** In a thread that starts as those of the workers do: what is left of some bytes after freeAtOnce(). */
const SCRIPT = `
  const { parentPort, workerData } = require('node:worker_threads');
  import(workerData).then(({ freeAtOnce }) => {
    const whole = new Uint8Array(64);
    freeAtOnce(whole);
    const part = new Uint8Array(new ArrayBuffer(64), 0, 32);
    freeAtOnce(part);
    parentPort.postMessage({ whole: whole.length, part: part.length, around: part.buffer.byteLength });
  });`;

t.test('bytes that have their memory to themselves are freed, parts of others stay', async (t) => {
  const worker = await createWorker();
  t.teardown(() => worker.close());
  const thread = new Thread(SCRIPT, {
    eval: true,
    workerData: new URL('../../dist/srtp/free-at-once.js', import.meta.url).href,
  });
  const [left] = (await once(thread, 'message')) as [Record<string, number>];
  t.same(left, { whole: 0, part: 32, around: 64 });
});
