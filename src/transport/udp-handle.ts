/**
 * Node's UDP handle, the object that a dgram socket drives. A send through it takes half the time outside of the kernel
 * that `dgram.send()` takes: it saves a request object, an array, two closures and a `process.nextTick` per datagram.
 *
 * It is no public API, so nothing is assumed that was not seen in this process: `findDirectSending()` watches dgram call
 * the handle, makes sure that it does so in the way that is known here, and then sends a datagram to itself. Whenever
 * anything differs, the answer is null and UdpSender goes through dgram.
 */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { getSystemErrorName, isDeepStrictEqual } from 'node:util';

export interface UdpHandle {
  /**
   * To anywhere, or, without `port` and `address`, to where the socket is connected.
   * @param count of `list`; always 1 here
   * @param notify whether `request.oncomplete` is called for a datagram that had to wait
   * @returns bytes + 1: sent, the request is free. 0: waits; request and bytes are the system's until `oncomplete`.
   *   Negative: a system error, nothing is sent, the request is free.
   */
  send(
    request: SendRequest,
    list: Uint8Array[],
    count: number,
    port: number,
    address: string,
    notify: boolean,
  ): number;
  send(request: SendRequest, list: Uint8Array[], count: number, notify: boolean): number;
}

export interface SendRequest {
  /** `status` 0 or a negative system error; ECANCELED when the socket was closed meanwhile. */
  oncomplete?: (status: number, sent: number) => void;
  /** Keeps them from being collected while the system reads them. */
  bytes?: Uint8Array;
}

export type SendRequestClass = new () => SendRequest;

export interface DirectSending {
  Request: SendRequestClass;
  /** It works on connected sockets as well. */
  connected: boolean;
}

/** How long the datagram to ourselves may take, milliseconds; it takes less than one. */
const TRIAL_TIMEOUT = 2000;

/** More than any datagram may have: the way to provoke a system error. */
const TOO_LONG = new Uint8Array(65_536);

let found: Promise<DirectSending | null> | undefined;

/**
 * What `UdpHandle.send` takes, or null: use dgram. Looks once per thread, and again when the machine was too busy to tell.
 */
export function findDirectSending(): Promise<DirectSending | null> {
  return (found ??= tryOut().then((outcome) => {
    if (outcome !== 'late') return outcome;
    found = undefined;
    return null;
  }));
}

/** The handle of a bound socket, or null when there is none where it is known to be. */
export function udpHandleOf(socket: Socket): UdpHandle | null {
  for (const key of Object.getOwnPropertySymbols(socket)) {
    const state = (socket as unknown as Record<symbol, unknown>)[key];
    const handle = (state as { handle?: unknown } | null | undefined)?.handle;
    // For an IPv6 socket dgram sets send to send6.
    const { send, send6 } = (handle ?? {}) as Partial<Record<'send' | 'send6', unknown>>;
    if (typeof send === 'function' && typeof send6 === 'function') return handle as UdpHandle;
  }
  return null;
}

async function tryOut(): Promise<DirectSending | 'late' | null> {
  const socket = createSocket({
    type: 'udp4',
    lookup: (hostname, _options, callback) => callback(null, hostname, 4),
  });
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), TRIAL_TIMEOUT);
  try {
    const { signal } = timeout;
    // With such a look-up the event comes during bind().
    const listening = once(socket, 'listening', { signal });
    socket.bind({ address: '127.0.0.1', port: 0, exclusive: true });
    await listening;
    const handle = udpHandleOf(socket);
    if (handle === null) return null;
    const { port } = socket.address();
    const to: Way = { dgram: [port, '127.0.0.1'], handle: [port, '127.0.0.1', true] };
    const Request = await watchSend(socket, handle, to, signal);
    if (Request === null || !(await trial(socket, handle, Request, to, signal))) return null;

    return { Request, connected: await connectedToo(socket, handle, Request, signal) };
  } catch {
    // Whatever it is (no loopback interface, a handle that throws): dgram does not need it.
    return timeout.signal.aborted ? 'late' : null;
  } finally {
    clearTimeout(timer);
    socket.on('error', () => {});
    socket.close();
  }
}

