// Hot path: the receive functions run once per received datagram.
import { randomBytes } from 'node:crypto';
import { classifyDatagram, DatagramKind } from '../rtp/demux.js';
import { type SrtpCryptoSuite, type SrtpParameters } from '../rtp/rtp-parameters.js';
import { type PacketDestination, type TransportSink } from '../router/environment.js';
import { type Router } from '../router/router.js';
import { RtpTransport } from '../router/rtp-transport.js';
import { srtpErrorName } from '../srtp/srtp-error.js';
import { fromSrtpParameters, type SrtpKeying, toSrtpParameters } from '../srtp/srtp-keying.js';
import { srtpProfileInfo } from '../srtp/srtp-profiles.js';
import { type SrtpSender } from '../srtp/srtp-sender.js';
import { DropCounters } from '../stream/drop-counters.js';
import { type TransportListenInfo, udpPortOptionsFor } from './listen-info.js';
import { type RemoteTuple } from './remote-tuple.js';
import { SrtpSession } from './srtp-session.js';
import { type TransportContext } from './transport-context.js';
import { describeTuple, type TransportTupleInfo } from './transport-tuple.js';
import { UdpPort } from './udp-port.js';

export interface PlainTransportOptions {
  id: string;
  router: Router;
  context: TransportContext;
  listenInfo: TransportListenInfo;
  /** Without rtcpMux; default: as `listenInfo`, another port. */
  rtcpListenInfo?: TransportListenInfo;
  rtcpMux: boolean;
  /** The remote address is learnt from its first packet (of SRTP: the first authentic one) and kept. */
  comedia: boolean;
  enableSrtp: boolean;
  srtpCryptoSuite: SrtpCryptoSuite;
  /** SSRCs that the remote may use at a time with SRTP; default: those of one endpoint. */
  maxSources?: number;
}

export interface PlainTransportInfo {
  tuple: TransportTupleInfo;
  rtcpTuple?: TransportTupleInfo;
  srtpParameters?: SrtpParameters;
}

export interface PlainConnectOptions {
  ip?: string;
  port?: number;
  rtcpPort?: number;
  srtpParameters?: SrtpParameters;
}

/** RTP without ICE and DTLS: for ffmpeg, GStreamer, recorders and load tools. */
export class PlainTransport implements TransportSink {
  readonly id: string;
  readonly rtp: RtpTransport;
  srtpSender: SrtpSender | null = null;
  rtpDestination: PacketDestination | null = null;

  private readonly context: TransportContext;
  private readonly drops = new DropCounters<string>();
  private readonly localKeying: SrtpKeying | null;
  private remote: RemoteTuple | null = null;
  private rtcpRemote: RemoteTuple | null = null;
  private srtp: SrtpSession | null = null;
  private connectCalled = false;
  private closed = false;

  /** @throws Error when an address cannot be bound */
  static async create(options: PlainTransportOptions): Promise<PlainTransport> {
    const port = await UdpPort.bind(udpPortOptionsFor(options.listenInfo));
    if (options.rtcpMux) return new PlainTransport(options, port, null);
    try {
      const rtcp = options.rtcpListenInfo ?? { ...options.listenInfo, port: undefined };
      return new PlainTransport(options, port, await UdpPort.bind(udpPortOptionsFor(rtcp)));
    } catch (error) {
      await port.close();
      throw error;
    }
  }

  private constructor(
    private readonly options: PlainTransportOptions,
    private readonly port: UdpPort,
    private readonly rtcpPort: UdpPort | null,
  ) {
    this.id = options.id;
    this.context = options.context;
    this.rtp = new RtpTransport(options.id, options.router, this, options.context.core);
    this.localKeying = options.enableSrtp ? randomKeying(options.srtpCryptoSuite) : null;
    port.onDatagram = (bytes, length, tuple) => this.receive(bytes, length, tuple, false);
    if (rtcpPort !== null)
      rtcpPort.onDatagram = (bytes, length, tuple) => this.receive(bytes, length, tuple, true);
  }

