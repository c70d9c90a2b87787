/** What each request does. A handler returns the response's data or throws a RequestError. */
import type { RequestMessage, RequestName, Requests } from '../signalling/messages.js';
import type { MediaKind } from '../rtp/rtp-parameters.js';
import { CloseCode, type ProducerSource } from '../signalling/protocol.js';
import type { Connection } from './connection.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { Authorize, GatewayLimits, GatewayTiming } from './options.js';
import {
  describeTransport,
  type Peer,
  type PeerConsumer,
  type PeerProducer,
  type PeerTransport,
} from './peer.js';
import { TokenBucket } from './rate-limiter.js';
import { mediaCall, RequestError } from './request-error.js';
import type { Rooms } from './room-control.js';
import type { RoomRegistry } from './room-registry.js';

export interface HandlerContext {
  readonly registry: RoomRegistry;
  readonly rooms: Rooms;
  readonly limits: GatewayLimits;
  readonly timing: GatewayTiming;
  readonly metrics: GatewayMetrics;
  readonly authorize: Authorize;
  readonly draining: boolean;
  now(): number;
}

export async function handleRequest(
  context: HandlerContext,
  connection: Connection,
  message: RequestMessage,
): Promise<object> {
  if (message.request === 'join') return join(context, connection, message.data);
  const { peer } = connection;
  if (!peer || peer.closed) throw new RequestError('not-joined', 'join a room first');
  const handler = peerHandlers[message.request as keyof typeof peerHandlers] as PeerHandler<RequestName>;
  return handler(peer, message.data, context);
}

// ---- join ---------------------------------------------------------------------------------------------------

type Join = Requests['join'];

async function join(
  context: HandlerContext,
  connection: Connection,
  data: Join['data'],
): Promise<Join['response']> {
  const startedAt = context.now();
  if (connection.peer) throw new RequestError('already-joined', 'this socket has joined a room; leave first');
  const resumed =
    data.resumeToken === undefined ? undefined : resume(context, connection, data.resumeToken, data.room);
  const peer = resumed ?? (await joinFresh(context, connection, data));
  context.metrics.joinSeconds.observe((context.now() - startedAt) / 1000);
  connection.afterReply(() => peer.room.receiveAll(peer));
  const others = [...peer.room.peers.values()].filter((other) => other !== peer);
  return {
    peerId: peer.id,
    resumeToken: peer.resumeToken,
    graceTimeMs: context.timing.grace,
    resumed: resumed !== undefined,
    peers: others.map((other) => other.describe()),
    transports: peer.describeTransports(),
    consumers: peer.describeConsumers(),
    producers: peer.describeProducers(),
    activeSpeakerId: peer.room.activeSpeakerId ?? undefined,
    handRaisedAt: peer.handRaisedAt ?? undefined,
    closedProducers: peer.describeMuted(),
  };
}

function resume(
  context: HandlerContext,
  connection: Connection,
  token: string,
  room: string,
): Peer | undefined {
  const peer = context.registry.findByToken(token);
  const found = peer !== undefined && peer.room.name === room;
  context.metrics.resumes.add(1, { result: found ? 'resumed' : 'unknown' });
  if (!found) return undefined;
  // The old socket may look alive for a while yet, as when a phone changes networks.
  peer.attach(connection)?.close(CloseCode.Replaced, 'replaced');
  peer.allowance = connection.continueAllowance(peer.allowance);
  // What failed while nobody could be told.
  connection.afterReply(() => {
    for (const { failed, media } of peer.transports.values()) {
      if (failed) peer.notify('transportFailed', { transportId: media.id });
    }
    peer.deliverMissed();
  });
  return peer;
}

async function joinFresh(context: HandlerContext, connection: Connection, data: Join['data']): Promise<Peer> {
  const peer = await letIn(context, connection, data);
  if (connection.closed) {
    context.registry.remove(peer, 'left');
    throw new RequestError('not-joined', 'the socket closed during the join');
  }
  peer.attach(connection);
  peer.allowance = connection.continueAllowance(null);
  peer.rtpCapabilities = data.rtpCapabilities;
  try {
    await Promise.all((data.transports ?? []).map((direction) => createTransport(peer, direction)));
  } catch (error) {
    connection.peer = null;
    context.registry.remove(peer, 'left');
    throw error;
  }
  return peer;
}

