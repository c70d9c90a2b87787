/** One place of the worker pool: the worker, and how much runs there. */
import type { types } from '../index.js';

/** A router, as far as its worker's load is concerned. */
export interface LoadingRouter {
  /** Streams that it will soon send in addition. */
  readonly expectedConsumers: number;
}

export class WorkerSlot {
  readonly routers = new Set<LoadingRouter>();
  readonly startedAt = performance.now();
  /** Routers that are being made. */
  pending = 0;
  /** WebRTC transports that are open. */
  transports = 0;
  #consumers = 0;
  readonly #consumerClosed = (): void => void this.#consumers--;

  constructor(
    readonly index: number,
    readonly worker: types.Worker,
    readonly server: types.WebRtcServer,
  ) {}

  /** Streams that go out, to endpoints and to other workers. */
  get consumers(): number {
    return this.#consumers;
  }

  /**
   * What decides where rooms and people go: the streams that go out, each of which costs about the same (a packet is
   * received once but sent to everybody), and those that people who have only just come will soon receive. Without the
   * latter a storm of joins would find the worker idle until its end.
   */
  get load(): number {
    let load = this.#consumers;
    for (const router of this.routers) load += router.expectedConsumers;
    return load;
  }

  /** Counts what will be made in a router of this worker. */
  watch(router: types.Router): void {
    router.observer.on('newtransport', (transport) => {
      transport.observer.on('newconsumer', (consumer) => {
        this.#consumers++;
        consumer.observer.on('close', this.#consumerClosed);
      });
      if (transport.type !== 'webrtc') return;
      this.transports++;
      transport.observer.on('close', () => void this.transports--);
    });
  }

  isLessLoadedThan(other: WorkerSlot): boolean {
    if (this.load !== other.load) return this.load < other.load;
    if (this.transports !== other.transports) return this.transports < other.transports;
    return this.routers.size + this.pending < other.routers.size + other.pending;
  }
}
