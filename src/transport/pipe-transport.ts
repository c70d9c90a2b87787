import { type SrtpParameters } from '../rtp/rtp-parameters.js';
import { type Router } from '../router/router.js';
import { type RtpTransport } from '../router/rtp-transport.js';
import { type TransportListenInfo } from './listen-info.js';
import { PlainTransport } from './plain-transport.js';
import { type TransportContext } from './transport-context.js';
import { type TransportTupleInfo } from './transport-tuple.js';

/** SSRCs at a time: a meeting of many, each with several encodings and their retransmissions. */
const MAX_SOURCES = 16_384;

export interface PipeTransportOptions {
  id: string;
  router: Router;
  context: TransportContext;
  listenInfo: TransportListenInfo;
  /** Its consumers answer NACKs; told in the dump alone, as it is negotiated for each consumer. */
  enableRtx: boolean;
  enableSrtp: boolean;
}

export interface PipeTransportInfo {
  tuple: TransportTupleInfo;
  srtpParameters?: SrtpParameters;
}

export interface PipeConnectOptions {
  ip: string;
  port: number;
  srtpParameters?: SrtpParameters;
}

/** From router to router: plain RTP to one known address, RTCP on the same port. */
export class PipeTransport {
  readonly id: string;

  /** @throws Error when the address cannot be bound */
  static async create(options: PipeTransportOptions): Promise<PipeTransport> {
    const plain = await PlainTransport.create({
      ...options,
      rtcpMux: true,
      comedia: false,
      srtpCryptoSuite: 'AEAD_AES_256_GCM',
      maxSources: MAX_SOURCES,
    });
    return new PipeTransport(plain, options);
  }

  private constructor(
    private readonly plain: PlainTransport,
    private readonly options: PipeTransportOptions,
  ) {
    this.id = options.id;
  }

  get rtp(): RtpTransport {
    return this.plain.rtp;
  }

  describe(): PipeTransportInfo {
    const { tuple, srtpParameters } = this.plain.describe();
    return { tuple, srtpParameters };
  }

  /**
   * @throws Error when called twice
   * @throws TypeError when an option is missing, not wanted or wrong
   */
  connect(options: PipeConnectOptions): void {
    this.plain.connect(options);
  }

  setMaxIncomingBitrate(bitrate: number): void {
    this.plain.setMaxIncomingBitrate(bitrate);
  }

  setMaxOutgoingBitrate(bitrate: number): void {
    this.plain.setMaxOutgoingBitrate(bitrate);
  }

  setMinOutgoingBitrate(bitrate: number): void {
    this.plain.setMinOutgoingBitrate(bitrate);
  }

  close(): void {
    this.plain.close();
  }

  dump(): object {
    const { rtcpMux: _rtcpMux, comedia: _comedia, ...dump } = this.plain.dump() as Record<string, unknown>;
    return { ...dump, type: 'pipe', rtx: this.options.enableRtx };
  }

  getStats(now: number): object[] {
    return (this.plain.getStats(now) as Record<string, unknown>[]).map(
      ({ rtcpMux: _rtcpMux, comedia: _comedia, rtcpTuple: _rtcpTuple, ...stats }) => ({
        ...stats,
        type: 'pipe-transport',
      }),
    );
  }
}
