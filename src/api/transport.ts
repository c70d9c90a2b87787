import { randomUUID } from 'node:crypto';
import type { RtpParameters } from '../rtp/rtp-parameters.js';
import { sharedParameters } from '../rtp/shared-parameters.js';
import type { Channel } from '../worker/channel.js';
import type { BaseTransportStats, TransportTraceEventData } from '../worker/entity-types.js';
import type { Target } from '../worker/messages.js';
import { checkAppData, type AppData } from './app-data.js';
import { BitrateLimits } from './bitrate-limits.js';
import { checkTraceTypes } from './check.js';
import { Consumer } from './consumer.js';
import {
  readConsumerOptions,
  readProducerOptions,
  type ConsumerOptions,
  type ProducerOptions,
} from './media-options.js';
import { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { NotFoundError } from './errors.js';
import { getConsumableRtpParameters } from './ortc/consumable-rtp-parameters.js';
import { getConsumerRtpParameters } from './ortc/consumer-rtp-parameters.js';
import { randomSsrc } from './ortc/random-ssrc.js';
import { getProducerRtpParametersMapping } from './ortc/producer-mapping.js';
import { getProducerType } from './ortc/producer-type.js';
import { validateRtpCapabilities } from './ortc/validate-rtp-capabilities.js';
import { validateRtpParameters } from './ortc/validate-rtp-parameters.js';
import { Producer } from './producer.js';
import type { NegotiatedConsumer, TransportInit, TransportRouter } from './transport-init.js';
import type {
  BaseTransportDump,
  TransportEvents,
  TransportObserver,
  TransportObserverEvents,
  TransportTraceEventType,
  TransportType,
} from './transport-types.js';

export type * from './transport-types.js';

const traceTypes: readonly TransportTraceEventType[] = ['probation', 'bwe'];

/**
 * What WebRtcTransport, PlainTransport and PipeTransport share.
 *
 * Every method rejects with `NotFoundError` once the transport is closed, and with `WorkerClosedError` once its
 * worker is.
 */
export abstract class Transport<
  TransportAppData extends AppData = AppData,
  Events extends TransportEvents = TransportEvents,
  ObserverEvents extends TransportObserverEvents = TransportObserverEvents,
> extends EnhancedEventEmitter<Events> {
  protected readonly channel: Channel;
  protected readonly target: Target;
  #router: TransportRouter;
  #onClose: () => void;
  #appData: TransportAppData;
  #closed = false;
  #producers = new Map<string, Producer>();
  #consumers = new Map<string, Consumer>();
  #nextMid = 0;
  #nextSsrc = randomSsrc();
  /** RTCP CNAME of all producers of an endpoint, so that receivers see one source (RFC 3550 6.5.1). */
  #cname: string | undefined;
  #bitrateLimits: BitrateLimits;
  #observer = new EnhancedEventEmitter<ObserverEvents>();

  /** @private */
  constructor({ id, channel, router, appData, onClose }: TransportInit<TransportAppData>) {
    super();
    this.channel = channel;
    this.target = { id };
    this.#bitrateLimits = new BitrateLimits(channel, this.target);
    this.#router = router;
    this.#onClose = onClose;
    this.#appData = appData;
    channel.subscribe(id, (event, data) => this.onNotification(event, data));
  }

  abstract get type(): TransportType;

  get id(): string {
    return this.target.id;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get appData(): TransportAppData {
    return this.#appData;
  }

  set appData(appData: TransportAppData) {
    this.#appData = appData;
  }

  get observer(): EnhancedEventEmitter<ObserverEvents> {
    return this.#observer;
  }

  /** Always undefined: data channels are not supported yet. */
  get sctpParameters(): undefined {
    return undefined;
  }

  /** Always undefined: data channels are not supported yet. */
  get sctpState(): undefined {
    return undefined;
  }

  /** Ends the transport and everything in it. Does nothing the second time. */
  close(): void {
    if (this.#end()) {
      this.channel.command('transport.close', this.target);
      this.#closeChildren();
      this.#onClose();
      this.#baseObserver.safeEmit('close');
    }
  }

  /**
   * The router closed.
   *
   * @private
   */
  routerClosed(): void {
    this.#closedFromAbove('routerclose');
  }

  /**
   * The WebRtcServer closed.
   *
   * @private
   */
  listenServerClosed(): void {
    this.#closedFromAbove('listenserverclose');
  }

  abstract dump(): Promise<BaseTransportDump>;
  abstract getStats(): Promise<BaseTransportStats[]>;
  abstract connect(options: unknown): Promise<void>;

  /**
   * Limits what the endpoint is told to send (by REMB and transport feedback).
   *
   * @param bitrate bps; 0 takes the limit away.
   * @throws TypeError when it is no integer of at least 0.
   */
  setMaxIncomingBitrate(bitrate: number): Promise<void> {
    return this.#bitrateLimits.setMaxIncoming(bitrate);
  }

  /**
   * Limits what is sent to the endpoint, whatever the estimated bandwidth.
   *
   * @param bitrate bps, 30000 or more; 0 takes the limit away.
   * @throws TypeError for other values; Error when it is below the set minimum.
   */
  setMaxOutgoingBitrate(bitrate: number): Promise<void> {
    return this.#bitrateLimits.setMaxOutgoing(bitrate);
  }

  /**
   * The bandwidth estimate does not go below this.
   *
   * @param bitrate bps, 30000 or more; 0 takes the limit away.
   * @throws TypeError for other values; Error when it is above the set maximum.
   */
  setMinOutgoingBitrate(bitrate: number): Promise<void> {
    return this.#bitrateLimits.setMinOutgoing(bitrate);
  }

  /**
   * Takes media in from the endpoint.
   *
   * @throws TypeError for malformed options or an id in use, UnsupportedError for a codec that the router lacks,
   *   Error for an SSRC, MID or RID that another producer of this transport uses.
   */
  async produce<ProducerAppData extends AppData = AppData>(
    options: ProducerOptions<ProducerAppData>,
  ): Promise<Producer<ProducerAppData>> {
    const { id = randomUUID(), kind, paused, keyFrameRequestDelay } = readProducerOptions(options);
    const appData = checkAppData(options.appData);
    if (this.#router.findProducer(id)) {
      throw new TypeError(`invalid options.id: the router has a producer with the id ${id} already`);
    }
    const rtpParameters = this.#ownRtpParameters(options.rtpParameters);
    const { rtpCapabilities } = this.#router;
    const rtpMapping = getProducerRtpParametersMapping(rtpParameters, rtpCapabilities);
    const consumableRtpParameters = getConsumableRtpParameters(
      kind,
      rtpParameters,
      rtpCapabilities,
      rtpMapping,
    );
    const type = getProducerType(rtpParameters);

    await this.channel.request('transport.produce', this.target, {
      id,
      kind,
      type,
      rtpParameters,
      rtpMapping,
      keyFrameRequestDelay,
      paused,
    });
    this.#checkOpen();
    const producer = new Producer<ProducerAppData>({
      id,
      transportId: this.id,
      channel: this.channel,
      kind,
      type,
      rtpParameters,
      consumableRtpParameters,
      paused,
      appData,
      onClose: (closed) => {
        this.#producers.delete(closed.id);
        this.#router.removeProducer(closed);
      },
    });
    this.#producers.set(id, producer);
    this.#router.addProducer(producer);
    this.#baseObserver.safeEmit('newproducer', producer);
    return producer;
  }

  /**
   * Sends a producer's media out to the endpoint.
   *
   * @throws TypeError for malformed options, NotFoundError for an unknown producer, UnsupportedError when the
   *   endpoint can receive none of its codecs (see `router.canConsume()`).
   */
  async consume<ConsumerAppData extends AppData = AppData>(
    options: ConsumerOptions<ConsumerAppData>,
  ): Promise<Consumer<ConsumerAppData>> {
    const { producerId, paused, ignoreDtx, mid, preferredLayers, enableRtx } = readConsumerOptions(options);
    const appData = checkAppData(options.appData);
    const remoteRtpCapabilities = validateRtpCapabilities(options.rtpCapabilities);
    const producer = this.findProducer(producerId);
    const { consumableRtpParameters } = producer;
    const rtpParameters: RtpParameters = getConsumerRtpParameters({
      consumableRtpParameters,
      remoteRtpCapabilities,
      enableRtx: enableRtx ?? producer.kind === 'video',
      random: () => this.takeSsrcs(2),
    });
    rtpParameters.mid = mid ?? String(this.#nextMid++);
    const settings = { type: producer.type, rtpParameters, paused, preferredLayers, ignoreDtx };
    return this.addConsumer(producer, settings, appData);
  }

  /** @throws NotFoundError when the router has no such producer */
  protected findProducer(producerId: string): Producer {
    const producer = this.#router.findProducer(producerId);
    if (!producer) {
      throw new NotFoundError(`the router has no producer with the id ${producerId}`);
    }
    return producer;
  }

  /** What is negotiated becomes a consumer, in the thread and here. */
  protected async addConsumer<ConsumerAppData extends AppData>(
    { id: producerId, kind, consumableRtpParameters }: Producer,
    settings: NegotiatedConsumer,
    appData: ConsumerAppData,
  ): Promise<Consumer<ConsumerAppData>> {
    const id = randomUUID();
    const { type, rtpParameters } = settings;
    const state = await this.channel.request('transport.consume', this.target, {
      id,
      producerId,
      kind,
      consumableRtpEncodings: consumableRtpParameters.encodings ?? [],
      ...settings,
    });
    this.#checkOpen();
    const consumer = new Consumer<ConsumerAppData>({
      id,
      transportId: this.id,
      producerId,
      channel: this.channel,
      kind,
      type,
      rtpParameters: sharedParameters.share(rtpParameters),
      state,
      appData,
      onClose: (closed) => this.#consumers.delete(closed.id),
    });
    this.#consumers.set(id, consumer);
    this.#baseObserver.safeEmit('newconsumer', consumer);
    return consumer;
  }

  /** Data channels are not supported yet, so as in a transport without SCTP this always rejects. */
  produceData(_options?: unknown): Promise<never> {
    return Promise.reject(new Error('SCTP not enabled in this transport'));
  }

  /** Data channels are not supported yet, so as in a transport without SCTP this always rejects. */
  consumeData(_options?: unknown): Promise<never> {
    return Promise.reject(new Error('SCTP not enabled in this transport'));
  }

  /**
   * Chooses which 'trace' events come. Default none. Unknown types are ignored.
   *
   * @throws TypeError when `types` is no array of strings.
   */
  async enableTraceEvent(types: TransportTraceEventType[] = []): Promise<void> {
    await this.channel.request('transport.enableTraceEvent', this.target, {
      types: checkTraceTypes(types, traceTypes),
    });
  }

  /** Of the kind's own events; the base class knows 'trace'. */
  protected onNotification(event: string, data: unknown): void {
    if (event === 'trace') {
      const trace = data as TransportTraceEventData;
      this.#base.safeEmit('trace', trace);
      this.#baseObserver.safeEmit('trace', trace);
    }
  }

  /** Called once, before anybody hears of the closing. */
  protected onClosing(): void {}

  /** One CNAME for all that the endpoint sends; false where streams of several endpoints come in. */
  protected get isOneEndpoint(): boolean {
    return true;
  }

  /**
   * SSRCs for one more consumer, its streams' and their RTX streams'. Never the same twice on one transport: two streams
   * with one SSRC would be encrypted with the same keystream.
   *
   * @returns the first of `count` in a row
   */
  protected takeSsrcs(count: number): number {
    const first = this.#nextSsrc;
    this.#nextSsrc += count;
    return first;
  }

  /** This emitter by the events of every kind: TypeScript cannot see them in an unknown subtype. */
  get #base(): EnhancedEventEmitter<TransportEvents> {
    return this;
  }

  get #baseObserver(): TransportObserver {
    return this.#observer;
  }

  #end(): boolean {
    if (this.#closed) {
      return false;
    }
    this.#closed = true;
    this.channel.unsubscribe(this.id);
    this.onClosing();
    return true;
  }

  #closedFromAbove(event: 'routerclose' | 'listenserverclose'): void {
    if (this.#end()) {
      this.#closeChildren();
      this.#onClose();
      this.#base.safeEmit(event);
      this.#baseObserver.safeEmit('close');
    }
  }

  #closeChildren(): void {
    for (const producer of [...this.#producers.values()]) {
      producer.transportClosed();
    }
    for (const consumer of [...this.#consumers.values()]) {
      consumer.transportClosed();
    }
  }

  /** The transport may have been closed while the thread was answering. */
  #checkOpen(): void {
    if (this.#closed) {
      throw new NotFoundError(`Transport with id "${this.id}" not found: it was closed during the call`);
    }
  }

  /** A checked copy with the endpoint's CNAME, and with one encoding at least: its SSRC is then learnt by the MID. */
  #ownRtpParameters(given: RtpParameters): RtpParameters {
    const { encodings, rtcp, ...rest } = validateRtpParameters(given);
    const own = rtcp.cname ?? randomUUID().slice(0, 8);
    this.#cname ??= own;
    return {
      ...rest,
      encodings: encodings.length > 0 ? encodings : [{ dtx: false }],
      rtcp: { ...rtcp, cname: this.isOneEndpoint ? this.#cname : own },
    };
  }
}
