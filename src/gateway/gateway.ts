/** The signalling gateway: WebSockets in front, rooms and peers behind, media workers below. */
import { timingSafeEqual } from 'node:crypto';
import type { Logger } from 'pino';
import { CloseCode, type LeaveReason } from '../signalling/protocol.js';
import { Connection, type ConnectionEnvironment, type SocketPort } from './connection.js';
import { GatewayMetrics } from './gateway-metrics.js';
import { type HandlerContext, handleRequest } from './handlers.js';
import { HealthCheck } from './health.js';
import type { MediaBackend } from './media-backend.js';
import { MediaFigures } from './media-figures.js';
import { METRICS_CONTENT_TYPE } from './metrics.js';
import {
  type Authorize,
  type GatewayLimits,
  type GatewayOptions,
  type GatewayTiming,
  type ResolvedOptions,
  resolveOptions,
} from './options.js';
import type { Peer, PeerConsumer } from './peer.js';
import { type RoomControl, Rooms } from './room-control.js';
import { RoomRegistry } from './room-registry.js';
import { type HttpAnswer, type HttpAsker, type SocketServer, startSocketServer } from './socket-server.js';
import { SharedNotification } from './shared-notification.js';
import { createWorkerPool } from './worker-pool.js';

export interface Gateway {
  /** The TCP port in use. */
  readonly port: number;
  readonly draining: boolean;
  readonly roomCount: number;
  readonly peerCount: number;
  /** Takes people out, mutes them, ends rooms. */
  readonly rooms: RoomControl;
  /**
   * For SIGTERM: `/healthz` turns 503, nobody new gets in, everybody is told, and when the last peer has left or
   * `timing.drainTimeout` has passed, the gateway closes. A second signal may call `close()` at once.
   */
  drain(): Promise<void>;
  /** At once. */
  close(): Promise<void>;
}

