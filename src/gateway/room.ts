/** A room: its peers, and who receives whose streams (everybody everybody else's). */
import type { Logger } from 'pino';
import type { LeaveReason } from '../signalling/protocol.js';
import type { MediaRouter } from './media-backend.js';
import { describeConsumer, type Peer, type PeerConsumer, type PeerProducer, type PeerRoom } from './peer.js';

export interface RoomSettings {
  maxConsumersPerPeer: number;
  log: Logger;
  onEmpty(room: Room): void;
}

/** Streams described in one `newConsumers`: the client sets up a whole message in one SDP exchange. */
const CONSUMERS_PER_MESSAGE = 64;

export class Room implements PeerRoom {
  readonly peers = new Map<string, Peer>();
  closed = false;

  constructor(
    readonly name: string,
    readonly router: MediaRouter,
    private readonly settings: RoomSettings,
  ) {}

  add(peer: Peer): void {
    for (const other of this.peers.values()) {
      other.notify('peerJoined', { peerId: peer.id, displayName: peer.displayName });
    }
    this.peers.set(peer.id, peer);
  }

  /** Ends the peer's media and tells the others. */
  remove(peer: Peer, reason: LeaveReason): void {
    if (!this.peers.delete(peer.id)) return;
    peer.close();
    for (const other of this.peers.values()) other.notify('peerLeft', { peerId: peer.id, reason });
    if (this.peers.size === 0 && !this.closed) this.settings.onEmpty(this);
  }

  /** Everybody else starts to receive a new stream. */
  announce(producer: PeerProducer): void {
    for (const other of this.peers.values()) {
      if (other !== producer.owner) void this.#consume(other, [producer]);
    }
  }

  /** The peer starts to receive every stream of the others that it does not yet; needs capabilities and a transport. */
  receiveAll(peer: Peer): void {
    const producers: PeerProducer[] = [];
    for (const other of this.peers.values()) {
      if (other !== peer) producers.push(...other.producers.values());
    }
    if (producers.length > 0) void this.#consume(peer, producers);
  }

  close(): void {
    this.closed = true;
    for (const peer of this.peers.values()) peer.close();
    this.peers.clear();
    this.router.close();
  }

  async #consume(peer: Peer, producers: PeerProducer[]): Promise<void> {
    const created = await Promise.all(producers.map((producer) => this.#consumeOne(peer, producer)));
    const consumers = created.filter(
      (consumer) => consumer !== null && !consumer.media.closed,
    ) as PeerConsumer[];
    for (let at = 0; at < consumers.length; at += CONSUMERS_PER_MESSAGE) {
      const part = consumers.slice(at, at + CONSUMERS_PER_MESSAGE);
      peer.notify('newConsumers', { consumers: part.map(describeConsumer) });
    }
  }

  /** Never rejects: one stream that cannot be had must not cost the others. */
  async #consumeOne(peer: Peer, producer: PeerProducer): Promise<PeerConsumer | null> {
    const { rtpCapabilities, receiveTransport: transport, consumedProducerIds } = peer;
    const producerId = producer.media.id;
    if (!rtpCapabilities || !transport || consumedProducerIds.has(producerId)) return null;
    if (consumedProducerIds.size >= this.settings.maxConsumersPerPeer) return null;
    if (!this.router.canConsume({ producerId, rtpCapabilities })) return null;
    consumedProducerIds.add(producerId);
    try {
      // Paused until the client has set up its side: a key frame sent earlier would be lost.
      const media = await transport.consume({ producerId, rtpCapabilities, paused: true });
      if (peer.closed || producer.media.closed) {
        media.close();
        consumedProducerIds.delete(producerId);
        return null;
      }
      const consumer: PeerConsumer = { media, producer, ready: false };
      peer.consumers.set(media.id, consumer);
      this.#watch(peer, consumer);
      return consumer;
    } catch (error) {
      consumedProducerIds.delete(producerId);
      const expected = peer.closed || producer.media.closed || this.closed;
      if (!expected)
        this.settings.log.warn(
          { err: error, room: this.name, peerId: peer.id, producerId },
          'cannot consume',
        );
      return null;
    }
  }

  #watch(peer: Peer, consumer: PeerConsumer): void {
    const { media } = consumer;
    const consumerId = media.id;
    const forget = (): void => {
      peer.consumers.delete(consumerId);
      peer.consumedProducerIds.delete(consumer.producer.media.id);
    };
    media.on('transportclose', forget);
    media.on('producerclose', () => {
      forget();
      peer.notify('consumerClosed', { consumerId });
    });
    media.on('producerpause', () => peer.notify('consumerPaused', { consumerId }));
    media.on('producerresume', () => peer.notify('consumerResumed', { consumerId }));
    media.on('score', ({ score, producerScore }) =>
      peer.notify('consumerScore', { consumerId, score, producerScore }),
    );
    media.on('layerschange', (layers) =>
      peer.notify('layersChanged', { consumerId, layers: layers ?? null }),
    );
  }
}
