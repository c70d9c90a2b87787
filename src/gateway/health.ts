/** The health check: bad while draining and while a media worker does not answer. */
import type { MediaBackend } from './media-backend.js';

export interface Health {
  ok: boolean;
  status: 'ok' | 'draining' | 'worker-unresponsive';
}

/** An answer serves all who ask within this time, so that a flood of checks does not reach the workers. */
const CACHE_MS = 500;

export class HealthCheck {
  #cached: Promise<boolean> | null = null;
  #cachedAt = -Infinity;

  constructor(
    private readonly media: MediaBackend,
    private readonly workerTimeoutMs: number,
    private readonly now: () => number,
  ) {}

  async check(draining: boolean): Promise<Health> {
    if (draining) return { ok: false, status: 'draining' };
    const responsive = await this.#isResponsive();
    return responsive ? { ok: true, status: 'ok' } : { ok: false, status: 'worker-unresponsive' };
  }

  #isResponsive(): Promise<boolean> {
    const now = this.now();
    if (!this.#cached || now - this.#cachedAt > CACHE_MS) {
      this.#cached = this.media.isResponsive(this.workerTimeoutMs).catch(() => false);
      this.#cachedAt = now;
    }
    return this.#cached;
  }
}
