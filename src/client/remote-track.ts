/** One stream of another peer, and how much of it this page needs. */
import type { types } from 'mediasoup-client';
import type { ConsumerInfo, VideoLayer } from '../signalling/messages.js';
import type { ProducerSource } from '../signalling/protocol.js';
import type { ReceivedLayers, RemoteTrack } from './remote-peer.js';
import { layerForSize } from './simulcast.js';

/** Tells the server; never rejects. */
export interface RemoteTrackControl {
  setReceiving(trackId: string, receiving: boolean): void;
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
  layers: ReceivedLayers | null | undefined = undefined;
  producerScore: number | undefined = undefined;
  readonly #videoLayers: readonly VideoLayer[];
  /** What the server was told. Null: nothing, so it sends the best there is. */
  #told: { receiving: boolean; spatialLayer: number | null } = { receiving: true, spatialLayer: null };
  #needed = this.#told;
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
    this.#videoLayers = info.videoLayers ?? [];
  }

  get track(): MediaStreamTrack {
    return this.consumer.track;
  }

  get hidden(): boolean {
    return !this.#told.receiving;
  }

  setDisplaySize(width: number, height: number): void {
    const receiving = width > 0 && height > 0;
    const layers = this.#videoLayers;
    const spatialLayer =
      receiving && layers.length > 1 ? layerForSize(layers, width, height) : this.#needed.spatialLayer;
    this.#needed = { receiving, spatialLayer };
    clearTimeout(this.#timer);
    if (!receiving) this.#timer = setTimeout(() => this.#tell(), HIDE_DELAY_MS);
    else if (!this.#told.receiving || this.#grows(spatialLayer)) this.#tell();
    else this.#timer = setTimeout(() => this.#tell(), SHRINK_DELAY_MS);
  }

  /** After a resume: what was told last may have been lost. */
  repeat(): void {
    if (!this.#told.receiving) this.control.setReceiving(this.id, false);
    this.#tellLayer();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.consumer.close();
  }

  #grows(spatialLayer: number | null): boolean {
    return this.#told.spatialLayer !== null && (spatialLayer ?? 0) > this.#told.spatialLayer;
  }

  #tell(): void {
    const before = this.#told;
    this.#told = this.#needed;
    // The layer first, so that what begins to flow again is of the right size.
    if (this.#told.spatialLayer !== before.spatialLayer) this.#tellLayer();
    if (this.#told.receiving !== before.receiving) this.control.setReceiving(this.id, this.#told.receiving);
  }

  #tellLayer(): void {
    const { spatialLayer } = this.#told;
    if (spatialLayer !== null) this.control.setPreferredLayers(this.id, { spatialLayer });
  }
}
