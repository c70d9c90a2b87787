/** Keeps the book of remote peers and tracks and emits what changes; every call may come twice or late. */
import type { types } from 'mediasoup-client';
import type {
  AudioLevel,
  ConsumerInfo,
  PeerInfo,
  PublishedSource,
  VideoLayer,
} from '../signalling/messages.js';
import type { ReceivedLayers, RemotePeer, RemoteTrack } from './remote-peer.js';
import { ReceivedTrack, type RemoteTrackControl } from './remote-track.js';

/** Whose stream a receiver is for. */
export type ReceiverInfo = Pick<ConsumerInfo, 'consumerId' | 'peerId' | 'kind' | 'source'>;

export interface RemoteEvents {
  peerjoined: [RemotePeer];
  peerleft: [RemotePeer, string];
  peerupdated: [RemotePeer];
  trackadded: [RemotePeer, RemoteTrack];
  trackremoved: [RemotePeer, RemoteTrack];
  /** Emitted by the receiver. */
  receivercreated: [ReceiverInfo, RTCRtpReceiver];
  trackpaused: [RemotePeer, RemoteTrack];
  trackresumed: [RemotePeer, RemoteTrack];
  layerschanged: [RemotePeer, RemoteTrack, ReceivedLayers | null];
  activespeaker: [string | null];
  audiolevels: [AudioLevel[]];
  message: [RemotePeer, string, string];
  handraised: [string, number | null];
}

/** The client's own, writable view of a peer. */
export interface MutableRemotePeer extends RemotePeer {
  readonly tracks: Map<string, ReceivedTrack>;
  sources: RemotePeer['sources'];
  handRaisedAt: number | null;
}

export class RemotePeers {
  readonly peers = new Map<string, MutableRemotePeer>();
  activeSpeakerId: string | null = null;
  /** Consumers being set up, with what was told of them meanwhile. */
  readonly #reserved = new Map<string, Partial<ConsumerInfo>>();

  constructor(
    readonly emit: <K extends keyof RemoteEvents>(event: K, ...args: RemoteEvents[K]) => void,
    private readonly control: RemoteTrackControl,
  ) {}

  /** The whole list: the missing have left, the new have come. */
  setPeers(infos: PeerInfo[]): void {
    const present = new Set(infos.map(({ peerId }) => peerId));
    for (const id of [...this.peers.keys()]) if (!present.has(id)) this.removePeer(id, 'left');
    for (const info of infos) {
      if (!this.peers.has(info.peerId)) {
        this.addPeer(info);
        continue;
      }
      this.updatePeer(info.peerId, info.sources ?? []);
      this.setHand(info.peerId, info.handRaisedAt ?? null);
    }
  }

  addPeer({ peerId, displayName, sources, participantId, info, handRaisedAt }: PeerInfo): void {
    if (this.peers.has(peerId)) return;
    const peer: MutableRemotePeer = {
      id: peerId,
      displayName,
      participantId,
      info: info ?? {},
      handRaisedAt: handRaisedAt ?? null,
      tracks: new Map(),
      sources: sourceMap(sources ?? []),
    };
    this.peers.set(peerId, peer);
    this.emit('peerjoined', peer);
  }

  updatePeer(id: string, sources: PublishedSource[]): void {
    const peer = this.peers.get(id);
    if (!peer || sameSources(peer.sources, sources)) return;
    peer.sources = sourceMap(sources);
    this.emit('peerupdated', peer);
  }

  removePeer(id: string, reason: string): void {
    const peer = this.peers.get(id);
    if (!peer) return;
    for (const track of [...peer.tracks.values()]) this.removeTrack(track.id);
    this.peers.delete(id);
    this.emit('peerleft', peer, reason);
  }

