import type { Channel } from '../worker/channel.js';
import type { Target } from '../worker/messages.js';
import type { AppData } from './app-data.js';
import { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { NotFoundError } from './errors.js';
import { Fields } from './ortc/fields.js';
import type { Producer } from './producer.js';

export type RtpObserverType = 'audiolevel' | 'activespeaker';

export type RtpObserverEvents = {
  /** The router closed, and with it this observer. */
  routerclose: [];
};

export type RtpObserverObserverEvents = {
  close: [];
  pause: [];
  resume: [];
  addproducer: [Producer];
  removeproducer: [Producer];
};

export type RtpObserverObserver = EnhancedEventEmitter<RtpObserverObserverEvents>;

export interface RtpObserverAddRemoveProducerOptions {
  /** A producer of the same router. */
  producerId: string;
}

/** What a router makes an observer of. */
export interface RtpObserverInit<RtpObserverAppData extends AppData> {
  id: string;
  channel: Channel;
  appData: RtpObserverAppData;
  findProducer(producerId: string): Producer | undefined;
  onClose: () => void;
}

/**
 * What AudioLevelObserver and ActiveSpeakerObserver share: they listen to producers of their router. A producer that
 * closes leaves by itself.
 *
 * Every method rejects with `NotFoundError` once the observer is closed, and with `WorkerClosedError` once its
 * worker is.
 */
export abstract class RtpObserver<
  RtpObserverAppData extends AppData = AppData,
  Events extends RtpObserverEvents = RtpObserverEvents,
  ObserverEvents extends RtpObserverObserverEvents = RtpObserverObserverEvents,
> extends EnhancedEventEmitter<Events> {
  #init: RtpObserverInit<RtpObserverAppData>;
  #target: Target;
  #appData: RtpObserverAppData;
  #closed = false;
  #paused = false;
  #observer = new EnhancedEventEmitter<ObserverEvents>();

  /** @private */
  constructor(init: RtpObserverInit<RtpObserverAppData>) {
    super();
    this.#init = init;
    this.#target = { id: init.id };
    this.#appData = init.appData;
    init.channel.subscribe(init.id, (event, data) => this.onNotification(event, data));
  }

  abstract get type(): RtpObserverType;

  get id(): string {
    return this.#init.id;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get appData(): RtpObserverAppData {
    return this.#appData;
  }

  set appData(appData: RtpObserverAppData) {
    this.#appData = appData;
  }

  get observer(): EnhancedEventEmitter<ObserverEvents> {
    return this.#observer;
  }

  /** Ends the observer; its producers go on. Does nothing the second time. */
  close(): void {
    if (this.#end()) {
      this.#init.channel.command('rtpObserver.close', this.#target);
      this.#baseObserver.safeEmit('close');
    }
  }

  /**
   * The router closed.
   *
   * @private
   */
  routerClosed(): void {
    if (this.#end()) {
      this.#base.safeEmit('routerclose');
      this.#baseObserver.safeEmit('close');
    }
  }

  /** Stops listening; there are no events until `resume()`. */
  async pause(): Promise<void> {
    await this.#init.channel.request('rtpObserver.pause', this.#target);
    const wasPaused = this.#paused;
    this.#paused = true;
    if (!wasPaused) {
      this.#baseObserver.safeEmit('pause');
    }
  }

  /** Undoes `pause()`; what was said meanwhile is not known. */
  async resume(): Promise<void> {
    await this.#init.channel.request('rtpObserver.resume', this.#target);
    const wasPaused = this.#paused;
    this.#paused = false;
    if (wasPaused) {
      this.#baseObserver.safeEmit('resume');
    }
  }

  /**
   * Listens to one more producer. Adding it again changes nothing.
   *
   * @throws TypeError for malformed options or a producer that is not audio, NotFoundError for an unknown producer.
   */
  async addProducer(options: RtpObserverAddRemoveProducerOptions): Promise<void> {
    const producer = this.#producerOf(options);
    if (producer.kind !== 'audio') {
      throw new TypeError(
        `invalid options.producerId: expected an audio producer, got one of ${producer.kind}`,
      );
    }
    await this.#init.channel.request('rtpObserver.addProducer', this.#target, { producerId: producer.id });
    this.#baseObserver.safeEmit('addproducer', producer);
  }

  /**
   * Listens to a producer no longer. Does nothing for one that was not added.
   *
   * @throws TypeError for malformed options, NotFoundError for an unknown producer.
   */
  async removeProducer(options: RtpObserverAddRemoveProducerOptions): Promise<void> {
    const producer = this.#producerOf(options);
    await this.#init.channel.request('rtpObserver.removeProducer', this.#target, { producerId: producer.id });
    this.#baseObserver.safeEmit('removeproducer', producer);
  }

  /** The producer that a notification names; undefined when it was closed meanwhile. */
  protected findProducer(producerId: string): Producer | undefined {
    return this.#init.findProducer(producerId);
  }

  protected abstract onNotification(event: string, data: unknown): void;

  /** This emitter by the events of every kind: TypeScript cannot see them in an unknown subtype. */
  get #base(): EnhancedEventEmitter<RtpObserverEvents> {
    return this;
  }

  get #baseObserver(): RtpObserverObserver {
    return this.#observer;
  }

  #producerOf(options: RtpObserverAddRemoveProducerOptions): Producer {
    const producerId = new Fields(options, 'options').string('producerId');
    const producer = this.#init.findProducer(producerId);
    if (!producer) {
      throw new NotFoundError(`the router has no producer with the id ${producerId}`);
    }
    return producer;
  }

  /** False when it had ended before. */
  #end(): boolean {
    if (this.#closed) {
      return false;
    }
    this.#closed = true;
    this.#init.channel.unsubscribe(this.id);
    this.#init.onClose();
    return true;
  }
}
