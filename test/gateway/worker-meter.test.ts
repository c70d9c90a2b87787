import t from 'tap';
import { type MeteredWorker, sumFigures, WorkerMeter } from '#src/gateway/worker-meter.js';

/** A worker whose answers the test gives. */
function fakeWorker() {
  const answers: { settle: (counted: number) => void }[] = [];
  const socket = (counted: number) => ({
    datagramsReceived: counted,
    bytesReceived: counted * 100,
    datagramsSent: counted * 2,
    bytesSent: counted * 200,
    sendQueueBytes: counted,
    drops: { empty: counted, 'send-buffer-full': 0 },
    sendErrors: { EPERM: counted },
  });
  const source = {
    worker: { getResourceUsage: () => Promise.resolve({ ru_utime: 1000, ru_stime: 500 }) },
    server: {
      dump: () =>
        new Promise((resolve) => {
          answers.push({
            settle: (counted) =>
              resolve({
                udpSockets: [socket(counted), socket(counted)],
                drops: { 'unknown-tuple': counted },
              }),
          });
        }),
    },
  } as unknown as MeteredWorker;
  return { source, answers };
}

t.test('sums the sockets of a worker, and drops of every kind by reason', async (t) => {
  const meter = new WorkerMeter();
  const { source, answers } = fakeWorker();
  meter.workerStarted(source);
  const look = meter.look();
  answers[0].settle(3);
  await look;
  t.strictSame(meter.figures, {
    datagramsReceived: 6,
    bytesReceived: 600,
    datagramsSent: 12,
    bytesSent: 1200,
    sendQueueBytes: 6,
    cpuSeconds: 1.5,
    drops: { 'unknown-tuple': 3, empty: 6, 'send-buffer-full': 0, 'send-EPERM': 6 },
  });
  t.strictSame(sumFigures([]).drops, {}, 'a sum leaves nothing behind for the next');
});

t.test('a worker that owes an answer is not asked again, and its late answer counts', async (t) => {
  const meter = new WorkerMeter();
  const { source, answers } = fakeWorker();
  meter.workerStarted(source);
  const looks = [meter.look(), meter.look()];
  t.equal(answers.length, 1);
  t.equal(meter.figures.datagramsReceived, 0);
  answers[0].settle(5);
  await Promise.all(looks);
  t.equal(meter.figures.datagramsReceived, 10);
  void meter.look();
  t.equal(answers.length, 2);
});

t.test('what a dead worker counted stays, what it queued does not', async (t) => {
  const meter = new WorkerMeter();
  await t.rejects(meter.look(), /no worker/);
  const first = fakeWorker();
  meter.workerStarted(first.source);
  const look = meter.look();
  first.answers[0].settle(4);
  await look;
  const late = meter.look();
  meter.workerDied();
  await t.rejects(meter.look(), /no worker/);
  t.match(meter.figures, { datagramsReceived: 8, sendQueueBytes: 0, cpuSeconds: 1.5, drops: { empty: 8 } });

  const second = fakeWorker();
  meter.workerStarted(second.source);
  first.answers[1].settle(1000);
  await late;
  t.equal(meter.figures.datagramsReceived, 8, 'the dead one is not heard any more');
  const next = meter.look();
  second.answers[0].settle(1);
  await next;
  t.match(meter.figures, { datagramsReceived: 10, sendQueueBytes: 2, cpuSeconds: 3, drops: { empty: 10 } });
});
