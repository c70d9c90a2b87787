/**
 * What the gateway needs from the media layer: a part of the library's API, as interfaces. `worker-pool.ts`
 * fulfils them with real workers; a test may put anything in their place.
 */
import type {
  ConsumerLayers,
  ConsumerType,
  MediaKind,
  RtpCapabilities,
  RtpParameters,
} from '../rtp/rtp-parameters.js';
import type { DtlsParameters, IceCandidate, IceParameters } from '../signalling/messages.js';

export interface MediaBackend {
  /** The same for every router. */
  readonly rtpCapabilities: RtpCapabilities;
  readonly workerCount: number;
  /** Workers that died since the start. */
  readonly workerDeaths: number;
  /**
   * By place in the pool: streams that the worker sends, to other workers too, and those that it will soon send to people
   * who have only just come (see `RouterPlacement.expected`).
   */
  readonly workerLoads: number[];
  /** The lowest load of those workers that have none of these routers; Infinity when there is no such worker. */
  leastLoad(notOn: readonly MediaRouter[]): number;
  /** A router on the worker with the least load. Rejects while no worker is alive. */
  createRouter(placement?: RouterPlacement): Promise<MediaRouter>;
  /** False: some worker did not answer within the time. */
  isResponsive(timeoutMs: number): Promise<boolean>;
  /** Within the time: of a worker that does not answer in it, what was known last. */
  getStats(timeoutMs: number): Promise<MediaStats>;
  close(): Promise<void>;
}

/** Sums over all workers. All but `sendQueueBytes` and `answeringWorkers` never fall, also when a worker is replaced. */
export interface MediaStats {
  datagramsReceived: number;
  bytesReceived: number;
  /** Given to the system for sending; what it refused afterwards is in `drops` too. */
  datagramsSent: number;
  bytesSent: number;
  /** Reason -> datagrams. */
  drops: Record<string, number>;
  /** Bytes that wait for the network interface now. */
  sendQueueBytes: number;
  /** Seconds, by the worker's place in the pool. */
  workerCpuSeconds: number[];
  /** Workers that answered in time, so that their figures are fresh. */
  answeringWorkers: number;
}

export interface RouterPlacement {
  /** Routers whose workers are out of the question. Default none. */
  notOn?: readonly MediaRouter[];
  /** Asked when loads are compared: how many more streams this router will soon send than it does. Default none. */
  expected?: () => number;
}

export interface MediaRouter {
  /** Of its worker, as in `MediaBackend.workerLoads`. */
  readonly workerLoad: number;
  createTransport(): Promise<MediaTransport>;
  /** Offers a producer of this router, under its id, in a router on another worker. */
  pipe(producerId: string, to: MediaRouter): Promise<MediaPipe>;
  canConsume(options: { producerId: string; rtpCapabilities: RtpCapabilities }): boolean;
  /** `interval`: milliseconds between decisions. */
  createActiveSpeakerObserver(options: { interval: number }): Promise<MediaActiveSpeakerObserver>;
  /** `threshold` in dBov; `interval` in milliseconds. */
  createAudioLevelObserver(options: {
    maxEntries: number;
    threshold: number;
    interval: number;
  }): Promise<MediaAudioLevelObserver>;
  /** Called once when the worker below dies; not after `close()`. */
  onWorkerClosed(listener: () => void): void;
  close(): void;
}

/** Listens to producers; closed with the router, and leaves out producers that closed. */
export interface MediaObserver {
  addProducer(options: { producerId: string }): Promise<void>;
}

export interface MediaActiveSpeakerObserver extends MediaObserver {
  on(event: 'dominantspeaker', listener: (speaker: { producer: { readonly id: string } }) => void): unknown;
}

export interface MediaAudioLevelObserver extends MediaObserver {
  /** Loudest first. */
  on(
    event: 'volumes',
    listener: (volumes: { producer: { readonly id: string }; volume: number }[]) => void,
  ): unknown;
  on(event: 'silence', listener: () => void): unknown;
}

/** A stream on its way from one worker to another. Ends by itself with its producer, and with either router. */
export interface MediaPipe {
  readonly closed: boolean;
  close(): void;
  onClosed(listener: () => void): void;
}

interface MediaEntity {
  readonly id: string;
  readonly closed: boolean;
  close(): void;
  getStats(): Promise<unknown[]>;
}

export interface MediaTransport extends MediaEntity {
  readonly iceParameters: IceParameters;
  readonly iceCandidates: IceCandidate[];
  readonly dtlsParameters: DtlsParameters;
  connect(options: { dtlsParameters: DtlsParameters }): Promise<void>;
  restartIce(): Promise<IceParameters>;
  produce(options: {
    kind: MediaKind;
    rtpParameters: RtpParameters;
    paused: boolean;
  }): Promise<MediaProducer>;
  consume(options: {
    producerId: string;
    rtpCapabilities: RtpCapabilities;
    paused: boolean;
  }): Promise<MediaConsumer>;
  on(event: 'dtlsstatechange', listener: (state: string) => void): unknown;
}

export interface MediaProducer extends MediaEntity {
  readonly kind: MediaKind;
  readonly paused: boolean;
  /** By encoding: some consumer could use it. */
  readonly wantedEncodings: boolean[];
  pause(): Promise<void>;
  resume(): Promise<void>;
  on(event: 'transportclose', listener: () => void): unknown;
  on(event: 'score', listener: (scores: { score: number }[]) => void): unknown;
  on(event: 'wantedencodingschange', listener: (encodings: boolean[]) => void): unknown;
}

export interface MediaConsumer extends MediaEntity {
  readonly kind: MediaKind;
  readonly type: ConsumerType;
  readonly rtpParameters: RtpParameters;
  readonly paused: boolean;
  readonly producerPaused: boolean;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** 1 (the default) to 255: who gets bandwidth first. */
  setPriority(priority: number): Promise<void>;
  setPreferredLayers(layers: ConsumerLayers): Promise<void>;
  requestKeyFrame(): Promise<void>;
  on(
    event: 'transportclose' | 'producerclose' | 'producerpause' | 'producerresume',
    listener: () => void,
  ): unknown;
  on(event: 'score', listener: (score: { score: number; producerScore: number }) => void): unknown;
  on(event: 'layerschange', listener: (layers: ConsumerLayers | undefined) => void): unknown;
}
