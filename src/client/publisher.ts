/** Keeps what this client publishes the same as what the server has, across lost connections and sessions. */
import type { Device, types } from 'mediasoup-client';
import type { JoinResponse, RequestName, Requests } from '../signalling/messages.js';
import type { ProducerClosedReason, ProducerSource } from '../signalling/protocol.js';
import { encryptionRequired, SenderGate } from './encoded-transforms.js';
import { LocalTrack, type PublishOptions } from './local-track.js';
import type { MediaSession } from './media-session.js';
import { isConnectionLost } from './signalling-error.js';
import { simulcastEncodings, videoLayersOf } from './simulcast.js';

export interface PublisherSettings {
  preferredVideoCodec: string | undefined;
  /** Tracks whose sender has no encoded transform are refused. */
  requireEncryption: boolean;
  /** The present session's media; null while there is none. */
  media(): MediaSession | null;
  /** Resolves when there is a connected session; rejects when the client closes. */
  connected(): Promise<MediaSession>;
  /** A request whose loss the next `reconcile` makes good. Never rejects. */
  tell<K extends RequestName>(request: K, data: Requests[K]['data']): Promise<void>;
  onClosed(track: LocalTrack): void;
  onError(error: unknown): void;
}

export class Publisher {
  readonly tracks = new Map<ProducerSource, LocalTrack>();
  /** Wanted encodings told for producers that are not attached to their tracks yet, by producer id. */
  readonly #early = new Map<string, boolean[]>();
  /** The same for producers that the server has ended. */
  readonly #endedEarly = new Map<string, ProducerClosedReason>();
  /** Producers being made. */
  #producing = 0;

  constructor(private readonly settings: PublisherSettings) {}

  /** Resolves when it is being sent. */
  async publish(track: MediaStreamTrack, options: PublishOptions): Promise<LocalTrack> {
    // Before what is being sent gives way to it.
    if (this.settings.requireEncryption && !options.onSender)
      throw encryptionRequired(`the ${options.source}`);
    this.tracks.get(options.source)?.close();
    const local = new LocalTrack(track, options, {
      setPaused: (producerId, paused) => this.#tellPaused(producerId, paused),
      setVideoLayers: (producerId, videoLayers) =>
        this.settings.tell('setVideoLayers', { producerId, videoLayers }),
      closed: (closed, producerId) => this.#closed(closed, producerId),
    });
    this.tracks.set(options.source, local);
    try {
      // After a lost connection `reconcile` publishes it too; whoever comes first wins.
      while (!local.producer && !local.closed) await this.#produce(local, await this.settings.connected());
    } catch (error) {
      local.close();
      throw error;
    }
    return local;
  }

