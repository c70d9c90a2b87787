import type {
  HostConsumer,
  HostPipeTransport,
  HostPlainTransport,
  HostProducer,
  HostRouter,
  HostRtpObserver,
  HostTransport,
  HostWebRtcServer,
  HostWebRtcTransport,
} from './core.js';
import type { Target } from './messages.js';
import { CodedError } from './wire-error.js';

/** A transport with what must be known about its surroundings. */
export interface TransportEntry {
  transport: HostTransport;
  routerId: string;
  /** Empty without a WebRtcServer. */
  webRtcServerId: string;
  webRtc?: HostWebRtcTransport;
  plain?: HostPlainTransport;
  pipe?: HostPipeTransport;
}

interface RtpObserverEntry {
  observer: HostRtpObserver;
  routerId: string;
}

/**
 * What there is in a worker, and what goes down with what: worker -> routers, servers -> transports, observers. Producers and
 * consumers are looked up in their transport. Finding what is not there throws a `NotFoundError` for the application;
 * closing it does nothing.
 */
export class EntityTree {
  readonly #routers = new Map<string, HostRouter>();
  readonly #servers = new Map<string, HostWebRtcServer>();
  readonly #transports = new Map<string, TransportEntry>();
  readonly #rtpObservers = new Map<string, RtpObserverEntry>();

  constructor(private readonly now: () => number) {}

  get routerIds(): string[] {
    return [...this.#routers.keys()];
  }

  get serverIds(): string[] {
    return [...this.#servers.keys()];
  }

  transportIdsOfServer(id: string): string[] {
    const entries = [...this.#transports.values()].filter(({ webRtcServerId }) => webRtcServerId === id);
    return entries.map(({ transport }) => transport.id);
  }

  addRouter(router: HostRouter): void {
    this.#routers.set(router.id, router);
  }

  addServer(id: string, server: HostWebRtcServer): void {
    this.#servers.set(id, server);
  }

  /** Its router or server may have been closed while the sockets were being opened. */
  addTransport(entry: TransportEntry): void {
    const { transport, routerId, webRtcServerId } = entry;
    if (!this.#routers.has(routerId) || (webRtcServerId !== '' && !this.#servers.has(webRtcServerId))) {
      transport.close();
      throw notFound(this.#routers.has(routerId) ? 'WebRtcServer' : 'Router', webRtcServerId || routerId);
    }
    this.#transports.set(transport.id, entry);
  }

  addRtpObserver(observer: HostRtpObserver, routerId: string): void {
    this.#rtpObservers.set(observer.id, { observer, routerId });
  }

  router(id: string): HostRouter {
    return found(this.#routers.get(id), 'Router', id);
  }

  server(id: string): HostWebRtcServer {
    return found(this.#servers.get(id), 'WebRtcServer', id);
  }

  transport(id: string): TransportEntry {
    return found(this.#transports.get(id), 'Transport', id);
  }

  rtpObserver(id: string): HostRtpObserver {
    return found(this.#rtpObservers.get(id), 'RtpObserver', id).observer;
  }

  producer(target: Target): HostProducer {
    return found(this.#rtpOf(target)?.producers.get(target.id), 'Producer', target.id);
  }

  consumer(target: Target): HostConsumer {
    return found(this.#rtpOf(target)?.consumers.get(target.id), 'Consumer', target.id);
  }

  /** What is told of a producer finds its object by the id alone, in whatever router it is. */
  checkProducerId(id: string): void {
    for (const { transport } of this.#transports.values()) {
      if (transport.rtp.producers.has(id)) {
        throw new Error(`a Producer with same id "${id}" already exists in this worker`);
      }
    }
  }

  close(): void {
    for (const routerId of this.routerIds) {
      this.closeRouter(routerId);
    }
    for (const serverId of this.serverIds) {
      this.closeServer(serverId);
    }
  }

  closeRouter(id: string): void {
    const router = this.#routers.get(id);
    if (!router) {
      return;
    }
    for (const [transportId, { routerId }] of this.#transports) {
      if (routerId === id) {
        this.closeTransport(transportId);
      }
    }
    for (const [observerId, { routerId }] of this.#rtpObservers) {
      if (routerId === id) {
        this.closeRtpObserver(observerId);
      }
    }
    this.#routers.delete(id);
    router.close(this.now());
  }

  closeServer(id: string): void {
    const server = this.#servers.get(id);
    if (!server) {
      return;
    }
    for (const transportId of this.transportIdsOfServer(id)) {
      this.closeTransport(transportId);
    }
    this.#servers.delete(id);
    server.close();
  }

  closeTransport(id: string): void {
    const entry = this.#transports.get(id);
    if (!entry) {
      return;
    }
    this.#transports.delete(id);
    entry.transport.close();
  }

  closeRtpObserver(id: string): void {
    this.#rtpObservers.get(id)?.observer.close();
    this.#rtpObservers.delete(id);
  }

  closeProducer(target: Target): void {
    this.#rtpOf(target)?.closeProducer(this.now(), target.id);
  }

  closeConsumer(target: Target): void {
    this.#rtpOf(target)?.closeConsumer(this.now(), target.id);
  }

  #rtpOf(target: Target): HostTransport['rtp'] | undefined {
    return this.#transports.get(target.transportId ?? '')?.transport.rtp;
  }
}

function found<Entity>(entity: Entity | undefined, kind: string, id: string): Entity {
  if (entity === undefined) {
    throw notFound(kind, id);
  }
  return entity;
}

export function notFound(kind: string, id: string): CodedError {
  return new CodedError(
    'NotFoundError',
    `${kind} with id "${id}" not found: it was closed, or is of another worker`,
  );
}
