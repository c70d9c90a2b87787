import {
  type BoundListenInfo,
  type IceCandidate,
  iceCandidatesFor,
  type TransportListenInfo,
  udpPortOptionsFor,
} from './listen-info.js';
import { type DatagramPort, type RemoteTuple } from './remote-tuple.js';
import { TupleDemux } from './tuple-demux.js';
import { UdpPort } from './udp-port.js';

/** Takes the datagrams of the tuples that it owns, and STUN that names its user name fragment. */
export interface DatagramOwner {
  /** The transport's. */
  readonly id: string;
  receiveDatagram(bytes: Uint8Array, length: number, tuple: RemoteTuple): void;
}

/**
 * The sockets that one WebRtcServer, or one transport with ports of its own, listens on, and the way from a datagram
 * to the transport that it is for.
 */
export class IcePorts {
  readonly demux = new TupleDemux<DatagramOwner>();
  readonly candidates: IceCandidate[];

  private constructor(
    private readonly ports: UdpPort[],
    private readonly bound: BoundListenInfo[],
  ) {
    this.candidates = iceCandidatesFor(bound);
    for (const port of ports) {
      port.onDatagram = (bytes, length, tuple) => {
        this.demux.route(bytes, length, tuple)?.receiveDatagram(bytes, length, tuple);
      };
    }
  }

  /** @throws Error (with the system's `code`) when an address cannot be bound; none stays bound then */
  static async bind(listenInfos: readonly TransportListenInfo[]): Promise<IcePorts> {
    const ports: UdpPort[] = [];
    const bound: BoundListenInfo[] = [];
    try {
      for (const listenInfo of listenInfos) {
        if (listenInfo.protocol !== 'udp') continue;
        const port = await UdpPort.bind(udpPortOptionsFor(listenInfo));
        ports.push(port);
        bound.push({ listenInfo, ip: port.ip, port: port.port });
      }
    } catch (error) {
      await Promise.all(ports.map((port) => port.close()));
      throw error;
    }
    return new IcePorts(ports, bound);
  }

  /** What clients are told instead of the address that this port is bound to, if anything. */
  announcedAddressOf(port: DatagramPort): string | undefined {
    const listenInfo = this.bound.find(
      (entry) => entry.ip === port.ip && entry.port === port.port,
    )?.listenInfo;
    return listenInfo?.announcedAddress ?? listenInfo?.announcedIp;
  }

  dump(): { udpSockets: object[]; localIceUsernameFragments: object[]; drops: Record<string, number> } {
    return {
      udpSockets: this.ports.map((port) => ({ ip: port.ip, port: port.port, ...port.getStats() })),
      localIceUsernameFragments: this.demux
        .usernameFragments()
        .map(([localIceUsernameFragment, { id }]) => ({ localIceUsernameFragment, webRtcTransportId: id })),
      drops: this.demux.drops.snapshot(),
    };
  }

  close(): Promise<void> {
    return Promise.all(this.ports.map((port) => port.close())).then(() => undefined);
  }
}
