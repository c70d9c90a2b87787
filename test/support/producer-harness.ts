import { RtpPacket, RtpParseError } from '#src/rtp/rtp-packet.js';
import type { RtpParameters } from '#src/rtp/rtp-parameters.js';
import { RTP_DROP_REASONS } from '#src/router/drop-reasons.js';
import type { ForwardedPacket } from '#src/router/forwarded-packet.js';
import { Producer, type ProducerReceiver, type ProducerTransport } from '#src/router/producer.js';
import type { ProducerSettings } from '#src/router/settings.js';
import { DropCounters } from '#src/stream/drop-counters.js';
import { SenderClock } from '#src/stream/sender-clock.js';
import { VirtualRoom } from './virtual-room.js';

/** A receiver that wants what it is told to want, and notes what it gets. */
export class FakeReceiver implements ProducerReceiver {
  readonly transport = { closeConsumer: (): void => undefined };
  readonly wanted = new Set<number>();
  readonly forwarded: ForwardedPacket[] = [];
  skipped = 0;

  constructor(
    readonly id = 'receiver',
    wanted: number[] = [],
  ) {
    for (const index of wanted) this.wanted.add(index);
  }

  touch(): number {
    return 0;
  }

  forward(_now: number, packet: ForwardedPacket): void {
    this.forwarded.push({ ...packet });
  }

  skip(): void {
    this.skipped += 1;
  }

  producerPausedChanged(): void {}
  streamsChanged(): void {}
  streamRestarted(): void {}

  wants(encodingIndex: number): boolean {
    return this.wanted.has(encodingIndex);
  }
}

/** One producer by itself on virtual time: its sender is this object, its receivers are fakes. */
export class ProducerHarness implements ProducerTransport {
  readonly room = new VirtualRoom();
  readonly drops = new DropCounters(RTP_DROP_REASONS);
  readonly senderClock = new SenderClock();
  readonly producer: Producer;
  readonly plis: { at: number; ssrc: number }[] = [];
  readonly nacks: { at: number; ssrc: number; sequenceNumbers: number[] }[] = [];
  senderRoundTripMs = 0;
  private dueAt = Number.POSITIVE_INFINITY;
  private tickAt: number;

  constructor(rtpParameters: RtpParameters, settings: Partial<ProducerSettings> = {}) {
    this.tickAt = this.room.now + 1000;
    const encodings = rtpParameters.encodings ?? [{}];
    this.producer = new Producer(
      {
        id: 'producer',
        kind: 'video',
        type: encodings.length > 1 ? 'simulcast' : 'simple',
        rtpParameters,
        rtpMapping: {
          codecs: rtpParameters.codecs.map(({ payloadType }) => ({
            payloadType,
            mappedPayloadType: payloadType + 1,
          })),
          encodings: encodings.map((encoding, index) => ({ ...encoding, mappedSsrc: 9000 + index })),
        },
        keyFrameRequestDelay: 0,
        paused: false,
        ...settings,
      },
      this,
      this.room.environment,
    );
  }

  get now(): number {
    return this.room.now;
  }

  schedule(at: number): void {
    this.dueAt = Math.min(this.dueAt, at);
  }

  sendPli(ssrc: number): void {
    this.plis.push({ at: this.now, ssrc });
  }

  sendNack(ssrc: number, sequenceNumbers: readonly number[]): void {
    this.nacks.push({ at: this.now, ssrc, sequenceNumbers: [...sequenceNumbers] });
  }

  /** A packet of an encoding, whose stream is opened under the packet's SSRC when it is the first. */
  receive(encodingIndex: number, bytes: Uint8Array): void {
    const packet = new RtpPacket();
    if (packet.parse(bytes, 0, bytes.length) !== RtpParseError.Ok) throw new Error('not an RTP packet');
    const { producer, now } = this;
    const { stream } = producer.encodings[encodingIndex];
    if (producer.isRtx(packet.payloadType)) {
      if (stream === null) throw new Error('nothing to repair yet');
      return producer.receiveRtx(now, stream, packet);
    }
    const open = stream ?? producer.openStream(now, encodingIndex, packet.ssrc, packet.payloadType);
    producer.receive(now, open, packet);
  }

  /** Lets time pass, with timers and the tick that comes about once a second. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = Math.min(this.dueAt, this.tickAt);
      if (next > end) break;
      this.room.now = Math.max(this.now, next);
      if (this.dueAt <= this.now) {
        this.dueAt = Number.POSITIVE_INFINITY;
        this.schedule(this.producer.handleTimeout(this.now));
      }
      if (this.tickAt <= this.now) {
        this.tickAt = this.now + 1000;
        this.producer.updateScores(this.now);
      }
    }
    this.room.now = end;
  }

  events(event: string): unknown[] {
    return this.room.events('producer', event);
  }

  stats(): Record<string, unknown>[] {
    return this.producer.getStats(this.now) as Record<string, unknown>[];
  }
}
