import { randomUUID } from 'node:crypto';
import type { Channel } from '../worker/channel.js';
import type { Target } from '../worker/messages.js';
import { checkAppData, type AppData } from './app-data.js';
import { NotFoundError } from './errors.js';
import { PipeTransport, readPipeTransportOptions, type PipeTransportOptions } from './pipe-transport.js';
import { PlainTransport } from './plain-transport.js';
import { readPlainTransportOptions, type PlainTransportOptions } from './plain-transport-options.js';
import type { Transport } from './transport.js';
import type { TransportInit, TransportRouter } from './transport-init.js';
import { WebRtcTransport } from './webrtc-transport.js';
import { readWebRtcTransportOptions, type WebRtcTransportOptions } from './webrtc-transport-options.js';

interface RouterTransportsInit {
  channel: Channel;
  /** The router in the thread. */
  target: Target;
  /** The router as its transports see it. */
  router: TransportRouter;
  isClosed(): boolean;
  onNew(transport: Transport): void;
}

/** Makes the transports of one router, each in the thread and here, and holds them while they are open. */
export class RouterTransports {
  #transports = new Map<string, Transport>();

  constructor(private readonly init: RouterTransportsInit) {}

  async createWebRtc<Data extends AppData>(
    options: WebRtcTransportOptions<Data>,
  ): Promise<WebRtcTransport<Data>> {
    const settings = readWebRtcTransportOptions(options);
    const base = this.#base(options.appData);
    const { webRtcServer } = options;
    const state = await this.init.channel.request('router.createWebRtcTransport', this.init.target, {
      transportId: base.id,
      webRtcServerId: webRtcServer?.id,
      ...settings,
    });
    this.#checkOpen(base.id, webRtcServer?.closed);
    const transport = new WebRtcTransport<Data>({
      ...base,
      state,
      onClose: () => {
        base.onClose();
        webRtcServer?.releaseWebRtcTransport(transport);
      },
    });
    return this.#add(transport, () => webRtcServer?.handleWebRtcTransport(transport));
  }

  async createPlain<Data extends AppData>(
    options: PlainTransportOptions<Data>,
  ): Promise<PlainTransport<Data>> {
    const settings = readPlainTransportOptions(options);
    const base = this.#base(options.appData);
    const state = await this.init.channel.request('router.createPlainTransport', this.init.target, {
      transportId: base.id,
      ...settings,
    });
    this.#checkOpen(base.id);
    const { rtcpMux, comedia } = settings;
    return this.#add(new PlainTransport<Data>({ ...base, state, rtcpMux, comedia }));
  }

  async createPipe<Data extends AppData>(options: PipeTransportOptions<Data>): Promise<PipeTransport<Data>> {
    const settings = readPipeTransportOptions(options);
    const base = this.#base(options.appData);
    const state = await this.init.channel.request('router.createPipeTransport', this.init.target, {
      transportId: base.id,
      ...settings,
    });
    this.#checkOpen(base.id);
    return this.#add(new PipeTransport<Data>({ ...base, state, enableRtx: settings.enableRtx }));
  }

  routerClosed(): void {
    for (const transport of [...this.#transports.values()]) {
      transport.routerClosed();
    }
  }

  #base<Data extends AppData>(given: Data | undefined): TransportInit<Data> {
    const appData = checkAppData(given);
    const id = randomUUID();
    const { channel, router } = this.init;
    return { id, channel, router, appData, onClose: () => this.#transports.delete(id) };
  }

  /** @param enter makes it known elsewhere, before anybody hears of it */
  #add<Made extends Transport>(transport: Made, enter: () => void = () => {}): Made {
    this.#transports.set(transport.id, transport);
    enter();
    this.init.onNew(transport);
    return transport;
  }

  /**
   * The router, or the server, may have been closed while the thread was answering; then the thread has a transport that
   * nobody will ever hold.
   */
  #checkOpen(transportId: string, serverClosed = false): void {
    const closed = this.init.isClosed();
    if (closed || serverClosed) {
      this.init.channel.command('transport.close', { id: transportId });
      throw new NotFoundError(`the ${closed ? 'router' : 'webRtcServer'} was closed during the call`);
    }
  }
}
