import type { MediaKind, ProducerType, RtpParameters } from '../rtp/rtp-parameters.js';
import type { Channel } from '../worker/channel.js';
import type {
  ProducerScore,
  ProducerVideoOrientation,
  RtpStreamRecvStats,
  TraceEventData,
} from '../worker/entity-types.js';
import type { ProducerNotifications, Target } from '../worker/messages.js';
import type { AppData } from './app-data.js';
import { checkTraceTypes } from './check.js';
import { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { UnsupportedError } from './errors.js';

export type { ProducerScore, ProducerVideoOrientation } from '../worker/entity-types.js';

export type ProducerTraceEventType = 'rtp' | 'keyframe' | 'nack' | 'pli' | 'fir' | 'sr';
export type ProducerTraceEventData = TraceEventData<ProducerTraceEventType>;
export type ProducerStat = RtpStreamRecvStats;

export interface ProducerDump {
  id: string;
  kind: MediaKind;
  type: ProducerType;
  rtpParameters: RtpParameters;
  rtpMapping: unknown;
  rtpStreams: unknown;
  traceEventTypes: string[];
  paused: boolean;
}

export type ProducerEvents = {
  /** The transport closed, and with it this producer. */
  transportclose: [];
  score: [ProducerScore[]];
  videoorientationchange: [ProducerVideoOrientation];
  /** See `wantedEncodings`. */
  wantedencodingschange: [boolean[]];
  trace: [ProducerTraceEventData];
};

export type ProducerObserverEvents = {
  close: [];
  pause: [];
  resume: [];
  score: [ProducerScore[]];
  videoorientationchange: [ProducerVideoOrientation];
  wantedencodingschange: [boolean[]];
  trace: [ProducerTraceEventData];
};

export type ProducerObserver = EnhancedEventEmitter<ProducerObserverEvents>;

const traceTypes: readonly ProducerTraceEventType[] = ['rtp', 'keyframe', 'nack', 'pli', 'fir', 'sr'];

/** What a transport makes a producer of. */
export interface ProducerInit<ProducerAppData extends AppData> {
  id: string;
  transportId: string;
  channel: Channel;
  kind: MediaKind;
  type: ProducerType;
  rtpParameters: RtpParameters;
  consumableRtpParameters: RtpParameters;
  paused: boolean;
  appData: ProducerAppData;
  onClose(producer: Producer): void;
}

/**
 * Media that an endpoint sends into a router; made by `transport.produce()`.
 *
 * Every method rejects with `NotFoundError` once the producer is closed, and with `WorkerClosedError` once its
 * worker is.
 */
export class Producer<
  ProducerAppData extends AppData = AppData,
> extends EnhancedEventEmitter<ProducerEvents> {
  #init: ProducerInit<ProducerAppData>;
  #target: Target;
  #appData: ProducerAppData;
  #closed = false;
  #paused: boolean;
  #score: ProducerScore[] = [];
  #wantedEncodings: boolean[];
  #observer: ProducerObserver = new EnhancedEventEmitter();

  /** @private */
  constructor(init: ProducerInit<ProducerAppData>) {
    super();
    this.#init = init;
    this.#target = { id: init.id, transportId: init.transportId };
    this.#appData = init.appData;
    this.#paused = init.paused;
    this.#wantedEncodings = (init.rtpParameters.encodings ?? []).map(() => true);
    init.channel.subscribe(init.id, this.#onNotification);
  }

  get id(): string {
    return this.#init.id;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get kind(): MediaKind {
    return this.#init.kind;
  }

  /** A copy of what `produce()` was given, with the transport's CNAME. */
  get rtpParameters(): RtpParameters {
    return structuredClone(this.#init.rtpParameters);
  }

  get type(): ProducerType {
    return this.#init.type;
  }

  /**
   * What consumers of this producer start from: the router's payload types, mapped SSRCs.
   *
   * @private
   */
  get consumableRtpParameters(): RtpParameters {
    return structuredClone(this.#init.consumableRtpParameters);
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** One entry for each stream that has been seen; empty before the first packet. */
  get score(): ProducerScore[] {
    return structuredClone(this.#score);
  }

  /**
   * For each encoding of `rtpParameters`, whether any consumer can make use of it: the endpoint may spare its uplink and
   * processor the others, with `RTCRtpSender.setParameters()` (`active`). All true at first; the first one always is.
   */
  get wantedEncodings(): boolean[] {
    return [...this.#wantedEncodings];
  }

  get appData(): ProducerAppData {
    return this.#appData;
  }

  set appData(appData: ProducerAppData) {
    this.#appData = appData;
  }

  get observer(): ProducerObserver {
    return this.#observer;
  }

  /** Ends the producer; its consumers close with 'producerclose'. Does nothing the second time. */
  close(): void {
    if (this.#end()) {
      this.#init.channel.command('producer.close', this.#target);
      this.#init.onClose(this);
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
      this.#init.onClose(this);
      this.safeEmit('transportclose');
      this.#observer.safeEmit('close');
    }
  }

  async dump(): Promise<ProducerDump> {
    return (await this.#init.channel.request('producer.dump', this.#target)) as ProducerDump;
  }

  /** One entry for each stream that has been seen. */
  async getStats(): Promise<ProducerStat[]> {
    return (await this.#init.channel.request('producer.getStats', this.#target)) as ProducerStat[];
  }

  /** Stops forwarding to all consumers, which get 'producerpause'. */
  async pause(): Promise<void> {
    await this.#init.channel.request('producer.pause', this.#target);
    const wasPaused = this.#paused;
    this.#paused = true;
    if (!wasPaused) {
      this.#observer.safeEmit('pause');
    }
  }

  /** Undoes `pause()`; for video a key frame is asked for. */
  async resume(): Promise<void> {
    await this.#init.channel.request('producer.resume', this.#target);
    const wasPaused = this.#paused;
    this.#paused = false;
    if (wasPaused) {
      this.#observer.safeEmit('resume');
    }
  }

  /**
   * Chooses which 'trace' events come. Default none. Unknown types are ignored.
   *
   * @throws TypeError when `types` is no array of strings.
   */
  async enableTraceEvent(types: ProducerTraceEventType[] = []): Promise<void> {
    await this.#init.channel.request('producer.enableTraceEvent', this.#target, {
      types: checkTraceTypes(types, traceTypes),
    });
  }

  /** Only for producers of a DirectTransport, which does not exist yet: always throws `UnsupportedError`. */
  send(_rtpPacket: Uint8Array): void {
    throw new UnsupportedError('producer.send() needs a DirectTransport, which is not supported yet');
  }

  /** False when it had ended before. */
  #end(): boolean {
    if (this.#closed) {
      return false;
    }
    this.#closed = true;
    this.#init.channel.unsubscribe(this.id);
    return true;
  }

  #onNotification = (event: string, data: unknown): void => {
    switch (event as keyof ProducerNotifications) {
      case 'score': {
        this.#score = data as ProducerScore[];
        this.safeEmit('score', this.score);
        this.#observer.safeEmit('score', this.score);
        break;
      }
      case 'videoorientationchange': {
        const orientation = data as ProducerVideoOrientation;
        this.safeEmit('videoorientationchange', orientation);
        this.#observer.safeEmit('videoorientationchange', orientation);
        break;
      }
      case 'wantedencodingschange': {
        this.#wantedEncodings = data as boolean[];
        this.safeEmit('wantedencodingschange', this.wantedEncodings);
        this.#observer.safeEmit('wantedencodingschange', this.wantedEncodings);
        break;
      }
      case 'trace': {
        const trace = data as ProducerTraceEventData;
        this.safeEmit('trace', trace);
        this.#observer.safeEmit('trace', trace);
        break;
      }
    }
  };
}
