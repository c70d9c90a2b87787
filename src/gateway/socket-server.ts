/** The only file that speaks uWebSockets.js: HTTP routes, WebSocket upgrades, and sockets as `SocketPort`s. */
import { readFile } from 'node:fs/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { createSecureContext } from 'node:tls';
import uWS, { type HttpRequest, type HttpResponse, type TemplatedApp, type WebSocket } from 'uWebSockets.js';
import { type Subprotocol, SUBPROTOCOL_MSGPACK, SUBPROTOCOLS } from '../signalling/protocol.js';
import { claimPort } from './claim-port.js';
import type { SocketPort } from './connection.js';
import {
  fallbackRemoteAddress,
  fallbackSocketInfo,
  hardenFallback,
  muteErrors,
  refuseOtherUpgrades,
  type UpgradeInfo,
} from './uws-fallback.js';

export interface SocketServerSettings {
  ip: string;
  port: number;
  path: string;
  /** PEM files. */
  tls: { key: string; cert: string } | undefined;
  maxMessageBytes: number;
  maxBackpressureBytes: number;
  allowedOrigins: string[] | '*' | undefined;
  configureHttp(app: TemplatedApp): void;
  /** GET routes. */
  routes: Record<string, (asker: HttpAsker) => HttpAnswer | Promise<HttpAnswer>>;
  /** Null: the server has enough connections. */
  onOpen(port: SocketPort): SocketHandler | null;
}

export interface HttpAsker {
  authorization: string;
  /** A program on this machine, for itself: not a proxy that asks for somebody. */
  isLocal: boolean;
}

export interface HttpAnswer {
  status: string;
  contentType: string;
  body: string;
}

export interface SocketHandler {
  receive(frame: Uint8Array | string): void;
  heard(): void;
  /** The other side sent a ping; the pong went out by itself. */
  pinged(): void;
  handleClosed(code: number): void;
}

export interface SocketServer {
  readonly port: number;
  /** Takes no more connections; open ones stay. */
  close(): void;
}

/** Rejects when the address cannot be had. */
export async function startSocketServer(settings: SocketServerSettings): Promise<SocketServer> {
  const { tls } = settings;
  if (tls) await checkTls(tls);
  const port = await claimPort(settings.ip, settings.port);
  const app = tls ? uWS.SSLApp({ key_file_name: tls.key, cert_file_name: tls.cert }) : uWS.App();
  const handlers = new WeakMap<object, SocketHandler>();
  settings.configureHttp(app);
  for (const [path, answer] of Object.entries(settings.routes)) {
    app.get(path, (response, request) => {
      const asker = askerOf(response, request);
      respond(response, () => answer(asker));
    });
    // Some load balancers look with HEAD.
    app.head(path, (response, request) => {
      const asker = askerOf(response, request);
      respond(response, async () => ({ ...(await answer(asker)), body: '' }));
    });
  }

  app.ws<SocketData>(settings.path, {
    // Messages above the limit are closed with a code by the connection; far larger ones by uWebSockets itself.
    maxPayloadLength: settings.maxMessageBytes * 4,
    // The connection watches it; this is for what goes out by itself, such as pongs to somebody who never reads.
    maxBackpressure: settings.maxBackpressureBytes * 2,
    closeOnBackpressureLimit: 1,
    idleTimeout: 0, // the gateway pings
    sendPingsAutomatically: false,
    ...(isFallback
      ? {}
      : { upgrade: (response, request, context) => upgrade(settings, response, request, context) }),
    open: (socket) => {
      const handler = settings.onOpen(new UwsPort(socket, socketData(socket)));
      if (handler) handlers.set(socket, handler);
      else socket.end(1013, 'too-many-connections');
    },
    message: (socket, message, isBinary) => {
      // The bytes are valid during this call only.
      handlers
        .get(socket)
        ?.receive(isBinary ? new Uint8Array(message) : Buffer.from(message).toString('utf8'));
    },
    ping: (socket) => handlers.get(socket)?.pinged(),
    pong: (socket) => handlers.get(socket)?.heard(),
    close: (socket, code) => handlers.get(socket)?.handleClosed(code),
  });
  if (isFallback) {
    hardenFallback(app, { check: (info) => checkUpgrade(settings, info), choose: chooseSubprotocol });
  }
  app.any('/*', (response) => {
    response.writeStatus('404 Not Found').writeHeader('content-type', 'text/plain').end('not found\n');
  });

  return new Promise((resolve, reject) => {
    app.listen(settings.ip, port, (listenSocket) => {
      if (!listenSocket) {
        reject(new Error(`cannot listen on ${settings.ip} port ${port}`));
        return;
      }
      if (isFallback) refuseOtherUpgrades(app, settings.path);
      let open = true;
      resolve({
        port: uWS.us_socket_local_port(listenSocket),
        close: () => {
          if (open) uWS.us_listen_socket_close(listenSocket);
          open = false;
        },
      });
    });
  });
}

/** uWebSockets.js itself only says that it failed. Throws an Error that names what is wrong. */
async function checkTls({ key, cert }: { key: string; cert: string }): Promise<void> {
  if (isFallback) {
    throw new Error('option "tls" needs the native uWebSockets.js: use Node.js 20, or a proxy that does TLS');
  }
  const [keyPem, certPem] = await Promise.all([readPem('key', key), readPem('cert', cert)]);
  try {
    createSecureContext({ key: keyPem, cert: certPem });
  } catch (error) {
    const message = `option "tls": ${key} and ${cert} are no pair of key and certificate: ${(error as Error).message}`;
    throw new Error(message, { cause: error });
  }
}

