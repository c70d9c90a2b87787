import type {
  CoreFactory,
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
import { sharedParameters } from '../rtp/shared-parameters.js';
import type { WorkerLogTag } from './entity-types.js';
import { resolveListenInfo } from './listen-ports.js';
import type {
  CommandMessage,
  MessageFromThread,
  MessageToThread,
  RequestMap,
  RequestMessage,
  RequestMethod,
  Target,
  ThreadSettings,
} from './messages.js';
import { threadResourceUsage } from './resource-usage.js';
import { CodedError, encodeError } from './wire-error.js';

/** A transport with what the host must know about its surroundings. */
interface TransportEntry {
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

/** A request without an answer's data is handled by a function that returns nothing. */
type Answer<Response> = Response extends undefined ? void : Response;

type Handler<Method extends RequestMethod> = (
  target: Target,
  data: RequestMap[Method]['data'],
) => Answer<RequestMap[Method]['response']> | Promise<Answer<RequestMap[Method]['response']>>;

type Handlers = { [Method in RequestMethod]: Handler<Method> };

export interface WorkerHostOptions {
  settings: ThreadSettings;
  core: CoreFactory;
  now(): number;
  post(message: MessageFromThread): void;
  /** Called after each message: packets may wait in the outgoing batch, deadlines may have moved. */
  endTurn(): void;
  /** New log settings. */
  updateLog(settings: Pick<ThreadSettings, 'logLevel' | 'logTags'>): void;
  log(level: 'debug' | 'warn', tag: WorkerLogTag, text: string): void;
}

/**
 * The thread's side of the control channel: finds the object a message is for, drives it, answers.
 * Holds the tree worker -> routers, servers -> transports, observers; producers and consumers are looked up in their
 * transport.
 */
export class WorkerHost {
  #options: WorkerHostOptions;
  #routers = new Map<string, HostRouter>();
  #servers = new Map<string, HostWebRtcServer>();
  #transports = new Map<string, TransportEntry>();
  #rtpObservers = new Map<string, RtpObserverEntry>();
  #handling = false;
  #held: MessageFromThread[] = [];

  constructor(options: WorkerHostOptions) {
    this.#options = options;
  }

  /** Any message of the API; a malformed one is a broken invariant and throws. */
  receive(message: MessageToThread): void {
    if (message.kind === 'command') {
      this.#command(message);
      this.#options.endTurn();
      return;
    }
    const handler = this.#handlers[message.method] as Handler<RequestMethod> | undefined;
    if (!handler) {
      throw new Error(`worker thread: unknown request '${String(message.method)}'`);
    }
    let result: unknown;
    this.#handling = true;
    try {
      result = handler(message.target, message.data);
    } catch (error) {
      this.#refuse(message, error);
      return;
    }
    this.#handling = false;
    if (result instanceof Promise) {
      result.then(
        (data: unknown) => this.#answer(message, data),
        (error: unknown) => this.#refuse(message, error),
      );
    } else {
      this.#answer(message, result);
    }
  }

  /**
   * An event of the core. What a request brings about goes behind its answer: before it, the application's object
   * may not exist.
   */
  notify(targetId: string, event: string, data?: unknown): void {
    const message: MessageFromThread = { kind: 'notification', targetId, event, data };
    if (this.#handling) {
      this.#held.push(message);
    } else {
      this.#options.post(message);
    }
  }

  /** Closes everything that was made. */
  close(): void {
    for (const routerId of [...this.#routers.keys()]) {
      this.#closeRouter(routerId);
    }
    for (const serverId of [...this.#servers.keys()]) {
      this.#closeServer(serverId);
    }
    this.#options.endTurn();
  }

  #answer({ id, method, target }: RequestMessage, data: unknown): void {
    this.#respond({ kind: 'response', id, data });
    this.#options.log('debug', 'info', `${method} ${target.id}: done`);
  }

  #refuse({ id, method, target }: RequestMessage, thrown: unknown): void {
    const error = encodeError(thrown);
    this.#respond({ kind: 'response', id, error });
    this.#options.log('warn', 'info', `${method} ${target.id} failed: ${error.name}: ${error.message}`);
  }

  #respond(response: MessageFromThread): void {
    this.#handling = false;
    this.#options.post(response);
    for (const message of this.#held.splice(0)) {
      this.#options.post(message);
    }
    this.#options.endTurn();
  }

  #handlers: Handlers = {
    'worker.dump': () => ({
      webRtcServerIds: [...this.#servers.keys()],
      routerIds: [...this.#routers.keys()],
    }),
    'worker.getResourceUsage': () => threadResourceUsage(),
    'worker.updateSettings': (_target, data) => {
      const { settings } = this.#options;
      settings.logLevel = data.logLevel ?? settings.logLevel;
      settings.logTags = data.logTags ?? settings.logTags;
      this.#options.updateLog(settings);
    },
    'worker.createWebRtcServer': async (_target, { webRtcServerId, listenInfos }) => {
      const infos = listenInfos.map((info) => resolveListenInfo(info, this.#options.settings));
      this.#servers.set(webRtcServerId, await this.#options.core.createWebRtcServer(webRtcServerId, infos));
    },
    'worker.createRouter': (_target, { routerId }) => {
      const router = this.#options.core.createRouter(routerId);
      this.#routers.set(routerId, router);
    },

    'webRtcServer.dump': (target) => ({
      ...this.#server(target.id).dump(),
      webRtcTransportIds: [...this.#transports.values()]
        .filter((entry) => entry.webRtcServerId === target.id)
        .map((entry) => entry.transport.id),
    }),

    'router.dump': (target) => this.#router(target.id).dump(),
    'router.createWebRtcTransport': async (target, data) => {
      const router = this.#router(target.id);
      const server = data.webRtcServerId === undefined ? undefined : this.#server(data.webRtcServerId);
      const listenInfos = data.listenInfos?.map((info) => resolveListenInfo(info, this.#options.settings));
      const webRtc = await this.#options.core.createWebRtcTransport(router, server, { ...data, listenInfos });
      this.#addTransport({
        transport: webRtc,
        webRtc,
        routerId: router.id,
        webRtcServerId: data.webRtcServerId ?? '',
      });
      return webRtc.describe();
    },
    'router.createPlainTransport': async (target, data) => {
      const router = this.#router(target.id);
      const listenInfo = resolveListenInfo(data.listenInfo, this.#options.settings);
      const rtcpListenInfo =
        data.rtcpListenInfo && resolveListenInfo(data.rtcpListenInfo, this.#options.settings);
      const plain = await this.#options.core.createPlainTransport(router, {
        ...data,
        listenInfo,
        rtcpListenInfo,
      });
      this.#addTransport({ transport: plain, plain, routerId: router.id, webRtcServerId: '' });
      return plain.describe();
    },
    'router.createPipeTransport': async (target, data) => {
      const router = this.#router(target.id);
      const listenInfo = resolveListenInfo(data.listenInfo, this.#options.settings);
      const pipe = await this.#options.core.createPipeTransport(router, { ...data, listenInfo });
      this.#addTransport({ transport: pipe, pipe, routerId: router.id, webRtcServerId: '' });
      return pipe.describe();
    },

    'router.createAudioLevelObserver': (target, data) => {
      const observer = this.#options.core.createAudioLevelObserver(this.#router(target.id), data);
      this.#rtpObservers.set(observer.id, { observer, routerId: target.id });
    },
    'router.createActiveSpeakerObserver': (target, data) => {
      const observer = this.#options.core.createActiveSpeakerObserver(this.#router(target.id), data);
      this.#rtpObservers.set(observer.id, { observer, routerId: target.id });
    },

    'rtpObserver.pause': (target) => this.#rtpObserver(target.id).pause(),
    'rtpObserver.resume': (target) => this.#rtpObserver(target.id).resume(this.#options.now()),
    'rtpObserver.addProducer': (target, { producerId }) => {
      if (!this.#rtpObserver(target.id).addProducer(this.#options.now(), producerId)) {
        throw notFound('Producer', producerId);
      }
    },
    'rtpObserver.removeProducer': (target, { producerId }) =>
      this.#rtpObserver(target.id).removeProducer(producerId),

    'transport.dump': (target) => this.#transport(target.id).transport.dump(),
    'transport.getStats': (target) => this.#transport(target.id).transport.getStats(this.#options.now()),
    'transport.connectWebRtc': (target, data) =>
      specific(this.#transport(target.id).webRtc, target.id).connect(data.dtlsParameters),
    'transport.restartIce': (target) => specific(this.#transport(target.id).webRtc, target.id).restartIce(),
    'transport.connectPlain': (target, data) => {
      const transport = specific(this.#transport(target.id).plain, target.id);
      transport.connect(data);
      return transport.describe();
    },
    'transport.connectPipe': (target, data) => {
      const transport = specific(this.#transport(target.id).pipe, target.id);
      transport.connect(data);
      return transport.describe();
    },
    'transport.setMaxIncomingBitrate': (target, { bitrate }) => {
      this.#transport(target.id).transport.setMaxIncomingBitrate(bitrate);
    },
    'transport.setMaxOutgoingBitrate': (target, { bitrate }) => {
      this.#transport(target.id).transport.setMaxOutgoingBitrate(bitrate);
    },
    'transport.setMinOutgoingBitrate': (target, { bitrate }) => {
      this.#transport(target.id).transport.setMinOutgoingBitrate(bitrate);
    },
    'transport.enableTraceEvent': (target, { types }) => {
      this.#transport(target.id).transport.rtp.enableTraceEvent(types);
    },
    'transport.produce': (target, settings) => {
      const { rtp } = this.#transport(target.id).transport;
      this.#checkProducerId(settings.id);
      rtp.produce(this.#options.now(), settings);
    },
    'transport.consume': (target, wanted) => {
      const settings = {
        ...wanted,
        rtpParameters: sharedParameters.share(wanted.rtpParameters),
        consumableRtpEncodings: sharedParameters.part(wanted.consumableRtpEncodings),
      };
      const { rtp } = this.#transport(target.id).transport;
      const now = this.#options.now();
      const consumer = settings.type === 'pipe' ? rtp.consumeAll(now, settings) : rtp.consume(now, settings);
      const { paused, producerPaused, score, preferredLayers } = consumer;
      return { paused, producerPaused, score, preferredLayers };
    },

    'producer.dump': (target) => this.#producer(target).dump(),
    'producer.getStats': (target) => this.#producer(target).getStats(this.#options.now()),
    'producer.pause': (target) => this.#producer(target).pause(this.#options.now()),
    'producer.resume': (target) => this.#producer(target).resume(this.#options.now()),
    'producer.enableTraceEvent': (target, { types }) => this.#producer(target).enableTraceEvent(types),

    'consumer.dump': (target) => this.#consumer(target).dump(),
    'consumer.getStats': (target) => this.#consumer(target).getStats(this.#options.now()),
    'consumer.pause': (target) => this.#consumer(target).pause(this.#options.now()),
    'consumer.resume': (target) => this.#consumer(target).resume(this.#options.now()),
    'consumer.setPreferredLayers': (target, layers) =>
      this.#consumer(target).setPreferredLayers(this.#options.now(), layers),
    'consumer.setWantedEncodings': (target, { wanted }) =>
      this.#consumer(target).setWantedEncodings?.(this.#options.now(), wanted),
    'consumer.setPriority': (target, { priority }) =>
      this.#consumer(target).setPriority(this.#options.now(), priority),
    'consumer.requestKeyFrame': (target) => this.#consumer(target).requestKeyFrame(this.#options.now()),
    'consumer.enableTraceEvent': (target, { types }) => this.#consumer(target).enableTraceEvent(types),
  };

  #command({ command, target }: CommandMessage): void {
    switch (command) {
      case 'worker.close':
        return this.close();
      case 'webRtcServer.close':
        return this.#closeServer(target.id);
      case 'router.close':
        return this.#closeRouter(target.id);
      case 'rtpObserver.close':
        return this.#closeRtpObserver(target.id);
      case 'transport.close':
        return this.#closeTransport(target.id);
      case 'producer.close':
        return this.#rtpOf(target)?.closeProducer(this.#options.now(), target.id);
      case 'consumer.close':
        return this.#rtpOf(target)?.closeConsumer(this.#options.now(), target.id);
    }
  }

  /** Its router or server may have been closed while the sockets were being opened. */
  #addTransport(entry: TransportEntry): void {
    const { transport, routerId, webRtcServerId } = entry;
    if (!this.#routers.has(routerId) || (webRtcServerId !== '' && !this.#servers.has(webRtcServerId))) {
      transport.close();
      throw notFound(this.#routers.has(routerId) ? 'WebRtcServer' : 'Router', webRtcServerId || routerId);
    }
    this.#transports.set(transport.id, entry);
  }

  #closeRouter(id: string): void {
    const router = this.#routers.get(id);
    if (!router) {
      return;
    }
    for (const [transportId, { routerId }] of this.#transports) {
      if (routerId === id) {
        this.#closeTransport(transportId);
      }
    }
    for (const [observerId, { routerId }] of this.#rtpObservers) {
      if (routerId === id) {
        this.#closeRtpObserver(observerId);
      }
    }
    this.#routers.delete(id);
    router.close(this.#options.now());
  }

  #closeServer(id: string): void {
    const server = this.#servers.get(id);
    if (!server) {
      return;
    }
    for (const [transportId, { webRtcServerId }] of this.#transports) {
      if (webRtcServerId === id) {
        this.#closeTransport(transportId);
      }
    }
    this.#servers.delete(id);
    server.close();
  }

  #closeTransport(id: string): void {
    const entry = this.#transports.get(id);
    if (!entry) {
      return;
    }
    this.#transports.delete(id);
    entry.transport.close();
  }

  #closeRtpObserver(id: string): void {
    this.#rtpObservers.get(id)?.observer.close();
    this.#rtpObservers.delete(id);
  }

  /** What is told of a producer finds its object by the id alone, in whatever router it is. */
  #checkProducerId(id: string): void {
    for (const { transport } of this.#transports.values()) {
      if (transport.rtp.producers.has(id)) {
        throw new Error(`a Producer with same id "${id}" already exists in this worker`);
      }
    }
  }

  #router(id: string): HostRouter {
    return found(this.#routers.get(id), 'Router', id);
  }

  #server(id: string): HostWebRtcServer {
    return found(this.#servers.get(id), 'WebRtcServer', id);
  }

  #transport(id: string): TransportEntry {
    return found(this.#transports.get(id), 'Transport', id);
  }

  #rtpObserver(id: string): HostRtpObserver {
    return found(this.#rtpObservers.get(id), 'RtpObserver', id).observer;
  }

  #rtpOf(target: Target): HostTransport['rtp'] | undefined {
    return this.#transports.get(target.transportId ?? '')?.transport.rtp;
  }

  #producer(target: Target): HostProducer {
    return found(this.#rtpOf(target)?.producers.get(target.id), 'Producer', target.id);
  }

  #consumer(target: Target): HostConsumer {
    return found(this.#rtpOf(target)?.consumers.get(target.id), 'Consumer', target.id);
  }
}

function found<Entity>(entity: Entity | undefined, kind: string, id: string): Entity {
  if (entity === undefined) {
    throw notFound(kind, id);
  }
  return entity;
}

function notFound(kind: string, id: string): CodedError {
  return new CodedError(
    'NotFoundError',
    `${kind} with id "${id}" not found: it was closed, or is of another worker`,
  );
}

function specific<Transport>(transport: Transport | undefined, id: string): Transport {
  if (!transport) {
    throw new Error(`transport ${id} is of another type`);
  }
  return transport;
}
