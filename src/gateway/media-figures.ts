/** What `/metrics` shows of the media workers: the newest figures known, looked up at most every half second. */
import type { MediaBackend, MediaStats } from './media-backend.js';

/** Scrapes within this time share one look, so that a flood of them does not reach the workers. */
const CACHE_MS = 500;

export class MediaFigures {
  stats: MediaStats = {
    datagramsReceived: 0,
    bytesReceived: 0,
    datagramsSent: 0,
    bytesSent: 0,
    drops: {},
    sendQueueBytes: 0,
    workerCpuSeconds: [],
    answeringWorkers: 0,
  };
  #look: Promise<void> | null = null;
  #looking = false;
  #lookedAt = -Infinity;

  constructor(
    private readonly media: MediaBackend,
    private readonly workerTimeoutMs: number,
    private readonly now: () => number,
  ) {}

  /** Never rejects; `stats` are then as new as can be had within the time. */
  refresh(): Promise<void> {
    const now = this.now();
    if (!this.#look || (!this.#looking && now - this.#lookedAt > CACHE_MS)) {
      this.#lookedAt = now;
      this.#looking = true;
      this.#look = this.#ask();
    }
    return this.#look;
  }

  async #ask(): Promise<void> {
    try {
      this.stats = await this.media.getStats(this.workerTimeoutMs);
    } catch {
      this.stats = { ...this.stats, answeringWorkers: 0 };
    } finally {
      this.#looking = false;
    }
  }
}
