/** What this client publishes. It outlives a lost session: after a rejoin the same object sends again. */
import type { types } from 'mediasoup-client';
import type { VideoLayer } from '../signalling/messages.js';
import type { ProducerClosedReason, ProducerSource } from '../signalling/protocol.js';
import { SenderEncodings } from './sender-encodings.js';
import { videoLayersOf } from './simulcast.js';

export interface PublishOptions {
  source: ProducerSource;
  /** Default: for a camera in VP8 `simulcastEncodings` of its size, else one stream as the browser likes it. */
  encodings?: RTCRtpEncodingParameters[];
  /** `video/VP9` ...; a codec that either side lacks is passed over. Default: the client's `preferredVideoCodec`. */
  codec?: string;
  codecOptions?: types.ProducerCodecOptions;
  /** Called with each sender made for the track, before it sends anything: the place for an encoded transform. */
  onSender?: (sender: RTCRtpSender) => void;
}

/** Tells the server; rejects with `connection-lost` when it cannot, and then the next resume evens it out. */
export interface LocalTrackControl {
  setPaused(producerId: string, paused: boolean): Promise<void>;
  setVideoLayers(producerId: string, videoLayers: VideoLayer[]): Promise<void>;
  /** Also forgets the track. */
  closed(track: LocalTrack, producerId: string | undefined): void;
}

export class LocalTrack {
  #track: MediaStreamTrack;
  #paused = false;
  #closed = false;
  #reason: ProducerClosedReason | undefined;
  #producer: types.Producer | undefined;
  readonly #encodings = new SenderEncodings();
  #sent: readonly RTCRtpEncodingParameters[] | undefined;
  /** What the server was told of the pictures' sizes, and whether that was after it was produced. */
  #told: { sizes: string; later: boolean } = { sizes: '', later: false };

  constructor(
    track: MediaStreamTrack,
    readonly options: Readonly<PublishOptions>,
    private readonly control: LocalTrackControl,
  ) {
    this.#track = track;
  }

  get source(): ProducerSource {
    return this.options.source;
  }

  get kind(): 'audio' | 'video' {
    return this.#track.kind as 'audio' | 'video';
  }

  /** It belongs to the caller: the client never stops it. */
  get track(): MediaStreamTrack {
    return this.#track;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Undefined while a lost session is being rebuilt. */
  get producer(): types.Producer | undefined {
    return this.#producer;
  }

  /** Sends silence or nothing from now on; the others are told. */
  async pause(): Promise<void> {
    await this.#setPaused(true);
  }

  async resume(): Promise<void> {
    await this.#setPaused(false);
  }

  /** Another camera or microphone, without the others noticing. */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    this.#track = track;
    track.enabled = !this.#paused;
    await this.#producer?.replaceTrack({ track });
    this.#tellVideoLayers();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const producer = this.#producer;
    this.detach();
    producer?.close();
    this.control.closed(this, producer?.id);
  }

  /** By the client: the server has ended the producer. */
  endedByServer(reason: ProducerClosedReason): void {
    const producer = this.#producer;
    // There is nothing to tell the server any more.
    this.detach();
    producer?.close();
    this.#reason = reason;
    this.close();
  }

  /** Why the server ended it; undefined: it did not. */
  get closedReason(): ProducerClosedReason | undefined {
    return this.#reason;
  }

  /** By the client: the session has a producer for it now, of which the server knows these `videoLayers`. */
  attach(
    producer: types.Producer,
    encodings?: readonly RTCRtpEncodingParameters[],
    videoLayers?: VideoLayer[],
  ): void {
    this.#producer = producer;
    this.#sent = encodings;
    this.#told = { sizes: JSON.stringify(videoLayers), later: false };
    this.#encodings.attach(producer, encodings);
    this.#tellVideoLayers();
    if (this.#paused) producer.pause();
    // Replaced while it was being produced.
    if (producer.track !== this.#track) void producer.replaceTrack({ track: this.#track }).catch(() => {});
    producer.on('trackended', () => this.close());
  }

  /** By the client: the session with its producer is gone. */
  detach(): void {
    this.#producer = undefined;
    this.#encodings.detach();
  }

  /** By the client: which encodings somebody wants now; the others are not sent. */
  setWantedEncodings(encodings: readonly boolean[]): void {
    this.#encodings.want(encodings);
  }

  /** By the client, after a resume: what was told last may have been lost. */
  repeat(): void {
    this.#tellVideoLayers(this.#told.later);
  }

  /** Viewers choose by the sizes of the pictures, which another track may have changed. */
  #tellVideoLayers(again = false): void {
    const producer = this.#producer;
    const layers = videoLayersOf(this.#track, this.#sent);
    const sizes = JSON.stringify(layers);
    if (!producer || !layers || (sizes === this.#told.sizes && !again)) return;
    this.#told = { sizes, later: true };
    void this.control.setVideoLayers(producer.id, layers);
  }

  async #setPaused(paused: boolean): Promise<void> {
    if (this.#closed || paused === this.#paused) return;
    this.#paused = paused;
    const producer = this.#producer;
    if (!producer) {
      this.#track.enabled = !paused;
      return;
    }
    if (paused) producer.pause();
    else producer.resume();
    await this.control.setPaused(producer.id, paused);
  }
}