  /** False: it is there or on its way already. */
  reserve(consumerId: string): boolean {
    if (this.#reserved.has(consumerId) || this.#find(consumerId)) return false;
    this.#reserved.set(consumerId, {});
    return true;
  }

  has(consumerId: string): boolean {
    return this.#find(consumerId) !== undefined;
  }

  release(consumerId: string): void {
    this.#reserved.delete(consumerId);
  }

  /** False: it was closed, or its sender left, while it was being set up; the consumer is closed then. */
  addTrack(info: ConsumerInfo, consumer: types.Consumer, consumedAt: number): boolean {
    const peer = this.peers.get(info.peerId);
    const news = this.#reserved.get(info.consumerId);
    this.#reserved.delete(info.consumerId);
    if (!peer || !news) {
      consumer.close();
      return false;
    }
    const track = new ReceivedTrack({ ...info, ...news }, consumer, consumedAt, this.control);
    peer.tracks.set(track.id, track);
    this.emit('trackadded', peer, track);
    return true;
  }

  removeTrack(consumerId: string): void {
    this.#reserved.delete(consumerId);
    const found = this.#find(consumerId);
    if (!found) return;
    found.peer.tracks.delete(consumerId);
    found.track.end();
    this.emit('trackremoved', found.peer, found.track);
  }

  /** Removes all tracks but these. */
  keepTracks(consumerIds: ReadonlySet<string>): void {
    for (const id of [...this.#reserved.keys()]) if (!consumerIds.has(id)) this.#reserved.delete(id);
    for (const peer of this.peers.values()) {
      for (const id of [...peer.tracks.keys()]) if (!consumerIds.has(id)) this.removeTrack(id);
    }
  }

  /** After a join: all that the server says of consumers that are there or on their way. */
  setStates(infos: readonly ConsumerInfo[]): void {
    for (const { consumerId, producerPaused, layers, producerScore, videoLayers } of infos) {
      this.setPaused(consumerId, producerPaused);
      if (layers !== undefined) this.layersChanged(consumerId, layers);
      if (producerScore !== undefined) this.setProducerScore(consumerId, producerScore);
      if (videoLayers) this.setVideoLayers(consumerId, videoLayers);
    }
  }

  /** The page's own choice. Resolves when the server knows it. */
  async setReceiving(consumerId: string, receiving: boolean): Promise<void> {
    await this.#find(consumerId)?.track.setReceiving(receiving);
  }

  /** After a resume: the server may have missed what the page asked for last. */
  repeatWishes(): void {
    for (const { tracks } of this.peers.values()) for (const track of tracks.values()) track.repeat();
  }

  setPaused(consumerId: string, paused: boolean): void {
    this.#note(consumerId, { producerPaused: paused });
    const found = this.#find(consumerId);
    if (!found || found.track.paused === paused) return;
    found.track.paused = paused;
    this.emit(paused ? 'trackpaused' : 'trackresumed', found.peer, found.track);
  }

  layersChanged(consumerId: string, layers: ReceivedLayers | null): void {
    this.#note(consumerId, { layers });
    const found = this.#find(consumerId);
    if (!found || sameLayers(found.track.layers, layers)) return;
    found.track.layers = layers;
    this.emit('layerschanged', found.peer, found.track, layers);
  }

  setProducerScore(consumerId: string, producerScore: number): void {
    this.#note(consumerId, { producerScore });
    const found = this.#find(consumerId);
    if (found) found.track.producerScore = producerScore;
  }

  setVideoLayers(consumerId: string, videoLayers: VideoLayer[]): void {
    this.#note(consumerId, { videoLayers });
    this.#find(consumerId)?.track.setVideoLayers(videoLayers);
  }

  setHand(id: string, at: number | null): void {
    const peer = this.peers.get(id);
    if (!peer || peer.handRaisedAt === at) return;
    peer.handRaisedAt = at;
    this.emit('handraised', id, at);
  }

  message(from: string, topic: string, payload: string): void {
    const peer = this.peers.get(from);
    if (peer) this.emit('message', peer, topic, payload);
  }

  setActiveSpeaker(peerId: string | null): void {
    if (this.activeSpeakerId === peerId) return;
    this.activeSpeakerId = peerId;
    this.emit('activespeaker', peerId);
  }

  clear(reason: string): void {
    this.#reserved.clear();
    for (const id of [...this.peers.keys()]) this.removePeer(id, reason);
    this.setActiveSpeaker(null);
  }

  #note(consumerId: string, news: Partial<ConsumerInfo>): void {
    const known = this.#reserved.get(consumerId);
    if (known) Object.assign(known, news);
  }

  #find(consumerId: string): { peer: MutableRemotePeer; track: ReceivedTrack } | undefined {
    for (const peer of this.peers.values()) {
      const track = peer.tracks.get(consumerId);
      if (track) return { peer, track };
    }
    return undefined;
  }
}

/** Of several of one kind the newest counts. */
function sourceMap(sources: PublishedSource[]): RemotePeer['sources'] {
  return new Map(sources.map(({ source, paused }) => [source, { paused }]));
}

function sameLayers(known: ReceivedLayers | null | undefined, told: ReceivedLayers | null): boolean {
  if (!known || !told) return known === told;
  return known.spatialLayer === told.spatialLayer && known.temporalLayer === told.temporalLayer;
}

function sameSources(known: RemotePeer['sources'], sources: PublishedSource[]): boolean {
  const told = sourceMap(sources);
  return (
    known.size === told.size &&
    [...told].every(([source, { paused }]) => known.get(source)?.paused === paused)
  );
}
