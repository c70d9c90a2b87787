import { type RemoteTuple } from './remote-tuple.js';

/** How mediasoup shows a pair of addresses. */
export interface TransportTupleInfo {
  /** @deprecated the older name of `localAddress`. */
  localIp: string;
  localAddress: string;
  localPort: number;
  remoteIp?: string;
  remotePort?: number;
  protocol: 'udp' | 'tcp';
}

/** @param announced what clients are told instead of the address that the socket is bound to */
export function describeTuple(tuple: RemoteTuple, announced: string | undefined): TransportTupleInfo {
  const localAddress = announced ?? tuple.localPort.ip;
  return {
    localIp: localAddress,
    localAddress,
    localPort: tuple.localPort.port,
    remoteIp: tuple.address,
    remotePort: tuple.port,
    protocol: tuple.localPort.protocol,
  };
}