/** Asks for permission and takes a place in the room. Whoever is removed in between does not get in. */
async function letIn(context: HandlerContext, connection: Connection, data: Join['data']): Promise<Peer> {
  refuseWhileDraining(context);
  const { remoteAddress, origin } = connection.port;
  const { room, displayName, ticket } = data;
  const arrival = context.rooms.arriving(room);
  const checkWelcome = (): void => {
    if (arrival.turnedAway)
      throw new RequestError('unauthorized', 'removed, or the room was ended, meanwhile');
  };
  try {
    const permission = await context.authorize({ room, displayName, ticket, remoteAddress, origin });
    if (!permission.allowed) throw new RequestError('unauthorized', permission.message);
    refuseWhileDraining(context);
    const { participantId, info, capacity } = permission;
    arrival.participantId = participantId;
    checkWelcome();
    const newcomer = { displayName: permission.displayName ?? displayName, participantId, info, capacity };
    const peer = await context.registry.join(room, newcomer, checkWelcome);
    // The application may have said no when it heard of the peer.
    checkWelcome();
    return peer;
  } catch (error) {
    const { turnedAway } = arrival;
    if (turnedAway) connection.close(turnedAway.code, turnedAway.reason, turnedAway.cause);
    throw error;
  } finally {
    context.rooms.arrived(arrival);
  }
}

function refuseWhileDraining(context: HandlerContext): void {
  if (context.draining)
    throw new RequestError('draining', 'the server is shutting down; join again in a moment');
}

async function createTransport(peer: Peer, direction: PeerTransport['direction']): Promise<PeerTransport> {
  const media = await mediaCall(peer.shard.router.createTransport());
  if (peer.closed) {
    media.close();
    throw new RequestError('not-joined', 'the peer left meanwhile');
  }
  const transport: PeerTransport = { media, direction, connected: false, failed: false };
  peer.addTransport(transport);
  media.on('dtlsstatechange', (state) => {
    if (state !== 'failed') return;
    transport.failed = true;
    peer.notify('transportFailed', { transportId: media.id });
  });
  return transport;
}

/** What may be sent as what. */
const SOURCE_KINDS: Record<ProducerSource, readonly MediaKind[]> = {
  microphone: ['audio'],
  camera: ['video'],
  screen: ['video', 'audio'],
};

// ---- requests of a joined peer ------------------------------------------------------------------------------

type PeerHandler<K extends RequestName> = (
  peer: Peer,
  data: Requests[K]['data'],
  context: HandlerContext,
) => Promise<Requests[K]['response']>;

