import { IcePorts } from './ice-ports.js';
import { type TransportListenInfo } from './listen-info.js';

/** One or more ports that all WebRTC transports of a worker share. */
export class WebRtcServerPort {
  private constructor(
    readonly id: string,
    readonly ports: IcePorts,
  ) {}

  static async create(options: {
    id: string;
    listenInfos: readonly TransportListenInfo[];
  }): Promise<WebRtcServerPort> {
    return new WebRtcServerPort(options.id, await IcePorts.bind(options.listenInfos));
  }

  dump(): object {
    return { id: this.id, tcpServers: [], ...this.ports.dump() };
  }

  /** Its transports are closed by then. */
  close(): void {
    void this.ports.close();
  }
}
