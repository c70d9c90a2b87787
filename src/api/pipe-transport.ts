import type { RtpParameters, SrtpParameters } from '../rtp/rtp-parameters.js';
import type { BaseTransportStats, TransportListenInfo, TransportTuple } from '../worker/entity-types.js';
import type { ConnectPipeTransport, CreatePipeTransport, PipeTransportState } from '../worker/messages.js';
import { checkAppData, type AppData } from './app-data.js';
import type { Consumer } from './consumer.js';
import type { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { readIp, readOneListenInfo, refuseSctp, type TransportListenIp } from './listen-options.js';
import { Fields } from './ortc/fields.js';
import { getPipeConsumerRtpParameters } from './ortc/pipe-consumer-rtp-parameters.js';
import { readRemoteSrtp } from './remote-srtp.js';
import {
  Transport,
  type BaseTransportDump,
  type TransportEvents,
  type TransportObserverEvents,
} from './transport.js';
import type { TransportInit } from './transport-init.js';

export interface PipeTransportOptions<PipeTransportAppData extends AppData = AppData> {
  /** Where to listen for the other router. It or `listenIp` is required. */
  listenInfo?: TransportListenInfo;
  /** Older form of `listenInfo`. */
  listenIp?: TransportListenIp | string;
  /** With `listenIp`: fixed port. Default: a free one of the worker's range. */
  port?: number;
  /** RTX and NACK over the pipe, for a path that loses packets. Both ends alike. Default false. */
  enableRtx?: boolean;
  /** Encrypt. Then `connect()` must be given the SRTP parameters of the other end. Default false. */
  enableSrtp?: boolean;
  /** Data channels are not supported yet: true throws `UnsupportedError`. Default false. */
  enableSctp?: boolean;
  appData?: PipeTransportAppData;
}

export interface PipeTransportConnectOptions {
  /** IPv4 or IPv6 address of the other end. */
  ip: string;
  port: number;
  /** Of the other end; only and always with `enableSrtp`. */
  srtpParameters?: SrtpParameters;
}

export interface PipeConsumerOptions<ConsumerAppData extends AppData = AppData> {
  /** A producer of the same router. */
  producerId: string;
  appData?: ConsumerAppData;
}

export interface PipeTransportDump extends BaseTransportDump {
  tuple: TransportTuple;
  rtx: boolean;
  srtpParameters?: SrtpParameters;
}

export interface PipeTransportStat extends BaseTransportStats {
  tuple: TransportTuple;
}

export type PipeTransportEvents = TransportEvents;
export type PipeTransportObserverEvents = TransportObserverEvents;
export type PipeTransportObserver = EnhancedEventEmitter<PipeTransportObserverEvents>;

interface PipeTransportInit<
  PipeTransportAppData extends AppData,
> extends TransportInit<PipeTransportAppData> {
  state: PipeTransportState;
  enableRtx: boolean;
}

/** Pipes are encrypted with this suite, as in mediasoup. */
const srtpCryptoSuites = ['AEAD_AES_256_GCM'] as const;

/** The checked options of `router.createPipeTransport()`, defaults filled in. */
export function readPipeTransportOptions(
  options: PipeTransportOptions,
): Omit<CreatePipeTransport, 'transportId'> {
  const fields = new Fields(options, 'options');
  refuseSctp(fields);
  return {
    listenInfo: readOneListenInfo(fields, options, 'a PipeTransport'),
    enableRtx: fields.boolean('enableRtx', false),
    enableSrtp: fields.boolean('enableSrtp', false),
  };
}

/**
 * One end of a connection between two routers, of one host or of two. Its consumers carry all encodings of their producer;
 * a producer made with their `rtpParameters` at the other end offers them there. Made by `router.createPipeTransport()`, and in
 * pairs by `router.pipeToRouter()`.
 */
export class PipeTransport<PipeTransportAppData extends AppData = AppData> extends Transport<
  PipeTransportAppData,
  PipeTransportEvents,
  PipeTransportObserverEvents
> {
  #state: PipeTransportState;
  #enableRtx: boolean;

  /** @private */
  constructor(init: PipeTransportInit<PipeTransportAppData>) {
    super(init);
    this.#state = init.state;
    this.#enableRtx = init.enableRtx;
  }

  override get type(): 'pipe' {
    return 'pipe';
  }

  get tuple(): TransportTuple {
    return structuredClone(this.#state.tuple);
  }

  /** What the other end needs to decrypt; only with `enableSrtp`. */
  get srtpParameters(): SrtpParameters | undefined {
    return structuredClone(this.#state.srtpParameters);
  }

  override async dump(): Promise<PipeTransportDump> {
    return (await this.channel.request('transport.dump', this.target)) as PipeTransportDump;
  }

  override async getStats(): Promise<PipeTransportStat[]> {
    return (await this.channel.request('transport.getStats', this.target)) as PipeTransportStat[];
  }

  /**
   * Gives the address and SRTP keys of the other end. Works once.
   *
   * @throws TypeError for missing, malformed or needless fields, Error the second time.
   */
  override async connect(options: PipeTransportConnectOptions): Promise<void> {
    const data = this.#readConnectOptions(options);
    this.#state = await this.channel.request('transport.connectPipe', this.target, data);
  }

  /**
   * Sends all encodings of a producer to the other end; the consumer is of the type 'pipe'.
   *
   * @throws TypeError for malformed options, NotFoundError for an unknown producer.
   */
  override consume<ConsumerAppData extends AppData = AppData>(
    options: PipeConsumerOptions<ConsumerAppData>,
  ): Promise<Consumer<ConsumerAppData>> {
    return this.#consume(options, false);
  }

  /**
   * As `consume()`, but paused: a key frame that comes before the producer at the other end is lost.
   *
   * @private
   */
  consumePaused(options: PipeConsumerOptions): Promise<Consumer> {
    return this.#consume(options, true);
  }

  /** What comes in is of many endpoints: each producer keeps the CNAME that it was given. */
  protected override get isOneEndpoint(): boolean {
    return false;
  }

  async #consume<ConsumerAppData extends AppData>(
    options: PipeConsumerOptions<ConsumerAppData>,
    paused: boolean,
  ): Promise<Consumer<ConsumerAppData>> {
    const producerId = new Fields(options, 'options').string('producerId');
    const appData = checkAppData(options.appData);
    const producer = this.findProducer(producerId);
    const { consumableRtpParameters } = producer;
    const encodings = consumableRtpParameters.encodings?.length ?? 0;
    const rtpParameters: RtpParameters = getPipeConsumerRtpParameters({
      consumableRtpParameters,
      enableRtx: this.#enableRtx,
      random: () => this.takeSsrcs(2 * encodings),
    });
    return this.addConsumer(producer, { type: 'pipe', rtpParameters, paused, ignoreDtx: false }, appData);
  }

  #readConnectOptions(options: unknown): ConnectPipeTransport {
    const fields = new Fields(options, 'options');
    const enableSrtp = this.#state.srtpParameters !== undefined;
    const srtpParameters = readRemoteSrtp(fields, {
      enableSrtp,
      suites: srtpCryptoSuites,
      whose: "the other end's",
    });
    return { ip: readIp(fields, 'ip'), port: fields.integer('port', 1, 65535), srtpParameters };
  }
}