  describe(): PlainTransportInfo {
    return {
      tuple: this.tupleInfo(this.port, this.remote),
      rtcpTuple: this.rtcpPort === null ? undefined : this.tupleInfo(this.rtcpPort, this.rtcpRemote),
      srtpParameters: this.localKeying === null ? undefined : toSrtpParameters(this.localKeying),
    };
  }

  /**
   * @throws Error when called twice
   * @throws TypeError when an option is missing, not wanted or wrong
   */
  connect({ ip, port, rtcpPort, srtpParameters }: PlainConnectOptions): void {
    if (this.connectCalled) throw new Error('connect() already called');
    const keying = this.remoteKeying(srtpParameters);
    if (this.options.comedia) {
      if (ip !== undefined || port !== undefined || rtcpPort !== undefined) {
        throw new TypeError(
          'ip, port and rtcpPort are not wanted: comedia learns them from the first packet',
        );
      }
    } else {
      this.setRemote(ip, port, rtcpPort);
    }
    if (keying !== null && this.localKeying !== null) {
      this.srtp = new SrtpSession(this.localKeying, keying, this.options.maxSources);
      this.srtpSender = this.srtp.sender;
    }
    this.connectCalled = true;
    this.openPath();
  }

  sendRtcp(bytes: Uint8Array, offset: number, length: number): void {
    const remote = this.rtcpPort === null ? this.remote : this.rtcpRemote;
    if (remote === null || (this.options.enableSrtp && this.srtp === null)) {
      return this.drops.count('rtcp-not-connected');
    }
    if (this.srtp === null) return this.send(remote, bytes, offset, length);
    const sent = this.srtp.sendRtcp(bytes, offset, length, (data, at, size) =>
      this.send(remote, data, at, size),
    );
    if (!sent) this.drops.count('rtcp-not-protected');
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
    this.rtp.close(this.context.now());
    this.rtpDestination = null;
    this.remote?.release();
    this.rtcpRemote?.release();
    void this.port.close();
    void this.rtcpPort?.close();
  }

  dump(): object {
    return {
      ...this.rtp.dump(),
      type: 'plain',
      rtcpMux: this.options.rtcpMux,
      comedia: this.options.comedia,
      ...this.describe(),
      drops: { ...this.rtp.drops.snapshot(), ...this.drops.snapshot() },
      sockets: [this.port.getStats(), ...(this.rtcpPort === null ? [] : [this.rtcpPort.getStats()])],
    };
  }

  getStats(now: number): object[] {
    const { tuple, rtcpTuple } = this.describe();
    return [
      {
        type: 'plain-rtp-transport',
        transportId: this.id,
        timestamp: Math.round(this.context.core.wallClockOffset + now),
        rtcpMux: this.options.rtcpMux,
        comedia: this.options.comedia,
        tuple,
        rtcpTuple,
        ...this.rtp.stats(now),
        rtpPacketLossReceived: this.rtp.lossReceived,
        ...this.rtp.egress.stats(now),
      },
    ];
  }

  private receive(bytes: Uint8Array, length: number, tuple: RemoteTuple, onRtcpPort: boolean): void {
    if (this.closed) return;
    const now = this.context.now();
    this.rtp.counters.datagramReceived(now, length);
    const kind = classifyDatagram(bytes, 0, length);
    const rtcp = kind === DatagramKind.Rtcp;
    if (!rtcp && (kind !== DatagramKind.Rtp || onRtcpPort)) this.drops.count('unknown-datagram');
    else if (!this.mayReceive(tuple, onRtcpPort)) this.drops.count('unknown-tuple');
    else this.receiveMedia(now, bytes, length, tuple, rtcp, onRtcpPort);
    this.context.endTurn();
  }

  private receiveMedia(
    now: number,
    bytes: Uint8Array,
    length: number,
    tuple: RemoteTuple,
    rtcp: boolean,
    onRtcpPort: boolean,
  ): void {
    let size = length;
    if (this.options.enableSrtp) {
      if (this.srtp === null) return this.drops.count('srtp-before-connect');
      const { receiver } = this.srtp;
      size = rtcp ? receiver.unprotectRtcp(bytes, 0, length) : receiver.unprotectRtp(bytes, 0, length);
      if (size < 0) return this.drops.count(srtpErrorName(size));
    }
    this.learn(tuple, onRtcpPort);
    if (rtcp) this.rtp.receiveRtcp(now, bytes, 0, size);
    else this.rtp.receiveRtp(now, bytes, 0, size);
  }

