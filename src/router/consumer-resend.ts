// Hot path for paced receivers: sendPaced() runs once per queued packet. It allocates nothing.
import { readU32 } from '../rtp/bytes.js';
import { tsAdd } from '../rtp/sequence.js';
import { type PacketRing } from '../stream/packet-ring.js';
import { RetransmissionIndex, RetransmissionVerdict } from '../stream/retransmission-index.js';
import { type RtpMunger } from '../stream/rtp-munger.js';
import { type SendStream } from '../stream/send-stream.js';
import { canonicalHeaderLength } from './canonical-packet.js';
import { type ConsumerWriter, tokenEra } from './consumer-writer.js';
import { type ConsumerEgress, DIRECT } from './consumer-ports.js';
import { type RtpDropReason, type RtpDrops } from './drop-reasons.js';
import { type CoreEnvironment } from './environment.js';
import { RepairCopies } from './repair-copies.js';
import { type TransportCounters } from './transport-counters.js';

/** How far back padding looks for a packet that is worth sending again. */
const PADDING_REACH = 48;

/** Milliseconds after which a voice packet is of no use any more: a playout buffer is not longer. */
const MAX_REPEAT_AGE_MS = 100;
/**
 * Milliseconds between a retransmission and its copies: what loses one packet often loses its neighbour. Two of them, since
 * of a hundred lost packets at 5% loss a single one leaves a freeze every minute.
 */
const COPY_AFTER_MS = 10;
const COPIES = 2;
/** Over which the mean size of a picture and of its last packet is taken. */
const PICTURES = 16;

/** What it needs of the consumer that it works for. */
export interface ResentConsumer {
  readonly send: SendStream;
  readonly munger: RtpMunger;
  readonly active: boolean;
  /** A packet may go out twice under one number. */
  readonly mayRepeat: boolean;
  /** Where the packets of that source (see RtpMunger.sourceOf) are kept; null when that stream is gone. */
  ringOf(source: number): PacketRing | null;
  readonly transport: {
    readonly drops: RtpDrops;
    readonly counters: TransportCounters;
    readonly egress: Pick<ConsumerEgress, 'tailCopies'>;
  };
}

/**
 * Sends what lies in the sender's ring at another time than it came: when the pacer says so, when the receiver asks for it
 * again, or as padding with a use. Bytes are kept once per sender, here only which number was which packet.
 */
export class Resender {
  /** Null when the receiver has no way to ask. */
  private readonly index: RetransmissionIndex | null;
  private newest = -1;
  private paddingBack = 0;
  private previousOutput = 0;
  private previousInput = 0;
  private previousToken = 0;
  private previousAt = Number.NEGATIVE_INFINITY;
  private readonly copies: RepairCopies;
  /** Bytes of the picture so far, of a picture, and of the last packet of one. */
  private pictureBytes = 0;
  private meanPicture = 1;
  private meanTail = 1;

  constructor(
    private readonly consumer: ResentConsumer,
    private readonly writer: ConsumerWriter,
    private readonly environment: CoreEnvironment,
  ) {
    this.index = writer.canPad ? new RetransmissionIndex() : null;
    this.copies = new RepairCopies(environment.timers, (now, output, unasked) => {
      this.sendCopy(now, output, unasked);
    });
  }

  /** Remembers a packet that was given a number, so that it can be sent again. */
  record(now: number, output: number, input: number, token: number): void {
    if (this.index === null) return;
    this.index.record(now, output, input, token);
    this.newest = output;
  }

  /** A packet that waited for its turn. @returns bytes sent, 0 when the packet is gone */
  sendPaced(
    now: number,
    output: number,
    input: number,
    token: number,
    rtx: boolean,
    cluster: number,
  ): number {
    const ring = this.ringOf(token);
    const source = ring?.find(input) ?? -1;
    if (ring === null || source < 0) {
      this.consumer.transport.drops.count('paced-too-late');
      return 0;
    }
    const length = ring.lengthOf(input);
    return rtx
      ? this.again(now, source, length, output, token, cluster)
      : this.first(now, source, length, output, token, cluster);
  }

  /** A packet as media. */
  first(now: number, source: number, length: number, output: number, token: number, cluster: number): number {
    const { send, munger, transport } = this.consumer;
    const written = this.writer.write(now, source, length, output, token, cluster);
    if (written === 0) return 0;
    const { bytes } = this.environment.arena;
    const timestamp = tsAdd(readU32(bytes, source + 4), munger.timestampOffsetOf(tokenEra(token)));
    // What was written may be shorter than what was kept: redundancy is left out for who cannot read it.
    send.sent(now, timestamp, written - canonicalHeaderLength(bytes, source), written);
    transport.counters.rtpSent(now, written);
    return written;
  }

  /**
   * Decides on a request of the receiver (RFC 4585 6.2.1).
   * @returns the length of the packet that may be sent again, 0 when it may not; the reason is counted
   */
  request(now: number, output: number): number {
    const { send, munger, active } = this.consumer;
    const { index } = this;
    if (!active || index === null) return this.refuse('retransmission-unknown');
    const verdict = index.verdict(now, output, send.roundTripMs);
    if (verdict === RetransmissionVerdict.TooSoon) return this.refuse('retransmission-too-soon');
    if (verdict === RetransmissionVerdict.TooOften) return this.refuse('retransmission-too-often');
    const token = index.tokenOf(output);
    if (verdict === RetransmissionVerdict.Unknown || !munger.knows(tokenEra(token)))
      return this.refuse('retransmission-unknown');
    const input = index.inputOf(output);
    const ring = this.ringOf(token);
    if (ring === null || ring.find(input) < 0) return this.refuse('retransmission-unknown');
    const length = ring.lengthOf(input);
    if (!send.allowRetransmission(length)) return this.refuse('retransmission-over-budget');
    return length;
  }

