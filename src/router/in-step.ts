// Hot path: forward() runs once per packet and receiver. It allocates nothing, and touches little memory: with hundreds of
// receivers that is what a packet costs.
import { writeU16, writeU32 } from '../rtp/bytes.js';
import { type ReceiverHeader } from './canonical-packet.js';
import { type ConsumerBooks } from './consumer-books.js';
import { type ConsumerTransport, DIRECT } from './consumer-ports.js';
import { type CoreEnvironment } from './environment.js';
import { type ForwardedPacket } from './forwarded-packet.js';
import { type SteadyFilter } from './layer-filter.js';
import { LOG_SIZE, type StreamLog } from './stream-log.js';

/**
 * The short way to a receiver. Nearly every packet only continues the one before it (see StreamLog), and what was decided for
 * that one holds: it is for this receiver, and its numbers are moved by the same as before. So it is written at once, and the
 * books (numbers given out, pictures, what may be sent again, counters) are brought up to date later, for up to LOG_SIZE
 * packets in a row: the many objects that they are in come into the cache once for all of these.
 *
 * Whoever looks at those books or changes anything calls end() first. Then they are as if each packet had gone the full way,
 * and the next packet does; behind it the short way may begin again.
 */
export class InStep {
  private active = false;
  private encodingIndex = -1;
  /** What is added to each number; the results are cut to their width. */
  private sequenceShift = 0;
  private timestampShift = 0;
  private pictureShift = 0;
  private tl0Shift = 0;
  private temporalLayer = 0;
  /** By the log's count: the first packet that is not in the books, the next one, and where they must be brought up to date. */
  private since = 0;
  private next = 0;
  private due = 0;
  private log: StreamLog | null = null;

  /**
   * @param ssrc of what goes out; receivers with others in their lower bits bring their books up to date at other packets
   * @param books where each packet that was written is entered later
   */
  constructor(
    private readonly ssrc: number,
    private readonly video: boolean,
    private readonly header: ReceiverHeader,
    private readonly transport: ConsumerTransport,
    private readonly environment: CoreEnvironment,
    private readonly books: ConsumerBooks,
  ) {}

  /**
   * A packet has gone the full way, as the newest of its stream and under the number `output`: those that continue it may go
   * the short one.
   */
  begin(packet: ForwardedPacket, output: number, filter: SteadyFilter, log: StreamLog): void {
    const { books } = this;
    const { numbers } = books;
    books.filter = filter;
    this.active = true;
    this.encodingIndex = packet.encodingIndex;
    this.sequenceShift = output - packet.sequenceNumber;
    this.timestampShift = numbers.timestampOffsetOf(numbers.era) | 0;
    this.pictureShift = numbers.pictureShift;
    this.tl0Shift = numbers.tl0Shift;
    this.temporalLayer = filter.temporalLayer;
    this.log = log;
    this.since = log.count;
    this.next = log.count;
    this.due = log.count + 1 + ((this.ssrc + log.count) & (LOG_SIZE - 1));
  }

  /** See touch-ahead. */
  touch(): number {
    const { sink, egress } = this.transport;
    const connected = sink.rtpDestination !== null && sink.srtpSender !== null;
    return this.next + this.ssrc + Number(connected && egress.lossy && this.header.withTransportSequence);
  }

  /** @returns false: the packet has to go the full way, after end() */
  forward(now: number, packet: ForwardedPacket): boolean {
    if (!this.active) return false;
    // The receiver waits for no other encoding.
    if (packet.encodingIndex !== this.encodingIndex) return true;
    if (!packet.continues || packet.temporalLayer > this.temporalLayer) return false;
    if (this.log!.count !== this.next + 1) return false;
    const { egress, sink } = this.transport;
    const { rtpDestination } = sink;
    if (rtpDestination === null || !egress.passes(now, this.video, packet.marker)) return false;
    const { arena, batch } = this.environment;
    const slot = egress.acquireSlot();
    if (slot < 0) return false;

    const { bytes } = arena;
    const { offset, length } = packet;
    bytes.copyWithin(slot, offset, offset + length);
    writeU16(bytes, slot + 2, packet.sequenceNumber + this.sequenceShift);
    writeU32(bytes, slot + 4, packet.timestamp + this.timestampShift);
    writeU32(bytes, slot + 8, this.ssrc);
    const number = egress.numberPacket(now, length, DIRECT, false, this.header.withTransportSequence);
    this.header.apply(bytes, slot, packet.absSendTime, number);
    this.writePicture(bytes, slot, packet);
    batch.commit(length, sink.srtpSender, rtpDestination);

    this.next += 1;
    if (this.next === this.due) this.catchUp();
    return true;
  }

  /** Brings the books up to date; what comes next goes the full way. */
  end(): void {
    if (!this.active) return;
    this.active = false;
    this.catchUp();
  }

  private writePicture(bytes: Uint8Array, slot: number, packet: ForwardedPacket): void {
    const { pictureIdAt, tl0At } = packet;
    if (pictureIdAt >= 0) {
      const pictureId = packet.pictureId + this.pictureShift;
      if (packet.longPictureId) writeU16(bytes, slot + pictureIdAt, pictureId | 0x8000);
      else bytes[slot + pictureIdAt] = pictureId & 0x7f;
    }
    if (tl0At >= 0) bytes[slot + tl0At] = packet.tl0PicIdx + this.tl0Shift;
  }

  private catchUp(): void {
    const { log, next } = this;
    let number = this.since;
    if (log!.count - number > LOG_SIZE) throw new Error(`the books of SSRC ${this.ssrc} are too far behind`);
    this.since = next;
    this.due = next + LOG_SIZE;
    for (; number < next; number++) {
      const packet = log!.at(number);
      this.books.enter(packet, (packet.sequenceNumber + this.sequenceShift) & 0xffff);
    }
  }
}
