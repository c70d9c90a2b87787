/**
 * On a Node.js without a native build, the uWebSockets.js package answers with a JavaScript stand-in over the `ws`
 * package. It has no upgrade handler, serves WebSockets on the exact URL only, and lets a client's bad frame throw.
 * This file reaches into it to check origins and subprotocols and to close those holes; nothing else may.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpResponse, TemplatedApp, WebSocket } from 'uWebSockets.js';

export interface UpgradeInfo {
  origin: string;
  host: string;
  /** The Sec-WebSocket-Protocol header. */
  protocols: string;
  remoteAddress: string;
}

type Verify = (
  info: { req: IncomingMessage },
  done: (ok: boolean, status?: number, message?: string) => void,
) => void;

interface InnerSocket {
  on(event: 'error', listener: () => void): void;
  removeAllListeners(event: 'error'): void;
}

interface InnerServer {
  options: {
    verifyClient?: Verify;
    handleProtocols?: (offered: Set<string>, request: IncomingMessage) => string | false;
  };
  on(event: 'connection', listener: (socket: InnerSocket, request: IncomingMessage) => void): void;
}

interface FallbackApp {
  httpContext?: { wsServer: InnerServer | null; http: Server | null };
}

export interface FallbackRules {
  /** Null accepts; otherwise the refusal. */
  check(info: UpgradeInfo): { status: number; message: string } | null;
  choose(offered: string): string | null;
}

/** After `app.ws(...)` and before `listen`. Throws when the package's inside is not what this file knows. */
export function hardenFallback(app: TemplatedApp, rules: FallbackRules): void {
  const server = (app as FallbackApp).httpContext?.wsServer;
  if (!server)
    throw new Error('uWebSockets.js: unknown fallback; install the version that package.json names');
  server.options.verifyClient = ({ req }, done) => {
    const refusal = rules.check(upgradeInfo(req));
    if (refusal) done(false, refusal.status, refusal.message);
    else done(true);
  };
  server.options.handleProtocols = (offered) => rules.choose([...offered].join(',')) ?? false;
  server.on('connection', (socket) => {
    // The package rethrows socket errors, so one bad frame would end the process. `ws` closes the socket itself.
    socket.removeAllListeners('error');
    socket.on('error', () => {});
  });
}

/** After `close()`, which takes all listeners away while the rest of a received chunk is still being parsed. */
export function muteErrors(socket: WebSocket<unknown>): void {
  (socket as unknown as { internalWs: InnerSocket }).internalWs.on('error', () => {});
}

/** After `listen`: an upgrade on any other path would otherwise hang for ever. */
export function refuseOtherUpgrades(app: TemplatedApp, path: string): void {
  (app as FallbackApp).httpContext?.http?.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    if (request.url === path) return;
    // Who resets the connection meanwhile must not end the process.
    socket.on('error', () => {});
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
  });
}

/** What the native build keeps as user data. Read it in `open`. */
export function fallbackSocketInfo(socket: WebSocket<unknown>): { protocol: string; remoteAddress: string } {
  const inner = (
    socket as unknown as { internalWs: { protocol: string; _socket: { remoteAddress?: string } } }
  ).internalWs;
  return { protocol: inner.protocol, remoteAddress: inner._socket.remoteAddress ?? '' };
}

export function fallbackRemoteAddress(response: HttpResponse): string {
  const inner = (response as unknown as { response: ServerResponse }).response;
  return inner.socket?.remoteAddress ?? '';
}

function upgradeInfo(request: IncomingMessage): UpgradeInfo {
  return {
    origin: request.headers.origin ?? '',
    host: request.headers.host ?? '',
    protocols: request.headers['sec-websocket-protocol'] ?? '',
    remoteAddress: request.socket.remoteAddress ?? '',
  };
}
