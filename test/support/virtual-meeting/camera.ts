import type { ProducerType, RtpParameters } from '#src/rtp/rtp-parameters.js';
import type { Producer } from '#src/router/producer.js';
import { type SentStream } from './sent-stream.js';
import { VIDEO_TYPE, videoParameters } from './parameters.js';
import type { Publisher } from './publisher.js';
import { Av1Encoder, type VideoEncoder, Vp8Encoder } from './video-encoders.js';

/** From a request to the next key frame. */
const KEY_FRAME_DELAY_MS = 30;
/** From the router's news about wanted encodings until the encoder obeys: signalling, then setParameters(). */
const OBEY_DELAY_MS = 50;

export const SIMULCAST_BITRATES = [150_000, 500_000, 1_500_000];
const RIDS = ['q', 'h', 'f'];

export interface CameraOptions {
  /** Default `vp8`: simulcast of three layers with three temporal layers each. */
  coding?: 'vp8' | 'av1-simulcast' | 'av1-svc';
  /** By simulcast or spatial layer; bps of RTP payload. */
  bitrates?: number[];
  /** Default 25; VP8 only. */
  framesPerSecond?: number;
  /** So much larger than other frames is a key frame; VP8 only. Default 6. */
  keyFrameFactor?: number;
  /** Sends pictures by itself; else they are asked for with shoot(). Default true. */
  running?: boolean;
}

interface Encoding {
  encoder: VideoEncoder;
  stream: SentStream;
  active: boolean;
  keyDueAt: number;
}

/** A camera, or a screen, as a browser publishes it. */
export class Camera {
  readonly encodings: Encoding[] = [];
  readonly producer: Producer;
  readonly mimeType: string;
  readonly type: ProducerType;
  /** When key frames were asked for, by encoding. */
  readonly keyFrameRequests: { at: number; layer: number }[] = [];
  readonly keyFrames: { at: number; layer: number }[] = [];
  /** What the router wants, and when it said so. */
  readonly wanted: { at: number; encodings: boolean[] }[] = [];
  nacksUnanswered = 0;
  private readonly maxActive: boolean[];

  constructor(
    private readonly publisher: Publisher,
    readonly id: string,
    readonly options: CameraOptions = {},
  ) {
    const { coding = 'vp8', bitrates = SIMULCAST_BITRATES, running = true } = options;
    const svc = coding === 'av1-svc';
    const layers = svc ? [0] : bitrates.map((_, layer) => layer);
    for (const layer of layers) this.encodings.push(this.encoding(layer, svc ? bitrates : [bitrates[layer]]));
    this.mimeType = this.encodings[0].encoder.mimeType;
    this.type = svc ? 'svc' : layers.length > 1 ? 'simulcast' : 'simple';
    this.maxActive = layers.map(() => true);
    this.producer = publisher.produce(id, 'video', this.type, this.parameters());
    publisher.meeting.listen(id, (event, data) => {
      if (event === 'wantedencodingschange') this.obey(data as boolean[]);
    });
    if (running)
      publisher.meeting.time.after(publisher.phase(1000 / this.encodings[0].encoder.framesPerSecond), () =>
        this.tick(),
      );
    publisher.meeting.time.after(publisher.phase(1000), () => this.report());
  }

  /** What viewers get: three layers of each kind, or none to choose from. */
  get scalabilityMode(): string {
    const { encodings, options } = this;
    if (this.type === 'svc') return `L${options.bitrates?.length ?? 3}T3_KEY`;
    return `L${encodings.length}T3`;
  }

  /** The sender's own processor or uplink takes layers away from the top. */
  limit(layers: number): void {
    this.maxActive.forEach((_, layer) => (this.maxActive[layer] = layer < layers));
    this.activate();
  }

  /** One picture now. */
  shoot(): void {
    const { now } = this.publisher.meeting;
    for (const [layer, encoding] of this.encodings.entries()) {
      if (!encoding.active) continue;
      const key = now >= encoding.keyDueAt;
      if (key) {
        encoding.keyDueAt = Infinity;
        this.keyFrames.push({ at: now, layer });
      }
      const timestamp = encoding.stream.timestampAt(now);
      for (const packet of encoding.encoder.encode(key)) {
        encoding.stream.packet(timestamp, packet.marker, packet.payload, packet.descriptor);
      }
    }
  }

  receivePli(ssrc: number): void {
    const layer = this.encodings.findIndex(({ stream }) => stream.options.ssrc === ssrc);
    if (layer < 0) return;
    const { now } = this.publisher.meeting;
    this.keyFrameRequests.push({ at: now, layer });
    const encoding = this.encodings[layer];
    encoding.keyDueAt = Math.min(encoding.keyDueAt, now + KEY_FRAME_DELAY_MS);
  }

  receiveNack(ssrc: number, sequenceNumber: number): void {
    const encoding = this.encodings.find(({ stream }) => stream.options.ssrc === ssrc);
    if (encoding !== undefined && !encoding.stream.retransmit(sequenceNumber)) this.nacksUnanswered += 1;
  }

  private tick(): void {
    this.shoot();
    const { framesPerSecond } = this.encodings[0].encoder;
    this.publisher.meeting.time.after(1000 / framesPerSecond, () => this.tick());
  }

  private report(): void {
    const { meeting } = this.publisher;
    for (const { stream, active } of this.encodings) if (active) stream.report(meeting.now);
    meeting.time.after(1000, () => this.report());
  }

  private obey(encodings: boolean[]): void {
    const { meeting } = this.publisher;
    this.wanted.push({ at: meeting.now, encodings });
    meeting.time.after(this.publisher.delayMs + OBEY_DELAY_MS, () => this.activate());
  }

  private activate(): void {
    const wanted = this.wanted.at(-1)?.encodings;
    for (const [layer, encoding] of this.encodings.entries()) {
      const active = this.maxActive[layer] && (wanted?.[layer] ?? true);
      if (active && !encoding.active) encoding.keyDueAt = 0;
      encoding.active = active;
    }
  }

  private encoding(layer: number, bitrates: number[]): Encoding {
    const { coding = 'vp8', keyFrameFactor, framesPerSecond } = this.options;
    const { random } = this.publisher;
    const encoder =
      coding === 'vp8'
        ? new Vp8Encoder(layer, bitrates[0], random.fork(`layer ${layer}`), keyFrameFactor, framesPerSecond)
        : new Av1Encoder(bitrates, layer, Math.floor(random.between(0, 0x10000)));
    const rid = coding === 'av1-svc' ? '' : RIDS[layer];
    const stream = this.publisher.stream(`${this.id}`, rid, VIDEO_TYPE, 90_000);
    return { encoder, stream, active: true, keyDueAt: 0 };
  }

  private parameters(): RtpParameters {
    const descriptor = this.mimeType === 'video/AV1';
    const encodings = this.encodings.map(({ stream: { options } }) => {
      if (options.rid === '') return { ssrc: options.ssrc, rtx: { ssrc: options.ssrc + 1 } };
      return { rid: options.rid };
    });
    return videoParameters(this.mimeType, this.id, encodings, 0, descriptor);
  }
}
