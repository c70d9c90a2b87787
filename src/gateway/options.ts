/** The gateway's options: defaults, and a check that refuses unknown keys and numbers that cannot work. */
import { type Logger, pino } from 'pino';
import type { TemplatedApp } from 'uWebSockets.js';
import type { ParticipantInfo } from '../signalling/messages.js';
import type { LeaveReason } from '../signalling/protocol.js';
import type { MediaBackend } from './media-backend.js';
import type { WorkerPoolOptions } from './worker-pool.js';

export interface GatewayOptions {
  /** Where HTTP and WebSocket are served; port 0 takes any free one. */
  listen: { ip: string; port: number };
  /** Media workers and their addresses; leave out when `mediaBackend` is given. */
  rtc?: WorkerPoolOptions;
  /** Instead of `rtc`. The gateway closes it. */
  mediaBackend?: MediaBackend;
  /** WebSocket path; default `/signalling`. */
  path?: string;
  /**
   * Origins (`https://meet.example.org`) that may open a WebSocket. Left out: only the origin of the page's own
   * host, and clients that send none (not browsers). `'*'`: any.
   */
  allowedOrigins?: string[] | '*';
  /** PEM files (certificate with its chain): HTTPS and WSS instead of HTTP and WS. Needs the native uWebSockets.js. */
  tls?: { key: string; cert: string };
  /** Asked before a peer enters a room. Left out: everybody may. */
  authorize?: Authorize;
  /**
   * Called in the moment when a peer is in the room, before it gets any answer; `rooms.removePeer` may take it out again.
   * `participantId` is that of `authorize`, or the peer's id when it gave none.
   */
  onPeerJoined?: (room: string, participantId: string, peerId: string) => void;
  onPeerLeft?: (room: string, participantId: string, reason: LeaveReason, peerId: string) => void;
  /** More HTTP routes, set before the gateway's own. */
  configureHttp?: (app: TemplatedApp) => void;
  /**
   * When set, `/metrics` asks for `Authorization: Bearer <metricsToken>`, and with it `/healthz` tells counts. Without one both
   * tell their figures to programs on this machine only, not to proxies on it.
   */
  metricsToken?: string;
  logger?: Logger;
  limits?: Partial<GatewayLimits>;
  timing?: Partial<GatewayTiming>;
}

export interface AuthorizeRequest {
  room: string;
  displayName: string;
  /** What the client put into `join.ticket`. */
  ticket: string | undefined;
  remoteAddress: string;
  /** The Origin header, or an empty string. */
  origin: string;
}

export type AuthorizeResult = AuthorizedPeer | { allowed: false; message: string };

export interface AuthorizedPeer {
  allowed: true;
  /** Replaces the name that the client gave. */
  displayName?: string;
  /** Who it is, at most 64 characters: a newer peer of the same participant replaces the older one in the room. */
  participantId?: string;
  /** What the others are told of it as certain, such as a role. */
  info?: ParticipantInfo;
  /** People in the room at most, this one among them, if that is below `limits.maxPeersPerRoom`. */
  capacity?: number;
}

export type Authorize = (request: AuthorizeRequest) => AuthorizeResult | Promise<AuthorizeResult>;

export interface GatewayLimits {
  maxConnections: number;
  maxRooms: number;
  maxPeersPerRoom: number;
  maxTransportsPerPeer: number;
  maxProducersPerPeer: number;
  maxConsumersPerPeer: number;
  /**
   * Streams that a media worker sends before newcomers go to another one, so that their room spans several; to stay below is
   * no promise, since who is in a room stays on its worker, however large the room grows. Infinity: a room never spans
   * workers.
   */
  maxConsumersPerWorker: number;
  /** Others whom a peer may ask to receive always. */
  maxPinsPerPeer: number;
  /**
   * People whose cameras a large room shows, the last to speak: everybody receives as much as in a room of this size.
   * 0: all, however many.
   */
  lastN: number;
  /** The same for voices. */
  lastNAudio: number;
  /** Bytes of one incoming message; a larger one closes the socket (1009). */
  maxMessageBytes: number;
  /** Bytes waiting in one socket; beyond them it is cut off and may resume. */
  maxBackpressureBytes: number;
  /** Messages per second that one socket may send in the long run; a flood closes it (1008). */
  messagesPerSecond: number;
  messageBurst: number;
  /** Requests of one socket that wait for their turn. */
  maxQueuedRequests: number;
  /** Payload of `message` requests that one peer may send in the long run; each also goes to everybody in the room. */
  relayBytesPerSecond: number;
  relayBurstBytes: number;
  /** Payload kept for a peer whose socket is lost, until it resumes; beyond, the oldest is dropped. */
  maxMissedBytes: number;
}

