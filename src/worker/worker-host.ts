import type { CoreFactory } from './core.js';
import { sharedParameters } from '../rtp/shared-parameters.js';
import { EntityTree, notFound } from './entity-tree.js';
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
import { encodeError } from './wire-error.js';

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

/** The thread's side of the control channel: finds the object a message is for, drives it, answers. */
export class WorkerHost {
  #options: WorkerHostOptions;
  #entities: EntityTree;
  #handling = false;
  #held: MessageFromThread[] = [];

  constructor(options: WorkerHostOptions) {
    this.#options = options;
    this.#entities = new EntityTree(() => options.now());
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
    this.#entities.close();
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
      webRtcServerIds: this.#entities.serverIds,
      routerIds: this.#entities.routerIds,
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
      this.#entities.addServer(
        webRtcServerId,
        await this.#options.core.createWebRtcServer(webRtcServerId, infos),
      );
    },
    'worker.createRouter': (_target, { routerId }) => {
      this.#entities.addRouter(this.#options.core.createRouter(routerId));
    },

    'webRtcServer.dump': (target) => ({
      ...this.#entities.server(target.id).dump(),
      webRtcTransportIds: this.#entities.transportIdsOfServer(target.id),
    }),

    'router.dump': (target) => this.#entities.router(target.id).dump(),
    'router.createWebRtcTransport': async (target, data) => {
      const router = this.#entities.router(target.id);
      const server =
        data.webRtcServerId === undefined ? undefined : this.#entities.server(data.webRtcServerId);
      const listenInfos = data.listenInfos?.map((info) => resolveListenInfo(info, this.#options.settings));
      const webRtc = await this.#options.core.createWebRtcTransport(router, server, { ...data, listenInfos });
      this.#entities.addTransport({
        transport: webRtc,
        webRtc,
        routerId: router.id,
        webRtcServerId: data.webRtcServerId ?? '',
      });
      return webRtc.describe();
    },
    'router.createPlainTransport': async (target, data) => {
      const router = this.#entities.router(target.id);
      const listenInfo = resolveListenInfo(data.listenInfo, this.#options.settings);
      const rtcpListenInfo =
        data.rtcpListenInfo && resolveListenInfo(data.rtcpListenInfo, this.#options.settings);
      const plain = await this.#options.core.createPlainTransport(router, {
        ...data,
        listenInfo,
        rtcpListenInfo,
      });
      this.#entities.addTransport({ transport: plain, plain, routerId: router.id, webRtcServerId: '' });
      return plain.describe();
    },
    'router.createPipeTransport': async (target, data) => {
      const router = this.#entities.router(target.id);
      const listenInfo = resolveListenInfo(data.listenInfo, this.#options.settings);
      const pipe = await this.#options.core.createPipeTransport(router, { ...data, listenInfo });
      this.#entities.addTransport({ transport: pipe, pipe, routerId: router.id, webRtcServerId: '' });
      return pipe.describe();
    },

    'router.createAudioLevelObserver': (target, data) => {
      const observer = this.#options.core.createAudioLevelObserver(this.#entities.router(target.id), data);
      this.#entities.addRtpObserver(observer, target.id);
    },
    'router.createActiveSpeakerObserver': (target, data) => {
      const observer = this.#options.core.createActiveSpeakerObserver(this.#entities.router(target.id), data);
      this.#entities.addRtpObserver(observer, target.id);
    },

    'rtpObserver.pause': (target) => this.#entities.rtpObserver(target.id).pause(),
    'rtpObserver.resume': (target) => this.#entities.rtpObserver(target.id).resume(this.#options.now()),
    'rtpObserver.addProducer': (target, { producerId }) => {
      if (!this.#entities.rtpObserver(target.id).addProducer(this.#options.now(), producerId)) {
        throw notFound('Producer', producerId);
      }
    },
    'rtpObserver.removeProducer': (target, { producerId }) =>
      this.#entities.rtpObserver(target.id).removeProducer(producerId),

    'transport.dump': (target) => this.#entities.transport(target.id).transport.dump(),
    'transport.getStats': (target) =>
      this.#entities.transport(target.id).transport.getStats(this.#options.now()),
    'transport.connectWebRtc': (target, data) =>
      specific(this.#entities.transport(target.id).webRtc, target.id).connect(data.dtlsParameters),
    'transport.restartIce': (target) =>
      specific(this.#entities.transport(target.id).webRtc, target.id).restartIce(),
    'transport.connectPlain': (target, data) => {
      const transport = specific(this.#entities.transport(target.id).plain, target.id);
      transport.connect(data);
      return transport.describe();
    },
    'transport.connectPipe': (target, data) => {
      const transport = specific(this.#entities.transport(target.id).pipe, target.id);
      transport.connect(data);
      return transport.describe();
    },
    'transport.setMaxIncomingBitrate': (target, { bitrate }) => {
      this.#entities.transport(target.id).transport.setMaxIncomingBitrate(bitrate);
    },
    'transport.setMaxOutgoingBitrate': (target, { bitrate }) => {
      this.#entities.transport(target.id).transport.setMaxOutgoingBitrate(bitrate);
    },
    'transport.setMinOutgoingBitrate': (target, { bitrate }) => {
      this.#entities.transport(target.id).transport.setMinOutgoingBitrate(bitrate);
    },
    'transport.enableTraceEvent': (target, { types }) => {
      this.#entities.transport(target.id).transport.rtp.enableTraceEvent(types);
    },
    'transport.produce': (target, settings) => {
      const { rtp } = this.#entities.transport(target.id).transport;
      this.#entities.checkProducerId(settings.id);
      rtp.produce(this.#options.now(), settings);
    },
    'transport.consume': (target, wanted) => {
      const settings = {
        ...wanted,
        rtpParameters: sharedParameters.share(wanted.rtpParameters),
        consumableRtpEncodings: sharedParameters.part(wanted.consumableRtpEncodings),
      };
      const { rtp } = this.#entities.transport(target.id).transport;
      const now = this.#options.now();
      const consumer = settings.type === 'pipe' ? rtp.consumeAll(now, settings) : rtp.consume(now, settings);
      const { paused, producerPaused, score, preferredLayers } = consumer;
      return { paused, producerPaused, score, preferredLayers };
    },

    'producer.dump': (target) => this.#entities.producer(target).dump(),
    'producer.getStats': (target) => this.#entities.producer(target).getStats(this.#options.now()),
    'producer.pause': (target) => this.#entities.producer(target).pause(this.#options.now()),
    'producer.resume': (target) => this.#entities.producer(target).resume(this.#options.now()),
    'producer.enableTraceEvent': (target, { types }) =>
      this.#entities.producer(target).enableTraceEvent(types),

    'consumer.dump': (target) => this.#entities.consumer(target).dump(),
    'consumer.getStats': (target) => this.#entities.consumer(target).getStats(this.#options.now()),
    'consumer.pause': (target) => this.#entities.consumer(target).pause(this.#options.now()),
    'consumer.resume': (target) => this.#entities.consumer(target).resume(this.#options.now()),
    'consumer.setPreferredLayers': (target, layers) =>
      this.#entities.consumer(target).setPreferredLayers(this.#options.now(), layers),
    'consumer.setWantedEncodings': (target, { wanted }) =>
      this.#entities.consumer(target).setWantedEncodings?.(this.#options.now(), wanted),
    'consumer.setPriority': (target, { priority }) =>
      this.#entities.consumer(target).setPriority(this.#options.now(), priority),
    'consumer.requestKeyFrame': (target) =>
      this.#entities.consumer(target).requestKeyFrame(this.#options.now()),
    'consumer.enableTraceEvent': (target, { types }) =>
      this.#entities.consumer(target).enableTraceEvent(types),
  };

  #command({ command, target }: CommandMessage): void {
    switch (command) {
      case 'worker.close':
        return this.close();
      case 'webRtcServer.close':
        return this.#entities.closeServer(target.id);
      case 'router.close':
        return this.#entities.closeRouter(target.id);
      case 'rtpObserver.close':
        return this.#entities.closeRtpObserver(target.id);
      case 'transport.close':
        return this.#entities.closeTransport(target.id);
      case 'producer.close':
        return this.#entities.closeProducer(target);
      case 'consumer.close':
        return this.#entities.closeConsumer(target);
    }
  }
}

function specific<Transport>(transport: Transport | undefined, id: string): Transport {
  if (!transport) {
    throw new Error(`transport ${id} is of another type`);
  }
  return transport;
}