async function connectedToo(
  socket: Socket,
  handle: UdpHandle,
  Request: SendRequestClass,
  signal: AbortSignal,
): Promise<boolean> {
  const { port } = socket.address();
  try {
    // To ourselves: what is sent comes back.
    await withSignal(signal, (done) => socket.connect(port, '127.0.0.1', done));
    const way: Way = { dgram: [], handle: [true] };
    const Same = await watchSend(socket, handle, way, signal);
    return Same === Request && (await trial(socket, handle, Request, way, signal));
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

/** What follows the bytes in a call of dgram's send(), and the count in one of the handle's. */
interface Way {
  dgram: [] | [port: number, address: string];
  handle: [notify: true] | [port: number, address: string, notify: true];
}

/** One of the two forms of `UdpHandle.send`. */
function handOver(handle: UdpHandle, request: SendRequest, view: Uint8Array, { handle: rest }: Way): number {
  return rest.length === 1
    ? handle.send(request, [view], 1, ...rest)
    : handle.send(request, [view], 1, ...rest);
}

/**
 * Has dgram send a datagram into a stand-in. Only a call of exactly the known form is good enough: the real function
 * ends the process when its arguments are not what it expects.
 */
async function watchSend(
  socket: Socket,
  handle: UdpHandle,
  way: Way,
  signal: AbortSignal,
): Promise<SendRequestClass | null> {
  const bytes = randomBytes(8);
  const calls: unknown[][] = [];
  const own = Object.getOwnPropertyDescriptor(handle, 'send');
  handle.send = (...args: unknown[]) => {
    calls.push(args);
    return bytes.length + 1;
  };
  try {
    await withSignal(signal, (done) => {
      const [port, address] = way.dgram;
      if (port === undefined) socket.send(bytes, 0, bytes.length, () => done());
      else socket.send(bytes, 0, bytes.length, port, address, () => done());
    });
  } finally {
    if (own === undefined) delete (handle as Partial<UdpHandle>).send;
    else Object.defineProperty(handle, 'send', own);
  }

  if (calls.length !== 1) return null;
  const [request, list, ...rest] = calls[0];
  const alike =
    typeof (request as SendRequest | null)?.oncomplete === 'function' &&
    Array.isArray(list) &&
    list.length === 1 &&
    bytes.equals(list[0] as Uint8Array) &&
    isDeepStrictEqual(rest, [1, ...way.handle]);
  return alike ? ((request as object).constructor as SendRequestClass) : null;
}

/** Sends for real: one datagram that must arrive, one that must fail. */
async function trial(
  socket: Socket,
  handle: UdpHandle,
  Request: SendRequestClass,
  way: Way,
  signal: AbortSignal,
): Promise<boolean> {
  const { port } = socket.address();
  const bytes = new Uint8Array(randomBytes(16));
  const arrived = withSignal(signal, (done) =>
    socket.on('message', (message, source) => {
      if (source.port === port && message.equals(bytes)) done();
    }),
  );
  const outcome = async (view: Uint8Array): Promise<number> => {
    const request = new Request();
    let result = handOver(handle, request, view, way);
    if (result === 0) {
      await withSignal(signal, (done) => {
        request.oncomplete = (status, sent) => {
          result = status === 0 ? sent + 1 : status;
          done();
        };
      });
    }
    return result;
  };
  const [sent, failed] = await Promise.all([outcome(bytes), outcome(TOO_LONG), arrived]);
  return sent === bytes.length + 1 && failed < 0 && getSystemErrorName(failed) === 'EMSGSIZE';
}

/** Settles when `done` is called, or rejects when time is up. */
function withSignal(signal: AbortSignal, begin: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('timed out')), { once: true });
    begin(resolve);
  });
}
