import type { SrtpCryptoSuite } from '../rtp/rtp-parameters.js';
import type { TransportListenInfo } from '../worker/entity-types.js';
import type { CreatePlainTransport } from '../worker/messages.js';
import type { AppData } from './app-data.js';
import {
  readListenInfo,
  readOneListenInfo,
  refuseSctp,
  refuseTcp,
  type TransportListenIp,
} from './listen-options.js';
import { Fields } from './ortc/fields.js';

export const srtpCryptoSuites: readonly SrtpCryptoSuite[] = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
];

export interface PlainTransportOptions<PlainTransportAppData extends AppData = AppData> {
  /** Where to listen for RTP (and RTCP). It or `listenIp` is required. */
  listenInfo?: TransportListenInfo;
  /** Where to listen for RTCP when `rtcpMux` is false. Default: as `listenInfo`, on another port. */
  rtcpListenInfo?: TransportListenInfo;
  /** Older form of `listenInfo`. */
  listenIp?: TransportListenIp | string;
  /** With `listenIp`: fixed port. Default: a free one of the worker's range. */
  port?: number;
  /** RTP and RTCP on one port. Default true. */
  rtcpMux?: boolean;
  /** Learn the remote address from the first packet instead of from `connect()`. Default false. */
  comedia?: boolean;
  /** Then `connect()` must be called with the remote's SRTP parameters. Default false. */
  enableSrtp?: boolean;
  /** Default 'AES_CM_128_HMAC_SHA1_80'. */
  srtpCryptoSuite?: SrtpCryptoSuite;
  /** Data channels are not supported yet: true throws `UnsupportedError`. Default false. */
  enableSctp?: boolean;
  appData?: PlainTransportAppData;
}

/** The checked options of `router.createPlainTransport()`, defaults filled in. */
export function readPlainTransportOptions(
  options: PlainTransportOptions,
): Omit<CreatePlainTransport, 'transportId'> {
  const fields = new Fields(options, 'options');
  refuseSctp(fields);
  const { rtcpListenInfo } = options;
  return {
    listenInfo: readOneListenInfo(fields, options, 'a PlainTransport'),
    rtcpListenInfo:
      rtcpListenInfo &&
      refuseTcp(readListenInfo(rtcpListenInfo, 'options.rtcpListenInfo'), 'a PlainTransport'),
    rtcpMux: fields.boolean('rtcpMux', true),
    comedia: fields.boolean('comedia', false),
    enableSrtp: fields.boolean('enableSrtp', false),
    srtpCryptoSuite: fields.oneOf('srtpCryptoSuite', srtpCryptoSuites, 'AES_CM_128_HMAC_SHA1_80'),
  };
}
