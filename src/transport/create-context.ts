import { randomBytes } from 'node:crypto';
import { type PacketDestination } from '../router/environment.js';
import { PacketBatch } from '../srtp/packet-batch.js';
import { type SrtpKernel } from '../srtp/srtp-kernel.js';
import { BLOCK_SIZE, PacketArena } from '../stream/packet-arena.js';
import { Timers } from '../stream/timers.js';
import { flushBatch } from './flush-batch.js';
import { loadSrtpKernel } from './load-srtp-kernel.js';
import { type TransportContext } from './transport-context.js';

/**
 * Outgoing packets that are encrypted and sent in one go. Few enough that a packet is still in the nearest cache when it is
 * encrypted, and again when the system copies it: with 256 a packet to 200 receivers cost a fifth more.
 */
const BATCH_SLOTS = 32;
/** Bytes of an outgoing packet with its trailers: an MTU, rounded up. */
const SLOT_SIZE = 2048;
/**
 * Bytes of packets that one worker keeps for retransmission: 2 s of 1 Gbps, or of 400 streams of 2.5 Mbps. Pages that are
 * never touched cost nothing, and when it is full each stream keeps less.
 */
const ARENA_SIZE = 256 * 1024 * 1024;
/** Milliseconds. Keystream that a stream has not used for so long, or up to twice that, goes to others. */
const KEYSTREAM_IDLE = 5000;

export interface ContextOptions {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970 at now() = 0. */
  wallClockOffset: number;
  notify(targetId: string, event: string, data?: unknown): void;
  /** Called after each datagram, when its packets have been sent: deadlines may have moved. */
  turnEnded(): void;
  /** Bytes, default 256 MiB. */
  arenaSize?: number;
  /** What encrypts, given the bytes that the arena takes; default: the WebAssembly one. Null: node:crypto. */
  srtpKernel?: (arenaSize: number) => SrtpKernel | null;
}

/** The memory, timers and randomness of one worker. */
export function createContext(options: ContextOptions): TransportContext {
  const arenaSize = options.arenaSize ?? ARENA_SIZE;
  const kernel = (options.srtpKernel ?? loadSrtpKernel)(arenaSize);
  const arena = new PacketArena(kernel === null ? arenaSize : kernel.packets);
  const slots = { bytes: arena.bytes, offset: arena.allocateRange(BATCH_SLOTS * SLOT_SIZE), kernel };
  const scratch = arena.allocateRange(BLOCK_SIZE);
  const batch = new PacketBatch<PacketDestination>(BATCH_SLOTS, SLOT_SIZE, slots);
  let nextSweep = 0;
  return {
    core: {
      arena,
      scratch,
      batch,
      timers: new Timers(),
      wallClockOffset: options.wallClockOffset,
      notify: (targetId, event, data) => options.notify(targetId, event, data),
      random32: () => randomBytes(4).readUInt32LE(0),
      flush: () => flushBatch(batch),
    },
    now: () => options.now(),
    endTurn: () => {
      flushBatch(batch);
      const now = options.now();
      if (now >= nextSweep) {
        nextSweep = now + KEYSTREAM_IDLE;
        kernel?.keystreams.sweep();
      }
      options.turnEnded();
    },
  };
}
