/** A participant: its media objects, and the socket it is reached by, which may be away for the grace time. */
import { randomBytes, randomUUID } from 'node:crypto';
import type {
  ConsumerInfo,
  JoinResponse,
  NotificationName,
  Notifications,
  ParticipantInfo,
  PeerInfo,
  PublishedSource,
  TransportInfo,
  VideoLayer,
} from '../signalling/messages.js';
import type { LeaveReason, ProducerSource, TransportDirection } from '../signalling/protocol.js';
import type { ConsumerLayers, RtpCapabilities } from '../rtp/rtp-parameters.js';
import type { MediaConsumer, MediaProducer, MediaRouter, MediaTransport } from './media-backend.js';
import type { TokenBucket } from './rate-limiter.js';
import type { SharedNotification } from './shared-notification.js';

export interface PeerTransport {
  media: MediaTransport;
  direction: TransportDirection;
  connected: boolean;
  /** DTLS failed: only another transport helps. */
  failed: boolean;
}

export interface PeerProducer {
  media: MediaProducer;
  source: ProducerSource;
  owner: Peer;
  videoLayers?: VideoLayer[];
}

export interface PeerConsumer {
  media: MediaConsumer;
  producer: PeerProducer;
  /** The client has set up its side. */
  ready: boolean;
  /** By `pauseConsumer`. */
  held: boolean;
  /** Null: its sender or the lack of bandwidth leaves nothing to send; undefined: not told. Only simulcast and SVC tell. */
  layers: ConsumerLayers | null | undefined;
  producerScore: number | undefined;
  /** Gives back what it comes through. */
  release(): void;
}

/** The socket, as a peer sees it. */
export interface PeerLink {
  peer: Peer | null;
  /** What is told to many. */
  deliver(message: SharedNotification): void;
  notify<K extends NotificationName>(notification: K, data: Notifications[K]): void;
  /** Runs `callback` right after the response to the request in work was sent. */
  afterReply(callback: () => void): void;
  /** `cause` is a coded word for the metrics. */
  close(code: number, reason: string, cause?: string): void;
}

/** The room, as a peer sees it. */
export interface PeerRoom {
  readonly name: string;
  readonly peers: ReadonlyMap<string, Peer>;
  readonly closed: boolean;
  readonly activeSpeakerId: string | null;
  announce(producer: PeerProducer): void;
  withdraw(producer: PeerProducer): void;
  /** It was paused or resumed. */
  pauseChanged(producer: PeerProducer): void;
  /** Its `videoLayers` changed. */
  videoLayersChanged(producer: PeerProducer): void;
  /** Ends the stream and tells its sender. */
  mute(producer: PeerProducer): void;
  receiveAll(peer: Peer): void;
  /** Passes a message on; returns to how many. */
  relay(from: Peer, message: Relayed): number;
  /** The hand's place among those that are up; null: down. */
  raiseHand(peer: Peer, raised: boolean): number | null;
  remove(peers: readonly Peer[], reason: LeaveReason): void;
}

export interface Relayed {
  topic: string;
  payload: string;
  /** Undefined: all others. */
  to: readonly string[] | undefined;
  /** Of the payload. */
  bytes: number;
}

/** Who comes in, as the `authorize` hook says. */
export interface PeerIdentity {
  participantId?: string;
  info?: ParticipantInfo;
}

/** The part of a room that is on one worker (room-shards.ts). */
export interface Shard {
  readonly router: MediaRouter;
  readonly peers: Set<Peer>;
  /** Of `peers`, those who have begun to receive: what they cost is counted by the worker. */
  readonly receiving: Set<Peer>;
  /** Taken by `peers` and by those on their way in. */
  seats: number;
  closed: boolean;
}

const NONE: ReadonlyMap<string, never> = new Map<string, never>();

/** Ended streams that are told again after a resume. */
const MAX_MUTED = 32;

export class Peer {
  readonly id = randomUUID();
  /** 256 random bits: whoever has it is this peer. */
  readonly resumeToken = randomBytes(32).toString('base64url');
  /** Whom it always wants to receive. */
  pinnedIds: readonly string[] = [];
  rtpCapabilities: RtpCapabilities | undefined;
  connection: PeerLink | null = null;
  /** Messages that it may send, across all its sockets. */
  allowance: TokenBucket | null = null;
  /** Payload that it may have relayed. */
  relayAllowance: TokenBucket | null = null;
  /** Order among the raised hands; null: not raised. */
  handRaisedAt: number | null = null;
  /** Milliseconds since 1970. */
  readonly joinedAt = Date.now();
  closed = false;
  #graceTimer: NodeJS.Timeout | undefined;
  // Made with the first entry: thousands may be in rooms only to wait, and an empty map takes 300 bytes or so.
  #transports: Map<string, PeerTransport> | null = null;
  #producers: Map<string, PeerProducer> | null = null;
  #consumers: Map<string, PeerConsumer> | null = null;
  /** Producers that `mute` ended: a resumed client must not take their absence for a lost request. */
  #muted: string[] | null = null;
  /** Relayed while the socket was away. */
  #missed: { message: SharedNotification; bytes: number }[] | null = null;

  constructor(
    readonly room: PeerRoom,
    /** Its transports are there. */
    readonly shard: Shard,
    readonly displayName: string,
    private readonly identity: PeerIdentity = {},
  ) {}

  /** The peer's own id when the `authorize` hook gave none. */
  get participantId(): string {
    return this.identity.participantId ?? this.id;
  }

  get transports(): ReadonlyMap<string, PeerTransport> {
    return this.#transports ?? NONE;
  }

