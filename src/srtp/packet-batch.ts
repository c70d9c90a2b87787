/**
 * Outgoing packets of one turn of the forwarding loop, side by side in one arena, with who protects each and
 * where it goes. Hot path: everything is allocated once.
 *
 *     const offset = batch.acquire();       // -1: full, protect, send and clear first
 *     ... write the packet at batch.bytes[offset ...) ...
 *     batch.commit(length, sender, destination);
 *     ...
 *     protectBatch(batch);
 *     for (let i = 0; i < batch.count; i++) if (batch.lengths[i] > 0) send(i);
 *     batch.clear();
 */
import { SRTP_MAX_TRAILER } from './srtp-profiles.js';
import type { SrtpSender } from './srtp-sender.js';

/** MTU, trailer and room to align, as a power of two. */
const DEFAULT_SLOT_SIZE = 2048;

export class PacketBatch<T> {
  readonly bytes: Uint8Array;
  /** Entries `[0, count)` of the arrays below are valid. */
  count = 0;
  /** Where each packet begins in `bytes`. */
  readonly offsets: Int32Array;
  /** Bytes; 0 marks a packet that could not be protected and must not be sent. */
  readonly lengths: Int32Array;
  /** Null: the packet is sent as it is, because it is plain or was protected already (RTCP). */
  readonly senders: (SrtpSender | null)[];
  readonly destinations: T[];
  /** Packets that `protectBatch` could not protect, since the batch was made. */
  protectionFailures = 0;

  /**
   * @param slotSize bytes of a packet with its trailer; a multiple of 16, so that slots are aligned.
   * @param memory where the slots lie; default: an array of its own.
   */
  constructor(
    readonly slots: number,
    readonly slotSize = DEFAULT_SLOT_SIZE,
    memory: { bytes: Uint8Array; offset: number } = { bytes: new Uint8Array(slots * slotSize), offset: 0 },
  ) {
    if (slots < 1 || slotSize <= SRTP_MAX_TRAILER || slotSize % 16 !== 0)
      throw new RangeError(
        `a batch needs a slot and a slot size that is a multiple of 16, got ${slots} x ${slotSize}`,
      );
    this.bytes = memory.bytes;
    this.offsets = new Int32Array(slots);
    for (let i = 0; i < slots; i++) this.offsets[i] = memory.offset + i * slotSize;
    this.lengths = new Int32Array(slots);
    this.senders = new Array<SrtpSender | null>(slots).fill(null);
    this.destinations = new Array<T>(slots).fill(nothing as T);
  }

  /** The longest packet that may be committed for protection, in bytes. */
  get maxLength(): number {
    return this.slotSize - SRTP_MAX_TRAILER;
  }

  /** Where to write the next packet, or -1 when the batch is full. The same until `commit`. */
  acquire(): number {
    return this.count === this.slots ? -1 : this.offsets[this.count];
  }

  /**
   * Takes the packet that was written at `acquire()`. An RTP packet is given with its sender; a packet without
   * one may be `slotSize` long, others `maxLength`.
   * @throws RangeError when the batch is full or the packet ran into the next slot.
   */
  commit(length: number, sender: SrtpSender | null, destination: T): void {
    if (this.count === this.slots) throw new RangeError(`all ${this.slots} slots of the batch are taken`);
    if (length > (sender === null ? this.slotSize : this.maxLength))
      throw new RangeError(`a packet of ${length} bytes does not fit in a slot of ${this.slotSize}`);
    const i = this.count++;
    this.lengths[i] = length;
    this.senders[i] = sender;
    this.destinations[i] = destination;
  }

  /** Empties the batch and lets go of senders and destinations, so that closed transports can be collected. */
  clear(): void {
    for (let i = 0; i < this.count; i++) {
      this.senders[i] = null;
      this.destinations[i] = nothing as T;
    }
    this.count = 0;
  }
}

/** Stands where no destination is; never seen by who reads below `count`. */
const nothing: unknown = null;