  private mayReceive(tuple: RemoteTuple, onRtcpPort: boolean): boolean {
    const known = onRtcpPort ? this.rtcpRemote : this.remote;
    return known === null ? this.options.comedia : tuple === known;
  }

  /** comedia: the first one who sends (RFC 4145 section 4, in its media sense) is the remote side from then on. */
  private learn(tuple: RemoteTuple, onRtcpPort: boolean): void {
    if ((onRtcpPort ? this.rtcpRemote : this.remote) !== null) return;
    const kept = tuple.intern();
    kept.owner = this;
    if (onRtcpPort) {
      this.rtcpRemote = kept;
      this.rtcpPort?.connect(kept);
      const rtcpTuple = this.tupleInfo(kept.localPort, kept);
      this.context.core.notify(this.id, 'rtcptuple', { rtcpTuple });
    } else {
      this.remote = kept;
      this.port.connect(kept);
      this.context.core.notify(this.id, 'tuple', { tuple: this.tupleInfo(kept.localPort, kept) });
      this.openPath();
    }
  }

  private setRemote(ip: string | undefined, port: number | undefined, rtcpPort: number | undefined): void {
    if (ip === undefined) throw new TypeError('missing ip (of the remote side)');
    if (port === undefined) throw new TypeError('missing port (of the remote side)');
    if (this.rtcpPort === null && rtcpPort !== undefined) {
      throw new TypeError('rtcpPort is not wanted: RTCP shares the RTP port (rtcpMux)');
    }
    if (this.rtcpPort !== null && rtcpPort === undefined)
      throw new TypeError('missing rtcpPort (rtcpMux is off)');
    const remote = this.port.intern(ip, port);
    if (this.rtcpPort !== null && rtcpPort !== undefined) {
      this.rtcpRemote = this.rtcpPort.intern(ip, rtcpPort);
      this.rtcpRemote.owner = this;
      this.rtcpPort.connect(this.rtcpRemote);
    }
    this.remote = remote;
    this.remote.owner = this;
    this.port.connect(remote);
  }

  private remoteKeying(parameters: SrtpParameters | undefined): SrtpKeying | null {
    if (!this.options.enableSrtp) {
      if (parameters !== undefined)
        throw new TypeError('srtpParameters are not wanted: enableSrtp is not set');
      return null;
    }
    if (parameters === undefined) throw new TypeError('missing srtpParameters: enableSrtp is set');
    if (parameters.cryptoSuite !== this.options.srtpCryptoSuite) {
      const { srtpCryptoSuite } = this.options;
      throw new TypeError(
        `srtpParameters.cryptoSuite is ${parameters.cryptoSuite}, expected ${srtpCryptoSuite}`,
      );
    }
    return fromSrtpParameters(parameters);
  }

  private openPath(): void {
    const ready = this.remote !== null && (!this.options.enableSrtp || this.srtp !== null);
    if (!ready || this.rtpDestination !== null) return;
    this.rtpDestination = this.remote;
    this.rtp.connected(this.context.now());
  }

  private send(remote: RemoteTuple, bytes: Uint8Array, offset: number, length: number): void {
    this.rtp.counters.datagramSent(this.context.now(), length);
    remote.localPort.send(bytes, offset, length, remote);
  }

  private tupleInfo(port: { ip: string; port: number }, remote: RemoteTuple | null): TransportTupleInfo {
    const announced = this.options.listenInfo.announcedAddress ?? this.options.listenInfo.announcedIp;
    if (remote !== null) return describeTuple(remote, announced);
    const localAddress = announced ?? port.ip;
    return { localIp: localAddress, localAddress, localPort: port.port, protocol: 'udp' };
  }
}

function randomKeying(profile: SrtpCryptoSuite): SrtpKeying {
  const { keyLength, saltLength } = srtpProfileInfo(profile);
  return { profile, masterKey: randomBytes(keyLength), masterSalt: randomBytes(saltLength) };
}
