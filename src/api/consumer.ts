import type {
  ConsumerLayers,
  ConsumerType,
  MediaKind,
  RtpEncodingParameters,
  RtpParameters,
} from '../rtp/rtp-parameters.js';
import type { Channel } from '../worker/channel.js';
import type {
  ConsumerScore,
  ConsumerState,
  RtpStreamSendStats,
  TraceEventData,
} from '../worker/entity-types.js';
import type { ConsumerNotifications, Target } from '../worker/messages.js';
import type { AppData } from './app-data.js';
import { checkInteger, checkTraceTypes } from './check.js';
import { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { readLayers } from './media-options.js';
import type { ProducerStat } from './producer.js';

export type { ConsumerScore } from '../worker/entity-types.js';

export type ConsumerTraceEventType = 'rtp' | 'keyframe' | 'nack' | 'pli' | 'fir';
export type ConsumerTraceEventData = TraceEventData<ConsumerTraceEventType>;
export type ConsumerStat = RtpStreamSendStats;

export interface ConsumerDump {
  id: string;
  producerId: string;
  kind: MediaKind;
  type: ConsumerType;
  rtpParameters: RtpParameters;
  consumableRtpEncodings?: RtpEncodingParameters[];
  supportedCodecPayloadTypes: number[];
  traceEventTypes: string[];
  paused: boolean;
  producerPaused: boolean;
  priority: number;
  [detail: string]: unknown;
}

export type ConsumerEvents = {
  /** The transport closed, and with it this consumer. */
  transportclose: [];
  /** The producer closed, and with it this consumer. */
  producerclose: [];
  producerpause: [];
  producerresume: [];
  score: [ConsumerScore];
  /** Nothing is being sent when there are no layers. */
  layerschange: [ConsumerLayers | undefined];
  trace: [ConsumerTraceEventData];
};

export type ConsumerObserverEvents = {
  close: [];
  /** Media stopped: the consumer or its producer was paused. */
  pause: [];
  /** Media flows again: neither is paused. */
  resume: [];
  score: [ConsumerScore];
  layerschange: [ConsumerLayers | undefined];
  trace: [ConsumerTraceEventData];
};

export type ConsumerObserver = EnhancedEventEmitter<ConsumerObserverEvents>;

const traceTypes: readonly ConsumerTraceEventType[] = ['rtp', 'keyframe', 'nack', 'pli', 'fir'];
const DEFAULT_PRIORITY = 1;
const MAX_PRIORITY = 255;

/** What a transport makes a consumer of. */
export interface ConsumerInit<ConsumerAppData extends AppData> {
  id: string;
  transportId: string;
  producerId: string;
  channel: Channel;
  kind: MediaKind;
  type: ConsumerType;
  rtpParameters: RtpParameters;
  state: ConsumerState;
  appData: ConsumerAppData;
  onClose(consumer: Consumer): void;
}

/**
 * Media that a router sends to an endpoint; made by `transport.consume()`.
 *
 * Every method rejects with `NotFoundError` once the consumer is closed, and with `WorkerClosedError` once its
 * worker is.
 */
export class Consumer<
  ConsumerAppData extends AppData = AppData,
> extends EnhancedEventEmitter<ConsumerEvents> {
  #init: ConsumerInit<ConsumerAppData>;
  #target: Target;
  #appData: ConsumerAppData;
  #closed = false;
  #paused: boolean;
  #producerPaused: boolean;
  #priority = DEFAULT_PRIORITY;
  #score: ConsumerScore;
  #preferredLayers: ConsumerLayers | undefined;
  #currentLayers: ConsumerLayers | undefined;
  #observer: ConsumerObserver = new EnhancedEventEmitter();

  /** @private */
  constructor(init: ConsumerInit<ConsumerAppData>) {
    super();
    this.#init = init;
    this.#target = { id: init.id, transportId: init.transportId };
    this.#appData = init.appData;
    this.#paused = init.state.paused;
    this.#producerPaused = init.state.producerPaused;
    this.#score = init.state.score;
    this.#preferredLayers = init.state.preferredLayers;
    init.channel.subscribe(init.id, this.#onNotification);
  }

  get id(): string {
    return this.#init.id;
  }

  get producerId(): string {
    return this.#init.producerId;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get kind(): MediaKind {
    return this.#init.kind;
  }

  /** What the endpoint will receive: hand it to `recvTransport.consume()` of mediasoup-client. */
  get rtpParameters(): RtpParameters {
    return structuredClone(this.#init.rtpParameters);
  }

  get type(): ConsumerType {
    return this.#init.type;
  }

  /** Whether the consumer itself is paused; its producer may be as well. */
  get paused(): boolean {
    return this.#paused;
  }

  get producerPaused(): boolean {
    return this.#producerPaused;
  }

  /** 1-255, default 1; see `setPriority()`. */
  get priority(): number {
    return this.#priority;
  }

  get score(): ConsumerScore {
    return structuredClone(this.#score);
  }

  /** Simulcast and SVC only. */
  get preferredLayers(): ConsumerLayers | undefined {
    return this.#preferredLayers && { ...this.#preferredLayers };
  }

  /** The layers being sent; undefined while nothing is, and for other types. */
  get currentLayers(): ConsumerLayers | undefined {
    return this.#currentLayers && { ...this.#currentLayers };
  }

  get appData(): ConsumerAppData {
    return this.#appData;
  }

  set appData(appData: ConsumerAppData) {
    this.#appData = appData;
  }

  get observer(): ConsumerObserver {
    return this.#observer;
  }

  /** Ends the consumer. Does nothing the second time. */
  close(): void {
    if (this.#end()) {
      this.#init.channel.command('consumer.close', this.#target);
      this.#observer.safeEmit('close');
    }
  }

  /**
   * The transport closed.
   *
   * @private
   */
  transportClosed(): void {
    if (this.#end()) {
      this.safeEmit('transportclose');
      this.#observer.safeEmit('close');
    }
  }

  async dump(): Promise<ConsumerDump> {
    return (await this.#init.channel.request('consumer.dump', this.#target)) as ConsumerDump;
  }

  /** Of the stream sent, and of the producer stream that it comes from. */
  async getStats(): Promise<(ConsumerStat | ProducerStat)[]> {
    return (await this.#init.channel.request('consumer.getStats', this.#target)) as (
      ConsumerStat | ProducerStat
    )[];
  }

  async pause(): Promise<void> {
    await this.#init.channel.request('consumer.pause', this.#target);
    const wasPaused = this.#paused;
    this.#paused = true;
    if (!wasPaused && !this.#producerPaused) {
      this.#observer.safeEmit('pause');
    }
  }

  /** Undoes `pause()`; for video a key frame is asked for. */
  async resume(): Promise<void> {
    await this.#init.channel.request('consumer.resume', this.#target);
    const wasPaused = this.#paused;
    this.#paused = false;
    if (wasPaused && !this.#producerPaused) {
      this.#observer.safeEmit('resume');
    }
  }

  /**
   * Sets the highest layers to send; less is sent when the bandwidth or the producer gives less. Values above the
   * highest layer mean the highest. Without `temporalLayer` all of them. No effect but on simulcast and SVC.
   *
   * @throws TypeError when a layer is no integer of at least 0.
   */
  async setPreferredLayers(layers: ConsumerLayers): Promise<void> {
    this.#preferredLayers = await this.#init.channel.request(
      'consumer.setPreferredLayers',
      this.#target,
      readLayers(layers, 'preferredLayers'),
    );
  }

  /**
   * Sets which consumers of the transport get bandwidth first: the highest priority.
   *
   * @param priority 1-255
   * @throws TypeError when it is another value.
   */
  async setPriority(priority: number): Promise<void> {
    checkInteger(priority, 'priority', 1, MAX_PRIORITY);
    await this.#init.channel.request('consumer.setPriority', this.#target, { priority });
    this.#priority = priority;
  }

  /**
   * Of a pipe consumer only, beside mediasoup: tells which encodings the router at the far end can make use of, as
   * `wantedEncodings` of its producer there says. The others are not sent, and this router's producer wants them no longer
   * for the pipe's sake. All at first. `router.pipeToRouter()` takes care of it by itself.
   *
   * @param wanted one entry for each encoding
   * @throws TypeError when it is no array of booleans, Error for other consumers.
   */
  async setWantedEncodings(wanted: boolean[]): Promise<void> {
    if (!Array.isArray(wanted) || !wanted.every((entry) => typeof entry === 'boolean')) {
      throw new TypeError('invalid wanted: expected an array of booleans, one for each encoding');
    }
    if (this.type !== 'pipe') {
      throw new Error(`setWantedEncodings() is for consumers of a PipeTransport, this one is ${this.type}`);
    }
    await this.#init.channel.request('consumer.setWantedEncodings', this.#target, { wanted: [...wanted] });
  }

  /** Back to priority 1. */
  async unsetPriority(): Promise<void> {
    await this.setPriority(DEFAULT_PRIORITY);
  }

  /** Asks the producer for a key frame. No effect for audio. */
  async requestKeyFrame(): Promise<void> {
    await this.#init.channel.request('consumer.requestKeyFrame', this.#target);
  }

  /**
   * Chooses which 'trace' events come. Default none. Unknown types are ignored.
   *
   * @throws TypeError when `types` is no array of strings.
   */
  async enableTraceEvent(types: ConsumerTraceEventType[] = []): Promise<void> {
    await this.#init.channel.request('consumer.enableTraceEvent', this.#target, {
      types: checkTraceTypes(types, traceTypes),
    });
  }

  /** False when it had ended before. */
  #end(): boolean {
    if (this.#closed) {
      return false;
    }
    this.#closed = true;
    this.#init.channel.unsubscribe(this.id);
    this.#init.onClose(this);
    return true;
  }

  #onNotification = (event: string, data: unknown): void => {
    switch (event as keyof ConsumerNotifications) {
      case 'producerclose': {
        if (this.#end()) {
          this.safeEmit('producerclose');
          this.#observer.safeEmit('close');
        }
        break;
      }
      case 'producerpause': {
        if (!this.#producerPaused) {
          this.#producerPaused = true;
          this.safeEmit('producerpause');
          if (!this.#paused) {
            this.#observer.safeEmit('pause');
          }
        }
        break;
      }
      case 'producerresume': {
        if (this.#producerPaused) {
          this.#producerPaused = false;
          this.safeEmit('producerresume');
          if (!this.#paused) {
            this.#observer.safeEmit('resume');
          }
        }
        break;
      }
      case 'score': {
        this.#score = data as ConsumerScore;
        this.safeEmit('score', this.score);
        this.#observer.safeEmit('score', this.score);
        break;
      }
      case 'layerschange': {
        this.#currentLayers = (data as ConsumerLayers | null | undefined) ?? undefined;
        this.safeEmit('layerschange', this.currentLayers);
        this.#observer.safeEmit('layerschange', this.currentLayers);
        break;
      }
      case 'trace': {
        const trace = data as ConsumerTraceEventData;
        this.safeEmit('trace', trace);
        this.#observer.safeEmit('trace', trace);
        break;
      }
    }
  };
}