const peerHandlers: { [K in Exclude<RequestName, 'join' | 'ping'>]: PeerHandler<K> } = {
  async leave(peer, _data, context) {
    const { connection } = peer;
    context.registry.remove(peer, 'left');
    if (connection) connection.peer = null;
    return Promise.resolve({});
  },

  async createTransport(peer, { direction }, { limits }) {
    if (peer.transports.size >= limits.maxTransportsPerPeer) {
      throw new RequestError('limit-reached', `a peer may have ${limits.maxTransportsPerPeer} transports`);
    }
    const transport = await createTransport(peer, direction);
    if (direction === 'recv') peer.connection?.afterReply(() => peer.room.receiveAll(peer));
    return describeTransport(transport);
  },

  async connectTransport(peer, { transportId, dtlsParameters }) {
    const transport = findTransport(peer, transportId);
    await mediaCall(transport.media.connect({ dtlsParameters }));
    transport.connected = true;
    return {};
  },

  async restartIce(peer, { transportId }) {
    return { iceParameters: await mediaCall(findTransport(peer, transportId).media.restartIce()) };
  },

  async setConsumerCapabilities(peer, { rtpCapabilities }) {
    peer.rtpCapabilities = rtpCapabilities;
    peer.connection?.afterReply(() => peer.room.receiveAll(peer));
    return Promise.resolve({});
  },

  async produce(peer, { transportId, kind, rtpParameters, source, paused, videoLayers }, { limits }) {
    const transport = findTransport(peer, transportId);
    if (transport.direction !== 'send') {
      throw new RequestError(
        'unsupported',
        'produce needs a transport created with direction "send"',
        'data.transportId',
      );
    }
    if (!SOURCE_KINDS[source].includes(kind)) {
      const message = `a ${source} sends ${SOURCE_KINDS[source].join(' or ')}, not ${kind}`;
      throw new RequestError('bad-request', message, 'data.source');
    }
    if (peer.producers.size >= limits.maxProducersPerPeer) {
      throw new RequestError('limit-reached', `a peer may have ${limits.maxProducersPerPeer} producers`);
    }
    const media = await mediaCall(transport.media.produce({ kind, rtpParameters, paused }));
    if (peer.closed) {
      media.close();
      throw new RequestError('not-joined', 'the peer left meanwhile');
    }
    const producer: PeerProducer = { media, source, owner: peer, videoLayers };
    peer.addProducer(producer);
    media.on('transportclose', () => {
      peer.removeProducer(producer);
      peer.room.withdraw(producer);
    });
    media.on('wantedencodingschange', (encodings) => {
      peer.notify('producerEncodings', { producerId: media.id, encodings });
    });
    media.on('score', (scores) => {
      peer.notify('producerScore', { producerId: media.id, scores: scores.map(({ score }) => score) });
    });
    peer.room.announce(producer);
    return { producerId: media.id };
  },

  async pauseProducer(peer, { producerId }) {
    const producer = findProducer(peer, producerId);
    await mediaCall(producer.media.pause());
    peer.room.pauseChanged(producer);
    return {};
  },

  async resumeProducer(peer, { producerId }) {
    const producer = findProducer(peer, producerId);
    await mediaCall(producer.media.resume());
    peer.room.pauseChanged(producer);
    return {};
  },

  async setVideoLayers(peer, { producerId, videoLayers }) {
    const producer = findProducer(peer, producerId);
    producer.videoLayers = videoLayers;
    peer.room.videoLayersChanged(producer);
    return Promise.resolve({});
  },

  async closeProducer(peer, { producerId }) {
    const producer = findProducer(peer, producerId);
    peer.removeProducer(producer);
    producer.media.close();
    peer.room.withdraw(producer);
    return Promise.resolve({});
  },

  async consumerReady(peer, { consumerIds }) {
    // Ids that closed while the message travelled are no error; each starts once, however often it is named.
    const consumers = [...new Set(consumerIds)].flatMap((id) => peer.consumers.get(id) ?? []);
    const starting = consumers.filter(({ ready, media }) => !ready && !media.closed);
    for (const consumer of starting) consumer.ready = true;
    await Promise.all(starting.filter(({ held }) => !held).map(({ media }) => mediaCall(media.resume())));
    return {};
  },

  async pauseConsumer(peer, { consumerId }) {
    const consumer = findConsumer(peer, consumerId);
    consumer.held = true;
    await mediaCall(consumer.media.pause());
    return {};
  },

  async resumeConsumer(peer, { consumerId }) {
    const consumer = findConsumer(peer, consumerId);
    consumer.held = false;
    if (consumer.ready) await mediaCall(consumer.media.resume());
    return {};
  },

  async setPreferredLayers(peer, { consumerId, spatialLayer, temporalLayer }) {
    await mediaCall(findConsumer(peer, consumerId).media.setPreferredLayers({ spatialLayer, temporalLayer }));
    return {};
  },

  async pin(peer, { peerIds }, { limits }) {
    const ids = [...new Set(peerIds)];
    if (ids.length > limits.maxPinsPerPeer) {
      throw new RequestError(
        'limit-reached',
        `a peer may pin ${limits.maxPinsPerPeer} others`,
        'data.peerIds',
      );
    }
    peer.pinnedIds = ids;
    peer.connection?.afterReply(() => peer.room.receiveAll(peer));
    return Promise.resolve({});
  },

  async requestKeyFrame(peer, { consumerId }) {
    await mediaCall(findConsumer(peer, consumerId).media.requestKeyFrame());
    return {};
  },

  async message(peer, { topic, payload, to }, context) {
    const bytes = Buffer.byteLength(payload);
    const { relayBytesPerSecond, relayBurstBytes } = context.limits;
    const now = context.now();
    peer.relayAllowance ??= new TokenBucket(relayBytesPerSecond, relayBurstBytes, now);
    if (!peer.relayAllowance.take(now, bytes)) {
      const message = `more than ${relayBytesPerSecond} bytes a second of messages; wait a little`;
      throw new RequestError('limit-reached', message);
    }
    return Promise.resolve({ recipients: peer.room.relay(peer, { topic, payload, to, bytes }) });
  },

  async raiseHand(peer, { raised }) {
    return Promise.resolve({ at: peer.room.raiseHand(peer, raised) });
  },

  async getStats(peer, { id }) {
    const own = peer.transports.get(id) ?? peer.producers.get(id) ?? peer.consumers.get(id);
    if (!own) throw notFound('transport, producer or consumer', id, 'data.id');
    return { stats: await mediaCall(own.media.getStats()) };
  },
};

function findTransport(peer: Peer, id: string): PeerTransport {
  return peer.transports.get(id) ?? raise(notFound('transport', id, 'data.transportId'));
}

function findProducer(peer: Peer, id: string): PeerProducer {
  return peer.producers.get(id) ?? raise(notFound('producer', id, 'data.producerId'));
}

function findConsumer(peer: Peer, id: string): PeerConsumer {
  return peer.consumers.get(id) ?? raise(notFound('consumer', id, 'data.consumerId'));
}

function notFound(what: string, id: string, field: string): RequestError {
  return new RequestError('not-found', `this peer has no ${what} "${id}"`, field);
}

function raise(error: Error): never {
  throw error;
}
