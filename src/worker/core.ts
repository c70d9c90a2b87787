/**
 * What the host needs from the objects it drives (src/router, src/transport), and how it has them made.
 * The host knows only this, so its rules can be tested without sockets.
 */
import type { ConsumerLayers } from '../rtp/rtp-parameters.js';
import type { ConsumerSettings, ProducerSettings } from '../router/settings.js';
import type {
  ConsumerScore,
  DtlsParameters,
  DtlsRole,
  IceParameters,
  TransportListenInfo,
} from './entity-types.js';
import type {
  ConnectPipeTransport,
  ConnectPlainTransport,
  CreateActiveSpeakerObserver,
  CreateAudioLevelObserver,
  CreatePipeTransport,
  CreatePlainTransport,
  CreateWebRtcTransport,
  PipeTransportState,
  PlainTransportState,
  WebRtcTransportState,
} from './messages.js';

export interface HostRouter {
  readonly id: string;
  dump(): object;
  close(now: number): void;
}

export interface HostProducer {
  pause(now: number): void;
  resume(now: number): void;
  dump(): object;
  getStats(now: number): object[];
  enableTraceEvent(types: string[]): void;
}

export interface HostConsumer extends HostProducer {
  readonly paused: boolean;
  readonly producerPaused: boolean;
  readonly score: ConsumerScore;
  readonly preferredLayers: ConsumerLayers | undefined;
  setPreferredLayers(now: number, layers: ConsumerLayers): ConsumerLayers | undefined;
  setPriority(now: number, priority: number): void;
  requestKeyFrame(now: number): void;
  /** Pipes only. */
  setWantedEncodings?(now: number, wanted: boolean[]): void;
}

export interface HostRtpTransport {
  readonly producers: ReadonlyMap<string, HostProducer>;
  readonly consumers: ReadonlyMap<string, HostConsumer>;
  produce(now: number, settings: ProducerSettings): unknown;
  consume(now: number, settings: ConsumerSettings): HostConsumer;
  /** For the type 'pipe'. */
  consumeAll(now: number, settings: ConsumerSettings): HostConsumer;
  closeProducer(now: number, id: string): void;
  closeConsumer(now: number, id: string): void;
  enableTraceEvent(types: string[]): void;
}

export interface HostTransport {
  readonly id: string;
  readonly rtp: HostRtpTransport;
  close(): void;
  dump(): object;
  getStats(now: number): object[];
  setMaxIncomingBitrate(bitrate: number): void;
  setMaxOutgoingBitrate(bitrate: number): void;
  setMinOutgoingBitrate(bitrate: number): void;
}

export interface HostWebRtcTransport extends HostTransport {
  describe(): WebRtcTransportState;
  connect(dtlsParameters: DtlsParameters): { dtlsLocalRole: DtlsRole };
  restartIce(): IceParameters;
}

export interface HostPlainTransport extends HostTransport {
  describe(): PlainTransportState;
  connect(options: ConnectPlainTransport): void;
}

export interface HostPipeTransport extends HostTransport {
  describe(): PipeTransportState;
  connect(options: ConnectPipeTransport): void;
}

export interface HostRtpObserver {
  readonly id: string;
  /** @returns false when the router has no such producer */
  addProducer(now: number, producerId: string): boolean;
  removeProducer(producerId: string): void;
  pause(): void;
  resume(now: number): void;
  close(): void;
}

export interface HostWebRtcServer {
  readonly id: string;
  dump(): object;
  close(): void;
}

/** Makes the core objects; `core-factory.ts` is the real one. */
export interface CoreFactory<
  Router extends HostRouter = HostRouter,
  Server extends HostWebRtcServer = HostWebRtcServer,
> {
  createRouter(id: string): Router;
  createWebRtcServer(id: string, listenInfos: TransportListenInfo[]): Promise<Server>;
  createWebRtcTransport(
    router: Router,
    server: Server | undefined,
    options: CreateWebRtcTransport,
  ): Promise<HostWebRtcTransport>;
  createPlainTransport(router: Router, options: CreatePlainTransport): Promise<HostPlainTransport>;
  createPipeTransport(router: Router, options: CreatePipeTransport): Promise<HostPipeTransport>;
  createAudioLevelObserver(router: Router, options: CreateAudioLevelObserver): HostRtpObserver;
  createActiveSpeakerObserver(router: Router, options: CreateActiveSpeakerObserver): HostRtpObserver;
}
