/**
 * What one peer receives: makes a consumer when a stream comes into its set, and closes it when it has been out of the
 * set for `lingerMs`, or earlier when its place is needed, so that at no time more flows than the set is large.
 */
import type { Logger } from 'pino';
import { describeConsumer, type Peer, type PeerConsumer, type PeerProducer } from './peer.js';
import type { PipeRegistry, Release } from './pipe-registry.js';

export interface ReceptionSettings {
  lingerMs: number;
  maxConsumers: number;
  pipes: PipeRegistry;
  log: Logger;
}

/** Streams described in one `newConsumers`: the client sets up a whole message in one SDP exchange. */
const CONSUMERS_PER_MESSAGE = 64;

/** Of 255: a shared screen is what everybody looks at, so it gets bandwidth before any face (1). */
export const SCREEN_PRIORITY = 200;

export class Reception {
  #wanted: ReadonlySet<PeerProducer> = new Set();
  /** Consumers by producer id; null while one is being made. */
  readonly #consumers = new Map<string, PeerConsumer | null>();
  /** Consumers that left the set, the first to leave first. */
  readonly #leaving = new Map<PeerConsumer, NodeJS.Timeout>();

  constructor(
    private readonly peer: Peer,
    private readonly settings: ReceptionSettings,
  ) {}

  /** Makes what is received equal to `wanted`; what cannot be had yet is tried again at the next call. */
  update(wanted: ReadonlySet<PeerProducer>): void {
    this.#wanted = wanted;
    for (const consumer of this.#consumers.values()) {
      if (consumer === null) continue;
      if (wanted.has(consumer.producer)) this.#keep(consumer);
      else this.#release(consumer);
    }
    const fresh = [...wanted].filter((producer) => this.#canConsume(producer));
    for (const producer of fresh) this.#makeRoom(producer);
    if (fresh.length > 0) void this.#consume(fresh.filter((producer) => this.#reserve(producer)));
  }

  close(): void {
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    this.#leaving.clear();
  }

  #canConsume({ media, owner }: PeerProducer): boolean {
    const { rtpCapabilities, receiveTransport } = this.peer;
    if (!rtpCapabilities || !receiveTransport || media.closed || this.#consumers.has(media.id)) return false;
    // All routers know the same codecs.
    return owner.shard.router.canConsume({ producerId: media.id, rtpCapabilities });
  }

  #reserve({ media }: PeerProducer): boolean {
    if (this.#consumers.size >= this.settings.maxConsumers) return false;
    this.#consumers.set(media.id, null);
    return true;
  }

  #keep(consumer: PeerConsumer): void {
    clearTimeout(this.#leaving.get(consumer));
    this.#leaving.delete(consumer);
  }

  #release(consumer: PeerConsumer): void {
    if (this.#leaving.has(consumer)) return;
    this.#leaving.set(
      consumer,
      setTimeout(() => this.#end(consumer), this.settings.lingerMs),
    );
  }

  /** The newcomer takes the place of one of its kind that is on its way out. */
  #makeRoom({ source }: PeerProducer): void {
    for (const consumer of this.#leaving.keys()) {
      if (consumer.producer.source === source) return this.#end(consumer);
    }
  }

  #end(consumer: PeerConsumer): void {
    const consumerId = consumer.media.id;
    this.#forget(consumer);
    consumer.media.close();
    this.peer.notify('consumerClosed', { consumerId });
  }

  #forget(consumer: PeerConsumer): void {
    this.#keep(consumer);
    this.#consumers.delete(consumer.producer.media.id);
    this.peer.removeConsumer(consumer);
    consumer.release();
  }

  async #consume(producers: PeerProducer[]): Promise<void> {
    const created = await Promise.all(producers.map((producer) => this.#consumeOne(producer)));
    const consumers = created.filter((consumer) => consumer !== null && !consumer.media.closed);
    for (let at = 0; at < consumers.length; at += CONSUMERS_PER_MESSAGE) {
      const part = consumers.slice(at, at + CONSUMERS_PER_MESSAGE) as PeerConsumer[];
      this.peer.notify('newConsumers', { consumers: part.map(describeConsumer) });
    }
  }

  /** Never rejects: one stream that cannot be had must not cost the others. */
  async #consumeOne(producer: PeerProducer): Promise<PeerConsumer | null> {
    const { peer } = this;
    const producerId = producer.media.id;
    let release: Release | undefined;
    try {
      release = await this.settings.pipes.acquire(producer, peer.shard);
      if (!this.#isDue(producer)) throw new Error('not wanted any more');
      // Paused until the client has set up its side: a key frame sent earlier would be lost.
      const media = await peer.receiveTransport!.consume({
        producerId,
        rtpCapabilities: peer.rtpCapabilities!,
        paused: true,
      });
      if (!this.#isDue(producer)) {
        media.close();
        throw new Error('not wanted any more');
      }
      const unknown = { layers: undefined, producerScore: undefined };
      const consumer: PeerConsumer = { media, producer, ready: false, held: false, ...unknown, release };
      peer.shard.receiving.add(peer);
      this.#consumers.set(producerId, consumer);
      peer.addConsumer(consumer);
      this.#watch(consumer);
      if (producer.source === 'screen') await media.setPriority(SCREEN_PRIORITY).catch(() => {});
      return consumer;
    } catch (error) {
      release?.();
      this.#consumers.delete(producerId);
      if (this.#isDue(producer)) {
        const about = { err: error, room: peer.room.name, peerId: peer.id, producerId };
        this.settings.log.warn(about, 'cannot consume');
      }
      return null;
    }
  }

  /** What was begun for it is still of use. */
  #isDue(producer: PeerProducer): boolean {
    return (
      !this.peer.closed && !this.peer.room.closed && !producer.media.closed && this.#wanted.has(producer)
    );
  }

  #watch(consumer: PeerConsumer): void {
    const { peer } = this;
    const { media } = consumer;
    const consumerId = media.id;
    media.on('transportclose', () => this.#forget(consumer));
    media.on('producerclose', () => {
      this.#forget(consumer);
      peer.notify('consumerClosed', { consumerId });
      // Its pipe may have ended alone.
      if (this.#isDue(consumer.producer)) this.update(this.#wanted);
    });
    media.on('producerpause', () => peer.notify('consumerPaused', { consumerId }));
    media.on('producerresume', () => peer.notify('consumerResumed', { consumerId }));
    media.on('score', ({ score, producerScore }) => {
      consumer.producerScore = producerScore;
      peer.notify('consumerScore', { consumerId, score, producerScore });
    });
    media.on('layerschange', (layers) => {
      consumer.layers = layers ?? null;
      peer.notify('layersChanged', { consumerId, layers: consumer.layers });
    });
  }
}
