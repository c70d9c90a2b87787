/** One attempt to be in the room: a ticket, a socket, a device, and the join, which may be a resume. */
import type { Device } from 'mediasoup-client';
import type { JoinResponse, Requests } from '../signalling/messages.js';
import { SUBPROTOCOL_JSON, SUBPROTOCOL_MSGPACK } from '../signalling/protocol.js';
import type { Devices } from './devices.js';
import type { IceServers } from './ice-servers.js';
import { receiveCapabilities } from './receive-capabilities.js';
import type { RoomClientOptions } from './room-client-types.js';
import { errorCode, SignallingError } from './signalling-error.js';
import { SignallingSocket } from './signalling-socket.js';
import { askForTicket } from './ticket-source.js';

export interface AttemptSettings {
  options: RoomClientOptions;
  devices: Devices;
  /** Asked before a join that is no resume. */
  iceServers: IceServers;
  /** Of the session that there is; asked again when a session was dropped. */
  resumeToken(): string | undefined;
  /** The server has other codecs than those of the session, which can exist no more. */
  dropSession(): void;
  /** Once, after the attempt succeeded; also when that was only just before. */
  onClosed(socket: SignallingSocket, code: number, reason: string): void;
}

export interface Connection {
  socket: SignallingSocket;
  device: Device;
  joined: JoinResponse;
}

/** Rejects with a coded error; with `closed` as soon as the signal says so, and nothing goes on behind it. */
export async function connect(settings: AttemptSettings, signal: AbortSignal): Promise<Connection> {
  const { options, devices } = settings;
  // While the server is being reached.
  devices.prepare();
  const source = options.ticket;
  const askSource = (ask: () => Promise<string>): Promise<string> =>
    unlessAborted(signal, () => askForTicket(ask));
  let ticket = typeof source === 'function' ? undefined : source;
  // Before the socket is opened, which must join soon.
  if (typeof source === 'function' && settings.resumeToken() === undefined) ticket = await askSource(source);
  let needsIceServers = settings.iceServers.isAsked;
  const findIceServers = async (): Promise<void> => {
    if (needsIceServers) await unlessAborted(signal, () => settings.iceServers.ask());
    needsIceServers = false;
  };
  // Else the socket is opened in this very turn.
  if (needsIceServers && settings.resumeToken() === undefined) await findIceServers();
  signal.throwIfAborted();

  const socket: SignallingSocket = new SignallingSocket({
    url: options.url,
    subprotocol: options.codec === 'json' ? SUBPROTOCOL_JSON : SUBPROTOCOL_MSGPACK,
    WebSocket: options.WebSocket ?? WebSocket,
    onClosed: (code, reason) => settings.onClosed(socket, code, reason),
  });
  // At once: a page that goes away does nothing later.
  const close = (): void => socket.close();
  signal.addEventListener('abort', close);
  try {
    const { routerRtpCapabilities } = await unlessAborted(signal, () => socket.open());
    if (!devices.isFor(routerRtpCapabilities)) settings.dropSession();
    const device = await unlessAborted(signal, () => devices.load(routerRtpCapabilities));
    const join = (): Promise<JoinResponse> =>
      unlessAborted(signal, () =>
        socket.request('join', {
          room: options.room,
          displayName: options.displayName,
          ticket,
          rtpCapabilities: receiveCapabilities(device, routerRtpCapabilities) as JoinRtpCapabilities,
          transports: ['send', 'recv'],
          resumeToken: settings.resumeToken(),
        }),
      );
    const joined = await join().catch(async (error: unknown) => {
      // There was nothing left to resume, and a fresh join needs what a resume does not show.
      if (typeof source !== 'function' || ticket !== undefined || errorCode(error) !== 'unauthorized')
        throw error;
      ticket = await askSource(source);
      return join();
    });
    // What was to be a resume has become a fresh join.
    if (!joined.resumed) await findIceServers();
    return { socket, device, joined };
  } catch (error) {
    socket.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', close);
  }
}

type JoinRtpCapabilities = Requests['join']['data']['rtpCapabilities'];

/** What a signal of a stay is aborted with. */
export function leftMeanwhile(): SignallingError {
  return new SignallingError('closed', 'the client was closed during the join');
}

/** Rejects with the signal's reason at once, whatever becomes of what was begun; begins nothing after it. */
function unlessAborted<T>(signal: AbortSignal, begin: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
    begin()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}
