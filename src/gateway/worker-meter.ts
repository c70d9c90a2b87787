/**
 * Counts for one place in the worker pool. What a worker counted stays counted when it dies and another one takes its
 * place, so that no total ever falls; only what the dead worker counted after the last look is lost.
 */
import type { types } from '../index.js';

export interface WorkerFigures {
  datagramsReceived: number;
  bytesReceived: number;
  datagramsSent: number;
  bytesSent: number;
  /** Reason -> datagrams. */
  drops: Record<string, number>;
  /** Bytes that wait for the interface now. */
  sendQueueBytes: number;
  cpuSeconds: number;
}

export interface MeteredWorker {
  worker: Pick<types.Worker, 'getResourceUsage'>;
  server: Pick<types.WebRtcServer, 'dump'>;
}

export class WorkerMeter {
  #source: MeteredWorker | null = null;
  #look: Promise<void> | null = null;
  /** Of the workers that died here. */
  #past = NOTHING;
  #current = NOTHING;

  /** What is known by now. */
  get figures(): WorkerFigures {
    return sumFigures([this.#past, this.#current]);
  }

  workerStarted(source: MeteredWorker): void {
    this.#source = source;
  }

  workerDied(): void {
    this.#source = null;
    this.#look = null;
    this.#past = { ...this.figures, sendQueueBytes: 0 };
    this.#current = NOTHING;
  }

  /**
   * Resolves when `figures` are fresh; rejects when there is no worker to ask. A worker that still owes an answer is not
   * asked again: its late answer serves everybody.
   */
  look(): Promise<void> {
    if (!this.#source) return Promise.reject(new Error('no worker here'));
    this.#look ??= this.#ask(this.#source);
    return this.#look;
  }

  async #ask(source: MeteredWorker): Promise<void> {
    try {
      const [usage, dump] = await Promise.all([source.worker.getResourceUsage(), source.server.dump()]);
      if (this.#source === source) this.#current = readFigures(usage, dump);
    } finally {
      if (this.#source === source) this.#look = null;
    }
  }
}

export function sumFigures(parts: readonly WorkerFigures[]): WorkerFigures {
  const sum: WorkerFigures = { ...NOTHING, drops: {} };
  for (const part of parts) {
    sum.datagramsReceived += part.datagramsReceived;
    sum.bytesReceived += part.bytesReceived;
    sum.datagramsSent += part.datagramsSent;
    sum.bytesSent += part.bytesSent;
    sum.sendQueueBytes += part.sendQueueBytes;
    sum.cpuSeconds += part.cpuSeconds;
    addCounts(sum.drops, part.drops);
  }
  return sum;
}

const NOTHING: WorkerFigures = {
  datagramsReceived: 0,
  bytesReceived: 0,
  datagramsSent: 0,
  bytesSent: 0,
  drops: {},
  sendQueueBytes: 0,
  cpuSeconds: 0,
};

function readFigures(usage: types.WorkerResourceUsage, dump: types.WebRtcServerDump): WorkerFigures {
  const figures: WorkerFigures = { ...NOTHING, drops: { ...dump.drops } };
  for (const socket of dump.udpSockets) {
    figures.datagramsReceived += socket.datagramsReceived;
    figures.bytesReceived += socket.bytesReceived;
    figures.datagramsSent += socket.datagramsSent;
    figures.bytesSent += socket.bytesSent;
    figures.sendQueueBytes += socket.sendQueueBytes;
    addCounts(figures.drops, socket.drops);
    addCounts(figures.drops, socket.sendErrors, 'send-');
  }
  figures.cpuSeconds = (usage.ru_utime + usage.ru_stime) / 1000;
  return figures;
}

function addCounts(to: Record<string, number>, from: Record<string, number>, prefix = ''): void {
  for (const [reason, count] of Object.entries(from)) {
    to[prefix + reason] = (to[prefix + reason] ?? 0) + count;
  }
}
