import { type ReceiveStream } from '../stream/receive-stream.js';
import { type SenderClock } from '../stream/sender-clock.js';
import { type RtpDrops } from './drop-reasons.js';
import { type ForwardedPacket } from './forwarded-packet.js';

/** What a producer needs of the transport that it comes in by. */
export interface ProducerTransport {
  readonly drops: RtpDrops;
  readonly senderClock: SenderClock;
  /** Milliseconds to the sender and back, 0 while unknown. */
  readonly senderRoundTripMs: number;
  schedule(at: number): void;
  sendPli(mediaSsrc: number): void;
  sendNack(mediaSsrc: number, sequenceNumbers: readonly number[]): void;
}

/** What a producer needs of those who receive it; Consumer is one. */
export interface ProducerReceiver {
  readonly id: string;
  readonly transport: { closeConsumer(now: number, id: string): void };
  /** Reads what forward() will need (see touch-ahead). */
  touch(): number;
  forward(now: number, packet: ForwardedPacket, stream: ReceiveStream): void;
  /** A packet that nobody forwards: its number must not look lost. */
  skip(now: number, packet: ForwardedPacket): void;
  producerPausedChanged(now: number, paused: boolean): void;
  /** Streams came or went. */
  streamsChanged(now: number): void;
  /** The encoding now comes under another SSRC. */
  streamRestarted(encodingIndex: number): void;
  /** It shows this encoding, or waits for a key frame of it. */
  wants(encodingIndex: number): boolean;
}
