/**
 * A Worker of the API whose "thread" is a WorkerHost in this thread, behind a real MessageChannel, with the real
 * router and with transports that have no sockets. What the core would notify can be sent by the test.
 */
import { MessageChannel } from 'node:worker_threads';
import { Worker } from '#src/api/worker.js';
import { ActiveSpeakerObserver } from '#src/router/active-speaker-observer.js';
import { AudioLevelObserver } from '#src/router/audio-level-observer.js';
import { type CoreEnvironment } from '#src/router/environment.js';
import { Router as CoreRouter } from '#src/router/router.js';
import { RtpTransport } from '#src/router/rtp-transport.js';
import { PacketBatch } from '#src/srtp/packet-batch.js';
import { PacketArena } from '#src/stream/packet-arena.js';
import { Timers } from '#src/stream/timers.js';
import {
  type CoreFactory,
  type HostPipeTransport,
  type HostPlainTransport,
  type HostRouter,
  type HostRtpObserver,
  type HostTransport,
  type HostWebRtcServer,
  type HostWebRtcTransport,
} from '#src/worker/core.js';
import { type MessageFromThread, type MessageToThread, type ThreadSettings } from '#src/worker/messages.js';
import { type ThreadHandle } from '#src/worker/thread-handle.js';
import { WorkerHost } from '#src/worker/worker-host.js';

export const threadSettings: ThreadSettings = {
  logLevel: 'error',
  logTags: [],
  rtcMinPort: 40000,
  rtcMaxPort: 40100,
};

type FakeRouter = HostRouter & { core: CoreRouter };
type FakeServer = HostWebRtcServer;

/** What the host asked the core to do, as `verb id`, in order. */
export class FakeCore implements CoreFactory<FakeRouter, FakeServer> {
  readonly log: string[] = [];
  readonly timers = new Timers();
  /** When set, the next transport is made only after it resolved. */
  gate: Promise<void> | undefined;
  readonly #environment: CoreEnvironment;

