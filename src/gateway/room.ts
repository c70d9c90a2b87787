/** A room: its peers, what they are told about each other, and who speaks. Who receives what is room-economy.ts. */
import type { Logger } from 'pino';
import type { NotificationName, Notifications } from '../signalling/messages.js';
import type { LeaveReason } from '../signalling/protocol.js';
import type { MediaRouter } from './media-backend.js';
import { type Peer, type PeerProducer, type PeerRoom } from './peer.js';
import { Reception } from './reception.js';
import { type EconomySettings, RoomEconomy } from './room-economy.js';
import { RoomSpeakers } from './room-speakers.js';

export interface RoomSettings extends EconomySettings {
  maxConsumersPerPeer: number;
  log: Logger;
  onEmpty(room: Room): void;
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
  readonly #receptions = new Map<Peer, Reception>();
  readonly #owners = new Map<string, Peer>();
  readonly #economy: RoomEconomy;
  readonly #speakers: RoomSpeakers;
  /** Peers whose published sources changed and are not told yet. */
  readonly #news = new Set<Peer>();
  #newsTimer: NodeJS.Timeout | undefined;
  #silent = true;

  constructor(
    readonly name: string,
    readonly router: MediaRouter,
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
      onVolumes: (volumes: { producerId: string; volume: number }[]) => this.#volumes(volumes),
    };
    this.#speakers = new RoomSpeakers(router, events, settings.log);
  }

  add(peer: Peer): void {
    this.#tell('peerJoined', { peerId: peer.id, displayName: peer.displayName });
    this.peers.set(peer.id, peer);
    const { consumerLinger: lingerMs, maxConsumersPerPeer: maxConsumers, log } = this.settings;
    this.#receptions.set(peer, new Reception(peer, { lingerMs, maxConsumers, log }));
  }

  /** Ends the peer's media and tells the others. */
  remove(peer: Peer, reason: LeaveReason): void {
    if (!this.peers.delete(peer.id)) return;
    this.#receptions.get(peer)?.close();
    this.#receptions.delete(peer);
    this.#news.delete(peer);
    for (const producerId of peer.producers.keys()) this.#owners.delete(producerId);
    this.#economy.peerRemoved(peer);
    peer.close();
    this.#tell('peerLeft', { peerId: peer.id, reason });
    this.#forgetSpeaker(peer);
    if (this.peers.size === 0 && !this.closed) this.settings.onEmpty(this);
    else this.#refresh();
  }

  /** A new stream: those who want it start to receive it. */
  announce(producer: PeerProducer): void {
    const { media, source, owner } = producer;
    this.#owners.set(media.id, owner);
    this.#economy.producerAdded(producer);
    if (source === 'microphone') void this.#speakers.watch(media.id);
    this.#sourcesChanged(owner);
    this.#refresh();
  }

  /** A stream has ended and is no longer among its owner's. */
  withdraw(producer: PeerProducer): void {
    if (!this.#owners.delete(producer.media.id)) return;
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

  /** The peer starts to receive what it is due and does not receive yet; needs capabilities and a transport. */
  receiveAll(peer: Peer): void {
    if (!this.closed) this.#receptions.get(peer)?.update(this.#economy.wantedBy(peer));
  }

  close(): void {
    this.closed = true;
    this.#owners.clear();
    clearTimeout(this.#newsTimer);
    this.#economy.close();
    for (const reception of this.#receptions.values()) reception.close();
    this.#receptions.clear();
    for (const peer of this.peers.values()) peer.close();
    this.peers.clear();
    this.router.close();
  }

  /** Tells the others soon what the peer publishes now. */
  #sourcesChanged(peer: Peer): void {
    this.#news.add(peer);
    this.#newsTimer ??= setTimeout(() => this.#tellNews(), NEWS_INTERVAL_MS);
  }

  #refresh(): void {
    for (const peer of this.peers.values()) this.receiveAll(peer);
  }

  #tell<K extends NotificationName>(notification: K, data: Notifications[K]): void {
    for (const peer of this.peers.values()) peer.notify(notification, data);
  }

  #tellNews(): void {
    this.#newsTimer = undefined;
    const changed = [...this.#news].map((peer) => ({ peerId: peer.id, sources: peer.describeSources() }));
    this.#news.clear();
    for (const peer of this.peers.values()) {
      const others = changed.filter(({ peerId }) => peerId !== peer.id);
      if (others.length > 0) peer.notify('peersUpdated', { peers: others });
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

  #volumes(volumes: { producerId: string; volume: number }[]): void {
    if (this.closed) return;
    const levels: Notifications['audioLevels']['levels'] = [];
    for (const { producerId, volume } of volumes) {
      const peer = this.#owners.get(producerId);
      if (!peer) continue;
      levels.push({ peerId: peer.id, volume });
      this.#economy.heard(peer);
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
