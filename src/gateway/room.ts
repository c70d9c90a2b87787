/**
 * A room: its peers, what they are told about each other, and who speaks. Who receives what is room-economy.ts; on which
 * workers it lives, room-shards.ts.
 */
import type { Logger } from 'pino';
import type { NotificationName, Notifications } from '../signalling/messages.js';
import type { LeaveReason } from '../signalling/protocol.js';
import type { Volume } from './floor.js';
import type { MediaBackend } from './media-backend.js';
import type { Peer, PeerProducer, PeerRoom, Relayed, Shard } from './peer.js';
import { PipeRegistry } from './pipe-registry.js';
import { Reception } from './reception.js';
import { type EconomySettings, expectedStreams, RoomEconomy } from './room-economy.js';
import { RoomShards } from './room-shards.js';
import { RoomSpeakers } from './room-speakers.js';
import { SharedNotification } from './shared-notification.js';

export interface RoomSettings extends EconomySettings {
  maxConsumersPerPeer: number;
  maxConsumersPerWorker: number;
  /** Milliseconds that a stream goes on from worker to worker after the last one there who received it. */
  pipeLinger: number;
  /** Bytes of relayed messages kept for somebody whose socket is away. */
  maxMissedBytes: number;
  log: Logger;
  /** Nobody is in it and nobody is on the way in. */
  onEmpty(room: Room): void;
  /** A worker died; these peers have no media any more and are to be removed. */
  onPeersLost(room: Room, peers: readonly Peer[]): void;
  /** For the metrics. */
  onStageChanged(kind: 'audio' | 'video'): void;
  onSpeakerChanged(): void;
}

/** Changes of what peers publish are gathered this long, so that many joins at once are few messages. */
const NEWS_INTERVAL_MS = 200;

export class Room implements PeerRoom {
  readonly peers = new Map<string, Peer>();
  closed = false;
  activeSpeakerId: string | null = null;
  /** Those whom the `authorize` hook gave an id, by that id. */
  readonly #participants = new Map<string, Peer>();
  /** Of those for whom there was something to receive. */
  readonly #receptions = new Map<Peer, Reception>();
  readonly #owners = new Map<string, Peer>();
  readonly #economy: RoomEconomy;
  readonly #speakers: RoomSpeakers;
  readonly #shards: RoomShards;
  readonly #pipes: PipeRegistry;
  /** Peers whose published sources changed and are not told yet. */
  readonly #news = new Set<Peer>();
  #newsTimer: NodeJS.Timeout | undefined;
  #silent = true;
  #refreshing = false;
  #lastHandAt = 0;