/** Milliseconds. */
export interface GatewayTiming {
  /** How long a peer whose socket was lost stays and may resume. */
  grace: number;
  pingInterval: number;
  /** A socket that answers no ping for this long is lost; then `grace` begins. */
  idleTimeout: number;
  /** A socket must join within this time. */
  joinDeadline: number;
  /** `drain()` closes what is left after this time. */
  drainTimeout: number;
  /** A speaker who took a place in what a large room receives keeps it this long at least. */
  stageStay: number;
  /** A stream that left what a peer receives goes on this long, unless its place is needed. */
  consumerLinger: number;
  /** A stream goes on from worker to worker this long after the last one there who received it has left it. */
  pipeLinger: number;
  /** A media worker must answer the health check within this time; a scrape of the metrics waits as long. */
  workerTimeout: number;
}

type OptionsWithoutDefault = 'rtc' | 'mediaBackend' | 'metricsToken' | 'allowedOrigins' | 'tls';

export type ResolvedOptions = Required<Omit<GatewayOptions, OptionsWithoutDefault>> &
  Pick<GatewayOptions, OptionsWithoutDefault> & {
    limits: GatewayLimits;
    timing: GatewayTiming;
  };

export const DEFAULT_LIMITS: Readonly<GatewayLimits> = {
  maxConnections: 10_000,
  maxRooms: 1_000,
  maxPeersPerRoom: 500,
  maxTransportsPerPeer: 4,
  maxProducersPerPeer: 8,
  maxConsumersPerPeer: 1_000,
  // Half voices of 50 packets a second, half pictures of 100 on average, and 6 µs for each: about half a core.
  maxConsumersPerWorker: 1_000,
  maxPinsPerPeer: 4,
  lastN: 9,
  lastNAudio: 9,
  maxMessageBytes: 64 * 1024,
  maxBackpressureBytes: 4 * 1024 * 1024,
  messagesPerSecond: 100,
  messageBurst: 400,
  maxQueuedRequests: 128,
  relayBytesPerSecond: 64 * 1024,
  relayBurstBytes: 512 * 1024,
  maxMissedBytes: 256 * 1024,
};

export const DEFAULT_TIMING: Readonly<GatewayTiming> = {
  grace: 10_000,
  pingInterval: 4_000,
  idleTimeout: 12_000,
  joinDeadline: 10_000,
  drainTimeout: 30_000,
  stageStay: 5_000,
  consumerLinger: 2_000,
  pipeLinger: 5_000,
  workerTimeout: 2_000,
};

const KNOWN_KEYS = new Set([
  'listen',
  'rtc',
  'mediaBackend',
  'path',
  'allowedOrigins',
  'tls',
  'authorize',
  'onPeerJoined',
  'onPeerLeft',
  'configureHttp',
  'metricsToken',
  'logger',
  'limits',
  'timing',
]);

/** Throws TypeError for options that cannot work. */
export function resolveOptions(options: GatewayOptions): ResolvedOptions {
  for (const key of Object.keys(options)) {
    if (!KNOWN_KEYS.has(key))
      throw new TypeError(`gateway option "${key}" is not known; known: ${[...KNOWN_KEYS].join(', ')}`);
  }
  if ((options.rtc === undefined) === (options.mediaBackend === undefined)) {
    throw new TypeError(
      'give the gateway either "rtc" (it starts media workers) or "mediaBackend", not both or none',
    );
  }
  const { port } = options.listen;
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new TypeError('listen.port must be an integer from 0 to 65535');
  const path = options.path ?? '/signalling';
  if (!/^\/[\w\-./]*$/.test(path))
    throw new TypeError('path must begin with "/" and have only letters, digits and - . _ /');
  return {
    ...options,
    path,
    authorize: options.authorize ?? (() => ({ allowed: true })),
    onPeerJoined: options.onPeerJoined ?? (() => {}),
    onPeerLeft: options.onPeerLeft ?? (() => {}),
    configureHttp: options.configureHttp ?? (() => {}),
    logger: options.logger ?? pino({ name: 'sluss-gateway' }),
    limits: withDefaults('limits', DEFAULT_LIMITS, options.limits),
    timing: withDefaults('timing', DEFAULT_TIMING, options.timing),
  };
}

function withDefaults<T extends object>(name: string, defaults: T, given: Partial<T> = {}): T {
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, key)) {
      throw new TypeError(`${name}.${key} is not known; known: ${Object.keys(defaults).join(', ')}`);
    }
    if (key === 'lastN' || key === 'lastNAudio') {
      // With one place nobody would receive anybody.
      if (!Number.isInteger(value) || (value !== 0 && (value as number) < 2))
        throw new TypeError(`${name}.${key} must be 0 (all) or an integer of at least 2`);
    } else if (typeof value !== 'number' || !(value > 0)) {
      throw new TypeError(`${name}.${key} must be a number above 0`);
    }
  }
  return { ...defaults, ...given };
}
