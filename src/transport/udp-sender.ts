/**
 * The sending half of a UDP port over the public dgram API: for a Node whose handle is not as UdpHandleSender knows it.
 * Hot path, once per outgoing packet: one copy into the staging buffer; what else is allocated is dgram's own.
 *
 * Why the copy: the caller's bytes lie in an arena that is reused at once. Node tries each send synchronously, but when
 * the kernel's buffer is full it queues the packet and reads the bytes later: by then the arena holds somebody else's
 * packet. So packets leave from a staging buffer that only this class writes, and that is given up to libuv whenever
 * the queue turns out not to be empty after a send.
 */
import { type Socket } from 'node:dgram';
import { type PacketBatch } from '../srtp/packet-batch.js';
import { type RemoteTuple } from './remote-tuple.js';

/** What may wait in libuv for a congested interface, in bytes; real-time media that waits longer is worthless. */
export const MAX_SEND_QUEUE_BYTES = 1024 * 1024;

/** Room for any datagram of an Ethernet path; larger ones get a buffer of their own. */
export const STAGING_BYTES = 2048;

export interface DatagramSender {
  /** Handed to the system, those that wait included. */
  readonly datagramsSent: number;
  readonly bytesSent: number;
  /** Dropped because more than MAX_SEND_QUEUE_BYTES would wait. */
  readonly refused: number;
  readonly queuedBytes: number;
  /** System error code (`ENETUNREACH`, `EPERM` ...) -> how often; some are known only after the send returned. */
  readonly errors: ReadonlyMap<string, number>;
  /** False when nothing was sent. The bytes are free when it returns. */
  send(bytes: Uint8Array, offset: number, length: number, remote: RemoteTuple): boolean;
  /** See DatagramPort. */
  touch(): number;
  /** The same for an entry of a batch, which the sender may hold. */
  sendSlot(batch: PacketBatch<unknown>, index: number, remote: RemoteTuple): boolean;
}

type SendingSocket = Pick<Socket, 'send' | 'getSendQueueCount' | 'getSendQueueSize'>;

export class UdpSender implements DatagramSender {
  datagramsSent = 0;
  bytesSent = 0;
  refused = 0;
  readonly errors = new Map<string, number>();

  readonly #socket: SendingSocket;
  #staging = Buffer.allocUnsafeSlow(STAGING_BYTES);

  constructor(socket: SendingSocket) {
    this.#socket = socket;
  }

  get queuedBytes(): number {
    return this.#socket.getSendQueueSize();
  }

  touch(): number {
    return this.datagramsSent;
  }

  sendSlot(batch: PacketBatch<unknown>, index: number, remote: RemoteTuple): boolean {
    return this.send(batch.bytes, batch.offsets[index], batch.lengths[index], remote);
  }

  send(bytes: Uint8Array, offset: number, length: number, remote: RemoteTuple): boolean {
    const socket = this.#socket;
    const busy = socket.getSendQueueCount() > 0;
    if (busy && socket.getSendQueueSize() + length > MAX_SEND_QUEUE_BYTES) {
      this.refused++;
      return false;
    }

    // With a queue this packet is queued too, so it gets a buffer of its own size and the staging buffer stays ours.
    const own = busy || length > STAGING_BYTES;
    const staging = own ? Buffer.allocUnsafeSlow(length) : this.#staging;
    staging.set(bytes.subarray(offset, offset + length), 0);
    socket.send(staging, 0, length, remote.port, remote.address, this.#onSent);
    if (!own && socket.getSendQueueCount() > 0) this.#staging = Buffer.allocUnsafeSlow(STAGING_BYTES);

    this.datagramsSent++;
    this.bytesSent += length;
    return true;
  }

  readonly #onSent = (error: Error | null): void => {
    if (error === null) return;
    const code = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  };
}
