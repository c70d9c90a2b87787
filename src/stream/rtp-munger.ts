// Hot path: map() runs once per packet and receiver. It allocates nothing.
import { tsAdd, tsDiff } from '../rtp/sequence.js';
import { SequenceMapper } from './sequence-mapper.js';
import { Vp8Munger } from './vp8-munger.js';

/** Mappings that retransmissions can still be written with; a power of two. */
const ERAS = 8;

/** One stretch of time during which everything came from one source under one mapping. */
class Era {
  number = -1;
  source = -1;
  timestampOffset = 0;
  pictureIdOffset = 0;
  tl0PicIdxOffset = 0;
}

/**
 * Turns packets of changing sources into one outgoing stream: sequence number, timestamp and VP8 ids continue across
 * every switch, pause and omission. Each switch opens an era; a packet sent again is written with the era of its time.
 */
export class RtpMunger {
  readonly sequence: SequenceMapper;
  private readonly vp8 = new Vp8Munger();
  private readonly eras = Array.from({ length: ERAS }, () => new Era());
  private current = -1;
  private lastTimestamp = 0;
  private lastSentAt = 0;
  private sentAnything = false;
  private lastHadMarker = true;

  /**
   * @param clockRate Hz
   * @param framed the marker ends a frame (video); in audio it begins a talk spurt (RFC 3551 section 4.1)
   */
  constructor(
    firstSequenceNumber: number,
    private readonly clockRate: number,
    private readonly framed: boolean,
  ) {
    this.sequence = new SequenceMapper(firstSequenceNumber);
  }

  /** The era that packets are written with now; -1 before the first sync. */
  get era(): number {
    return this.current;
  }

  /**
   * A source begins (or begins again) with this packet.
   * @param source any number that tells sources apart
   * @param wantedTimestamp where the packet stands on the outgoing timeline when the senders' clocks say so, NaN when they do not
   */
  sync(
    now: number,
    source: number,
    timestamp: number,
    wantedTimestamp: number,
    pictureId: number,
    tl0PicIdx: number,
  ): void {
    // A frame that was cut short must look incomplete, not finished by the first packet of another one.
    this.sequence.sync(this.framed && !this.lastHadMarker ? 1 : 0);
    this.vp8.sync(pictureId, tl0PicIdx);
    const previous = this.current < 0 ? null : this.eras[this.current & (ERAS - 1)];
    let offset = 0;
    if (previous !== null && this.sentAnything) {
      const target = this.timestampFor(now, wantedTimestamp);
      offset = tsDiff(target, timestamp);
    }
    this.current += 1;
    const era = this.eras[this.current & (ERAS - 1)];
    era.number = this.current;
    era.source = source;
    era.timestampOffset = offset;
    era.pictureIdOffset = this.vp8.pictureIdOffset;
    era.tl0PicIdxOffset = this.vp8.tl0PicIdxOffset;
  }

  /** Remembers what was sent, for the next switch. */
  sent(now: number, outputTimestamp: number, marker: boolean, pictureId: number, tl0PicIdx: number): void {
    if (!this.sentAnything || tsDiff(outputTimestamp, this.lastTimestamp) >= 0) {
      this.lastTimestamp = outputTimestamp;
      this.lastHadMarker = marker;
    }
    this.lastSentAt = now;
    this.sentAnything = true;
    this.vp8.sent(pictureId, tl0PicIdx);
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

  pictureIdOffsetOf(era: number): number {
    return this.eras[era & (ERAS - 1)].pictureIdOffset;
  }

  tl0PicIdxOffsetOf(era: number): number {
    return this.eras[era & (ERAS - 1)].tl0PicIdxOffset;
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
