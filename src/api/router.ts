import { randomUUID } from 'node:crypto';
import type {
  RouterRtpCapabilities,
  RouterRtpCodecCapability,
  RtpCapabilities,
} from '../rtp/rtp-parameters.js';
import type { Channel } from '../worker/channel.js';
import type { Target } from '../worker/messages.js';
import {
  ActiveSpeakerObserver,
  readActiveSpeakerObserverOptions,
  type ActiveSpeakerObserverOptions,
} from './active-speaker-observer.js';
import { checkAppData, type AppData } from './app-data.js';
import {
  AudioLevelObserver,
  readAudioLevelObserverOptions,
  type AudioLevelObserverOptions,
} from './audio-level-observer.js';
import { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { NotFoundError, UnsupportedError } from './errors.js';
import { Logger } from './logger.js';
import { canConsume } from './ortc/consumer-rtp-parameters.js';
import { generateRouterRtpCapabilities } from './ortc/router-rtp-capabilities.js';
import { PipePairs } from './pipe-pairs.js';
import { pipeProducer } from './pipe-producer.js';
import type { PipeTransport, PipeTransportOptions } from './pipe-transport.js';
import {
  readPipeToRouterOptions,
  type PipeSettings,
  type PipeToRouterResult,
} from './pipe-to-router-options.js';
import type { PlainTransport } from './plain-transport.js';
import type { PlainTransportOptions } from './plain-transport-options.js';
import type { Producer } from './producer.js';
import { RouterTransports } from './router-transports.js';
import type { RtpObserver, RtpObserverInit } from './rtp-observer.js';
import type { Transport } from './transport.js';
import type { TransportRouter } from './transport-init.js';
import type { WebRtcTransport } from './webrtc-transport.js';
import type { WebRtcTransportOptions } from './webrtc-transport-options.js';

export interface RouterOptions<RouterAppData extends AppData = AppData> {
  /** What endpoints may send; RTX is added by itself. Default none. See `getSupportedRtpCapabilities()`. */
  mediaCodecs?: RouterRtpCodecCapability[];
  appData?: RouterAppData;
}

export interface PipeToRouterOptions extends PipeSettings {
  /** Another router of this process, of this worker or another one. */
  router: Router;
}

export interface RouterDump {
  id: string;
  transportIds: string[];
  rtpObserverIds: string[];
  mapProducerIdConsumerIds: { key: string; values: string[] }[];
  mapConsumerIdProducerId: { key: string; value: string }[];
  mapProducerIdObserverIds: { key: string; values: string[] }[];
  mapDataProducerIdDataConsumerIds: { key: string; values: string[] }[];
  mapDataConsumerIdDataProducerId: { key: string; value: string }[];
}

export type RouterEvents = {
  /** The worker closed or died, and with it this router. */
  workerclose: [];
};

export type RouterObserverEvents = {
  close: [];
  newtransport: [Transport];
  newrtpobserver: [RtpObserver];
};

export type RouterObserver = EnhancedEventEmitter<RouterObserverEvents>;

interface RouterInit<RouterAppData extends AppData> {
  id: string;
  channel: Channel;
  rtpCapabilities: RouterRtpCapabilities;
  appData: RouterAppData;
  onClose(router: Router): void;
}

const logger = new Logger('Router');

/** What a router without data channels has in its dump. */
const emptyDump = {
  mapDataProducerIdDataConsumerIds: [],
  mapDataConsumerIdDataProducerId: [],
};

/**
 * Forwards media between its transports; typically one for each room. Made by `worker.createRouter()`.
 *
 * Every asynchronous method rejects with `NotFoundError` once the router is closed, and with `WorkerClosedError`
 * once its worker is.
 */
export class Router<RouterAppData extends AppData = AppData> extends EnhancedEventEmitter<RouterEvents> {
  #init: RouterInit<RouterAppData>;
  #target: Target;
  #appData: RouterAppData;
  #rtpCapabilities: RouterRtpCapabilities;
  #closed = false;
  #transports: RouterTransports;
  #producers = new Map<string, Producer>();
  #rtpObservers = new Map<string, RtpObserver>();
  #pipes = new PipePairs();
  #observer: RouterObserver = new EnhancedEventEmitter();

  /** @private */
  constructor(init: RouterInit<RouterAppData>) {
    super();
    this.#init = init;
    this.#target = { id: init.id };
    this.#appData = init.appData;
    this.#rtpCapabilities = init.rtpCapabilities;
    this.#transports = new RouterTransports({
      channel: init.channel,
      target: this.#target,
      router: this.#asSeenByTransports(),
      isClosed: () => this.#closed,
      onNew: (transport) => this.#observer.safeEmit('newtransport', transport),
    });
  }

  get id(): string {
    return this.#init.id;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What endpoints may send: load it into `Device` of mediasoup-client. */
  get rtpCapabilities(): RouterRtpCapabilities {
    return structuredClone(this.#rtpCapabilities);
  }

  get appData(): RouterAppData {
    return this.#appData;
  }

  set appData(appData: RouterAppData) {
    this.#appData = appData;
  }

  get observer(): RouterObserver {
    return this.#observer;
  }

  /** Ends the router; its transports and observers close with 'routerclose'. Does nothing the second time. */
  close(): void {
    if (this.#closed) {
      return;
    }
    this.#init.channel.command('router.close', this.#target);
    this.#end();
    this.#observer.safeEmit('close');
  }

  /**
   * The worker closed or died.
   *
   * @private
   */
  workerClosed(): void {
    if (this.#closed) {
      return;
    }
    this.#end();
    this.safeEmit('workerclose');
    this.#observer.safeEmit('close');
  }

  async dump(): Promise<RouterDump> {
    const dump = (await this.#init.channel.request('router.dump', this.#target)) as RouterDump;
    return { ...emptyDump, ...dump };
  }

  /**
   * @throws TypeError for malformed, missing or conflicting options; UnsupportedError for `enableSctp` and for TCP
   *   alone; NotFoundError for a closed `webRtcServer`; Error when the address or port cannot be bound.
   */
  createWebRtcTransport<WebRtcTransportAppData extends AppData = AppData>(
    options: WebRtcTransportOptions<WebRtcTransportAppData>,
  ): Promise<WebRtcTransport<WebRtcTransportAppData>> {
    return this.#transports.createWebRtc(options);
  }

  /**
   * @throws TypeError for malformed, missing or conflicting options; UnsupportedError for `enableSctp` and for TCP;
   *   Error when the address or port cannot be bound.
   */
  createPlainTransport<PlainTransportAppData extends AppData = AppData>(
    options: PlainTransportOptions<PlainTransportAppData>,
  ): Promise<PlainTransport<PlainTransportAppData>> {
    return this.#transports.createPlain(options);
  }

  /**
   * One end of a connection to another router, of this host or another; see `pipeToRouter()` for this one.
   *
   * @throws TypeError for malformed, missing or conflicting options; UnsupportedError for `enableSctp` and for TCP;
   *   Error when the address or port cannot be bound.
   */
  createPipeTransport<PipeTransportAppData extends AppData = AppData>(
    options: PipeTransportOptions<PipeTransportAppData>,
  ): Promise<PipeTransport<PipeTransportAppData>> {
    return this.#transports.createPipe(options);
  }

  /** Always rejects with UnsupportedError: not supported yet. */
  createDirectTransport(_options?: unknown): Promise<never> {
    return notYet('createDirectTransport()', 'Router.createPlainTransport()');
  }

  /**
   * Offers a producer of this router in another router of this process, so that endpoints there can consume it. The first
   * call for two routers connects them by a pair of PipeTransports, which serves both directions from then on.
   *
   * The producer there closes, pauses and resumes with the original; when it is closed, so is the pipe's consumer here.
   *
   * @throws TypeError for malformed, missing or conflicting options, for this router itself, and for an id that is in use
   *   there; NotFoundError for an unknown producer; UnsupportedError for data producers and for a codec that the other
   *   router lacks; Error when the address or port cannot be bound.
   */
  async pipeToRouter(options: PipeToRouterOptions): Promise<PipeToRouterResult> {
    const { producerId, keepId, transport } = readPipeToRouterOptions(options);
    const { router } = options;
    if (!(router instanceof Router)) {
      throw new TypeError('missing options.router: expected the router to pipe to');
    }
    if (router === this) {
      throw new TypeError('invalid options.router: expected another router than this one');
    }
    if (keepId && router.#init.channel === this.#init.channel) {
      throw new TypeError(
        'invalid options.keepId: ids of producers are unique in a worker, so set it to false for a router of the same one',
      );
    }
    const producer = this.#producers.get(producerId);
    if (!producer) {
      throw new NotFoundError(`the router has no producer with the id ${producerId}`);
    }
    const { local, remote } = await this.#pipes.between(this, router, transport);
    return pipeProducer(producer, local, remote, keepId ? producerId : undefined);
  }

  /**
   * Connections to other routers.
   *
   * @private
   */
  get pipes(): PipePairs {
    return this.#pipes;
  }

  /** @throws TypeError for malformed options. */
  async createActiveSpeakerObserver<ActiveSpeakerObserverAppData extends AppData = AppData>(
    options: ActiveSpeakerObserverOptions<ActiveSpeakerObserverAppData> = {},
  ): Promise<ActiveSpeakerObserver<ActiveSpeakerObserverAppData>> {
    const settings = readActiveSpeakerObserverOptions(options);
    const init = this.#rtpObserverInit(options.appData);
    await this.#init.channel.request('router.createActiveSpeakerObserver', this.#target, {
      rtpObserverId: init.id,
      ...settings,
    });
    this.#checkOpen();
    const observer = new ActiveSpeakerObserver<ActiveSpeakerObserverAppData>(init);
    this.#addRtpObserver(observer);
    return observer;
  }

  /** @throws TypeError for malformed options. */
  async createAudioLevelObserver<AudioLevelObserverAppData extends AppData = AppData>(
    options: AudioLevelObserverOptions<AudioLevelObserverAppData> = {},
  ): Promise<AudioLevelObserver<AudioLevelObserverAppData>> {
    const settings = readAudioLevelObserverOptions(options);
    const init = this.#rtpObserverInit(options.appData);
    await this.#init.channel.request('router.createAudioLevelObserver', this.#target, {
      rtpObserverId: init.id,
      ...settings,
    });
    this.#checkOpen();
    const observer = new AudioLevelObserver<AudioLevelObserverAppData>(init);
    this.#addRtpObserver(observer);
    return observer;
  }

  /** Whether an endpoint could consume a producer. False also for unknown producers and malformed capabilities; never throws. */
  canConsume({
    producerId,
    rtpCapabilities,
  }: {
    producerId: string;
    rtpCapabilities: RtpCapabilities;
  }): boolean {
    const producer = this.#producers.get(producerId);
    if (!producer) {
      logger.error(`canConsume(): the router has no producer with the id ${producerId}`);
      return false;
    }
    try {
      return canConsume(producer.consumableRtpParameters, rtpCapabilities);
    } catch (error) {
      logger.error('canConsume(): malformed rtpCapabilities', error as Error);
      return false;
    }
  }

  /**
   * Replaces the media codecs for producers to come; existing ones stay as they are.
   *
   * @throws as `worker.createRouter()` does for its `mediaCodecs`.
   */
  updateMediaCodecs(mediaCodecs: RouterRtpCodecCapability[]): void {
    this.#rtpCapabilities = generateRouterRtpCapabilities(mediaCodecs);
  }

  #asSeenByTransports(): TransportRouter {
    const capabilities = (): RtpCapabilities => this.#rtpCapabilities;
    return {
      get rtpCapabilities() {
        return capabilities();
      },
      findProducer: (producerId) => this.#producers.get(producerId),
      addProducer: (producer) => this.#producers.set(producer.id, producer),
      removeProducer: (producer) => this.#producers.delete(producer.id),
    };
  }

  #rtpObserverInit<ObserverAppData extends AppData>(
    appData: ObserverAppData | undefined,
  ): RtpObserverInit<ObserverAppData> {
    const id = randomUUID();
    return {
      id,
      channel: this.#init.channel,
      appData: checkAppData(appData),
      findProducer: (producerId) => this.#producers.get(producerId),
      onClose: () => this.#rtpObservers.delete(id),
    };
  }

  #addRtpObserver(observer: RtpObserver): void {
    this.#rtpObservers.set(observer.id, observer);
    this.#observer.safeEmit('newrtpobserver', observer);
  }

  #end(): void {
    this.#closed = true;
    this.#transports.routerClosed();
    for (const observer of [...this.#rtpObservers.values()]) {
      observer.routerClosed();
    }
    this.#init.onClose(this);
  }

  /** The router may have been closed while the thread was answering, which has closed what it made as well. */
  #checkOpen(): void {
    if (this.#closed) {
      throw new NotFoundError('the router was closed during the call');
    }
  }
}

function notYet(method: string, instead: string): Promise<never> {
  return Promise.reject(new UnsupportedError(`${method} is not supported yet; use ${instead}`));
}
