/**
 * Who sent a datagram. One object per remote (address, port) that somebody owns, so that the packet path compares
 * identities and reads `owner` instead of building keys.
 *
 * Anybody can send from any number of (forged) addresses, so an address alone is never worth memory: a tuple is kept
 * only after `intern()`, which is called once the address has proved itself (an authenticated ICE check, comedia).
 * Until then the table lends out one scratch object that the next datagram overwrites.
 */

import { type PacketBatch } from '../srtp/packet-batch.js';

/** What a tuple needs of the socket it came in by; UdpPort is one. */
export interface DatagramPort {
  readonly protocol: 'udp' | 'tcp';
  /** The address bound to. */
  readonly ip: string;
  readonly port: number;
  /** False when the datagram was dropped. The bytes may be reused as soon as this returns. */
  send(bytes: Uint8Array, offset: number, length: number, remote: RemoteTuple): boolean;
  /** Reads what sendSlot() will need (see touch-ahead). */
  touch(): number;
  /** The same for entry `index` of a batch, without a copy: the port may hold its slot. */
  sendSlot(batch: PacketBatch<unknown>, index: number, remote: RemoteTuple): boolean;
}

export class RemoteTuple {
  /** IP literal as the socket reports it; on a dual-stack IPv6 socket an IPv4 peer reads `::ffff:192.0.2.1`. */
  address = '';
  port = 0;
  readonly family: 4 | 6;
  readonly localPort: DatagramPort;
  /** Whoever takes this tuple's datagrams; null for an unknown address. Set it only after `intern()`. */
  owner: unknown = null;
  readonly #table: TupleTable;

  constructor(table: TupleTable, localPort: DatagramPort, family: 4 | 6) {
    this.#table = table;
    this.localPort = localPort;
    this.family = family;
  }

  /** False for the scratch object of an unknown address and after `release()`. */
  get interned(): boolean {
    return this.#table.find(this.address, this.port) === this;
  }

  /** The lasting tuple of this (address, port); made at the first call. */
  intern(): RemoteTuple {
    return this.#table.intern(this.address, this.port);
  }

  /** Forgets the tuple: its next datagram comes from an unknown address. Releasing twice does nothing. */
  release(): void {
    this.owner = null;
    this.#table.remove(this);
  }
}

/** The tuples of one local port. */
export class TupleTable {
  readonly #localPort: DatagramPort;
  readonly #family: 4 | 6;
  readonly #scratch: RemoteTuple;
  // Two levels, because a joined "address:port" key would cost a string per packet.
  readonly #byAddress = new Map<string, Map<number, RemoteTuple>>();
  #size = 0;

  constructor(localPort: DatagramPort, family: 4 | 6) {
    this.#localPort = localPort;
    this.#family = family;
    this.#scratch = new RemoteTuple(this, localPort, family);
  }

  /** How many tuples are kept. */
  get size(): number {
    return this.#size;
  }

  /** The kept tuple, or the scratch one: valid until the next call, to keep it call its `intern()`. */
  resolve(address: string, port: number): RemoteTuple {
    const known = this.find(address, port);
    if (known !== undefined) return known;
    const scratch = this.#scratch;
    scratch.address = address;
    scratch.port = port;
    scratch.owner = null;
    return scratch;
  }

  find(address: string, port: number): RemoteTuple | undefined {
    const byPort = this.#byAddress.get(address);
    return byPort === undefined ? undefined : byPort.get(port);
  }

  intern(address: string, port: number): RemoteTuple {
    let byPort = this.#byAddress.get(address);
    if (byPort === undefined) {
      byPort = new Map();
      this.#byAddress.set(address, byPort);
    }
    let tuple = byPort.get(port);
    if (tuple === undefined) {
      tuple = new RemoteTuple(this, this.#localPort, this.#family);
      tuple.address = address;
      tuple.port = port;
      byPort.set(port, tuple);
      this.#size++;
    }
    return tuple;
  }

  remove(tuple: RemoteTuple): void {
    const byPort = this.#byAddress.get(tuple.address);
    if (byPort === undefined || byPort.get(tuple.port) !== tuple) return;
    byPort.delete(tuple.port);
    this.#size--;
    if (byPort.size === 0) this.#byAddress.delete(tuple.address);
  }
}
