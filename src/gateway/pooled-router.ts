/** A router of the worker pool, as the gateway sees it. */
import type { types } from '../index.js';
import type { RtpCapabilities } from '../rtp/rtp-parameters.js';
import type {
  MediaActiveSpeakerObserver,
  MediaAudioLevelObserver,
  MediaPipe,
  MediaRouter,
  MediaTransport,
} from './media-backend.js';
import type { WorkerSlot } from './worker-slot.js';

export type TransportSettings = Pick<
  types.WebRtcTransportOptions,
  'enableTcp' | 'preferUdp' | 'initialAvailableOutgoingBitrate'
>;

export class PooledRouter implements MediaRouter {
  constructor(
    readonly slot: WorkerSlot,
    private readonly router: types.Router,
    private readonly transportSettings: TransportSettings,
    private readonly countExpected: () => number,
  ) {
    slot.routers.add(this);
    slot.watch(router);
    router.observer.on('close', () => slot.routers.delete(this));
  }

  get workerLoad(): number {
    return this.slot.load;
  }

  get expectedConsumers(): number {
    return this.countExpected();
  }

  createTransport(): Promise<MediaTransport> {
    return this.router.createWebRtcTransport({ ...this.transportSettings, webRtcServer: this.slot.server });
  }

  canConsume(options: { producerId: string; rtpCapabilities: RtpCapabilities }): boolean {
    return this.router.canConsume(options);
  }

  async pipe(producerId: string, to: MediaRouter): Promise<MediaPipe> {
    if (!(to instanceof PooledRouter)) throw new TypeError('a pipe leads to a router of the same pool');
    const { pipeProducer } = await this.router.pipeToRouter({ producerId, router: to.router });
    // One end takes the other along.
    return new PooledPipe(pipeProducer!);
  }

  createActiveSpeakerObserver(options: { interval: number }): Promise<MediaActiveSpeakerObserver> {
    return this.router.createActiveSpeakerObserver(options);
  }

  createAudioLevelObserver(options: {
    maxEntries: number;
    threshold: number;
    interval: number;
  }): Promise<MediaAudioLevelObserver> {
    return this.router.createAudioLevelObserver(options);
  }

  onWorkerClosed(listener: () => void): void {
    this.router.on('workerclose', listener);
  }

  close(): void {
    this.router.close();
  }
}

class PooledPipe implements MediaPipe {
  constructor(private readonly producer: types.Producer) {}

  get closed(): boolean {
    return this.producer.closed;
  }

  close(): void {
    this.producer.close();
  }

  onClosed(listener: () => void): void {
    this.producer.observer.on('close', listener);
  }
}