  /** The server says which encodings of a producer somebody wants. */
  wantedEncodings(producerId: string, encodings: boolean[]): void {
    for (const local of this.tracks.values()) {
      if (local.producer?.id === producerId) return local.setWantedEncodings(encodings);
    }
    if (this.#producing > 0) this.#early.set(producerId, encodings);
  }

  /** The server has ended a producer. */
  endedByServer(producerId: string, reason: ProducerClosedReason): void {
    for (const local of this.tracks.values()) {
      if (local.producer?.id === producerId) return local.endedByServer(reason);
    }
    if (this.#producing > 0) this.#endedEarly.set(producerId, reason);
  }

  /** After a join: makes what the server has and what we publish the same. */
  reconcile(atServer: JoinResponse['producers'], media: MediaSession): void {
    const unclaimed = new Map(atServer.map((producer) => [producer.producerId, producer]));
    for (const local of [...this.tracks.values()]) {
      const known = local.producer && unclaimed.get(local.producer.id);
      if (known) {
        unclaimed.delete(known.producerId);
        if (known.paused !== local.paused) void this.#tellPaused(known.producerId, local.paused);
        local.repeat();
        local.setWantedEncodings(known.encodings ?? local.producer.rtpParameters.encodings!.map(() => true));
      } else if (local.track.readyState === 'ended') {
        local.close();
      } else {
        local.producer?.close();
        local.detach();
        this.#produce(local, media).catch((error: unknown) => this.settings.onError(error));
      }
    }
    // What we closed, or began to publish, when the socket was lost.
    for (const producerId of unclaimed.keys()) void this.settings.tell('closeProducer', { producerId });
  }

  /** The session is gone; the tracks wait for the next. */
  detach(): void {
    for (const local of this.tracks.values()) local.detach();
  }

  close(): void {
    this.detach();
    for (const local of [...this.tracks.values()]) local.close();
  }

  /** Does nothing when the session or the track is gone meanwhile; rejects when the server or device refuses. */
  async #produce(local: LocalTrack, media: MediaSession): Promise<void> {
    const { codecOptions, source, onSender } = local.options;
    const gate = new SenderGate(`the ${source}`, this.settings.requireEncryption, onSender);
    const wanted =
      local.options.codec ?? (local.kind === 'video' ? this.settings.preferredVideoCodec : undefined);
    const codec = findCodec(media.device, wanted);
    const encodings = local.options.encodings ?? defaultEncodings(local, media.device, codec);
    let toldPaused = local.paused;
    const videoLayers = videoLayersOf(local.track, encodings);
    this.#producing++;
    try {
      const producer = await media.produce(
        {
          track: local.track,
          encodings,
          codecOptions,
          codec,
          stopTracks: false,
          onRtpSender: gate.prepare,
        },
        {
          source,
          videoLayers,
          paused: () => (toldPaused = local.paused),
          refusal: () => gate.refusal,
        },
      );
      if (local.closed || local.producer || this.settings.media() !== media) {
        producer.close();
        await this.settings.tell('closeProducer', { producerId: producer.id });
        return;
      }
      local.attach(producer, encodings, videoLayers);
      const early = this.#early.get(producer.id);
      if (early) local.setWantedEncodings(early);
      const ended = this.#endedEarly.get(producer.id);
      if (ended) return local.endedByServer(ended);
      if (local.paused !== toldPaused) await this.#tellPaused(producer.id, local.paused);
    } catch (error) {
      if (error === gate.refusal) {
        // It would be refused in the next session, too.
        local.close();
        throw error;
      }
      if (this.settings.media() === media && !isConnectionLost(error)) throw error;
    } finally {
      // What is left then belongs to no track of ours.
      if (--this.#producing === 0) {
        this.#early.clear();
        this.#endedEarly.clear();
      }
    }
  }

  #tellPaused(producerId: string, paused: boolean): Promise<void> {
    return this.settings.tell(paused ? 'pauseProducer' : 'resumeProducer', { producerId });
  }

  #closed(local: LocalTrack, producerId: string | undefined): void {
    if (this.tracks.get(local.source) === local) this.tracks.delete(local.source);
    if (producerId !== undefined) void this.settings.tell('closeProducer', { producerId });
    this.settings.onClosed(local);
  }
}

/** Simulcast where every browser has it; a screen is read, so it goes out whole. */
function defaultEncodings(
  { source, kind, track }: LocalTrack,
  device: Device,
  codec: types.RtpCodecCapability | undefined,
): RTCRtpEncodingParameters[] | undefined {
  const sent = codec ?? device.sendRtpCapabilities.codecs?.find((candidate) => candidate.kind === 'video');
  const { width, height } = track.getSettings();
  if (kind !== 'video' || source !== 'camera' || !width || !height) return undefined;
  return sent?.mimeType.toLowerCase() === 'video/vp8' ? simulcastEncodings(width, height) : undefined;
}

function findCodec(device: Device, mimeType: string | undefined): types.RtpCodecCapability | undefined {
  const wanted = mimeType?.toLowerCase();
  return device.sendRtpCapabilities.codecs?.find((codec) => codec.mimeType.toLowerCase() === wanted);
}