async function readPem(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`option "tls.${name}": cannot read ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Null: accept. */
function checkUpgrade(
  settings: SocketServerSettings,
  info: UpgradeInfo,
): { status: number; message: string } | null {
  if (!isOriginAllowed(settings.allowedOrigins, info.origin, info.host)) {
    return {
      status: 403,
      message: `origin ${info.origin} is not allowed; see the gateway option allowedOrigins`,
    };
  }
  if (chooseSubprotocol(info.protocols) === null) {
    return { status: 400, message: `offer one of the subprotocols ${SUBPROTOCOLS.join(', ')}` };
  }
  return null;
}

/** Browsers always send Origin with a WebSocket; what sends none is no page that could abuse its user. */
export function isOriginAllowed(allowed: string[] | '*' | undefined, origin: string, host: string): boolean {
  if (allowed === '*' || origin === '') return true;
  if (allowed !== undefined) return allowed.includes(origin);
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** The first one offered that we speak. */
export function chooseSubprotocol(offered: string): Subprotocol | null {
  const names = offered.split(',').map((name) => name.trim());
  return (
    (names.find((name) => SUBPROTOCOLS.includes(name as Subprotocol)) as Subprotocol | undefined) ?? null
  );
}

// ---- inside -------------------------------------------------------------------------------------------------

interface SocketData {
  protocol: Subprotocol;
  remoteAddress: string;
  origin: string;
}

/** What proxies add. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'via'];

/** Also IPv4 written as IPv6. */
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** The JavaScript stand-in has no TLS and says so by having no SSLApp. */
const isFallback = typeof (uWS as { SSLApp?: unknown }).SSLApp !== 'function';

function remoteAddressOf(response: HttpResponse): string {
  return isFallback
    ? fallbackRemoteAddress(response)
    : Buffer.from(response.getRemoteAddressAsText()).toString();
}

function askerOf(response: HttpResponse, request: HttpRequest): HttpAsker {
  const authorization = request.getHeader('authorization');
  const isLocal = isLoopback(response) && !FORWARDED.some((name) => request.getHeader(name) !== '');
  return { authorization, isLocal };
}

function isLoopback(response: HttpResponse): boolean {
  if (isFallback) {
    const address = fallbackRemoteAddress(response);
    return isIP(address) !== 0 && LOOPBACK.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  // As text it would take as long as all else of a short answer.
  const bytes = new Uint8Array(response.getRemoteAddress());
  if (bytes.length === 4) return bytes[0] === 127;
  const isMapped = bytes[10] === 0xff && bytes[11] === 0xff;
  const end = isMapped ? 10 : 15;
  for (let i = 0; i < end; i++) if (bytes[i] !== 0) return false;
  return isMapped ? bytes[12] === 127 : bytes[15] === 1;
}

function upgrade(
  settings: SocketServerSettings,
  response: HttpResponse,
  request: HttpRequest,
  context: Parameters<HttpResponse['upgrade']>[4],
): void {
  const protocols = request.getHeader('sec-websocket-protocol');
  const origin = request.getHeader('origin');
  const remoteAddress = remoteAddressOf(response);
  const refusal = checkUpgrade(settings, {
    origin,
    host: request.getHeader('host'),
    protocols,
    remoteAddress,
  });
  if (refusal) {
    const status = refusal.status === 403 ? '403 Forbidden' : '400 Bad Request';
    response.writeStatus(status).writeHeader('content-type', 'text/plain').end(`${refusal.message}\n`);
    return;
  }
  const protocol = chooseSubprotocol(protocols)!;
  const data: SocketData = { protocol, remoteAddress, origin };
  response.upgrade(
    data,
    request.getHeader('sec-websocket-key'),
    protocol,
    request.getHeader('sec-websocket-extensions'),
    context,
  );
}

function socketData(socket: WebSocket<SocketData>): SocketData {
  if (!isFallback) return socket.getUserData();
  const { protocol, remoteAddress } = fallbackSocketInfo(socket);
  return { protocol: protocol as Subprotocol, remoteAddress, origin: '' };
}

class UwsPort implements SocketPort {
  readonly protocol: Subprotocol;
  readonly remoteAddress: string;
  readonly origin: string;

  constructor(
    private readonly socket: WebSocket<SocketData>,
    data: SocketData,
  ) {
    this.protocol = data.protocol;
    this.remoteAddress = data.remoteAddress;
    this.origin = data.origin;
  }

  send(frames: readonly (Uint8Array | string)[]): void {
    if (frames.length === 1) this.#send(frames[0]);
    // One system call in place of many.
    else this.socket.cork(() => frames.forEach((frame) => this.#send(frame)));
  }

  #send(frame: Uint8Array | string): void {
    this.socket.send(frame, this.protocol === SUBPROTOCOL_MSGPACK);
  }

  bufferedBytes(): number {
    return this.socket.getBufferedAmount();
  }

  ping(): void {
    this.socket.ping('');
  }

  end(code: number, reason: string): void {
    this.socket.end(code, reason);
  }

  terminate(): void {
    this.socket.close();
    if (isFallback) muteErrors(this.socket);
  }
}

function respond(response: HttpResponse, answer: () => HttpAnswer | Promise<HttpAnswer>): void {
  let aborted = false;
  response.onAborted(() => {
    aborted = true;
  });
  const send = ({ status, contentType, body }: HttpAnswer): void => {
    if (aborted) return;
    response.cork(() => {
      response
        .writeStatus(status)
        .writeHeader('content-type', contentType)
        .writeHeader('cache-control', 'no-store')
        .end(body);
    });
  };
  const failed = (): void =>
    send({ status: '500 Internal Server Error', contentType: 'text/plain', body: 'failed\n' });
  Promise.resolve().then(answer).then(send, failed);
}
