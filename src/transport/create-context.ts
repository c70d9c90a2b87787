import { randomBytes } from 'node:crypto';
import { type PacketDestination } from '../router/environment.js';
import { PacketBatch } from '../srtp/packet-batch.js';
import { BLOCK_SIZE, PacketArena } from '../stream/packet-arena.js';
import { Timers } from '../stream/timers.js';
import { flushBatch } from './flush-batch.js';
import { type TransportContext } from './transport-context.js';

/** Outgoing packets that are encrypted and sent in one go. */
const BATCH_SLOTS = 256;
/** Bytes of an outgoing packet with its trailers: an MTU, rounded up. */
const SLOT_SIZE = 2048;
/**
 * Bytes of packets that one worker keeps for retransmission: 2 s of 1 Gbps, or of 400 streams of 2.5 Mbps. Pages that are
 * never touched cost nothing, and when it is full each stream keeps less.
 */
const ARENA_SIZE = 256 * 1024 * 1024;

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
}

/** The memory, timers and randomness of one worker. */
export function createContext(options: ContextOptions): TransportContext {
  const arena = new PacketArena(options.arenaSize ?? ARENA_SIZE);
  const slots = { bytes: arena.bytes, offset: arena.allocateRange(BATCH_SLOTS * SLOT_SIZE) };
  const scratch = arena.allocateRange(BLOCK_SIZE);
  const batch = new PacketBatch<PacketDestination>(BATCH_SLOTS, SLOT_SIZE, slots);
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
      options.turnEnded();
    },
  };
}
