// Hot path: add() runs once per packet that is fanned out. It allocates nothing but the entries, once.
import { toAbsSendTime } from '../rtp/header-extensions.js';
import { seqDiff, tsDiff } from '../rtp/sequence.js';
import { Vp8Fields } from '../stream/vp8-munger.js';
import { type ForwardedPacket } from './forwarded-packet.js';

/** Packets that are remembered: how far a receiver's books may be behind (see InStep). A power of two. */
export const LOG_SIZE = 32;
const MASK = LOG_SIZE - 1;
/** Ten seconds of the 90 kHz clock: the sender has set it anew. */
const MAX_STEP_BACK = 900_000;

/**
 * What is left of a packet after its fan-out: what catching up reads of it, and what tells whether the next one continues it.
 * A field that either comes to need stands here, too; a test sees to it that it is filled.
 */
export class LoggedPacket {
  /** When it came. */
  now = 0;
  length = 0;
  headerLength = 0;
  sequenceNumber = 0;
  timestamp = 0;
  marker = false;
  payloadType = 0;
  keyFrame = false;
  spatialLayer = 0;
  temporalLayer = 0;
  switchingPoint = true;
  pictureId = -1;
  tl0PicIdx = -1;
  newest = false;
  longPictureId = false;
}

/** A packet in its fan-out, or what is left of it. */
export type FollowedPacket = Readonly<Omit<LoggedPacket, 'now'>>;

/**
 * The last packets of one encoding that were fanned out, and whether each only continues the one before: the next sequence
 * number, the same picture or the next, nothing lost between and nothing late. That is said once, for all receivers.
 */
export class StreamLog {
  /** Packets added so far; the newest is the one before this number. */
  count = 0;
  private entries: LoggedPacket[] | null = null;
  private readonly fields: Vp8Fields | null;
  private highestSequence = -1;
  private highestTimestamp = 0;

  /** @param mimeType such as `video/VP8` */
  constructor(mimeType: string) {
    this.fields = /\/vp8$/i.test(mimeType) ? new Vp8Fields() : null;
  }

  /** Another stream begins: nothing continues what was. */
  reset(): void {
    this.highestSequence = -1;
  }

  /** @param number one of the last LOG_SIZE that were added, counted from 0 */
  at(number: number): LoggedPacket {
    return this.entries![number & MASK];
  }

  /** Sets `newest`, `continues` and where the numbers of its picture stand. @param bytes the arena */
  add(now: number, packet: ForwardedPacket, bytes: Uint8Array): void {
    this.entries ??= Array.from({ length: LOG_SIZE }, () => new LoggedPacket());
    if (this.fields !== null) locateFields(packet, bytes, this.fields);
    const first = this.highestSequence < 0;
    packet.newest = first || this.isNewest(packet);
    packet.continues = !first && packet.newest && continuesPacket(packet, this.at(this.count - 1));
    if (packet.newest) {
      this.highestSequence = packet.sequenceNumber;
      this.highestTimestamp = packet.timestamp;
    }
    packet.absSendTime = toAbsSendTime(now);
    keep(this.at(this.count), now, packet);
    this.count += 1;
  }

  private isNewest({ sequenceNumber, timestamp }: ForwardedPacket): boolean {
    const ahead = tsDiff(timestamp, this.highestTimestamp);
    if (ahead < -MAX_STEP_BACK) this.highestTimestamp = timestamp;
    return ahead >= 0 && seqDiff(sequenceNumber, this.highestSequence) > 0;
  }
}

function locateFields(packet: ForwardedPacket, bytes: Uint8Array, fields: Vp8Fields): void {
  const { offset, length, headerLength } = packet;
  fields.locate(bytes, offset + headerLength, length - headerLength);
  packet.pictureIdAt = fields.pictureIdAt < 0 ? -1 : fields.pictureIdAt - offset;
  packet.longPictureId = fields.long;
  packet.tl0At = fields.tl0At < 0 ? -1 : fields.tl0At - offset;
}

function continuesPacket(packet: ForwardedPacket, before: LoggedPacket): boolean {
  return (
    before.newest &&
    packet.sequenceNumber === ((before.sequenceNumber + 1) & 0xffff) &&
    packet.payloadType === before.payloadType &&
    packet.kept &&
    !packet.keyFrame &&
    !packet.silence &&
    packet.dependency === null &&
    packet.spatialLayer === before.spatialLayer &&
    sameFields(packet, before) &&
    continuesPicture(packet, before)
  );
}

/** And what was read of the payload is what stands where it is rewritten. */
function sameFields(packet: ForwardedPacket, before: LoggedPacket): boolean {
  return (
    packet.pictureIdAt >= 0 === packet.pictureId >= 0 &&
    packet.tl0At >= 0 === packet.tl0PicIdx >= 0 &&
    packet.pictureId >= 0 === before.pictureId >= 0 &&
    packet.tl0PicIdx >= 0 === before.tl0PicIdx >= 0 &&
    packet.longPictureId === before.longPictureId
  );
}

function continuesPicture(packet: ForwardedPacket, before: LoggedPacket): boolean {
  const { pictureId, tl0PicIdx, temporalLayer } = packet;
  if (packet.timestamp === before.timestamp) {
    return (
      pictureId === before.pictureId &&
      tl0PicIdx === before.tl0PicIdx &&
      temporalLayer === before.temporalLayer
    );
  }
  const nextId = (before.pictureId + 1) & (packet.longPictureId ? 0x7fff : 0x7f);
  // Pictures of higher layers carry the number of their base.
  const nextTl0 = temporalLayer > 0 ? before.tl0PicIdx : (before.tl0PicIdx + 1) & 0xff;
  return (pictureId < 0 || pictureId === nextId) && (tl0PicIdx < 0 || tl0PicIdx === nextTl0);
}

/** Every field of LoggedPacket. */
function keep(entry: LoggedPacket, now: number, packet: ForwardedPacket): void {
  entry.now = now;
  entry.length = packet.length;
  entry.headerLength = packet.headerLength;
  entry.sequenceNumber = packet.sequenceNumber;
  entry.timestamp = packet.timestamp;
  entry.marker = packet.marker;
  entry.payloadType = packet.payloadType;
  entry.keyFrame = packet.keyFrame;
  entry.spatialLayer = packet.spatialLayer;
  entry.temporalLayer = packet.temporalLayer;
  entry.switchingPoint = packet.switchingPoint;
  entry.pictureId = packet.pictureId;
  entry.tl0PicIdx = packet.tl0PicIdx;
  entry.newest = packet.newest;
  entry.longPictureId = packet.longPictureId;
}
