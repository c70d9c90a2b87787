/** One stream of another peer, and how much of it this page needs. */
import type { types } from 'mediasoup-client';
import type { ConsumerInfo, VideoLayer } from '../signalling/messages.js';
import type { ProducerSource } from '../signalling/protocol.js';
import type { ReceivedLayers, RemoteTrack } from './remote-peer.js';
import { layerForSize } from './simulcast.js';

/** Tells the server; never rejects. */
export interface RemoteTrackControl {
  setReceiving(trackId: string, receiving: boolean): Promise<void>;
  setPreferredLayers(trackId: string, layers: ReceivedLayers): void;
}

/** A tile that grows or comes into view is served at once; one that shrinks or goes may soon be back. */
const SHRINK_DELAY_MS = 500;
const HIDE_DELAY_MS = 1_000;

export class ReceivedTrack implements RemoteTrack {
  readonly id: string;
  readonly producerId: string;
  readonly kind: 'audio' | 'video';
  readonly source: ProducerSource;
  paused: boolean;
  layers: ReceivedLayers | null | undefined;
  producerScore: number | undefined;
  #videoLayers: readonly VideoLayer[];
  /** The last size on the screen; null: not told. */
  #size: { width: number; height: number } | null = null;
  /** By the page, whatever its size on the screen. */
  #allowed = true;
  /** What the server was told. Null: nothing, so it sends the best there is. */
  #told: { receiving: boolean; spatialLayer: number | null } = { receiving: true, spatialLayer: null };
  /** By the size on the screen. */
  #needed = this.#told;
  /** The server was told to stop at some time. */
  #wasHidden = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    info: ConsumerInfo,
    readonly consumer: types.Consumer,
    readonly consumedAt: number,
    private readonly control: RemoteTrackControl,
  ) {
    this.id = info.consumerId;
    this.producerId = info.producerId;
    this.kind = info.kind;
    this.source = info.source;
    this.paused = info.producerPaused;
    this.layers = info.layers;
    this.producerScore = info.producerScore;
    this.#videoLayers = info.videoLayers ?? [];
  }

  get track(): MediaStreamTrack {
    return this.consumer.track;
  }

  get hidden(): boolean {
    return !this.#told.receiving;
  }

  setDisplaySize(width: number, height: number): void {
    this.#size = { width, height };
    const shown = width > 0 && height > 0;
    const layers = this.#videoLayers;
    const spatialLayer =
      shown && layers.length > 1 ? layerForSize(layers, width, height) : this.#needed.spatialLayer;
    this.#needed = { receiving: shown, spatialLayer };
    clearTimeout(this.#timer);
    if (!shown || !this.#allowed) this.#timer = setTimeout(() => void this.#tell(), HIDE_DELAY_MS);
    else if (!this.#told.receiving || this.#grows(spatialLayer)) void this.#tell();
    else this.#timer = setTimeout(() => void this.#tell(), SHRINK_DELAY_MS);
  }

  /** At once; what has no size on the screen stays away all the same. Resolves when the server knows it. */
  async setReceiving(receiving: boolean): Promise<void> {
    this.#allowed = receiving;
    clearTimeout(this.#timer);
    await this.#tell();
  }

  /** The sender's pictures have other sizes now. */
  setVideoLayers(layers: readonly VideoLayer[]): void {
    this.#videoLayers = layers;
    if (this.#size) this.setDisplaySize(this.#size.width, this.#size.height);
  }

  /** After a resume: what was told last may have been lost. */
  repeat(): void {
    if (this.#wasHidden) void this.control.setReceiving(this.id, this.#told.receiving);
    this.#tellLayer();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.consumer.close();
  }

  #grows(spatialLayer: number | null): boolean {
    return this.#told.spatialLayer !== null && (spatialLayer ?? 0) > this.#told.spatialLayer;
  }

  async #tell(): Promise<void> {
    const before = this.#told;
    const { receiving, spatialLayer } = this.#needed;
    this.#told = { receiving: receiving && this.#allowed, spatialLayer };
    this.#wasHidden ||= !this.#told.receiving;
    // The layer first, so that what begins to flow again is of the right size.
    if (this.#told.spatialLayer !== before.spatialLayer) this.#tellLayer();
    if (this.#told.receiving !== before.receiving)
      await this.control.setReceiving(this.id, this.#told.receiving);
  }

  #tellLayer(): void {
    const { spatialLayer } = this.#told;
    if (spatialLayer !== null) this.control.setPreferredLayers(this.id, { spatialLayer });
  }
}
