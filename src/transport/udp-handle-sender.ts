/**
 * The sending half of a UDP port over Node's own handle (udp-handle.ts). Hot path, once per outgoing packet: no copy, and
 * nothing allocated but a view of a packet whose length its slot did not have lately.
 *
 * The system takes nearly every datagram at once. When its buffer is full it reads the bytes later, so they must stay:
 * the slot of the first packet that meets a full buffer is taken out of the batch until it has been read; packets that
 * come while others wait are copied, as many as MAX_SEND_QUEUE_BYTES allow, and dropped beyond that. So a port holds one
 * slot at most, whatever its interface does.
 *
 * CPU per datagram to 127.0.0.1 in µs, user + system, in one run of `node bench/transport/udp-send.js`:
 *
 *                         112 bytes     1142 bytes
 *     dgram.send          1.0 + 3.8     1.1 + 3.9
 *     UdpSender           1.3 + 3.9     1.4 + 3.9
 *     this                0.6 + 3.6     0.7 + 3.7
 *
 * On the heap: 736 bytes per datagram of UdpSender's, 3 of this one's while lengths repeat, 105 when each is new.
 */
import { getSystemErrorName } from 'node:util';
import { type PacketBatch } from '../srtp/packet-batch.js';
import { type RemoteTuple } from './remote-tuple.js';
import { type DirectSending, type SendRequest, type SendRequestClass, type UdpHandle } from './udp-handle.js';
import { type DatagramSender, MAX_SEND_QUEUE_BYTES, STAGING_BYTES } from './udp-sender.js';

export class UdpHandleSender implements DatagramSender {
  datagramsSent = 0;
  bytesSent = 0;
  refused = 0;
  queuedBytes = 0;
  readonly errors = new Map<string, number>();

  readonly #handle: UdpHandle;
  readonly #spare: Spare;
  /** Datagrams that wait. */
  #queued = 0;
  /** Where the socket is connected to: no address to read there, no route to look up. */
  #peer: RemoteTuple | null = null;
  readonly canConnect: boolean;

  constructor(handle: UdpHandle, { Request, connected }: DirectSending) {
    this.#handle = handle;
    this.#spare = Spare.of(Request);
    this.canConnect = connected;
  }

  /** The socket is connected to `peer` now. */
  connected(peer: RemoteTuple): void {
    this.#peer = peer;
  }

  touch(): number {
    return this.datagramsSent + this.bytesSent + this.#queued + Number(this.#peer === null);
  }

  sendSlot(batch: PacketBatch<unknown>, index: number, remote: RemoteTuple): boolean {
    const length = batch.lengths[index];
    if (this.#queued > 0 || !batch.canHold) {
      return this.send(batch.bytes, batch.offsets[index], length, remote);
    }
    const result = this.#hand(batch.view(index), remote);
    if (result > 0) return true;
    if (result < 0) return this.#fail(result);
    const offset = batch.hold(index);
    this.#wait(length, () => batch.release(offset));
    return true;
  }

  send(bytes: Uint8Array, offset: number, length: number, remote: RemoteTuple): boolean {
    if (this.#queued > 0 && this.queuedBytes + length > MAX_SEND_QUEUE_BYTES) {
      this.refused++;
      return false;
    }
    // Behind a queue this one will wait too: then it gets memory of its own size, and the staging bytes stay ours.
    const staged = this.#queued === 0 && length <= STAGING_BYTES;
    const copy = staged ? stage(bytes, offset, length) : bytes.slice(offset, offset + length);
    const result = this.#hand(copy, remote);
    if (result > 0) return true;
    if (result < 0) return this.#fail(result);
    if (staged) staging = new Uint8Array(STAGING_BYTES);
    this.#spare.request.bytes = copy;
    this.#wait(length, null);
    return true;
  }

  #hand(view: Uint8Array, remote: RemoteTuple): number {
    const { request, list } = this.#spare;
    list[0] = view;
    const result =
      remote === this.#peer
        ? this.#handle.send(request, list, 1, true)
        : this.#handle.send(request, list, 1, remote.port, remote.address, true);
    if (result >= 0) {
      this.datagramsSent++;
      this.bytesSent += view.length;
    }
    return result;
  }

  /** The request is the system's now, which calls back in a later turn. */
  #wait(length: number, release: (() => void) | null): void {
    this.#queued++;
    this.queuedBytes += length;
    this.#spare.take().oncomplete = (status) => {
      this.#queued--;
      this.queuedBytes -= length;
      release?.();
      if (status < 0) this.#fail(status);
    };
  }

  #fail(status: number): false {
    const code = getSystemErrorName(status);
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
    return false;
  }
}

/**
 * What each call of the handle needs besides the datagram; of all senders, whose turns never overlap: the memory of each
 * further object would have to be waited for, once per packet.
 */
class Spare {
  static readonly #spares = new WeakMap<SendRequestClass, Spare>();
  /** Free: the system has given it back, or never had it. */
  request: SendRequest;
  /** The system reads it during the call only. */
  readonly list: Uint8Array[] = [staging];
  readonly #Request: SendRequestClass;

  static of(Request: SendRequestClass): Spare {
    const known = Spare.#spares.get(Request);
    if (known !== undefined) return known;
    const spare = new Spare(Request);
    Spare.#spares.set(Request, spare);
    return spare;
  }

  private constructor(Request: SendRequestClass) {
    this.#Request = Request;
    this.request = new Request();
  }

  /** The request is the system's now. */
  take(): SendRequest {
    const taken = this.request;
    this.request = new this.#Request();
    return taken;
  }
}

/** Where datagrams from elsewhere than a batch are copied to; of all senders, since each is done when `send` returns. */
let staging = new Uint8Array(STAGING_BYTES);

function stage(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  const view = new Uint8Array(staging.buffer, 0, length);
  for (let i = 0; i < length; i++) view[i] = bytes[offset + i];
  return view;
}