  constructor(
    readonly name: string,
    media: MediaBackend,
    private readonly settings: RoomSettings,
  ) {
    this.#economy = new RoomEconomy(this.peers, settings, {
      onStageChanged: (kind) => {
        settings.onStageChanged(kind);
        this.#refresh();
      },
    });
    const events = {
      onDominant: (producerId: string) => this.#dominant(producerId),
      onHeard: (producerId: string) => this.#heard(producerId),
      onVolumes: (volumes: Volume[]) => this.#volumes(volumes),
    };
    this.#speakers = new RoomSpeakers(events, settings.log);
    this.#pipes = new PipeRegistry(settings.pipeLinger);
    this.#shards = new RoomShards(media, {
      maxConsumersPerWorker: settings.maxConsumersPerWorker,
      log: settings.log.child({ room: name }),
      expectedStreams: (people) => expectedStreams(settings, people),
      onLost: ({ peers }) => this.#lost([...peers]),
      onGone: (shard) => this.#speakers.shardGone(shard),
    });
  }

  /** People in it and on their way in. */
  get seats(): number {
    return this.#shards.seats;
  }

  /** Workers that it is on. */
  get shardCount(): number {
    return this.#shards.shards.size;
  }

  /** Streams that go from one of its workers to another. */
  get pipeCount(): number {
    return this.#pipes.size;
  }

  /** A place on a worker for somebody who is then added. Rejects when there is none to be had. */
  async takeSeat(): Promise<Shard> {
    try {
      return await this.#shards.take();
    } catch (error) {
      this.#endIfEmpty();
      throw error;
    }
  }

  /** A seat that was taken for somebody who does not come after all. */
  giveBackSeat(shard: Shard): void {
    this.#shards.leave(shard);
    this.#endIfEmpty();
  }

  /** `peer` has the seat that was taken for it. */
  add(peer: Peer): void {
    peer.shard.peers.add(peer);
    this.#tell('peerJoined', peer.describe());
    this.peers.set(peer.id, peer);
    if (peer.participantId !== peer.id) this.#participants.set(peer.participantId, peer);
  }

  findParticipant(participantId: string): Peer | undefined {
    const known = this.#participants.get(participantId);
    if (known) return known;
    const peer = this.peers.get(participantId);
    return peer?.participantId === participantId ? peer : undefined;
  }

  /** Ends the media of these peers and tells the others. */
  remove(peers: readonly Peer[], reason: LeaveReason): void {
    const leaving = peers.filter((peer) => this.peers.delete(peer.id));
    for (const peer of leaving) {
      if (this.#participants.get(peer.participantId) === peer) this.#participants.delete(peer.participantId);
      this.#end(peer);
    }
    for (const peer of leaving) {
      this.#tell('peerLeft', { peerId: peer.id, reason });
      this.#forgetSpeaker(peer);
    }
    this.#refresh();
    this.#endIfEmpty();
  }

  /** A new stream: those who want it start to receive it. */
  announce(producer: PeerProducer): void {
    const { media, source, owner } = producer;
    this.#owners.set(media.id, owner);
    this.#economy.producerAdded(producer);
    if (source === 'microphone') void this.#speakers.watch(owner.shard, media.id);
    this.#sourcesChanged(owner);
    this.#refresh();
  }

  /** A stream has ended and is no longer among its owner's. */
  withdraw(producer: PeerProducer): void {
    if (!this.#owners.delete(producer.media.id)) return;
    this.#speakers.unwatch(producer.media.id);
    this.#economy.producerRemoved(producer);
    if (producer.source === 'microphone') this.#forgetSpeaker(producer.owner);
    this.#sourcesChanged(producer.owner);
    this.#refresh();
  }

  pauseChanged(producer: PeerProducer): void {
    this.#sourcesChanged(producer.owner);
    this.#economy.pauseChanged(producer);
  }

  videoLayersChanged({ media, videoLayers }: PeerProducer): void {
    for (const peer of this.peers.values()) {
      for (const consumer of peer.consumers.values()) {
        if (consumer.producer.media !== media || !videoLayers) continue;
        peer.notify('videoLayersChanged', { consumerId: consumer.media.id, videoLayers });
      }
    }
  }

  mute(producer: PeerProducer): void {
    const { media, owner } = producer;
    owner.removeProducer(producer);
    media.close();
    this.withdraw(producer);
    owner.muted(media.id);
  }

  relay(from: Peer, { topic, payload, to, bytes }: Relayed): number {
    const message = SharedNotification.of('message', { from: from.id, topic, payload });
    const ids = to ? new Set(to) : this.peers.keys();
    let recipients = 0;
    for (const id of ids) {
      const peer = this.peers.get(id);
      if (!peer || peer === from) continue;
      peer.relay(message, bytes, this.settings.maxMissedBytes);
      recipients++;
    }
    return recipients;
  }

  raiseHand(peer: Peer, raised: boolean): number | null {
    if (raised === (peer.handRaisedAt !== null)) return peer.handRaisedAt;
    const at = raised ? (this.#lastHandAt = Math.max(Date.now(), this.#lastHandAt + 1)) : null;
    peer.handRaisedAt = at;
    this.#tell('handRaised', { peerId: peer.id, at }, peer);
    return at;
  }

  /** The peer starts to receive what it is due and does not receive yet; needs capabilities and a transport. */
  receiveAll(peer: Peer): void {
    if (this.closed || !this.peers.has(peer.id)) return;
    const wanted = this.#economy.wantedBy(peer);
    if (wanted.size > 0 || this.#receptions.has(peer)) this.#receptionOf(peer).update(wanted);
  }

  close(): void {
    this.closed = true;
    this.#owners.clear();
    clearTimeout(this.#newsTimer);
    this.#economy.close();
    this.#speakers.close();
    for (const reception of this.#receptions.values()) reception.close();
    this.#receptions.clear();
    for (const peer of this.peers.values()) peer.close();
    this.peers.clear();
    this.#participants.clear();
    this.#pipes.close();
    this.#shards.close();
  }

  #receptionOf(peer: Peer): Reception {
    let reception = this.#receptions.get(peer);
    if (reception) return reception;
    const { consumerLinger: lingerMs, maxConsumersPerPeer: maxConsumers, log } = this.settings;
    reception = new Reception(peer, { lingerMs, maxConsumers, pipes: this.#pipes, log });
    this.#receptions.set(peer, reception);
    return reception;
  }

  #end(peer: Peer): void {
    this.#receptions.get(peer)?.close();
    this.#receptions.delete(peer);
    this.#news.delete(peer);
    for (const producerId of peer.producers.keys()) {
      this.#owners.delete(producerId);
      this.#speakers.unwatch(producerId);
    }
    this.#economy.peerRemoved(peer);
    peer.close();
    this.#shards.leave(peer.shard, peer);
  }

  #endIfEmpty(): void {
    if (this.seats === 0 && !this.closed) this.settings.onEmpty(this);
  }

  #lost(peers: readonly Peer[]): void {
    if (!this.closed) this.settings.onPeersLost(this, peers);
  }

  /** Tells the others soon what the peer publishes now. */
  #sourcesChanged(peer: Peer): void {
    this.#news.add(peer);
    this.#newsTimer ??= setTimeout(() => this.#tellNews(), NEWS_INTERVAL_MS);
  }

  /** Once for all that changes in a turn: a worker that dies takes hundreds of streams along. */
  #refresh(): void {
    if (this.#refreshing) return;
    this.#refreshing = true;
    queueMicrotask(() => {
      this.#refreshing = false;
      for (const peer of this.peers.values()) this.receiveAll(peer);
    });
  }

  #tell<K extends NotificationName>(notification: K, data: Notifications[K], except?: Peer): void {
    const message = SharedNotification.of(notification, data);
    for (const peer of this.peers.values()) if (peer !== except) peer.deliver(message);
  }

  #tellNews(): void {
    this.#newsTimer = undefined;
    const news = new Set(this.#news);
    this.#news.clear();
    if (news.size === 0) return;
    const changed = [...news].map((peer) => ({ peerId: peer.id, sources: peer.describeSources() }));
    const message = SharedNotification.of('peersUpdated', { peers: changed });
    for (const peer of this.peers.values()) {
      if (!news.has(peer)) peer.deliver(message);
      else if (changed.length > 1) {
        peer.notify('peersUpdated', { peers: changed.filter(({ peerId }) => peerId !== peer.id) });
      }
    }
  }

  #dominant(producerId: string): void {
    const peer = this.#owners.get(producerId);
    if (!peer || this.closed) return;
    this.#economy.leads(peer);
    if (peer.id === this.activeSpeakerId) return;
    this.activeSpeakerId = peer.id;
    this.settings.onSpeakerChanged();
    this.#tell('activeSpeaker', { peerId: peer.id });
  }

  #heard(producerId: string): void {
    const peer = this.#owners.get(producerId);
    if (peer && !this.closed) this.#economy.heard(peer);
  }

  #volumes(volumes: Volume[]): void {
    if (this.closed) return;
    const levels: Notifications['audioLevels']['levels'] = [];
    for (const { producerId, volume } of volumes) {
      const peer = this.#owners.get(producerId);
      if (peer) levels.push({ peerId: peer.id, volume });
    }
    if (levels.length === 0 && this.#silent) return;
    this.#silent = levels.length === 0;
    this.#tell('audioLevels', { levels });
  }

  #forgetSpeaker(peer: Peer): void {
    if (this.activeSpeakerId !== peer.id) return;
    this.activeSpeakerId = null;
    this.#tell('activeSpeaker', { peerId: null });
  }
}
