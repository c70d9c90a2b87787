// Hot path: admit(), timestamp() and the rewriting run once per packet and receiver. Nothing is allocated.
import { shiftFrameNumber } from '../rtp/codecs/dependency-writer.js';
import { tsAdd, tsDiff } from '../rtp/sequence.js';
import { CounterShift } from './counter-shift.js';
import { ERAS } from './eras.js';
import { type PictureMunger, PlainMunger } from './picture-munger.js';
import { SequenceMapper } from './sequence-mapper.js';
import { Vp8Munger } from './vp8-munger.js';
import { Vp9Munger } from './vp9-munger.js';

/** One stretch of time during which everything came from one source under one mapping. */
class Era {
  number = -1;
  source = -1;
  timestampOffset = 0;
}

const NO_ERA = new Era();

/** What is to be known of a packet: ForwardedPacket has it. */
export interface MungedPacket {
  /** Of the packet in `bytes`, and what it holds before the payload. */
  offset: number;
  length: number;
  headerLength: number;
  sequenceNumber: number;
  /** -1 when there is none. */
  pictureId: number;
  dependency: { frameNumber: number } | null;
}

/**
 * Turns packets of changing sources into one outgoing stream: sequence number, timestamp, the picture numbers of VP8 and
 * VP9 and the frame number of the dependency descriptor continue across every switch, pause and omission. Each switch
 * opens an era; a packet sent again is written with the era of its time.
 */
export class RtpMunger {
  readonly sequence: SequenceMapper;
  private readonly pictures: PictureMunger;
  private readonly frameNumbers = new CounterShift(16);
  /** By number modulo ERAS; NO_ERA where there has been none: most receivers see few. */
  private readonly eras = new Array<Era>(ERAS).fill(NO_ERA);
  private current = -1;
  private lastTimestamp = 0;
  private lastSentAt = 0;
  private sentAnything = false;
  private lastHadMarker = true;

  /**
   * @param clockRate Hz
   * @param framed the marker ends a frame (video); in audio it begins a talk spurt (RFC 3551 section 4.1)
   * @param mimeType such as `video/VP8`, by which the payload is rewritten
   */
  constructor(
    firstSequenceNumber: number,
    private readonly clockRate: number,
    private readonly framed: boolean,
    mimeType: string,
  ) {
    this.sequence = new SequenceMapper(firstSequenceNumber);
    this.pictures = createPictureMunger(mimeType);
  }

  /** The era that packets are written with now; -1 before the first sync. */
  get era(): number {
    return this.current;
  }

  /**
   * A source begins (or begins again) with the next packet.
   * @param source any number that tells sources apart
   * @param timestamp of that packet
   * @param wantedTimestamp where it stands on the outgoing timeline when the senders' clocks say so, NaN when they do not
   */
  sync(now: number, source: number, timestamp: number, wantedTimestamp: number): void {
    // A frame that was cut short must look incomplete, not finished by the first packet of another one.
    this.sequence.sync(this.framed && !this.lastHadMarker ? 1 : 0);
    let offset = 0;
    if (this.current >= 0 && this.sentAnything) {
      offset = tsDiff(this.timestampFor(now, wantedTimestamp), timestamp);
    }
    this.current += 1;
    const slot = this.current & (ERAS - 1);
    if (this.eras[slot] === NO_ERA) this.eras[slot] = new Era();
    const era = this.eras[slot];
    era.number = this.current;
    era.source = source;
    era.timestampOffset = offset;
    this.pictures.sync(this.current);
    this.frameNumbers.sync(this.current);
  }

  /**
   * The packet is forwarded: numbers it, before anything of it is written. To be called once for each, in the order of the
   * decisions; it may be written later, whatever is decided meanwhile.
   * @returns the outgoing sequence number; or -1, when it is too late for the packet to be sent (see SequenceMapper)
   */
  admit(bytes: Uint8Array, packet: MungedPacket): number {
    const sequenceNumber = this.sequence.map(packet.sequenceNumber);
    if (sequenceNumber < 0) return -1;
    this.pictures.admit(bytes, packet.offset + packet.headerLength, packet.length - packet.headerLength);
    if (packet.dependency !== null) this.frameNumbers.admit(packet.dependency.frameNumber);
    return sequenceNumber;
  }

  /** Packets in order keep the distance to their numbers going out that the last one had: see follow(). */
  get follows(): boolean {
    return this.pictures.follows;
  }

  get pictureShift(): number {
    return this.pictures.pictureShift;
  }

  get tl0Shift(): number {
    return this.pictures.tl0Shift;
  }

  /** admit() for a packet that continues the one before it and has been written already. @returns the number it was given */
  follow(sequenceNumber: number, pictureId: number, tl0PicIdx: number): number {
    this.pictures.follow(pictureId, tl0PicIdx);
    return this.sequence.map(sequenceNumber);
  }

  /**
   * The packet is not forwarded, by our own choice: the receiver must not take that for loss.
   * @returns -1, or the outgoing number that it leaves behind, to be filled (see SequenceMapper)
   */
  drop(packet: MungedPacket): number {
    this.pictures.drop(packet.pictureId);
    return this.sequence.drop(packet.sequenceNumber);
  }

  /** Remembers what was sent, for the next switch. */
  sent(now: number, outputTimestamp: number, marker: boolean): void {
    if (!this.sentAnything || tsDiff(outputTimestamp, this.lastTimestamp) >= 0) {
      this.lastTimestamp = outputTimestamp;
      this.lastHadMarker = marker;
    }
    this.lastSentAt = now;
    this.sentAnything = true;
  }

  /**
   * Writes the receiver's picture numbers into a payload, in place; of a retransmission the payload behind the original
   * sequence number. A payload that cannot be read stays as it is.
   * @param era in which the packet was admitted
   */
  rewritePayload(bytes: Uint8Array, payloadOffset: number, payloadLength: number, era: number): void {
    this.pictures.rewrite(bytes, payloadOffset, payloadLength, era);
  }

  /** Writes the receiver's frame number into a dependency descriptor, in place. It is at least three bytes long. */
  rewriteFrameNumber(bytes: Uint8Array, elementDataOffset: number, era: number): void {
    shiftFrameNumber(bytes, elementDataOffset, this.frameNumbers.output(0, era));
  }

  timestamp(timestamp: number): number {
    return tsAdd(timestamp, this.eras[this.current & (ERAS - 1)].timestampOffset);
  }

  /** Whether a packet of this era can still be written. */
  knows(era: number): boolean {
    return era >= 0 && this.eras[era & (ERAS - 1)].number === era;
  }

  sourceOf(era: number): number {
    return this.eras[era & (ERAS - 1)].source;
  }

  timestampOffsetOf(era: number): number {
    return this.eras[era & (ERAS - 1)].timestampOffset;
  }

  /** Never backwards, and never a leap that the wall clock does not explain. */
  private timestampFor(now: number, wanted: number): number {
    const elapsed = Math.max(1, Math.round(((now - this.lastSentAt) / 1000) * this.clockRate));
    const guess = tsAdd(this.lastTimestamp, elapsed);
    if (Number.isNaN(wanted)) return guess;
    const ahead = tsDiff(wanted, this.lastTimestamp);
    const tolerance = this.clockRate;
    if (ahead > elapsed + tolerance) return guess;
    return ahead > 0 ? wanted : tsAdd(this.lastTimestamp, 1);
  }
}

function createPictureMunger(mimeType: string): PictureMunger {
  switch (mimeType.toLowerCase()) {
    case 'video/vp8':
      return new Vp8Munger();
    case 'video/vp9':
      return new Vp9Munger();
    default:
      return new PlainMunger();
  }
}