  get producers(): ReadonlyMap<string, PeerProducer> {
    return this.#producers ?? NONE;
  }

  get consumers(): ReadonlyMap<string, PeerConsumer> {
    return this.#consumers ?? NONE;
  }

  addTransport(transport: PeerTransport): void {
    (this.#transports ??= new Map<string, PeerTransport>()).set(transport.media.id, transport);
  }

  addProducer(producer: PeerProducer): void {
    (this.#producers ??= new Map<string, PeerProducer>()).set(producer.media.id, producer);
  }

  removeProducer({ media }: PeerProducer): void {
    this.#producers?.delete(media.id);
  }

  addConsumer(consumer: PeerConsumer): void {
    (this.#consumers ??= new Map<string, PeerConsumer>()).set(consumer.media.id, consumer);
  }

  removeConsumer({ media }: PeerConsumer): void {
    this.#consumers?.delete(media.id);
  }

  /** The socket to reach it by; returns the one that was there before. */
  attach(connection: PeerLink): PeerLink | null {
    clearTimeout(this.#graceTimer);
    const previous = this.connection;
    if (previous) previous.peer = null;
    this.connection = connection;
    connection.peer = this;
    return previous;
  }

  /** The socket is lost. Media goes on; unless `attach` comes in time, `onExpired` is called. */
  detach(graceMs: number, onExpired: () => void): void {
    this.connection = null;
    this.#graceTimer = setTimeout(onExpired, graceMs);
  }

  /** Lost while the socket is away: a resume tells the whole state anyway. */
  notify<K extends NotificationName>(notification: K, data: Notifications[K]): void {
    this.connection?.notify(notification, data);
  }

  /** Like `notify`. */
  deliver(message: SharedNotification): void {
    this.connection?.deliver(message);
  }

  /** Like `deliver`, but up to `maxMissedBytes` are kept while the socket is away. */
  relay(message: SharedNotification, bytes: number, maxMissedBytes: number): void {
    if (this.connection) return this.connection.deliver(message);
    const missed = (this.#missed ??= []);
    missed.push({ message, bytes });
    let kept = missed.reduce((sum, entry) => sum + entry.bytes, 0);
    while (kept > maxMissedBytes) kept -= missed.shift()!.bytes;
  }

  /** After a resume. */
  deliverMissed(): void {
    const missed = this.#missed;
    this.#missed = null;
    missed?.forEach(({ message }) => this.deliver(message));
  }

  muted(producerId: string): void {
    const muted = (this.#muted ??= []);
    muted.push(producerId);
    if (muted.length > MAX_MUTED) muted.shift();
    this.notify('producerClosed', { producerId, reason: 'muted' });
  }

  /** Ends the socket of a peer that has left its room. */
  hangUp(code: number, reason: string, cause = reason): void {
    const { connection } = this;
    if (!connection) return;
    this.connection = connection.peer = null;
    connection.close(code, reason, cause);
  }

  get receiveTransport(): MediaTransport | undefined {
    for (const transport of this.transports.values()) {
      if (transport.direction === 'recv' && !transport.media.closed) return transport.media;
    }
    return undefined;
  }

  /** For the others. */
  describe(): PeerInfo {
    const { participantId, info } = this.identity;
    const sources = this.describeSources();
    return {
      peerId: this.id,
      displayName: this.displayName,
      ...(sources.length > 0 && { sources }),
      ...(participantId !== undefined && { participantId }),
      ...(info !== undefined && { info }),
      ...(this.handRaisedAt !== null && { handRaisedAt: this.handRaisedAt }),
    };
  }

  /** Of this session, as in `join`. */
  describeMuted(): JoinResponse['closedProducers'] {
    return this.#muted?.map((producerId) => ({ producerId, reason: 'muted' }));
  }

  describeTransports(): TransportInfo[] {
    return [...this.transports.values()].map(describeTransport);
  }

  describeConsumers(): ConsumerInfo[] {
    return [...this.consumers.values()].map(describeConsumer);
  }

  describeProducers(): JoinResponse['producers'] {
    return [...this.producers.values()].map(({ media, source }) => ({
      producerId: media.id,
      source,
      paused: media.paused,
      encodings: media.wantedEncodings.every(Boolean) ? undefined : media.wantedEncodings,
    }));
  }

  describeSources(): PublishedSource[] {
    return [...this.producers.values()].map(({ media, source }) => ({ source, paused: media.paused }));
  }

  /** Ends its media; the room tells the others. */
  close(): void {
    this.closed = true;
    clearTimeout(this.#graceTimer);
    // Closing a transport closes what runs over it.
    for (const transport of this.transports.values()) transport.media.close();
    this.#transports = this.#producers = this.#consumers = null;
    this.#muted = this.#missed = null;
  }
}

export function describeTransport({ media, direction, connected }: PeerTransport): TransportInfo {
  return {
    transportId: media.id,
    direction,
    iceParameters: media.iceParameters,
    iceCandidates: media.iceCandidates,
    dtlsParameters: media.dtlsParameters,
    connected,
  };
}

export function describeConsumer(consumer: PeerConsumer): ConsumerInfo {
  const { media, producer, ready, layers, producerScore } = consumer;
  return {
    consumerId: media.id,
    producerId: producer.media.id,
    peerId: producer.owner.id,
    source: producer.source,
    kind: media.kind,
    type: media.type,
    rtpParameters: media.rtpParameters,
    producerPaused: media.producerPaused,
    ready,
    videoLayers: producer.videoLayers,
    layers,
    producerScore,
  };
}
