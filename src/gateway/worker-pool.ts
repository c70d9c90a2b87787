/** Media workers for the gateway: places routers by load, replaces workers that die, tells whether all answer. */
import type { Logger } from 'pino';
import { createWorker, type types } from '../index.js';
import type { RouterRtpCodecCapability, RtpCapabilities } from '../rtp/rtp-parameters.js';
import type { MediaBackend, MediaRouter, MediaStats, RouterPlacement } from './media-backend.js';
import { PooledRouter, type TransportSettings } from './pooled-router.js';
import { sumFigures, WorkerMeter } from './worker-meter.js';
import { WorkerSlot } from './worker-slot.js';

export interface WorkerPoolOptions {
  /** Default 1. */
  workers?: number;
  /**
   * `announcedAddress` is what clients are told instead of `ip`. With a `port`, worker n uses `port + n`;
   * without one any free port.
   */
  listenInfos: types.TransportListenInfo[];
  /** Default: `DEFAULT_MEDIA_CODECS`. */
  mediaCodecs?: RouterRtpCodecCapability[];
  /** bps; where the bandwidth estimation of a new transport begins. Default 1 000 000. */
  initialAvailableOutgoingBitrate?: number;
  /** More settings for `createWorker`. */
  workerSettings?: types.WorkerSettings;
}

export const DEFAULT_MEDIA_CODECS: RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
  { kind: 'video', mimeType: 'video/VP9', clockRate: 90000, parameters: { 'profile-id': 0 } },
  {
    kind: 'video',
    mimeType: 'video/H264',
    clockRate: 90000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 },
  },
  { kind: 'video', mimeType: 'video/AV1', clockRate: 90000 },
];

/** Delay before a dead worker is replaced; longer when it died young, doubled while no replacement starts. */
const RESTART_MS = 100;
const RESTART_YOUNG_MS = 1_000;
const RESTART_MAX_MS = 10_000;

export async function createWorkerPool(
  options: WorkerPoolOptions,
  log: Logger,
  startWorker: typeof createWorker = createWorker,
): Promise<MediaBackend> {
  const pool = new WorkerPool(options, log, startWorker);
  await pool.start();
  return pool;
}

class WorkerPool implements MediaBackend {
  rtpCapabilities: RtpCapabilities = {};
  workerDeaths = 0;
  readonly #slots = new Map<number, WorkerSlot>();
  /** One for each place, kept when its worker is replaced. */
  readonly #meters: WorkerMeter[];
  readonly #restartTimers = new Set<NodeJS.Timeout>();
  #closed = false;
  readonly #count: number;
  readonly #mediaCodecs: RouterRtpCodecCapability[];
  readonly #transportSettings: TransportSettings;

