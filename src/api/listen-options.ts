import { isIP } from 'node:net';
import type { TransportListenInfo, TransportProtocol } from '../worker/entity-types.js';
import { UnsupportedError } from './errors.js';
import { Fields } from './ortc/fields.js';

/** Older form of a listen info. */
export interface TransportListenIp {
  /** Local IPv4 or IPv6 address to bind. */
  ip: string;
  /** IPv4, IPv6 or hostname given to the remote in place of `ip`. */
  announcedIp?: string;
}

const MAX_BUFFER_BYTES = 2 ** 31 - 1;

/**
 * A checked copy, with the newer names only.
 *
 * @throws TypeError that names the field.
 */
export function readListenInfo(info: unknown, place: string): TransportListenInfo {
  const fields = new Fields(info, 'listenInfo', place);
  const flags = fields.optionalObject('flags');
  const range = fields.optionalObject('portRange');
  return {
    protocol: fields.oneOf('protocol', ['udp', 'tcp'] as const),
    ip: readIp(fields, 'ip'),
    announcedAddress: fields.optionalString('announcedAddress') ?? fields.optionalString('announcedIp'),
    exposeInternalIp: fields.boolean('exposeInternalIp', false),
    port: fields.optionalInteger('port', 0, 65535),
    portRange: range === null ? undefined : readPortRange(range),
    flags:
      flags === null
        ? undefined
        : { ipv6Only: flags.boolean('ipv6Only', false), udpReusePort: flags.boolean('udpReusePort', false) },
    sendBufferSize: fields.optionalInteger('sendBufferSize', 0, MAX_BUFFER_BYTES),
    recvBufferSize: fields.optionalInteger('recvBufferSize', 0, MAX_BUFFER_BYTES),
  };
}

/**
 * The UDP ones of a list; TCP ones beside them are left out.
 *
 * @throws UnsupportedError when all are TCP.
 */
export function readListenInfos(options: Fields, key: string): TransportListenInfo[] {
  return udpOnly(options.list(key, readListenInfo), options, key);
}

/** Listen infos out of the older `listenIps` and `port`. */
export function readListenIps(
  options: Fields,
  key: string,
  protocol: TransportProtocol,
): TransportListenInfo[] {
  const port = options.optionalInteger('port', 0, 65535);
  return udpOnly(
    options.list(key, (listenIp, place) => readListenIp(listenIp, place, protocol, port)),
    options,
    key,
  );
}

export function readListenIp(
  listenIp: unknown,
  place: string,
  protocol: TransportProtocol,
  port: number | undefined,
): TransportListenInfo {
  const fields = new Fields(typeof listenIp === 'string' ? { ip: listenIp } : listenIp, 'listenIp', place);
  return { protocol, ip: readIp(fields, 'ip'), announcedAddress: fields.optionalString('announcedIp'), port };
}

/**
 * The one place where a transport listens, out of `listenInfo` or the older `listenIp` and `port`.
 *
 * @param who for messages, such as `a PlainTransport`
 */
export function readOneListenInfo(
  fields: Fields,
  { listenInfo, listenIp }: { listenInfo?: unknown; listenIp?: unknown },
  who: string,
): TransportListenInfo {
  if (Boolean(listenInfo) === Boolean(listenIp)) {
    throw new TypeError(
      `one of options.listenInfo and options.listenIp is required, got ${listenInfo ? 'both' : 'none'}`,
    );
  }
  return listenInfo
    ? refuseTcp(readListenInfo(listenInfo, 'options.listenInfo'), who)
    : readListenIp(listenIp, 'options.listenIp', 'udp', fields.optionalInteger('port', 0, 65535));
}

export function refuseTcp(info: TransportListenInfo, who: string): TransportListenInfo {
  if (info.protocol !== 'udp') {
    throw new UnsupportedError(`${who} listens on UDP only: set protocol to 'udp'`);
  }
  return info;
}

/** An IPv4 or IPv6 literal. */
export function readIp(fields: Fields, key: string): string {
  const ip = fields.string(key);
  return isIP(ip) === 0 ? fields.fail(key, 'an IPv4 or IPv6 address, not a host name') : ip;
}

function readPortRange(range: Fields): { min: number; max: number } {
  const min = range.integer('min', 0, 65535);
  return { min, max: range.integer('max', min, 65535) };
}

function udpOnly(infos: TransportListenInfo[], options: Fields, key: string): TransportListenInfo[] {
  if (infos.length === 0) {
    return options.fail(key, 'at least one entry');
  }
  const udp = infos.filter(({ protocol }) => protocol === 'udp');
  if (udp.length === 0) {
    throw new UnsupportedError(`${key}: TCP alone is not supported, add a listen info with protocol 'udp'`);
  }
  return udp;
}

/** Data channels need SCTP over the transport, which does not exist yet. */
export function refuseSctp(fields: Fields): void {
  if (fields.boolean('enableSctp', false)) {
    throw new UnsupportedError('enableSctp: data channels are not supported yet, leave it at false');
  }
}
