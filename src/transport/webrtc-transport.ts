// Hot path: receiveDatagram() runs once per received datagram.
import { classifyDatagram, DatagramKind } from '../rtp/demux.js';
import { type PacketDestination, type TransportSink } from '../router/environment.js';
import { type Router } from '../router/router.js';
import { RtpTransport } from '../router/rtp-transport.js';
import { srtpErrorName } from '../srtp/srtp-error.js';
import { type SrtpSender } from '../srtp/srtp-sender.js';
import { type SrtpProfile } from '../srtp/srtp-profiles.js';
import { DropCounters } from '../stream/drop-counters.js';
import { type TimerClient } from '../stream/timers.js';
import { type DtlsCertificate, type DtlsFingerprint } from './dtls/dtls-certificate.js';
import { DtlsServerSession, type DtlsSessionState } from './dtls/dtls-server-session.js';
import { generateIceCredentials } from './ice/ice-credentials.js';
import { IceLiteAgent, type IceState } from './ice/ice-lite-agent.js';
import { type DatagramOwner, IcePorts } from './ice-ports.js';
import { type IceCandidate, type TransportListenInfo } from './listen-info.js';
import { type RemoteTuple } from './remote-tuple.js';
import { SrtpSession } from './srtp-session.js';
import { type TransportContext } from './transport-context.js';
import { describeTuple, type TransportTupleInfo } from './transport-tuple.js';
import { type WebRtcServerPort } from './webrtc-server-port.js';

/** GCM first would save CPU on both sides of libsrtp; here AES_CM is the one that the kernel is made for. */
const SRTP_PROFILES: readonly SrtpProfile[] = ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM'];
/** DTLS that comes before connect() told us whom to expect: a first flight and one repetition. */
const MAX_EARLY_DTLS = 4;
const MAX_EARLY_DTLS_BYTES = 2048;

export interface WebRtcTransportOptions {
  id: string;
  router: Router;
  context: TransportContext;
  certificate: DtlsCertificate;
  /** One of the two. */
  server?: WebRtcServerPort;
  listenInfos?: readonly TransportListenInfo[];
  /** Seconds; 0 = never. */
  iceConsentTimeout: number;
  /** bps; where the estimator starts. */
  initialAvailableOutgoingBitrate: number;
}

export interface IceParametersInfo {
  usernameFragment: string;
  password: string;
  iceLite: true;
}

export interface RemoteDtlsParameters {
  role?: 'auto' | 'client' | 'server';
  fingerprints: DtlsFingerprint[];
}

export interface WebRtcTransportInfo {
  iceRole: 'controlled';
  iceParameters: IceParametersInfo;
  iceCandidates: IceCandidate[];
  iceState: IceState;
  iceSelectedTuple?: TransportTupleInfo;
  dtlsParameters: { role: 'auto' | 'server'; fingerprints: DtlsFingerprint[] };
  dtlsState: DtlsSessionState;
}

/** ICE-lite, DTLS server and SRTP around the pure RtpTransport, for one browser connection. */
export class WebRtcTransport implements TransportSink, DatagramOwner, TimerClient {
  readonly id: string;
  readonly rtp: RtpTransport;
  srtpSender: SrtpSender | null = null;
  rtpDestination: PacketDestination | null = null;
  timerIndex = -1;
  timerAt = 0;

  private readonly context: TransportContext;
  private readonly ice: IceLiteAgent<RemoteTuple>;
  private readonly drops = new DropCounters<string>();
  private dtls: DtlsServerSession | null = null;
  private dtlsState: DtlsSessionState = 'new';
  private srtp: SrtpSession | null = null;
  private earlyDtls: Uint8Array[] = [];
  private closed = false;

  /** @throws Error when an address cannot be bound */
  static async create(options: WebRtcTransportOptions): Promise<WebRtcTransport> {
    if (options.server !== undefined) return new WebRtcTransport(options, options.server.ports, false);
    return new WebRtcTransport(options, await IcePorts.bind(options.listenInfos ?? []), true);
  }

  private constructor(
    private readonly options: WebRtcTransportOptions,
    private readonly ports: IcePorts,
    private readonly ownsPorts: boolean,
  ) {
    this.id = options.id;
    this.context = options.context;
    this.rtp = new RtpTransport(options.id, options.router, this, options.context.core);
    this.rtp.egress.initialBitrate = options.initialAvailableOutgoingBitrate;
    this.ice = new IceLiteAgent<RemoteTuple>({
      ...generateIceCredentials(),
      consentTimeoutSeconds: options.iceConsentTimeout,
      onStateChange: (state) => this.iceStateChanged(state),
      onSelectedTuple: (tuple) => this.iceTupleSelected(tuple),
      onTupleAdded: (tuple) => (tuple.owner = this),
      onTupleRemoved: (tuple) => tuple.release(),
      onUsernameFragmentAdded: (fragment) => ports.demux.addUsernameFragment(fragment, this),
      onUsernameFragmentRemoved: (fragment) => ports.demux.removeUsernameFragment(fragment),
    });
  }

