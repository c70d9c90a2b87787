/**
 * One bound UDP socket, shared by any number of remote tuples. Nothing that the network does makes it throw: errors
 * are counted by code, drops by reason.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIP, SocketAddress } from 'node:net';
import { type PacketBatch } from '../srtp/packet-batch.js';
import { DropCounters } from '../stream/drop-counters.js';
import { type DatagramPort, type RemoteTuple, TupleTable } from './remote-tuple.js';
import { type DirectSending, findDirectSending, udpHandleOf } from './udp-handle.js';
import { UdpHandleSender } from './udp-handle-sender.js';
import { type DatagramSender, UdpSender } from './udp-sender.js';

/**
 * Asked for when nothing else is said; the system grants what net.core.wmem_max and rmem_max allow. Sending: one picture
 * leaves for hundreds of receivers in a burst. With Linux' own 208 KiB, bursts of 200 packets at 90% of a 300 Mbit/s
 * link found the buffer full for 39% of the packets, with 1 MiB and above for none. Receiving: 208 KiB are 90 video
 * packets, which arrive while one DTLS handshake is worked on.
 */
const DEFAULT_BUFFER_SIZE = 4 * 1024 * 1024;

export interface UdpPortOptions {
  /** IPv4 or IPv6 literal; `0.0.0.0` and `::` bind to every interface. */
  ip: string;
  /** Default 0: the system chooses. Ignored with a portRange. */
  port?: number;
  /** Both ends belong to it. The search starts at a random port of the range. */
  portRange?: { min: number; max: number };
  /** IPv6 only: no IPv4 through `::ffff:` addresses. Default false. */
  ipv6Only?: boolean;
  /** Lets other sockets bind to the same ip and port. Default false. */
  reusePort?: boolean;
  /**
   * SO_SNDBUF and SO_RCVBUF in bytes, default (and 0) 4 MiB. The kernel may grant less (net.core.wmem_max, rmem_max): see
   * `getStats()`.
   */
  sendBufferSize?: number;
  recvBufferSize?: number;
  /**
   * 'handle': send through Node's own handle where that works, else through dgram. 'dgram': never try. Default
   * 'handle', unless the environment says SLUSS_UDP=dgram.
   */
  sendPath?: UdpSendPath;
}

export type UdpSendPath = 'handle' | 'dgram';

export type UdpPortDropReason =
  /** Nothing in it. */
  | 'empty'
  /** Source port 0: nobody can be answered there. */
  | 'bad-source'
  /** Outgoing: the interface does not keep up and the queue is at its bound. */
  | 'send-buffer-full'
  /** Sent or received after close(). */
  | 'closed';

export interface UdpPortStats {
  /** The way datagrams take in fact. */
  sendPath: UdpSendPath;
  datagramsReceived: number;
  bytesReceived: number;
  datagramsSent: number;
  bytesSent: number;
  /** Bytes that wait for the interface. */
  sendQueueBytes: number;
  /** What the system granted, bytes (Linux reports the double of what was asked). */
  sendBufferSize: number;
  recvBufferSize: number;
  /** Remote tuples kept. */
  tuples: number;
  /** System error code -> count. */
  sendErrors: Record<string, number>;
  receiveErrors: Record<string, number>;
  drops: Record<UdpPortDropReason, number>;
}

/** `bytes[0 .. length)` and an unknown `remote` are valid only during the call; see RemoteTuple.intern(). */
export type DatagramHandler = (bytes: Uint8Array, length: number, remote: RemoteTuple) => void;

export class UdpPort implements DatagramPort {
  readonly protocol = 'udp';
  readonly ip: string;
  readonly port: number;
  readonly family: 4 | 6;
  /** Set it in the tick in which bind() resolves: no datagram comes earlier. */
  onDatagram: DatagramHandler = ignore;

