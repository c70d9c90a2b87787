import { type ControlledStream } from './congestion-host.js';
import { type RtpDrops } from './drop-reasons.js';
import { type TransportSink } from './environment.js';
import { type SentStream } from './sent-stream.js';
import { type TransportCounters } from './transport-counters.js';

/** In place of a probe cluster: the packet goes out as it is made, outside the pacer. */
export const DIRECT = -2;

/** What writing packets needs of the way out; see Egress. */
export interface WriterEgress {
  /** An outgoing slot in the arena, -1 when there is none. */
  acquireSlot(): number;
  /** Numbers a packet that is about to be sent and tells the estimator. */
  numberPacket(now: number, length: number, probeCluster: number, rtx: boolean, numbered: boolean): number;
}

export interface WriterTransport {
  readonly sink: TransportSink;
  readonly egress: WriterEgress;
}

/** What a consumer needs of the way out; see Egress. */
export interface ConsumerEgress extends WriterEgress {
  /** Packets get lost on the way to the receiver, more than now and then, though there is bitrate for more of them. */
  readonly lossy: boolean;
  /** There is room for copies of what is sent again: a lost packet is then the path's doing, not ours. */
  mayCopy(now: number): boolean;
  /**
   * How many copies of the last packet of each picture are wise and have room: 0, 1 or 2.
   * @param share what these packets are of their stream, 0..1
   */
  tailCopies(now: number, share: number): number;
  /** Nothing has reached the receiver for long; when something does, each picture begins anew. */
  unreachable(now: number): boolean;
  /** A receiver asks for packets that it has lost. */
  asked(now: number): void;
  /**
   * A packet may go out at once and needs no more than that: it neither waits nor is followed by copies.
   * @param last it ends a picture
   */
  passes(now: number, video: boolean, last: boolean): boolean;
  /** A packet may go out at once; else it has to wait its turn, see enqueue(). */
  admits(now: number): boolean;
  /** Sends it by stream.sendPaced() when its turn comes. @returns false when there is no room */
  enqueue(
    now: number,
    stream: ControlledStream,
    output: number,
    input: number,
    token: number,
    rtx: boolean,
    length: number,
  ): boolean;
  /** What the stream wants of the bitrate has changed: it was paused, resumed, or prefers something else. */
  demandChanged(now: number, stream: ControlledStream): void;
}

/** What a consumer needs of the transport that it goes out by. */
export interface ConsumerTransport extends WriterTransport {
  readonly egress: ConsumerEgress;
  readonly drops: RtpDrops;
  readonly counters: TransportCounters;
  closeConsumer(now: number, id: string): void;
  /** A first packet was sent, or the first after a silence: a sender report should follow. */
  reportSoon(now: number, stream: SentStream): void;
  /** There is something new to look at with the next report. */
  wake(stream: SentStream): void;
}