  describe(): WebRtcTransportInfo {
    const selected = this.ice.selectedTuple;
    return {
      iceRole: 'controlled',
      iceParameters: this.iceParameters(),
      iceCandidates: this.ports.candidates,
      iceState: this.ice.state,
      iceSelectedTuple: selected === null ? undefined : this.tupleInfo(selected),
      dtlsParameters: {
        role: this.dtls === null ? 'auto' : 'server',
        fingerprints: this.options.certificate.fingerprints,
      },
      dtlsState: this.dtlsState,
    };
  }

  /**
   * Says whom to expect. From now on a DTLS client with one of these fingerprints, and its private key, is let in.
   * @throws Error when called twice
   * @throws TypeError when the remote wants to be the DTLS server: an ICE-lite side waits, it does not start
   */
  connect(remote: RemoteDtlsParameters): { dtlsLocalRole: 'server' } {
    if (this.dtls !== null) throw new Error('connect() already called');
    if (remote.role === 'server') {
      throw new TypeError(
        'dtlsParameters.role "server" is not supported: the remote side has to be the DTLS client',
      );
    }
    this.dtls = new DtlsServerSession({
      certificate: this.options.certificate,
      remoteFingerprints: remote.fingerprints,
      srtpProfiles: SRTP_PROFILES,
      send: (datagram) => this.sendDtls(datagram),
      onConnected: (connection) => {
        this.srtp = new SrtpSession(connection.localKeying, connection.remoteKeying);
        this.srtpSender = this.srtp.sender;
        this.dtlsStateChanged('connected', connection.remoteCertificatePem);
        this.openPath();
      },
      onFailed: (reason) => {
        this.drops.count(`dtls-${reason}`);
        this.dtlsStateChanged('failed');
      },
      onClosed: () => {
        this.rtpDestination = null;
        this.dtlsStateChanged('closed');
      },
      onDrop: (reason) => this.drops.count(`dtls-${reason}`),
    });
    if (this.ice.selectedTuple !== null) this.dtlsStateChanged('connecting');
    const early = this.earlyDtls;
    this.earlyDtls = [];
    for (const datagram of early) this.dtls.receive(datagram);
    return { dtlsLocalRole: 'server' };
  }

  restartIce(): IceParametersInfo {
    const { usernameFragment, password } = generateIceCredentials();
    this.ice.restart(usernameFragment, password, this.context.now());
    this.scheduleIce();
    return this.iceParameters();
  }

  receiveDatagram(bytes: Uint8Array, length: number, tuple: RemoteTuple): void {
    if (this.closed) return;
    const now = this.context.now();
    this.rtp.counters.datagramReceived(now, length);
    switch (classifyDatagram(bytes, 0, length)) {
      case DatagramKind.Rtp:
        this.receiveRtp(now, bytes, length, tuple);
        break;
      case DatagramKind.Rtcp:
        this.receiveRtcp(now, bytes, length, tuple);
        break;
      case DatagramKind.Stun:
        this.receiveStun(now, bytes, length, tuple);
        break;
      case DatagramKind.Dtls:
        this.receiveDtls(bytes, length, tuple);
        break;
      default:
        this.drops.count('unknown-datagram');
    }
    this.context.endTurn();
  }

  sendRtcp(bytes: Uint8Array, offset: number, length: number): void {
    const remote = this.rtpDestination as RemoteTuple | null;
    if (remote === null || this.srtp === null) return this.drops.count('rtcp-not-connected');
    const sent = this.srtp.sendRtcp(bytes, offset, length, (data, at, size) => {
      this.rtp.counters.datagramSent(this.context.now(), size);
      remote.localPort.send(data, at, size, remote);
    });
    if (!sent) this.drops.count('rtcp-not-protected');
  }

  handleTimeout(now: number): void {
    this.ice.handleTimeout(now);
    this.scheduleIce();
  }

  setMaxIncomingBitrate(bitrate: number): void {
    this.rtp.setMaxIncomingBitrate(this.context.now(), bitrate);
  }

  setMaxOutgoingBitrate(bitrate: number): void {
    const { egress } = this.rtp;
    egress.setLimits(this.context.now(), egress.minBitrate, bitrate);
  }

  setMinOutgoingBitrate(bitrate: number): void {
    const { egress } = this.rtp;
    egress.setLimits(this.context.now(), bitrate, egress.maxBitrate);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.context.core.timers.cancel(this);
    this.rtp.close(this.context.now());
    this.dtls?.close();
    // What dtls.close() and the batch still had to send went out by the selected tuple, so ICE goes last.
    this.rtpDestination = null;
    this.ice.close();
    if (this.ownsPorts) void this.ports.close();
  }

  dump(): object {
    const { iceRole, iceParameters, iceCandidates, iceState, iceSelectedTuple, dtlsParameters, dtlsState } =
      this.describe();
    return {
      ...this.rtp.dump(),
      type: 'webrtc',
      iceRole,
      iceParameters,
      iceCandidates,
      iceState,
      iceSelectedTuple,
      dtlsParameters,
      dtlsState,
      maxOutgoingBitrate: this.rtp.egress.maxBitrate,
      minOutgoingBitrate: this.rtp.egress.minBitrate,
      drops: { ...this.rtp.drops.snapshot(), ...this.ice.drops.snapshot(), ...this.drops.snapshot() },
      ownSockets: this.ownsPorts ? this.ports.dump() : undefined,
    };
  }