  readonly #socket: Socket;
  readonly #sender: DatagramSender;
  readonly #tuples: TupleTable;
  readonly #drops = new DropCounters<Exclude<UdpPortDropReason, 'send-buffer-full'>>([
    'empty',
    'bad-source',
    'closed',
  ]);
  readonly #receiveErrors = new Map<string, number>();
  #datagramsReceived = 0;
  #bytesReceived = 0;
  #closed = false;
  #grantedSendBufferSize: number;
  #grantedRecvBufferSize: number;

  /**
   * Rejects with an Error that carries the system's `code` when the address or port cannot be had, and with a TypeError
   * for an ip that is no IP literal, or a port or range that is none.
   */
  static async bind(options: UdpPortOptions): Promise<UdpPort> {
    if (isIP(options.ip) === 0) {
      throw new TypeError(`ip '${options.ip}' is not an IPv4 or IPv6 literal; host names cannot be bound to`);
    }
    const port = options.port ?? 0;
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      // dgram would bind to the number modulo 65536.
      throw new TypeError(`port ${port} is not a port: expected 0-65535`);
    }
    // Before the socket is there: what arrives while nobody listens is lost.
    const direct = await directSending(options.sendPath);
    const socket =
      options.portRange === undefined
        ? await bindSocket(options, port)
        : await bindInRange(options, options.portRange);
    return new UdpPort(socket, makeSender(socket, direct));
  }

  private constructor(socket: Socket, sender: DatagramSender) {
    const bound = socket.address();
    this.ip = bound.address;
    this.port = bound.port;
    this.family = isIP(bound.address) === 6 ? 6 : 4;
    this.#socket = socket;
    this.#sender = sender;
    this.#tuples = new TupleTable(this, this.family);
    this.#grantedSendBufferSize = socket.getSendBufferSize();
    this.#grantedRecvBufferSize = socket.getRecvBufferSize();
    // The handle's own `onmessage` saves nothing that can be measured: 3.27 µs and 3.28 per datagram of 1,142 bytes.
    socket.on('message', (bytes, source) => this.#receive(bytes, source));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'UNKNOWN';
      this.#receiveErrors.set(code, (this.#receiveErrors.get(code) ?? 0) + 1);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * The tuple of an address that we chose ourselves (PlainTransport.connect), kept until its release(). Throws a
   * TypeError when this port cannot send there.
   */
  intern(address: string, port: number): RemoteTuple {
    const version = isIP(address);
    if (version === 0 || (version === 6 && this.family === 4)) {
      throw new TypeError(
        `'${address}' is no IPv${this.family === 4 ? '4' : '4 or IPv6'} literal; ${this.ip} cannot send there`,
      );
    }
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      throw new TypeError(`remote port ${port} is not a port: expected 1-65535`);
    }
    if (this.family === 4) return this.#tuples.intern(address, port);
    // As the socket will report the peer: mapped, and in the shortest form.
    const mapped = version === 4 ? `::ffff:${address}` : address;
    return this.#tuples.intern(new SocketAddress({ address: mapped, family: 'ipv6' }).address, port);
  }

  /**
   * From now on there is only this one, an interned tuple of this port: sending to it costs a fifth less, and the system
   * may keep away what comes from elsewhere. Where that cannot be had, all stays as it was.
   */
  connect(remote: RemoteTuple): void {
    const sender = this.#sender;
    if (this.#closed || !(sender instanceof UdpHandleSender) || !sender.canConnect) return;
    this.#socket.connect(remote.port, remote.address, (error?: Error) => {
      if (error === undefined) sender.connected(remote);
    });
  }

  /** False when dropped. The bytes may be overwritten as soon as this returns. */
  send(bytes: Uint8Array, offset: number, length: number, remote: RemoteTuple): boolean {
    if (this.#closed) {
      this.#drops.count('closed');
      return false;
    }
    return this.#sender.send(bytes, offset, length, remote);
  }

  touch(): number {
    return this.#closed ? 0 : this.#sender.touch();
  }

  sendSlot(batch: PacketBatch<unknown>, index: number, remote: RemoteTuple): boolean {
    if (this.#closed) {
      this.#drops.count('closed');
      return false;
    }
    return this.#sender.sendSlot(batch, index, remote);
  }

  /** Resolves when the port is free again. Later sends are counted drops. */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  getStats(): UdpPortStats {
    const sender = this.#sender;
    return {
      sendPath: sender instanceof UdpHandleSender ? 'handle' : 'dgram',
      datagramsReceived: this.#datagramsReceived,
      bytesReceived: this.#bytesReceived,
      datagramsSent: sender.datagramsSent,
      bytesSent: sender.bytesSent,
      sendQueueBytes: this.#closed ? 0 : sender.queuedBytes,
      sendBufferSize: this.#grantedSendBufferSize,
      recvBufferSize: this.#grantedRecvBufferSize,
      tuples: this.#tuples.size,
      sendErrors: Object.fromEntries(sender.errors),
      receiveErrors: Object.fromEntries(this.#receiveErrors),
      drops: { ...this.#drops.snapshot(), 'send-buffer-full': sender.refused },
    };
  }

  #receive(bytes: Uint8Array, source: RemoteInfo): void {
    if (this.#closed) return this.#drops.count('closed');
    const length = bytes.length;
    this.#datagramsReceived++;
    this.#bytesReceived += length;
    if (length === 0) return this.#drops.count('empty');
    if (source.port === 0) return this.#drops.count('bad-source');
    this.onDatagram(bytes, length, this.#tuples.resolve(source.address, source.port));
  }
}

function ignore(): void {}

/** Null: send through dgram. */
async function directSending(sendPath: UdpSendPath | undefined): Promise<DirectSending | null> {
  const path = sendPath ?? (process.env.SLUSS_UDP === 'dgram' ? 'dgram' : 'handle');
  return path === 'handle' ? findDirectSending() : null;
}

function makeSender(socket: Socket, direct: DirectSending | null): DatagramSender {
  const handle = direct === null ? null : udpHandleOf(socket);
  return direct === null || handle === null ? new UdpSender(socket) : new UdpHandleSender(handle, direct);
}

async function bindInRange(options: UdpPortOptions, range: { min: number; max: number }): Promise<Socket> {
  const { min, max } = range;
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1 || max > 65535 || min > max) {
    throw new TypeError(`portRange ${min}-${max} is not a range: expected 1 <= min <= max <= 65535`);
  }
  const count = max - min + 1;
  // A random start keeps two workers with one range from walking it side by side.
  const start = Math.floor(Math.random() * count);
  for (let i = 0; i < count; i++) {
    try {
      return await bindSocket(options, min + ((start + i) % count));
    } catch (error) {
      // EACCES: a privileged port in the range; the next one may do.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    }
  }
  throw Object.assign(
    new Error(`portRange ${min}-${max} on ${options.ip} has no free port; widen it or close transports`),
    { code: 'EADDRINUSE' },
  );
}

function bindSocket(options: UdpPortOptions, port: number): Promise<Socket> {
  const { ip } = options;
  const family = isIP(ip);
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: options.ipv6Only ?? false,
    reuseAddr: options.reusePort ?? false,
    // All addresses are literals; the default would queue a threadpool look-up for every send.
    lookup: (hostname, _options, callback) => callback(null, hostname, family),
  });
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      socket.removeAllListeners();
      // What else the half-open socket has to say concerns nobody any more.
      socket.on('error', ignore);
      socket.close();
      reject(bindError(error as NodeJS.ErrnoException, ip, port));
    };
    socket.once('error', fail);
    socket.once('listening', () => {
      try {
        socket.setSendBufferSize(options.sendBufferSize || DEFAULT_BUFFER_SIZE);
        socket.setRecvBufferSize(options.recvBufferSize || DEFAULT_BUFFER_SIZE);
      } catch (error) {
        fail(error);
        return;
      }
      socket.removeAllListeners();
      resolve(socket);
    });
    try {
      socket.bind({ address: ip, port, exclusive: true });
    } catch (error) {
      fail(error);
    }
  });
}

function bindError(error: NodeJS.ErrnoException, ip: string, port: number): Error {
  const place = isIP(ip) === 6 ? `[${ip}]:${port}` : `${ip}:${port}`;
  const message =
    error.code === 'EADDRINUSE'
      ? `UDP ${place} is already in use; choose another port or end the process that holds it`
      : error.code === 'EADDRNOTAVAIL'
        ? `UDP ${place} cannot be bound: ${ip} is no address of this machine`
        : `UDP ${place} cannot be bound: ${error.message}`;
  return Object.assign(new Error(message, { cause: error }), { code: error.code });
}
