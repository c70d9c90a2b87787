import type { SrtpParameters } from '../rtp/rtp-parameters.js';
import type { BaseTransportStats, TransportTuple } from '../worker/entity-types.js';
import type {
  ConnectPlainTransport,
  PlainTransportNotifications,
  PlainTransportState,
} from '../worker/messages.js';
import type { AppData } from './app-data.js';
import type { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { readIp } from './listen-options.js';
import { Fields } from './ortc/fields.js';
import { srtpCryptoSuites } from './plain-transport-options.js';
import { readRemoteSrtp } from './remote-srtp.js';
import {
  Transport,
  type BaseTransportDump,
  type TransportEvents,
  type TransportObserverEvents,
} from './transport.js';
import type { TransportInit } from './transport-init.js';

export interface PlainTransportDump extends BaseTransportDump {
  rtcpMux: boolean;
  comedia: boolean;
  tuple: TransportTuple;
  rtcpTuple?: TransportTuple;
  srtpParameters?: SrtpParameters;
}

export interface PlainTransportStat extends BaseTransportStats {
  rtcpMux: boolean;
  comedia: boolean;
  tuple: TransportTuple;
  rtcpTuple?: TransportTuple;
}

export type PlainTransportEvents = TransportEvents & {
  /** With `comedia`: the remote address was learnt. */
  tuple: [TransportTuple];
  rtcptuple: [TransportTuple];
};

export type PlainTransportObserverEvents = TransportObserverEvents & {
  tuple: [TransportTuple];
  rtcptuple: [TransportTuple];
};

export type PlainTransportObserver = EnhancedEventEmitter<PlainTransportObserverEvents>;

export interface PlainTransportConnectOptions {
  /** Remote IPv4 or IPv6 address; not with `comedia`. */
  ip?: string;
  /** Remote port for RTP; not with `comedia`. */
  port?: number;
  /** Remote port for RTCP; only without `rtcpMux`. */
  rtcpPort?: number;
  /** The remote's; only and always with `enableSrtp`. */
  srtpParameters?: SrtpParameters;
}

interface PlainTransportInit<
  PlainTransportAppData extends AppData,
> extends TransportInit<PlainTransportAppData> {
  state: PlainTransportState;
  rtcpMux: boolean;
  comedia: boolean;
}

/** Plain RTP, or SRTP with keys given by the application; for FFmpeg, GStreamer, recorders. Made by `router.createPlainTransport()`. */
export class PlainTransport<PlainTransportAppData extends AppData = AppData> extends Transport<
  PlainTransportAppData,
  PlainTransportEvents,
  PlainTransportObserverEvents
> {
  #state: PlainTransportState;
  #rtcpMux: boolean;
  #comedia: boolean;

  /** @private */
  constructor(init: PlainTransportInit<PlainTransportAppData>) {
    super(init);
    this.#state = init.state;
    this.#rtcpMux = init.rtcpMux;
    this.#comedia = init.comedia;
  }

  override get type(): 'plain' {
    return 'plain';
  }

  get tuple(): TransportTuple {
    return structuredClone(this.#state.tuple);
  }

  /** Only without `rtcpMux`. */
  get rtcpTuple(): TransportTuple | undefined {
    return structuredClone(this.#state.rtcpTuple);
  }

  /** What the remote needs to decrypt; only with `enableSrtp`. */
  get srtpParameters(): SrtpParameters | undefined {
    return structuredClone(this.#state.srtpParameters);
  }

  override async dump(): Promise<PlainTransportDump> {
    return (await this.channel.request('transport.dump', this.target)) as PlainTransportDump;
  }

  override async getStats(): Promise<PlainTransportStat[]> {
    return (await this.channel.request('transport.getStats', this.target)) as PlainTransportStat[];
  }

  /**
   * Gives the remote's address and SRTP keys. Works once. With `comedia` it is called for SRTP only, without address.
   *
   * @throws TypeError for missing, malformed or needless fields, Error the second time.
   */
  override async connect(options: PlainTransportConnectOptions = {}): Promise<void> {
    const { tuple, rtcpTuple, srtpParameters } = await this.channel.request(
      'transport.connectPlain',
      this.target,
      this.#readConnectOptions(options),
    );
    this.#state = { tuple, rtcpTuple, srtpParameters };
  }

  protected override onNotification(event: string, data: unknown): void {
    switch (event as keyof PlainTransportNotifications) {
      case 'tuple': {
        const { tuple } = data as PlainTransportNotifications['tuple'];
        this.#state.tuple = tuple;
        this.safeEmit('tuple', tuple);
        this.observer.safeEmit('tuple', tuple);
        break;
      }
      case 'rtcptuple': {
        const { rtcpTuple } = data as PlainTransportNotifications['rtcptuple'];
        this.#state.rtcpTuple = rtcpTuple;
        this.safeEmit('rtcptuple', rtcpTuple);
        this.observer.safeEmit('rtcptuple', rtcpTuple);
        break;
      }
      default:
        super.onNotification(event, data);
    }
  }

  #readConnectOptions(options: unknown): ConnectPlainTransport {
    const fields = new Fields(options, 'options');
    const enableSrtp = this.#state.srtpParameters !== undefined;
    const srtpParameters = readRemoteSrtp(fields, {
      enableSrtp,
      suites: srtpCryptoSuites,
      whose: "the remote's",
    });
    if (this.#comedia) {
      return this.#withoutAddress(fields, srtpParameters);
    }
    const ip = readIp(fields, 'ip');
    const port = fields.integer('port', 1, 65535);
    const rtcpPort = this.#rtcpMux ? undefined : fields.integer('rtcpPort', 1, 65535);
    if (this.#rtcpMux && fields.optionalInteger('rtcpPort', 1, 65535) !== undefined) {
      fields.fail('rtcpPort', 'none, as rtcpMux is on');
    }
    return { ip, port, rtcpPort, srtpParameters };
  }

  #withoutAddress(fields: Fields, srtpParameters: SrtpParameters | undefined): ConnectPlainTransport {
    for (const [key, value] of fields.entries()) {
      if (key !== 'srtpParameters' && value !== undefined && value !== null) {
        fields.fail(key, 'none, as comedia learns the remote address from the first packet');
      }
    }
    if (!srtpParameters) {
      throw new TypeError('connect() has nothing to do with comedia and without SRTP: do not call it');
    }
    return { srtpParameters };
  }
}
