import type { Producer } from '#src/router/producer.js';
import { writeTag } from './media-tag.js';
import { AUDIO_TYPE, audioParameters } from './parameters.js';
import type { Publisher } from './publisher.js';
import type { SentStream } from './sent-stream.js';

export const AUDIO_INTERVAL_MS = 20;
/** Bytes a packet: 40 kbps with the RTP header. */
const PAYLOAD_BYTES = 70;

/** Opus, fifty packets a second. */
export class Microphone {
  readonly mimeType = 'audio/opus';
  readonly producer: Producer;
  private readonly stream: SentStream;
  private frames = 0;

  constructor(
    private readonly publisher: Publisher,
    readonly id: string,
    private readonly payloadBytes = PAYLOAD_BYTES,
  ) {
    this.stream = publisher.stream(id, '', AUDIO_TYPE, 48_000);
    const { ssrc } = this.stream.options;
    this.producer = publisher.produce(id, 'audio', 'simple', audioParameters(id, ssrc, 0));
    publisher.meeting.time.after(publisher.phase(AUDIO_INTERVAL_MS), () => this.tick());
    publisher.meeting.time.after(publisher.phase(1000), () => this.report());
  }

  private tick(): void {
    const { meeting } = this.publisher;
    const payload = new Uint8Array(this.payloadBytes);
    writeTag(payload, { layer: 0, frame: this.frames, index: 0, count: 1 });
    this.stream.packet(this.stream.timestampAt(meeting.now), this.frames === 0, payload, null);
    this.frames += 1;
    meeting.time.after(AUDIO_INTERVAL_MS, () => this.tick());
  }

  private report(): void {
    this.stream.report(this.publisher.meeting.now);
    this.publisher.meeting.time.after(1000, () => this.report());
  }
}
