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
 *
 * Whoever sends may find that the system will read a packet later: it takes the slot out of use with `hold()` until
 * `release()`. So offsets are not always in ascending order.
 */
import type { SrtpKernel } from './srtp-kernel.js';
import { SRTP_MAX_TRAILER } from './srtp-profiles.js';
import type { SrtpSender } from './srtp-sender.js';

/** MTU, trailer and room to align, as a power of two. */
const DEFAULT_SLOT_SIZE = 2048;

/** The share of the slots that can be on hold: 1/4, so that forwarding goes on. */
const HOLDABLE_SHARE = 4;

/**
 * Views kept per slot, each for one length modulo this. A kept view costs 7 ns, a new one 35, a Map of views by length
 * 140 as soon as lengths vary.
 */
const VIEWS_PER_SLOT = 16;

/** Where the slots of a batch lie: from `offset` on. */
export interface BatchMemory {
  bytes: Uint8Array;
  offset: number;
  /** Protects what lies in its memory; without it node:crypto does. */
  kernel?: SrtpKernel | null;
}

export class PacketBatch<T> {
  readonly bytes: Uint8Array;
  readonly kernel: SrtpKernel | null;
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
  /** See touch-ahead. */
  touched = 0;
  /** Slots in use: `offsets` is valid below it. The others are on hold. */
  private capacity: number;
  /** Slots on hold, those of the present turn included. */
  private held = 0;
  private holes = 0;
  private readonly views: Uint8Array[];

  /**
   * @param slotSize bytes of a packet with its trailer; a multiple of 16, so that slots are aligned.
   * @param memory default: an array of its own.
   * @throws RangeError for slots of no use, or outside of the kernel's memory.
   */
  constructor(
    readonly slots: number,
    readonly slotSize = DEFAULT_SLOT_SIZE,
    memory: BatchMemory = { bytes: new Uint8Array(slots * slotSize), offset: 0 },
  ) {
    if (slots < 1 || slotSize <= SRTP_MAX_TRAILER || slotSize % 16 !== 0)
      throw new RangeError(
        `a batch needs a slot and a slot size that is a multiple of 16, got ${slots} x ${slotSize}`,
      );
    this.bytes = memory.bytes;
    this.kernel = memory.kernel ?? null;
    if (this.kernel !== null && this.kernel.bytes.buffer !== memory.bytes.buffer)
      throw new RangeError('the SRTP kernel of a batch reaches only its own memory: slots must lie in it');
    this.offsets = new Int32Array(slots);
    for (let i = 0; i < slots; i++) this.offsets[i] = memory.offset + i * slotSize;
    this.capacity = slots;
    this.views = new Array<Uint8Array>(slots * VIEWS_PER_SLOT).fill(new Uint8Array(0));
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
    return this.count === this.capacity ? -1 : this.offsets[this.count];
  }

  /**
   * Takes the packet that was written at `acquire()`. An RTP packet is given with its sender; a packet without
   * one may be `slotSize` long, others `maxLength`.
   * @throws RangeError when the batch is full or the packet ran into the next slot.
   */
  commit(length: number, sender: SrtpSender | null, destination: T): void {
    if (this.count === this.capacity)
      throw new RangeError(`all ${this.capacity} slots of the batch are taken`);
    if (length > (sender === null ? this.slotSize : this.maxLength))
      throw new RangeError(`a packet of ${length} bytes does not fit in a slot of ${this.slotSize}`);
    const i = this.count++;
    this.lengths[i] = length;
    this.senders[i] = sender;
    this.destinations[i] = destination;
  }

  /** The bytes of entry `index` as an array of their own, for a system call; lasting, as its slot is. */
  view(index: number): Uint8Array {
    const at = this.bytes.byteOffset + this.offsets[index];
    const length = this.lengths[index];
    const key = index * VIEWS_PER_SLOT + (length & (VIEWS_PER_SLOT - 1));
    const kept = this.views[key];
    if (kept.length === length && kept.byteOffset === at) return kept;
    return (this.views[key] = new Uint8Array(this.bytes.buffer, at, length));
  }

  /** Whether `hold()` may be called. */
  get canHold(): boolean {
    return (this.held + 1) * HOLDABLE_SHARE <= this.slots;
  }

  /**
   * Leaves the bytes of entry `index` as they are, also after `clear()`: its slot is not given out again before
   * `release()` of the offset that is returned. Until then the batch has room for one packet less.
   */
  hold(index: number): number {
    const offset = this.offsets[index];
    if (index >= this.count || offset === HELD || !this.canHold)
      throw new RangeError(`entry ${index} of ${this.count} cannot be held beside ${this.held} others`);
    this.offsets[index] = HELD;
    this.held++;
    this.holes++;
    return offset;
  }

  /** Gives back what `hold()` returned; after the `clear()` of its turn. */
  release(offset: number): void {
    if (this.capacity + this.held !== this.slots)
      throw new Error('a slot was released in the turn that held it');
    this.held--;
    this.offsets[this.capacity++] = offset;
  }

  /** Empties the batch and lets go of senders and destinations, so that closed transports can be collected. */
  clear(): void {
    for (let i = 0; i < this.count; i++) {
      this.senders[i] = null;
      this.destinations[i] = nothing as T;
    }
    if (this.holes > 0) this.closeHoles();
    this.count = 0;
  }

  /** Puts the last slots in use in place of those that were held in this turn. */
  private closeHoles(): void {
    for (let i = this.count - 1; i >= 0; i--)
      if (this.offsets[i] === HELD) this.offsets[i] = this.offsets[--this.capacity];
    this.holes = 0;
  }
}

/** The offset of an entry whose slot is on hold. */
const HELD = -1;

/** Stands where no destination is; never seen by who reads below `count`. */
const nothing: unknown = null;
