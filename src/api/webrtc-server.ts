import type { DemuxDropReason } from '../transport/tuple-demux.js';
import type { UdpPortStats } from '../transport/udp-port.js';
import type { Channel } from '../worker/channel.js';
import type { TransportListenInfo } from '../worker/entity-types.js';
import type { Target } from '../worker/messages.js';
import type { AppData } from './app-data.js';
import { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import type { WebRtcTransport } from './webrtc-transport.js';

export interface WebRtcServerOptions<WebRtcServerAppData extends AppData = AppData> {
  /** Where to listen. TCP entries are accepted beside UDP ones and left out for now. */
  listenInfos: TransportListenInfo[];
  appData?: WebRtcServerAppData;
}

/** Older name of `TransportListenInfo`. */
export type WebRtcServerListenInfo = TransportListenInfo;

export interface IpPort {
  ip: string;
  port: number;
}

export interface WebRtcServerDump {
  id: string;
  udpSockets: (IpPort & UdpPortStats)[];
  tcpServers: IpPort[];
  webRtcTransportIds: string[];
  localIceUsernameFragments: { localIceUsernameFragment: string; webRtcTransportId: string }[];
  /** Datagrams that were for none of the transports, by reason; each socket has drops of its own. */
  drops: Record<DemuxDropReason, number>;
}

export type WebRtcServerEvents = {
  /** The worker closed or died, and with it this server. */
  workerclose: [];
};

export type WebRtcServerObserverEvents = {
  close: [];
  webrtctransporthandled: [WebRtcTransport];
  webrtctransportunhandled: [WebRtcTransport];
};

export type WebRtcServerObserver = EnhancedEventEmitter<WebRtcServerObserverEvents>;

interface WebRtcServerInit<WebRtcServerAppData extends AppData> {
  id: string;
  channel: Channel;
  appData: WebRtcServerAppData;
  onClose(server: WebRtcServer): void;
}

/** Ports that many WebRtcTransports of one worker share; made by `worker.createWebRtcServer()`. */
export class WebRtcServer<
  WebRtcServerAppData extends AppData = AppData,
> extends EnhancedEventEmitter<WebRtcServerEvents> {
  #init: WebRtcServerInit<WebRtcServerAppData>;
  #target: Target;
  #appData: WebRtcServerAppData;
  #closed = false;
  #transports = new Set<WebRtcTransport>();
  #observer: WebRtcServerObserver = new EnhancedEventEmitter();

  /** @private */
  constructor(init: WebRtcServerInit<WebRtcServerAppData>) {
    super();
    this.#init = init;
    this.#target = { id: init.id };
    this.#appData = init.appData;
  }

  get id(): string {
    return this.#init.id;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get appData(): WebRtcServerAppData {
    return this.#appData;
  }

  set appData(appData: WebRtcServerAppData) {
    this.#appData = appData;
  }

  get observer(): WebRtcServerObserver {
    return this.#observer;
  }

  /** Closes the ports; the transports on them close with 'listenserverclose'. Does nothing the second time. */
  close(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#init.channel.command('webRtcServer.close', this.#target);
    for (const transport of [...this.#transports]) {
      transport.listenServerClosed();
    }
    this.#init.onClose(this);
    this.#observer.safeEmit('close');
  }

  /**
   * The worker closed or died. The transports hear of it from their routers.
   *
   * @private
   */
  workerClosed(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#init.onClose(this);
    this.safeEmit('workerclose');
    this.#observer.safeEmit('close');
  }

  async dump(): Promise<WebRtcServerDump> {
    return (await this.#init.channel.request('webRtcServer.dump', this.#target)) as WebRtcServerDump;
  }

  /**
   * A transport uses this server from now until it closes.
   *
   * @private
   */
  handleWebRtcTransport(transport: WebRtcTransport): void {
    this.#transports.add(transport);
    this.#observer.safeEmit('webrtctransporthandled', transport);
  }

  /**
   * A transport that used this server closed.
   *
   * @private
   */
  releaseWebRtcTransport(transport: WebRtcTransport): void {
    this.#transports.delete(transport);
    this.#observer.safeEmit('webrtctransportunhandled', transport);
  }
}
