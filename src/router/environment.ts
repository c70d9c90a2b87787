import { type SrtpSender } from '../srtp/srtp-sender.js';
import { type PacketBatch } from '../srtp/packet-batch.js';
import { type PacketArena } from '../stream/packet-arena.js';
import { type Timers } from '../stream/timers.js';

/** Where a packet goes; only the transport layer knows what is inside. */
export type PacketDestination = object;

/** What the core is given by whoever drives it: memory, randomness, a way out. No clock: `now` comes with each call. */
export interface CoreEnvironment {
  /** All packets of the worker lie in here. */
  readonly arena: PacketArena;
  /** Room in the arena for one packet that cannot be kept, so that live media never depends on memory. */
  readonly scratch: number;
  /** Outgoing packets of the current turn; its slots lie in the arena. */
  readonly batch: PacketBatch<PacketDestination>;
  readonly timers: Timers;
  /** Milliseconds since 1970 at `now` = 0. */
  readonly wallClockOffset: number;
  /** An event for the application's object with this id. */
  notify(targetId: string, event: string, data?: unknown): void;
  /** Uniform over 0 .. 2^32-1. */
  random32(): number;
  /** Sends what is in the batch, because it is full. */
  flush(): void;
}

/**
 * The way out of one transport. A sink never calls back into the router.
 */
export interface TransportSink {
  /** Protects outgoing RTP; null on a plain transport. */
  readonly srtpSender: SrtpSender | null;
  /** Where RTP goes; null until connected: nothing is sent then. */
  readonly rtpDestination: PacketDestination | null;
  /** Sends one compound packet; the bytes belong to the caller again afterwards and have room for an SRTCP trailer. */
  sendRtcp(bytes: Uint8Array, offset: number, length: number): void;
}
