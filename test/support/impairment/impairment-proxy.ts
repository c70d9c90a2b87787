import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Test } from 'tap';
import { ImpairedLink, type LinkCounters, type LinkSettings } from './impaired-link.js';

export interface ProxySettings {
  /** Where the server listens, on 127.0.0.1. */
  serverPort: number;
  toServer?: Partial<LinkSettings>;
  toClient?: Partial<LinkSettings>;
  /** Of the random losses and the jitter. Default 1. */
  seed?: number;
}

interface Datagram {
  bytes: Buffer;
  client: Client;
}

/** One address that sent us something. */
interface Client {
  port: number;
  upstream: Socket;
}

/** The kernel must not lose what the link was told to carry. */
const BUFFER_BYTES = 1 << 20;

/**
 * A bad network on loopback, in real time: clients send to `port` instead of the server's. All clients share the two
 * links, one per direction. Each client has its own socket towards the server, which so sees as many addresses as there are.
 */
export class ImpairmentProxy {
  readonly #links: { toServer: ImpairedLink<Datagram>; toClient: ImpairedLink<Datagram> };
  readonly #clients = new Map<number, Client>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  #closed = false;

  private constructor(
    private readonly socket: Socket,
    private readonly serverPort: number,
    settings: ProxySettings,
  ) {
    const seed = settings.seed ?? 1;
    this.#links = {
      toServer: new ImpairedLink(settings.toServer, seed),
      toClient: new ImpairedLink(settings.toClient, seed + 1),
    };
    socket.on('message', (bytes, { port }) => this.#fromClient(bytes, port));
  }

  /** Closed when the test ends. */
  static async open(t: Test, settings: ProxySettings): Promise<ImpairmentProxy> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: BUFFER_BYTES, sendBufferSize: BUFFER_BYTES });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const proxy = new ImpairmentProxy(socket, settings.serverPort, settings);
    t.teardown(() => proxy.close());
    return proxy;
  }

  /** What clients take for the server's, on 127.0.0.1. */
  get port(): number {
    return this.socket.address().port;
  }

  get toServer(): Readonly<LinkCounters> {
    return this.#links.toServer.counters;
  }

  get toClient(): Readonly<LinkCounters> {
    return this.#links.toClient.counters;
  }

  /** How long a datagram to the client would wait at the bottleneck now, in milliseconds. */
  get queueTime(): number {
    return this.#links.toClient.queueTime(performance.now());
  }

  change(direction: 'toServer' | 'toClient', settings: Partial<LinkSettings>): void {
    this.#links[direction].change(performance.now(), settings);
    this.#run();
  }

  /** Both directions at once: no datagram gets through until it is switched off. */
  set outage(outage: boolean) {
    this.change('toServer', { outage });
    this.change('toClient', { outage });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.socket.close();
    for (const { upstream } of this.#clients.values()) upstream.close();
  }

  #fromClient(bytes: Buffer, port: number): void {
    const client = this.#clients.get(port) ?? this.#admit(port);
    this.#links.toServer.push(performance.now(), { bytes, client }, bytes.length);
    this.#run();
  }

  #admit(port: number): Client {
    const upstream = createSocket({
      type: 'udp4',
      recvBufferSize: BUFFER_BYTES,
      sendBufferSize: BUFFER_BYTES,
    });
    const client: Client = { port, upstream };
    upstream.on('message', (bytes) => {
      this.#links.toClient.push(performance.now(), { bytes, client }, bytes.length);
      this.#run();
    });
    upstream.on('error', () => {}); // the server is gone: so are the datagrams
    this.#clients.set(port, client);
    return client;
  }

  /** Delivers what is due and sets the timer for the rest. */
  #run(): void {
    if (this.#closed) return;
    const now = performance.now();
    const { toServer, toClient } = this.#links;
    toServer.run(now, ({ bytes, client }) => client.upstream.send(bytes, this.serverPort, '127.0.0.1'));
    toClient.run(now, ({ bytes, client }) => this.socket.send(bytes, client.port, '127.0.0.1'));
    const next = Math.min(toServer.next, toClient.next);
    if (next >= this.#timerAt && this.#timerAt > now) return;
    clearTimeout(this.#timer);
    this.#timerAt = next;
    if (next === Infinity) return;
    // The smallest timer that Node has is one millisecond; what is due within it leaves together.
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.#run();
    }, next - now);
  }
}
