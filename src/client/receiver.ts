/** Turns what the server says about the others into peers and tracks: sets up consumers and keeps the book. */
import type { types } from 'mediasoup-client';
import type {
  ConsumerInfo,
  JoinResponse,
  NotificationMessage,
  RequestName,
  Requests,
} from '../signalling/messages.js';
import type { MediaSession } from './media-session.js';
import { encryptionRequired } from './encoded-transforms.js';
import { RemotePeers } from './remote-peers.js';

export interface ReceiverSettings {
  emit: RemotePeers['emit'];
  /** Streams without an encoded transform are not shown to the page. */
  requireEncryption: boolean;
  /** The present session's media; null while there is none. */
  media(): MediaSession | null;
  /** A request whose loss the next join makes good. Never rejects. */
  tell: <K extends RequestName>(request: K, data: Requests[K]['data']) => Promise<void>;
  onError(error: unknown): void;
}

/** Consumers named in one message; what the server takes. */
const READY_BATCH = 256;

export class Receiver {
  readonly remote: RemotePeers;

  constructor(private readonly settings: ReceiverSettings) {
    const { tell } = settings;
    this.remote = new RemotePeers(settings.emit, {
      setReceiving: (consumerId, receiving) =>
        tell(receiving ? 'resumeConsumer' : 'pauseConsumer', { consumerId }),
      setPreferredLayers: (consumerId, layers) => void tell('setPreferredLayers', { consumerId, ...layers }),
    });
  }

  /** After a join: makes the book equal to what the server has. */
  joined(joined: JoinResponse, media: MediaSession): void {
    const { remote } = this;
    remote.setPeers(joined.peers);
    remote.keepTracks(new Set(joined.consumers.map(({ consumerId }) => consumerId)));
    remote.setStates(joined.consumers);
    remote.setActiveSpeaker(joined.activeSpeakerId ?? null);
    if (joined.resumed) remote.repeatWishes();
    if (joined.consumers.length > 0) void this.#consume(joined.consumers, media);
  }

  handle({ notification: name, data }: NotificationMessage, media: MediaSession): void {
    const { remote } = this;
    switch (name) {
      case 'peerJoined':
        return remote.addPeer(data);
      case 'peerLeft':
        return remote.removePeer(data.peerId, data.reason);
      case 'peersUpdated':
        return data.peers.forEach(({ peerId, sources }) => remote.updatePeer(peerId, sources));
      case 'newConsumers':
        return void this.#consume(data.consumers, media);
      case 'consumerClosed':
        return remote.removeTrack(data.consumerId);
      case 'consumerPaused':
        return remote.setPaused(data.consumerId, true);
      case 'consumerResumed':
        return remote.setPaused(data.consumerId, false);
      case 'layersChanged':
        return remote.layersChanged(data.consumerId, data.layers);
      case 'videoLayersChanged':
        return remote.setVideoLayers(data.consumerId, data.videoLayers);
      case 'consumerScore':
        return remote.setProducerScore(data.consumerId, data.producerScore);
      case 'message':
        return remote.message(data.from, data.topic, data.payload);
      case 'handRaised':
        return remote.setHand(data.peerId, data.at);
      case 'activeSpeaker':
        return remote.setActiveSpeaker(data.peerId);
      case 'audioLevels':
        return remote.emit('audiolevels', data.levels);
      default: // not about the others, or from a newer server
    }
  }

  /** All of one message are set up in one SDP exchange; then the server lets their media flow. */
  async #consume(infos: ConsumerInfo[], media: MediaSession): Promise<void> {
    const { remote, settings } = this;
    const fresh = infos.filter(({ consumerId }) => remote.reserve(consumerId));
    const consumedAt = performance.now();
    const results = await Promise.allSettled(fresh.map((info) => this.#receive(info, media)));
    if (settings.media() !== media) return;
    const ready = infos
      .filter((info) => !info.ready && !fresh.includes(info) && remote.has(info.consumerId))
      .map(({ consumerId }) => consumerId);
    results.forEach((result, index) => {
      const info = fresh[index];
      if (result.status === 'rejected') {
        remote.release(info.consumerId);
        settings.onError(result.reason);
      } else if (remote.addTrack(info, result.value, consumedAt)) {
        ready.push(info.consumerId);
      }
    });
    for (let at = 0; at < ready.length; at += READY_BATCH) {
      void settings.tell('consumerReady', { consumerIds: ready.slice(at, at + READY_BATCH) });
    }
  }

  /** Rejects with `encryption-required` when nobody attached the transform; the server then never lets it flow. */
  async #receive(info: ConsumerInfo, media: MediaSession): Promise<types.Consumer> {
    const { emit, requireEncryption } = this.settings;
    let transformed = false;
    const consumer = await media.consume(info, (receiver) => {
      emit('receivercreated', info, receiver);
      transformed = Boolean(receiver.transform);
    });
    if (!requireEncryption || transformed) return consumer;
    consumer.close();
    throw encryptionRequired(`the ${info.source} of ${this.remote.peers.get(info.peerId)?.displayName}`);
  }
}