  constructor(notify: CoreEnvironment['notify']) {
    let random = 1;
    const arena = new PacketArena(1 << 20);
    this.#environment = {
      arena,
      scratch: arena.allocateRange(2048),
      batch: new PacketBatch(8, 2048, { bytes: arena.bytes, offset: arena.allocateRange(8 * 2048) }),
      timers: this.timers,
      wallClockOffset: 1_700_000_000_000,
      notify,
      random32: () => (random = (random * 48271) % 0x7fffffff),
      flush: () => this.#environment.batch.clear(),
    };
  }

  createRouter(id: string): FakeRouter {
    const core = new CoreRouter(id, this.#environment);
    return {
      id,
      core,
      dump: () => core.dump(),
      close: (now) => {
        this.log.push(`close router`);
        core.close(now);
      },
    };
  }

  async createWebRtcServer(id: string): Promise<FakeServer> {
    await this.gate;
    return { id, dump: () => ({ id }), close: () => this.log.push('close server') };
  }

  async createWebRtcTransport(
    router: FakeRouter,
    _server: FakeServer | undefined,
    options: Parameters<CoreFactory['createWebRtcTransport']>[2],
  ): Promise<HostWebRtcTransport> {
    await this.gate;
    let connected = false;
    return {
      ...this.#transport(router, options.transportId),
      describe: () => ({
        iceRole: 'controlled',
        iceParameters: { usernameFragment: 'ufrag', password: 'password', iceLite: true },
        iceCandidates: [],
        iceState: 'new',
        dtlsParameters: { role: 'auto', fingerprints: [{ algorithm: 'sha-256', value: 'AB:CD' }] },
        dtlsState: 'new',
      }),
      connect: () => {
        if (connected) throw new Error('connect() already called');
        connected = true;
        return { dtlsLocalRole: 'server' };
      },
      restartIce: () => ({ usernameFragment: 'second', password: 'password', iceLite: true }),
    };
  }

  async createPlainTransport(
    router: FakeRouter,
    options: Parameters<CoreFactory['createPlainTransport']>[1],
  ): Promise<HostPlainTransport> {
    await this.gate;
    const local = {
      localIp: '127.0.0.1',
      localAddress: '127.0.0.1',
      localPort: 40000,
      protocol: 'udp' as const,
    };
    let tuple: { remoteIp?: string; remotePort?: number } = {};
    return {
      ...this.#transport(router, options.transportId),
      describe: () => ({
        tuple: { ...local, ...tuple },
        srtpParameters: options.enableSrtp
          ? { cryptoSuite: options.srtpCryptoSuite, keyBase64: 'AAAA' }
          : undefined,
      }),
      connect: ({ ip, port }) => {
        tuple = { remoteIp: ip, remotePort: port };
      },
    };
  }

  createPipeTransport(
    router: FakeRouter,
    options: Parameters<CoreFactory['createPipeTransport']>[1],
  ): Promise<HostPipeTransport> {
    return this.createPlainTransport(router, {
      ...options,
      rtcpMux: true,
      comedia: false,
      srtpCryptoSuite: 'AEAD_AES_256_GCM',
    });
  }

  createAudioLevelObserver(
    router: FakeRouter,
    { rtpObserverId, ...settings }: Parameters<CoreFactory['createAudioLevelObserver']>[1],
  ): HostRtpObserver {
    this.log.push(`audioLevel ${JSON.stringify(settings)}`);
    return new AudioLevelObserver(rtpObserverId, router.core, this.#environment, settings);
  }

  createActiveSpeakerObserver(
    router: FakeRouter,
    { rtpObserverId, ...settings }: Parameters<CoreFactory['createActiveSpeakerObserver']>[1],
  ): HostRtpObserver {
    this.log.push(`activeSpeaker ${JSON.stringify(settings)}`);
    return new ActiveSpeakerObserver(rtpObserverId, router.core, this.#environment, settings);
  }

  #transport(router: FakeRouter, id: string): HostTransport {
    const sink = { srtpSender: null, rtpDestination: null, sendRtcp: () => {} };
    const rtp = Object.assign(new RtpTransport(id, router.core, sink, this.#environment), {
      enableTraceEvent: (types: string[]) => void this.log.push(`trace ${types.join()}`),
    });
    return {
      id,
      rtp,
      dump: () => rtp.dump(),
      getStats: (now) => [{ transportId: id, timestamp: now }],
      close: () => {
        this.log.push('close transport');
        rtp.close(0);
      },
      setMaxIncomingBitrate: (bitrate) => void this.log.push(`maxIncoming ${bitrate}`),
      setMaxOutgoingBitrate: (bitrate) => void this.log.push(`maxOutgoing ${bitrate}`),
      setMinOutgoingBitrate: (bitrate) => void this.log.push(`minOutgoing ${bitrate}`),
    };
  }
}

export interface LocalWorker {
  worker: Worker;
  core: FakeCore;
  /** As the core would. */
  notify: CoreEnvironment['notify'];
  /** As a fault in the thread would. */
  die(error: Error): void;
}

export function localWorker(t: { teardown(fn: () => void): void }): LocalWorker {
  const { port1, port2 } = new MessageChannel();
  const post = (message: MessageFromThread): void => port2.postMessage(message);
  const notify: CoreEnvironment['notify'] = (targetId, event, data) => host.notify(targetId, event, data);
  const core = new FakeCore(notify);
  let now = 0;
  const host = new WorkerHost({
    settings: { ...threadSettings },
    core,
    now: () => (now += 1),
    post,
    endTurn: () => {},
    updateLog: () => {},
    log: () => {},
  });
  const end = (): void => {
    port1.close();
    handle.onEnded();
  };
  port2.on('message', (message: MessageToThread) => {
    host.receive(message);
    if (message.kind === 'command' && message.command === 'worker.close') {
      end();
    }
  });
  const handle = { threadId: 7, port: port1, close: () => {} } as unknown as ThreadHandle;
  const worker = new Worker(handle, {});
  t.teardown(() => worker.close());
  const die = (error: Error): void => {
    handle.onDied(error);
    end();
  };
  return { worker, core, notify, die };
}