  /** For sound on a lossy path, which has no retransmission: the packet before this one once more, just before it. */
  repeatPrevious(now: number, output: number, input: number, token: number): void {
    if (now - this.previousAt < MAX_REPEAT_AGE_MS) {
      this.repeatSame(now, this.previousOutput, this.previousInput, this.previousToken);
    }
    this.previousOutput = output;
    this.previousInput = input;
    this.previousToken = token;
    this.previousAt = now;
  }

  /**
   * One packet more of a picture. On a path that loses packets the last one goes out again: nothing behind it would tell the
   * receiver that it is missing until the next picture, and then it is often too late for this one.
   * @param waits it was not sent yet: there is no room for more
   */
  guardTail(now: number, output: number, length: number, last: boolean, waits: boolean): void {
    this.pictureBytes += length;
    if (!last) return;
    this.meanPicture += (this.pictureBytes - this.meanPicture) / PICTURES;
    this.meanTail += (length - this.meanTail) / PICTURES;
    this.pictureBytes = 0;
    if (waits) return;
    const copies = this.consumer.transport.egress.tailCopies(now, this.meanTail / this.meanPicture);
    for (let copy = 1; copy <= copies; copy++) this.copies.add(now + copy * COPY_AFTER_MS, output, true);
  }

  private sendCopy(now: number, output: number, unasked: boolean): void {
    if (this.index === null || !this.index.knows(output)) return;
    const token = this.index.tokenOf(output);
    const input = this.index.inputOf(output);
    // Under its own number it also shows the receiver what else is missing of the picture: RTX does not.
    if (unasked && this.consumer.mayRepeat) return this.repeatSame(now, output, input, token);
    const length = this.ringOf(token)?.lengthOf(input) ?? 0;
    if (length === 0) return;
    if (unasked || this.consumer.send.allowRetransmission(length)) {
      this.sendPaced(now, output, input, token, true, DIRECT);
    }
  }

  /** The same payload under the same number is the same ciphertext, so the keystream tells nothing new. */
  private repeatSame(now: number, output: number, input: number, token: number): void {
    const ring = this.ringOf(token);
    const source = ring?.find(input) ?? -1;
    if (ring === null || source < 0) return;
    const written = this.writer.write(now, source, ring.lengthOf(input), output, token, DIRECT, true);
    this.consumer.send.retransmitted(now, written);
    this.consumer.transport.counters.rtxSent(now, written);
  }

  /**
   * What request() allowed was sent, or waits for its turn.
   * @param copied it may get lost again, and asking again takes a round trip: copies follow
   */
  answered(now: number, output: number, copied: boolean): void {
    this.index?.answered(now, output);
    if (!copied) return;
    for (let copy = 1; copy <= COPIES; copy++) this.copies.add(now + copy * COPY_AFTER_MS, output, false);
  }

  /** The sender's number of a packet that request() let through. */
  inputOf(output: number): number {
    return this.index?.inputOf(output) ?? 0;
  }

  tokenOf(output: number): number {
    return this.index?.tokenOf(output) ?? 0;
  }

  /** One packet more than the media needs: a recent one again when there is one, for whoever lost it, else only padding. */
  sendPadding(now: number, bytes: number, cluster: number): number {
    const { send, transport } = this.consumer;
    if (!this.writer.canPad || send.packetCount === 0) return 0;
    const output = this.newest < 0 ? -1 : (this.newest - this.paddingBack) & 0xffff;
    this.paddingBack = (this.paddingBack + 1) % PADDING_REACH;
    let written = output < 0 ? 0 : this.repeat(now, output, bytes, cluster);
    if (written === 0) written = this.writer.writePadding(now, bytes, send.lastTimestamp, cluster);
    transport.counters.probationSent(now, written);
    return written;
  }

  clear(): void {
    this.copies.clear();
    this.index?.clear();
    this.newest = -1;
  }

  private repeat(now: number, output: number, bytes: number, cluster: number): number {
    if (this.index === null || !this.index.knows(output)) return 0;
    const token = this.index.tokenOf(output);
    const ring = this.ringOf(token);
    const source = ring?.find(this.index.inputOf(output)) ?? -1;
    if (ring === null || source < 0) return 0;
    const length = ring.lengthOf(this.index.inputOf(output));
    // A probe has to keep its pace: what is far larger than asked for is left.
    return length > 2 * bytes ? 0 : this.writer.writeRtx(now, source, length, output, token, cluster);
  }

  private again(
    now: number,
    source: number,
    length: number,
    output: number,
    token: number,
    cluster: number,
  ): number {
    const { send, transport } = this.consumer;
    const written = this.writer.writeRtx(now, source, length, output, token, cluster);
    if (written === 0) return 0;
    send.retransmitted(now, written);
    transport.counters.rtxSent(now, written);
    return written;
  }

  private refuse(reason: RtpDropReason): number {
    this.consumer.transport.drops.count(reason);
    return 0;
  }

  private ringOf(token: number): PacketRing | null {
    const { munger } = this.consumer;
    const era = tokenEra(token);
    return munger.knows(era) ? this.consumer.ringOf(munger.sourceOf(era)) : null;
  }
}
