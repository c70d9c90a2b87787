/** What this client publishes. It outlives a lost session: after a rejoin the same object sends again. */
import type { types } from 'mediasoup-client';
import type { ProducerSource } from '../signalling/protocol.js';
import { SenderEncodings } from './sender-encodings.js';

export interface PublishOptions {
  source: ProducerSource;
  /** Default: for a camera in VP8 `simulcastEncodings` of its size, else one stream as the browser likes it. */
  encodings?: RTCRtpEncodingParameters[];
  /** `video/VP9` ...; a codec that either side lacks is passed over. Default: the client's `preferredVideoCodec`. */
  codec?: string;
  codecOptions?: types.ProducerCodecOptions;
}

/** Tells the server; rejects with `connection-lost` when it cannot, and then the next resume evens it out. */
export interface LocalTrackControl {
  setPaused(producerId: string, paused: boolean): Promise<void>;
  /** Also forgets the track. */
  closed(track: LocalTrack, producerId: string | undefined): void;
}

export class LocalTrack {
  #track: MediaStreamTrack;
  #paused = false;
  #closed = false;
  #producer: types.Producer | undefined;
  readonly #encodings = new SenderEncodings();

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
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const producer = this.#producer;
    this.detach();
    producer?.close();
    this.control.closed(this, producer?.id);
  }

  /** By the client: the session has a producer for it now. */
  attach(producer: types.Producer, encodings?: readonly RTCRtpEncodingParameters[]): void {
    this.#producer = producer;
    this.#encodings.attach(producer, encodings);
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
