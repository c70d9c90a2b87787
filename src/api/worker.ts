import { randomUUID } from 'node:crypto';
import { pid } from 'node:process';
import type { Worker as Thread } from 'node:worker_threads';
import { Channel, WORKER_TARGET } from '../worker/channel.js';
import type { WorkerResourceUsage } from '../worker/entity-types.js';
import type { ThreadHandle } from '../worker/thread-handle.js';
import { checkAppData, type AppData } from './app-data.js';
import { channelErrors } from './channel-errors.js';
import { EnhancedEventEmitter } from './enhanced-event-emitter.js';
import { WorkerClosedError } from './errors.js';
import { readListenInfos } from './listen-options.js';
import { Logger } from './logger.js';
import { Fields } from './ortc/fields.js';
import { generateRouterRtpCapabilities } from './ortc/router-rtp-capabilities.js';
import { Router, type RouterOptions } from './router.js';
import { WebRtcServer, type WebRtcServerOptions } from './webrtc-server.js';
import { readLogSettings, type WorkerUpdateableSettings } from './worker-settings.js';

export type { WorkerLogLevel, WorkerLogTag, WorkerResourceUsage } from '../worker/entity-types.js';
export type { WorkerSettings, WorkerUpdateableSettings } from './worker-settings.js';

export interface WorkerDump {
  pid: number;
  webRtcServerIds: string[];
  routerIds: string[];
  channelMessageHandlers: {
    channelRequestHandlers: string[];
    channelNotificationHandlers: string[];
  };
}

export type WorkerEvents = {
  /** The thread ended by itself, by a fault. Everything in the worker is closed by then. */
  died: [Error];
  /** The thread is gone, after `close()` as after 'died'. */
  subprocessclose: [];
};

export type WorkerObserverEvents = {
  close: [];
  newwebrtcserver: [WebRtcServer];
  newrouter: [Router];
};

export type WorkerObserver = EnhancedEventEmitter<WorkerObserverEvents>;

const logger = new Logger('Worker');

/**
 * One thread with its routers; start one for each processor core. Made by `createWorker()`. A fault in one worker
 * leaves the others alone.
 *
 * Every asynchronous method rejects with `WorkerClosedError` once the worker is closed or died; so do those that are
 * under way at that moment.
 */
export class Worker<WorkerAppData extends AppData = AppData> extends EnhancedEventEmitter<WorkerEvents> {
  #handle: ThreadHandle;
  #channel: Channel;
  #appData: WorkerAppData;
  #closed = false;
  #died = false;
  #subprocessClosed = false;
  #routers = new Set<Router>();
  #webRtcServers = new Set<WebRtcServer>();
  #observer: WorkerObserver = new EnhancedEventEmitter();

  /** @private */
  constructor(handle: ThreadHandle, appData: WorkerAppData) {
    super();
    this.#handle = handle;
    this.#appData = appData;
    this.#channel = new Channel(handle.port, channelErrors);
    handle.onDied = (error) => this.#onDied(error);
    handle.onEnded = () => {
      this.#subprocessClosed = true;
      this.safeEmit('subprocessclose');
    };
  }

  /** The process: a worker is a thread in it, see `threadId`. */
  get pid(): number {
    return pid;
  }

  /** Node's id of the worker's thread; unique within the process. */
  get threadId(): number {
    return this.#handle.threadId;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get died(): boolean {
    return this.#died;
  }

  /** Whether the thread is gone. */
  get subprocessClosed(): boolean {
    return this.#subprocessClosed;
  }

  get appData(): WorkerAppData {
    return this.#appData;
  }

  set appData(appData: WorkerAppData) {
    this.#appData = appData;
  }

  get observer(): WorkerObserver {
    return this.#observer;
  }

  /**
   * The thread itself, to bring about its end in a test.
   *
   * @private
   */
  get threadForTesting(): Thread {
    return this.#handle.thread;
  }

  /** Ends the thread; routers and servers close with 'workerclose'. Does nothing the second time. */
  close(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#channel.command('worker.close', WORKER_TARGET);
    this.#handle.close();
    this.#closeChildren();
    this.#observer.safeEmit('close');
  }

  async dump(): Promise<WorkerDump> {
    const { webRtcServerIds, routerIds } = await this.#channel.request('worker.dump', WORKER_TARGET);
    return {
      pid,
      webRtcServerIds,
      routerIds,
      channelMessageHandlers: {
        channelRequestHandlers: [...webRtcServerIds, ...routerIds],
        channelNotificationHandlers: this.#channel.notificationTargets,
      },
    };
  }

  /** `ru_utime` and `ru_stime` (ms) are the thread's on Linux, the process's elsewhere; the rest is the process's. */
  async getResourceUsage(): Promise<WorkerResourceUsage> {
    return this.#channel.request('worker.getResourceUsage', WORKER_TARGET);
  }

  /**
   * Changes `logLevel` and `logTags`; what is left out stays.
   *
   * @throws TypeError for an unknown level or tag.
   */
  async updateSettings(settings: WorkerUpdateableSettings = {}): Promise<void> {
    await this.#channel.request('worker.updateSettings', WORKER_TARGET, readLogSettings(settings));
  }

  /**
   * Opens ports that the worker's WebRtcTransports can share.
   *
   * @throws TypeError for malformed options, UnsupportedError for TCP alone, Error when a port cannot be bound.
   */
  async createWebRtcServer<WebRtcServerAppData extends AppData = AppData>(
    options: WebRtcServerOptions<WebRtcServerAppData>,
  ): Promise<WebRtcServer<WebRtcServerAppData>> {
    const listenInfos = readListenInfos(new Fields(options, 'options'), 'listenInfos');
    const appData = checkAppData(options.appData);
    const id = randomUUID();
    await this.#channel.request('worker.createWebRtcServer', WORKER_TARGET, {
      webRtcServerId: id,
      listenInfos,
    });
    this.#checkOpen();
    const server = new WebRtcServer<WebRtcServerAppData>({
      id,
      channel: this.#channel,
      appData,
      onClose: (closed) => this.#webRtcServers.delete(closed),
    });
    this.#webRtcServers.add(server);
    this.#observer.safeEmit('newwebrtcserver', server);
    return server;
  }

  /**
   * @throws TypeError for malformed `mediaCodecs`, UnsupportedError for a codec that is not supported.
   */
  async createRouter<RouterAppData extends AppData = AppData>(
    options: RouterOptions<RouterAppData> = {},
  ): Promise<Router<RouterAppData>> {
    const appData = checkAppData(options.appData);
    const rtpCapabilities = generateRouterRtpCapabilities(options.mediaCodecs);
    const id = randomUUID();
    await this.#channel.request('worker.createRouter', WORKER_TARGET, { routerId: id });
    this.#checkOpen();
    const router = new Router<RouterAppData>({
      id,
      channel: this.#channel,
      rtpCapabilities,
      appData,
      onClose: (closed) => this.#routers.delete(closed),
    });
    this.#routers.add(router);
    this.#observer.safeEmit('newrouter', router);
    return router;
  }

  #onDied(error: Error): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#died = true;
    logger.error('the worker thread died', error);
    this.#closeChildren();
    this.safeEmit('died', error);
    this.#observer.safeEmit('close');
  }

  #closeChildren(): void {
    this.#channel.close();
    for (const router of [...this.#routers]) {
      router.workerClosed();
    }
    for (const server of [...this.#webRtcServers]) {
      server.workerClosed();
    }
  }

  #checkOpen(): void {
    if (this.#closed) {
      throw new WorkerClosedError('the worker was closed during the call');
    }
  }
}
