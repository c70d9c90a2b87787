import type { TransportListenInfo } from '../worker/entity-types.js';
import type { CreateWebRtcTransport } from '../worker/messages.js';
import type { AppData } from './app-data.js';
import { NotFoundError, UnsupportedError } from './errors.js';
import { readListenInfos, readListenIps, refuseSctp, type TransportListenIp } from './listen-options.js';
import { Fields } from './ortc/fields.js';
import { WebRtcServer } from './webrtc-server.js';

export interface WebRtcTransportOptions<WebRtcTransportAppData extends AppData = AppData> {
  /** Share the server's ports. One of `webRtcServer`, `listenInfos` and `listenIps` is required. */
  webRtcServer?: WebRtcServer;
  /** Ports of this transport's own, the preferred one first. */
  listenInfos?: TransportListenInfo[];
  /** Older form of `listenInfos`. */
  listenIps?: (TransportListenIp | string)[];
  /** With `listenIps`: fixed port. Default: a free one of the worker's range. */
  port?: number;
  /** Default true. */
  enableUdp?: boolean;
  /** Accepted, but candidates are UDP for now. Default false. */
  enableTcp?: boolean;
  /** Accepted; UDP is the only choice for now. Default false. */
  preferUdp?: boolean;
  /** Accepted; UDP is the only choice for now. Default false. */
  preferTcp?: boolean;
  /** Seconds without consent (RFC 7675) until 'disconnected'; 0 = never. Default 30. */
  iceConsentTimeout?: number;
  /** bps, where the bandwidth estimate starts. Default 600000. */
  initialAvailableOutgoingBitrate?: number;
  /** Data channels are not supported yet: true throws `UnsupportedError`. Default false. */
  enableSctp?: boolean;
  appData?: WebRtcTransportAppData;
}

const MAX_CONSENT_TIMEOUT_S = 3600;
const MAX_BITRATE = 2 ** 32 - 1;

/** The checked options of `router.createWebRtcTransport()`, defaults filled in; the server's id is added by the caller. */
export function readWebRtcTransportOptions(
  options: WebRtcTransportOptions,
): Omit<CreateWebRtcTransport, 'transportId' | 'webRtcServerId'> {
  const fields = new Fields(options, 'options');
  refuseSctp(fields);
  for (const key of ['preferUdp', 'preferTcp']) {
    fields.boolean(key, false);
  }
  const given = (['webRtcServer', 'listenInfos', 'listenIps'] as const).filter((key) => options[key]);
  if (given.length !== 1) {
    throw new TypeError(
      `one of options.webRtcServer, options.listenInfos and options.listenIps is required, got ${given.join(' and ') || 'none'}`,
    );
  }
  const enableUdp = fields.boolean('enableUdp', true);
  const enableTcp = fields.boolean('enableTcp', given[0] === 'webRtcServer');
  // Listen infos name their protocols themselves.
  if (!enableUdp && given[0] !== 'listenInfos') {
    if (!enableTcp) {
      throw new TypeError('invalid options.enableUdp: expected true, as enableTcp is false too');
    }
    throw new UnsupportedError(
      'enableTcp without enableUdp: TCP alone is not supported, leave enableUdp at true',
    );
  }
  return {
    listenInfos: readListen(fields, given[0], options),
    iceConsentTimeout: fields.optionalInteger('iceConsentTimeout', 0, MAX_CONSENT_TIMEOUT_S) ?? 30,
    initialAvailableOutgoingBitrate:
      fields.optionalInteger('initialAvailableOutgoingBitrate', 0, MAX_BITRATE) ?? 600_000,
  };
}

function readListen(
  fields: Fields,
  given: 'webRtcServer' | 'listenInfos' | 'listenIps',
  { webRtcServer }: WebRtcTransportOptions,
): TransportListenInfo[] | undefined {
  if (given === 'listenInfos') {
    return readListenInfos(fields, 'listenInfos');
  }
  if (given === 'listenIps') {
    return readListenIps(fields, 'listenIps', 'udp');
  }
  if (!(webRtcServer instanceof WebRtcServer)) {
    return fields.fail('webRtcServer', 'what worker.createWebRtcServer() returned');
  }
  if (webRtcServer.closed) {
    throw new NotFoundError('options.webRtcServer is closed');
  }
  return undefined;
}
