/** Where a transport or server listens, and the ICE candidates that follow from it. Shapes as in mediasoup. */
import { type UdpPortOptions } from './udp-port.js';

export type TransportProtocol = 'udp' | 'tcp';

/** Both ends belong to the range. */
export interface TransportPortRange {
  min: number;
  max: number;
}

export interface TransportSocketFlags {
  /** No IPv4 through an IPv6 socket. */
  ipv6Only?: boolean;
  /** Several sockets may bind to one ip and port; with care. */
  udpReusePort?: boolean;
}

export interface TransportListenInfo {
  protocol: TransportProtocol;
  /** IPv4 or IPv6 literal to bind to. */
  ip: string;
  /** @deprecated the older name of `announcedAddress`. */
  announcedIp?: string;
  /** IP literal or host name that clients are told instead of `ip`: for servers behind NAT. */
  announcedAddress?: string;
  /** Tell clients `ip` as well as `announcedAddress`. Default false. */
  exposeInternalIp?: boolean;
  port?: number;
  /** When given, `port` is ignored. */
  portRange?: TransportPortRange;
  flags?: TransportSocketFlags;
  /** Bytes. */
  sendBufferSize?: number;
  recvBufferSize?: number;
}

export interface IceCandidate {
  /** Alike for candidates of one protocol and bound address (RFC 8445 5.1.1.3). */
  foundation: string;
  priority: number;
  address: string;
  /** @deprecated the older name of `address`, with the same value. */
  ip: string;
  port: number;
  type: 'host';
  protocol: TransportProtocol;
  /** TCP only. */
  tcpType?: 'passive';
}

/** One listen info and what it was bound to. */
export interface BoundListenInfo {
  listenInfo: TransportListenInfo;
  /** The address bound to. */
  ip: string;
  port: number;
}

/** How a UDP listen info is bound. */
export function udpPortOptionsFor(listenInfo: TransportListenInfo): UdpPortOptions {
  const { ip, port, portRange, flags, sendBufferSize, recvBufferSize } = listenInfo;
  return {
    ip,
    port,
    portRange,
    ipv6Only: flags?.ipv6Only,
    reusePort: flags?.udpReusePort,
    sendBufferSize,
    recvBufferSize,
  };
}

/**
 * Host candidates, most preferred first: an earlier listen info has the higher priority, and an announced address has
 * a higher one than the internal address behind it.
 */
export function iceCandidatesFor(bound: readonly BoundListenInfo[]): IceCandidate[] {
  const candidates: IceCandidate[] = [];
  const foundations: string[] = [];
  for (const { listenInfo, ip, port } of bound) {
    const { protocol } = listenInfo;
    const base = `${protocol} ${ip}`;
    if (!foundations.includes(base)) foundations.push(base);
    const foundation = `${protocol}${foundations.indexOf(base)}`;
    for (const address of exposedAddresses(listenInfo, ip)) {
      const priority = hostPriority(candidates.length);
      const candidate: IceCandidate = {
        foundation,
        priority,
        address,
        ip: address,
        port,
        type: 'host',
        protocol,
      };
      if (protocol === 'tcp') candidate.tcpType = 'passive';
      candidates.push(candidate);
    }
  }
  return candidates;
}

function exposedAddresses(listenInfo: TransportListenInfo, ip: string): string[] {
  const announced = listenInfo.announcedAddress ?? listenInfo.announcedIp;
  if (!announced) return [ip];
  return listenInfo.exposeInternalIp === true && announced !== ip ? [announced, ip] : [announced];
}

const HOST_TYPE_PREFERENCE = 126;
const COMPONENT_ID = 1;

/** RFC 8445 5.1.2.1; `rank` 0 is the most preferred. */
function hostPriority(rank: number): number {
  const localPreference = Math.max(0, 65535 - rank);
  return HOST_TYPE_PREFERENCE * 2 ** 24 + localPreference * 2 ** 8 + (256 - COMPONENT_ID);
}