  constructor(
    private readonly options: WorkerPoolOptions,
    private readonly log: Logger,
    private readonly startWorker: typeof createWorker,
  ) {
    this.#count = options.workers ?? 1;
    this.#meters = Array.from({ length: this.#count }, () => new WorkerMeter());
    this.#mediaCodecs = options.mediaCodecs ?? DEFAULT_MEDIA_CODECS;
    this.#transportSettings = {
      enableTcp: options.listenInfos.some(({ protocol }) => protocol === 'tcp'),
      preferUdp: true,
      initialAvailableOutgoingBitrate: options.initialAvailableOutgoingBitrate ?? 1_000_000,
    };
  }

  get workerCount(): number {
    return this.#slots.size;
  }

  async start(): Promise<void> {
    try {
      await Promise.all(Array.from({ length: this.#count }, (_, index) => this.#startWorker(index)));
      const probe = await this.#slots.get(0)!.worker.createRouter({ mediaCodecs: this.#mediaCodecs });
      this.rtpCapabilities = probe.rtpCapabilities;
      probe.close();
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#tellAddresses();
  }

  get workerLoads(): number[] {
    return this.#meters.map((_, index) => this.#slots.get(index)?.load ?? 0);
  }

  leastLoad(notOn: readonly MediaRouter[]): number {
    return this.#leastLoaded(notOn)?.load ?? Infinity;
  }

  async createRouter({ notOn = [], expected = () => 0 }: RouterPlacement = {}): Promise<MediaRouter> {
    const slot = this.#leastLoaded(notOn) ?? raise(noWorker());
    slot.pending++;
    try {
      const router = await slot.worker.createRouter({ mediaCodecs: this.#mediaCodecs });
      return new PooledRouter(slot, router, this.#transportSettings, expected);
    } finally {
      slot.pending--;
    }
  }

  async isResponsive(timeoutMs: number): Promise<boolean> {
    if (this.#slots.size < this.#count) return false;
    const answers = [...this.#slots.values()].map(({ worker }) => worker.getResourceUsage());
    return succeedsWithin(Promise.all(answers), timeoutMs);
  }

  async getStats(timeoutMs: number): Promise<MediaStats> {
    const answered = await Promise.all(this.#meters.map((meter) => succeedsWithin(meter.look(), timeoutMs)));
    const figures = this.#meters.map((meter) => meter.figures);
    const { cpuSeconds: _sum, ...sums } = sumFigures(figures);
    return {
      ...sums,
      workerCpuSeconds: figures.map(({ cpuSeconds }) => cpuSeconds),
      answeringWorkers: answered.filter(Boolean).length,
    };
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#restartTimers) clearTimeout(timer);
    for (const { worker } of this.#slots.values()) worker.close();
    this.#slots.clear();
    return Promise.resolve();
  }

  #leastLoaded(notOn: readonly MediaRouter[]): WorkerSlot | undefined {
    const taken = new Set(notOn.map((router) => (router instanceof PooledRouter ? router.slot : undefined)));
    let best: WorkerSlot | undefined;
    for (const slot of this.#slots.values()) {
      if (!taken.has(slot) && (!best || slot.isLessLoadedThan(best))) best = slot;
    }
    return best;
  }

  async #startWorker(index: number): Promise<void> {
    const worker = await this.startWorker(this.options.workerSettings);
    const listenInfos = this.options.listenInfos.map((info) => ({
      ...info,
      port: info.port ? info.port + index : info.port,
    }));
    let server: types.WebRtcServer;
    try {
      server = await worker.createWebRtcServer({ listenInfos });
    } catch (error) {
      worker.close();
      throw error;
    }
    if (this.#closed) return worker.close();
    const slot = new WorkerSlot(index, worker, server);
    this.#slots.set(index, slot);
    this.#meters[index].workerStarted(slot);
    worker.on('died', (error) => {
      this.log.error({ err: error, worker: index }, 'media worker died');
      this.workerDeaths++;
      this.#slots.delete(index);
      this.#meters[index].workerDied();
      const young = performance.now() - slot.startedAt < RESTART_MAX_MS;
      this.#restart(index, young ? RESTART_YOUNG_MS : RESTART_MS);
    });
  }

  #restart(index: number, delayMs: number): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#restartTimers.delete(timer);
      this.#startWorker(index).then(
        () => this.log.info({ worker: index }, 'media worker replaced'),
        (error: unknown) => {
          this.log.error({ err: error, worker: index }, 'cannot replace the media worker');
          this.#restart(index, Math.min(delayMs * 2, RESTART_MAX_MS));
        },
      );
    }, delayMs);
    this.#restartTimers.add(timer);
  }

  /** The commonest fault of a set-up is an address that clients cannot reach: say it before they try. */
  #tellAddresses(): void {
    for (const { protocol, ip, announcedAddress, port } of this.options.listenInfos) {
      const address = announcedAddress ?? ip;
      this.log.info({ protocol, address, port: port ?? 'any' }, 'media: clients are told this address');
      if (address === '0.0.0.0' || address === '::') {
        const hint = 'set announcedAddress to the address by which clients reach this machine';
        this.log.warn({ address }, `media: no client can send to a wildcard address; ${hint}`);
      } else if (/^127\.|^::1$|^localhost$/.test(address)) {
        this.log.warn({ address }, 'media: only clients on this machine can reach a loopback address');
      }
    }
  }
}

/** False: it failed, or took longer. */
async function succeedsWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function noWorker(): Error {
  const error = new Error('no media worker is alive; a new one is being started');
  error.name = 'WorkerClosedError';
  return error;
}

function raise(error: Error): never {
  throw error;
}