/** Rejects when the address is taken, a worker does not start, or the options cannot work. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const resolved = resolveOptions(options);
  const media = resolved.mediaBackend ?? (await createWorkerPool(resolved.rtc!, resolved.logger));
  const gateway = new SignallingGateway(resolved, media);
  try {
    await gateway.start();
  } catch (error) {
    await media.close();
    throw error;
  }
  return gateway;
}

class SignallingGateway implements Gateway, HandlerContext {
  readonly limits: GatewayLimits;
  readonly timing: GatewayTiming;
  readonly authorize: Authorize;
  readonly metrics = new GatewayMetrics();
  readonly registry: RoomRegistry;
  readonly rooms: Rooms;
  draining = false;

  readonly #log: Logger;
  readonly #connections = new Set<Connection>();
  readonly #environment: ConnectionEnvironment;
  readonly #health: HealthCheck;
  readonly #mediaFigures: MediaFigures;
  readonly #welcome: SharedNotification;
  #server: SocketServer | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #lastBeatAt = 0;
  #drained: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #onEmpty: () => void = () => {};

  constructor(
    private readonly options: ResolvedOptions,
    private readonly media: MediaBackend,
  ) {
    this.limits = options.limits;
    this.timing = options.timing;
    this.authorize = options.authorize;
    this.#log = options.logger;
    this.registry = new RoomRegistry(media, this.limits, this.timing, this.metrics, this.#log, {
      onPeersLost: (peers) => this.#closeConnections(peers),
      onEmpty: () => this.#onEmpty(),
      onJoined: (peer) => this.#joined(peer),
      onLeft: (peer, reason) => this.#left(peer, reason),
    });
    this.rooms = new Rooms(this.registry);
    this.#health = new HealthCheck(media, this.timing.workerTimeout, () => this.now());
    this.#mediaFigures = new MediaFigures(media, this.timing.workerTimeout, () => this.now());
    this.#welcome = SharedNotification.of('welcome', { routerRtpCapabilities: media.rtpCapabilities });
    this.#environment = {
      limits: this.limits,
      metrics: this.metrics,
      log: this.#log,
      now: () => this.now(),
      handle: (connection, message) => handleRequest(this, connection, message),
      closed: (connection, code) => this.#connectionClosed(connection, code),
    };
    this.#registerGauges();
  }

  get port(): number {
    return this.#server!.port;
  }

  get roomCount(): number {
    return this.registry.rooms.size;
  }

  get peerCount(): number {
    return this.registry.peerCount;
  }

  now(): number {
    return performance.now();
  }

  async start(): Promise<void> {
    const { listen, path, allowedOrigins, configureHttp, tls } = this.options;
    this.#server = await startSocketServer({
      ...listen,
      path,
      tls,
      allowedOrigins,
      configureHttp,
      maxMessageBytes: this.limits.maxMessageBytes,
      maxBackpressureBytes: this.limits.maxBackpressureBytes,
      routes: {
        '/healthz': (asker) => this.#answerHealth(asker),
        '/metrics': (asker) => this.#answerMetrics(asker),
      },
      onOpen: (port) => this.#open(port),
    });
    this.#lastBeatAt = this.now();
    this.#heartbeat = setInterval(() => this.#beat(), this.timing.pingInterval);
    this.#log.info({ ip: listen.ip, port: this.port, path }, 'gateway listens');
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    this.draining = true;
    const { drainTimeout } = this.timing;
    this.#log.info({ peers: this.peerCount, drainTimeout }, 'draining');
    const closing = SharedNotification.of('closing', { reason: 'draining', deadlineMs: drainTimeout });
    for (const peer of this.registry.peers()) peer.deliver(closing);
    if (this.peerCount > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
        timer = setTimeout(resolve, drainTimeout);
      });
      clearTimeout(timer);
      // The last one's `leave` is still to be answered.
      await new Promise(setImmediate);
    }
    await this.close();
  }

  async #close(): Promise<void> {
    this.draining = true;
    this.#onEmpty();
    clearInterval(this.#heartbeat);
    for (const connection of this.#connections) {
      const { peer } = connection;
      connection.peer = null;
      if (peer) this.registry.remove(peer, 'draining');
      connection.close(CloseCode.Draining, 'draining');
    }
    for (const peer of [...this.registry.peers()]) this.registry.remove(peer, 'draining');
    this.#server?.close();
    await this.media.close();
    this.#log.info('gateway closed');
  }

  // ---- sockets ------------------------------------------------------------------------------------------------

  #open(port: SocketPort): Connection | null {
    if (this.#connections.size >= this.limits.maxConnections || this.#closing) return null;
    const connection = new Connection(port, this.#environment);
    this.#connections.add(connection);
    connection.deliver(this.#welcome);
    return connection;
  }

  #connectionClosed(connection: Connection, code: number): void {
    this.#connections.delete(connection);
    const { peer } = connection;
    connection.peer = null;
    if (!peer) return;
    if (code === CloseCode.Normal || code === CloseCode.GoingAway) return this.registry.remove(peer, 'left');
    if (code === CloseCode.Policy || code === CloseCode.TooBig) return this.registry.remove(peer, 'kicked');
    this.#log.info({ room: peer.room.name, peerId: peer.id, code }, 'socket lost; the peer may resume');
    peer.detach(this.timing.grace, () => this.#graceExpired(peer));
  }

  #graceExpired(peer: Peer): void {
    this.registry.remove(peer, 'timeout');
  }

  /** Finds sockets that are dead without having closed, and such as never join. */
  #beat(): void {
    const now = this.now();
    // While this process stood still (a busy or suspended machine) it heard nobody, whatever they sent.
    const stalled = Math.max(0, now - this.#lastBeatAt - this.timing.pingInterval);
    this.#lastBeatAt = now;
    for (const connection of this.#connections) {
      connection.excuse(now, stalled);
      if (now - connection.lastHeardAt > this.timing.idleTimeout) connection.terminate('idle');
      else if (!connection.peer && now - connection.unjoinedSince > this.timing.joinDeadline) {
        connection.close(CloseCode.Policy, 'join-deadline');
      } else connection.ping();
    }
  }

  /** Their media is gone: they are to join again. */
  #closeConnections(peers: readonly Peer[]): void {
    const closing = SharedNotification.of('closing', { reason: 'worker-died', deadlineMs: 0 });
    for (const { connection } of peers) {
      if (!connection) continue;
      connection.peer = null;
      connection.deliver(closing);
      connection.close(CloseCode.RoomClosed, 'worker-died');
    }
  }

  // ---- the application's hooks ----------------------------------------------------------------------------------

  #joined({ room, participantId, id }: Peer): void {
    this.#callHook(() => this.options.onPeerJoined(room.name, participantId, id));
  }

  #left({ room, participantId, id }: Peer, reason: LeaveReason): void {
    this.#callHook(() => this.options.onPeerLeft(room.name, participantId, reason, id));
  }

  /** A fault in the application's hook must not cost those in the room anything. */
  #callHook(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.#log.error({ err: error }, 'a hook of the application failed');
    }
  }

  // ---- operations -----------------------------------------------------------------------------------------------

  /** Strangers learn whether it works. How many people meet is for this machine and for whoever has the token. */
  async #answerHealth({ authorization, isLocal }: HttpAsker): Promise<HttpAnswer> {
    const { ok, status } = await this.#health.check(this.draining);
    const counts = { rooms: this.roomCount, peers: this.peerCount };
    const showsCounts = isLocal || this.#hasToken(authorization);
    return {
      status: ok ? '200 OK' : '503 Service Unavailable',
      contentType: 'application/json',
      body: JSON.stringify({ status, ...(showsCounts ? counts : {}) }) + '\n',
    };
  }

  #hasToken(authorization: string): boolean {
    const token = this.options.metricsToken;
    return token !== undefined && equalSecrets(authorization, `Bearer ${token}`);
  }

  async #answerMetrics({ authorization, isLocal }: HttpAsker): Promise<HttpAnswer> {
    if (this.options.metricsToken === undefined && !isLocal) {
      const body = 'only for this machine, since no metrics token is configured\n';
      return { status: '403 Forbidden', contentType: 'text/plain', body };
    }
    if (this.options.metricsToken !== undefined && !this.#hasToken(authorization)) {
      return { status: '401 Unauthorized', contentType: 'text/plain', body: 'bearer token needed\n' };
    }
    await this.#mediaFigures.refresh();
    return { status: '200 OK', contentType: METRICS_CONTENT_TYPE, body: this.metrics.registry.toText() };
  }

  #registerGauges(): void {
    const { registry } = this.metrics;
    const byKind = (count: (peer: Peer, kind: string) => number) => () =>
      ['audio', 'video'].map((kind): [{ kind: string }, number] => {
        let sum = 0;
        for (const peer of this.registry.peers()) sum += count(peer, kind);
        return [{ kind }, sum];
      });
    const sum = (count: (peer: Peer) => number) => () => {
      let total = 0;
      for (const peer of this.registry.peers()) total += count(peer);
      return total;
    };
    const ofKind = (items: Iterable<{ media: { kind: string } }>, kind: string): number => {
      let count = 0;
      for (const { media } of items) if (media.kind === kind) count++;
      return count;
    };
    registry.gauge('sluss_rooms', 'Open rooms', () => this.roomCount);
    registry.gauge(
      'sluss_room_shards',
      'Parts of rooms on a media worker each; more than rooms when some span several',
      () => this.registry.sum((room) => room.shardCount),
    );
    registry.gauge('sluss_pipes', 'Streams that go from one media worker to another', () =>
      this.registry.sum((room) => room.pipeCount),
    );
    registry.gauge('sluss_peers', 'Peers in rooms', () => this.peerCount);
    registry.gauge(
      'sluss_peers_detached',
      'Peers whose socket is lost and who may resume',
      sum((peer) => (peer.connection ? 0 : 1)),
    );
    registry.gauge(
      'sluss_transports',
      'WebRTC transports',
      sum((peer) => peer.transports.size),
    );
    registry.gauge(
      'sluss_producers',
      'Streams received',
      byKind((peer, kind) => ofKind(peer.producers.values(), kind)),
    );
    registry.gauge(
      'sluss_consumers',
      'Streams sent',
      byKind((peer, kind) => ofKind(peer.consumers.values(), kind)),
    );
    registry.gauge(
      'sluss_consumers_starved',
      'Video streams of which nothing is sent though neither side paused them: no bandwidth, or no layer from the sender',
      sum((peer) => count(peer.consumers.values(), isStarved)),
    );
    registry.gauge(
      'sluss_encodings_unwanted',
      'Simulcast encodings that publishers were told to leave out',
      sum((peer) => {
        let unwanted = 0;
        for (const { media } of peer.producers.values())
          unwanted += count(media.wantedEncodings, (wanted) => !wanted);
        return unwanted;
      }),
    );
    registry.gauge('sluss_websocket_connections', 'Open WebSockets', () => this.#connections.size);
    registry.gauge('sluss_workers', 'Live media workers', () => this.media.workerCount);
    registry.gauge('sluss_media_worker_load', 'Streams that a media worker sends or will soon', () =>
      this.media.workerLoads.map((load, index) => [{ worker: String(index) }, load]),
    );
    registry.countedElsewhere(
      'sluss_worker_deaths_total',
      'Media workers that died',
      () => this.media.workerDeaths,
    );
    this.metrics.addMedia(() => this.#mediaFigures.stats);
    registry.gauge('sluss_draining', '1 while shutting down', () => (this.draining ? 1 : 0));
  }
}

function isStarved({ ready, layers, media }: PeerConsumer): boolean {
  return ready && layers === null && !media.paused && !media.producerPaused;
}

function count<T>(items: Iterable<T>, matches: (item: T) => boolean): number {
  let matching = 0;
  for (const item of items) if (matches(item)) matching++;
  return matching;
}

function equalSecrets(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