  getStats(now: number): object[] {
    const selected = this.ice.selectedTuple;
    return [
      {
        type: 'webrtc-transport',
        transportId: this.id,
        timestamp: Math.round(this.context.core.wallClockOffset + now),
        iceRole: 'controlled',
        iceState: this.ice.state,
        iceSelectedTuple: selected === null ? undefined : this.tupleInfo(selected),
        dtlsState: this.dtlsState,
        ...this.rtp.stats(now),
        rtpPacketLossReceived: this.rtp.lossReceived,
        ...this.rtp.egress.stats(now),
        maxIncomingBitrate: this.rtp.maxIncomingBitrate || undefined,
      },
    ];
  }

  private receiveRtp(now: number, bytes: Uint8Array, length: number, tuple: RemoteTuple): void {
    const srtp = this.srtp;
    if (srtp === null) return this.drops.count('srtp-before-dtls');
    const size = srtp.receiver.unprotectRtp(bytes, 0, length);
    if (size < 0) return this.drops.count(srtpErrorName(size));
    if (tuple !== this.ice.selectedTuple) this.ice.followMedia(tuple);
    this.rtp.receiveRtp(now, bytes, 0, size);
  }

  private receiveRtcp(now: number, bytes: Uint8Array, length: number, tuple: RemoteTuple): void {
    const srtp = this.srtp;
    if (srtp === null) return this.drops.count('srtp-before-dtls');
    const size = srtp.receiver.unprotectRtcp(bytes, 0, length);
    if (size < 0) return this.drops.count(srtpErrorName(size));
    if (tuple !== this.ice.selectedTuple) this.ice.followMedia(tuple);
    this.rtp.receiveRtcp(now, bytes, 0, size);
  }

  private receiveStun(now: number, bytes: Uint8Array, length: number, tuple: RemoteTuple): void {
    const response = this.ice.handleRequest(now, bytes, 0, length, tuple);
    if (response === null) return;
    this.rtp.counters.datagramSent(now, response.length);
    tuple.localPort.send(response, 0, response.length, tuple);
    this.scheduleIce();
  }

  private receiveDtls(bytes: Uint8Array, length: number, tuple: RemoteTuple): void {
    // Only from an address that passed an authenticated check: whoever races the client's hello is not heard.
    if (!this.ice.isValidTuple(tuple)) return this.drops.count('dtls-unvalidated-address');
    if (this.dtls === null) {
      if (this.earlyDtls.length >= MAX_EARLY_DTLS || length > MAX_EARLY_DTLS_BYTES) {
        return this.drops.count('dtls-before-connect');
      }
      this.earlyDtls.push(bytes.slice(0, length));
      return;
    }
    if (this.dtlsState === 'new') this.dtlsStateChanged('connecting');
    this.dtls.receive(bytes.subarray(0, length));
  }

  private sendDtls(datagram: Uint8Array): void {
    const remote = this.ice.selectedTuple;
    if (remote === null) return this.drops.count('dtls-not-connected');
    this.rtp.counters.datagramSent(this.context.now(), datagram.length);
    remote.localPort.send(datagram, 0, datagram.length, remote);
  }

  /** Media may flow: there are keys and a valid address. */
  private openPath(): void {
    const before = this.rtpDestination;
    this.rtpDestination =
      this.srtp === null || this.dtlsState !== 'connected' ? null : this.ice.selectedTuple;
    if (before === null && this.rtpDestination !== null) this.rtp.connected(this.context.now());
  }

  private iceStateChanged(state: IceState): void {
    this.context.core.notify(this.id, 'icestatechange', { iceState: state });
    if (state === 'connected' || state === 'completed') {
      if (this.dtls !== null && this.dtlsState === 'new') this.dtlsStateChanged('connecting');
      this.openPath();
    } else {
      this.rtpDestination = null;
    }
  }

  private iceTupleSelected(tuple: RemoteTuple): void {
    this.context.core.notify(this.id, 'iceselectedtuplechange', { iceSelectedTuple: this.tupleInfo(tuple) });
    this.openPath();
  }

  private dtlsStateChanged(state: DtlsSessionState, remoteCertificatePem?: string): void {
    if (state === this.dtlsState) return;
    this.dtlsState = state;
    this.context.core.notify(this.id, 'dtlsstatechange', {
      dtlsState: state,
      dtlsRemoteCert: remoteCertificatePem,
    });
  }

  private scheduleIce(): void {
    this.context.core.timers.schedule(this, this.ice.nextTimeout());
  }

  private iceParameters(): IceParametersInfo {
    const { usernameFragment, password } = this.ice;
    return { usernameFragment, password, iceLite: true };
  }

  private tupleInfo(tuple: RemoteTuple): TransportTupleInfo {
    return describeTuple(tuple, this.ports.announcedAddressOf(tuple.localPort));
  }
}
