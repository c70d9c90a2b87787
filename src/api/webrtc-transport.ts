import type {
  BaseTransportStats,
  DtlsParameters,
  DtlsState,
  IceCandidate,
  IceParameters,
  IceState,
  TransportTuple,
} from '../worker/entity-types.js';
import type { WebRtcTransportNotifications, WebRtcTransportState } from '../worker/messages.js';
import type { AppData } from './app-data.js';
import { readDtlsParameters } from './dtls-options.js';
import {
  Transport,
  type BaseTransportDump,
  type TransportEvents,
  type TransportObserverEvents,
} from './transport.js';
import type { TransportInit } from './transport-init.js';
import type { EnhancedEventEmitter } from './enhanced-event-emitter.js';

export type {
  DtlsFingerprint,
  DtlsFingerprintAlgorithm as FingerprintAlgorithm,
  DtlsParameters,
  DtlsRole,
  DtlsState,
  IceCandidate,
  IceParameters,
  IceRole,
  IceState,
} from '../worker/entity-types.js';

export interface WebRtcTransportDump extends BaseTransportDump {
  iceRole: 'controlled';
  iceParameters: IceParameters;
  iceCandidates: IceCandidate[];
  iceState: IceState;
  iceSelectedTuple?: TransportTuple;
  dtlsParameters: DtlsParameters;
  dtlsState: DtlsState;
  dtlsRemoteCert?: string;
}

export interface WebRtcTransportStat extends BaseTransportStats {
  iceRole: string;
  iceState: IceState;
  iceSelectedTuple?: TransportTuple;
  dtlsState: DtlsState;
}

export type WebRtcTransportEvents = TransportEvents & {
  icestatechange: [IceState];
  iceselectedtuplechange: [TransportTuple];
  dtlsstatechange: [DtlsState];
};

export type WebRtcTransportObserverEvents = TransportObserverEvents & {
  icestatechange: [IceState];
  iceselectedtuplechange: [TransportTuple];
  dtlsstatechange: [DtlsState];
};

export type WebRtcTransportObserver = EnhancedEventEmitter<WebRtcTransportObserverEvents>;

interface WebRtcTransportInit<
  WebRtcTransportAppData extends AppData,
> extends TransportInit<WebRtcTransportAppData> {
  state: WebRtcTransportState;
}

/** A browser's (or another WebRTC endpoint's) connection: ICE-lite, DTLS, SRTP. Made by `router.createWebRtcTransport()`. */
export class WebRtcTransport<WebRtcTransportAppData extends AppData = AppData> extends Transport<
  WebRtcTransportAppData,
  WebRtcTransportEvents,
  WebRtcTransportObserverEvents
> {
  #state: WebRtcTransportState;
  #dtlsRemoteCert: string | undefined;

  /** @private */
  constructor(init: WebRtcTransportInit<WebRtcTransportAppData>) {
    super(init);
    this.#state = init.state;
  }

  override get type(): 'webrtc' {
    return 'webrtc';
  }

  get iceRole(): 'controlled' {
    return this.#state.iceRole;
  }

  get iceParameters(): IceParameters {
    return structuredClone(this.#state.iceParameters);
  }

  get iceCandidates(): IceCandidate[] {
    return structuredClone(this.#state.iceCandidates);
  }

  get iceState(): IceState {
    return this.#state.iceState;
  }

  /** Undefined until ICE connects and after the transport closed. */
  get iceSelectedTuple(): TransportTuple | undefined {
    return structuredClone(this.#state.iceSelectedTuple);
  }

  get dtlsParameters(): DtlsParameters {
    return structuredClone(this.#state.dtlsParameters);
  }

  get dtlsState(): DtlsState {
    return this.#state.dtlsState;
  }

  /** PEM; undefined until DTLS connects. */
  get dtlsRemoteCert(): string | undefined {
    return this.#dtlsRemoteCert;
  }

  override async dump(): Promise<WebRtcTransportDump> {
    return (await this.channel.request('transport.dump', this.target)) as WebRtcTransportDump;
  }

  override async getStats(): Promise<WebRtcTransportStat[]> {
    return (await this.channel.request('transport.getStats', this.target)) as WebRtcTransportStat[];
  }

  /**
   * Gives the endpoint's DTLS parameters, after which the handshake can be completed. Works once.
   *
   * @throws TypeError for malformed parameters, Error the second time.
   */
  override async connect(options: { dtlsParameters: DtlsParameters }): Promise<void> {
    const dtlsParameters = readDtlsParameters(options);
    const { dtlsLocalRole } = await this.channel.request('transport.connectWebRtc', this.target, {
      dtlsParameters,
    });
    this.#state.dtlsParameters.role = dtlsLocalRole;
  }

  /** New ICE credentials; media goes on over the old path until the endpoint has used them. */
  async restartIce(): Promise<IceParameters> {
    this.#state.iceParameters = await this.channel.request('transport.restartIce', this.target);
    return this.iceParameters;
  }

  protected override onNotification(event: string, data: unknown): void {
    switch (event as keyof WebRtcTransportNotifications) {
      case 'icestatechange': {
        const { iceState } = data as WebRtcTransportNotifications['icestatechange'];
        this.#state.iceState = iceState;
        this.safeEmit('icestatechange', iceState);
        this.observer.safeEmit('icestatechange', iceState);
        break;
      }
      case 'iceselectedtuplechange': {
        const { iceSelectedTuple } = data as WebRtcTransportNotifications['iceselectedtuplechange'];
        this.#state.iceSelectedTuple = iceSelectedTuple;
        this.safeEmit('iceselectedtuplechange', iceSelectedTuple);
        this.observer.safeEmit('iceselectedtuplechange', iceSelectedTuple);
        break;
      }
      case 'dtlsstatechange': {
        const { dtlsState, dtlsRemoteCert } = data as WebRtcTransportNotifications['dtlsstatechange'];
        this.#state.dtlsState = dtlsState;
        if (dtlsState === 'connected') {
          this.#dtlsRemoteCert = dtlsRemoteCert;
        }
        this.safeEmit('dtlsstatechange', dtlsState);
        this.observer.safeEmit('dtlsstatechange', dtlsState);
        break;
      }
      default:
        super.onNotification(event, data);
    }
  }

  protected override onClosing(): void {
    this.#state.iceState = 'closed';
    this.#state.iceSelectedTuple = undefined;
    this.#state.dtlsState = 'closed';
  }
}
