/** A bare WebSocket client of the protocol, and a gateway over fake media to talk to. */
import { once } from 'node:events';
import { testFakeParameters } from 'mediasoup-client';
import { pino } from 'pino';
import type { Test } from 'tap';
import { WebSocket } from 'ws';
import { createGateway, type Gateway, type GatewayOptions } from '#src/gateway/index.js';
import { CLIENT_DECODE_LIMITS, decodeFrame, encodeFrame } from '#src/signalling/codec.js';
import type {
  ErrorInfo,
  JoinResponse,
  NotificationName,
  Notifications,
  RequestName,
  Requests,
  ServerMessage,
} from '#src/signalling/messages.js';
import { type Subprotocol, SUBPROTOCOL_MSGPACK } from '#src/signalling/protocol.js';
import { FakeMedia } from './fake-media.js';

export const silent = pino({ level: 'silent' });

export interface TestGateway {
  gateway: Gateway;
  media: FakeMedia;
  url: string;
  http: string;
}

export async function startGateway(
  t: Test,
  options: Partial<GatewayOptions> = {},
  media = new FakeMedia(),
): Promise<TestGateway> {
  const gateway = await createGateway({
    listen: { ip: '127.0.0.1', port: 0 },
    mediaBackend: media,
    logger: silent,
    ...options,
  });
  t.teardown(() => gateway.close());
  const host = `127.0.0.1:${gateway.port}`;
  return { gateway, media, url: `ws://${host}/signalling`, http: `http://${host}` };
}

export class RequestFailed extends Error {
  constructor(readonly info: ErrorInfo) {
    super(`${info.code}: ${info.message}`);
  }
}

export class TestClient {
  readonly #received: ServerMessage[] = [];
  #waiters: (() => void)[] = [];
  #nextId = 1;
  readonly closed: Promise<{ code: number; reason: string }>;

  private constructor(
    readonly socket: WebSocket,
    private readonly protocol: Subprotocol,
  ) {
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#wake();
      });
    });
    socket.on('error', () => {});
    socket.on('message', (data: Buffer, isBinary) => {
      const decoded = decodeFrame(protocol, isBinary ? data : data.toString(), CLIENT_DECODE_LIMITS);
      if (!decoded.ok) throw new Error(decoded.message);
      this.#received.push(decoded.value as ServerMessage);
      this.#wake();
    });
  }

  static async open(
    t: Test,
    url: string,
    options: { protocol?: Subprotocol; origin?: string; autoPong?: boolean } = {},
  ): Promise<TestClient> {
    const { protocol = SUBPROTOCOL_MSGPACK, ...rest } = options;
    const socket = new WebSocket(url, [protocol], rest);
    t.teardown(() => socket.terminate());
    const client = new TestClient(socket, protocol);
    await once(socket, 'open');
    return client;
  }

  /** Opens and joins with both transports and full capabilities. */
  static async join(
    t: Test,
    url: string,
    data: Partial<Requests['join']['data']> = {},
  ): Promise<{ client: TestClient; joined: JoinResponse }> {
    const client = await TestClient.open(t, url);
    const joined = await client.request('join', {
      room: 'lobby',
      displayName: 'Anna',
      rtpCapabilities: testFakeParameters.generateRouterRtpCapabilities() as never,
      transports: ['send', 'recv'],
      ...data,
    });
    return { client, joined };
  }

  sendRaw(frame: string | Uint8Array): void {
    this.socket.send(frame);
  }

  send(message: object): void {
    this.sendRaw(encodeFrame(this.protocol, message));
  }

  async request<K extends RequestName>(
    request: K,
    data: Requests[K]['data'],
  ): Promise<Requests[K]['response']> {
    const id = this.#nextId++;
    this.send({ id, request, data });
    return this.response(id);
  }

  async response(id: number | null): Promise<object> {
    const message = await this.#take((candidate) => 'ok' in candidate && candidate.id === id);
    if ('ok' in message && message.ok) return message.data;
    throw new RequestFailed((message as { error: ErrorInfo }).error);
  }

  async notification<K extends NotificationName>(name: K): Promise<Notifications[K]> {
    const message = await this.#take(
      (candidate) => 'notification' in candidate && candidate.notification === name,
    );
    return (message as unknown as { data: Notifications[K] }).data;
  }

  /** Notifications received and not yet taken. */
  pendingNotifications(): string[] {
    return this.#received.flatMap((message) => ('notification' in message ? [message.notification] : []));
  }

  async #take(wanted: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    for (;;) {
      const index = this.#received.findIndex(wanted);
      if (index >= 0) return this.#received.splice(index, 1)[0];
      if (this.socket.readyState === WebSocket.CLOSED)
        throw new Error('the socket closed while waiting for a message');
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }
}

export function transportId(joined: JoinResponse, direction: 'send' | 'recv'): string {
  return joined.transports.find((transport) => transport.direction === direction)!.transportId;
}

export const videoParameters: Requests['produce']['data']['rtpParameters'] = {
  codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90000 }],
  encodings: [{ ssrc: 1234 }],
};

export function produceData(joined: JoinResponse, mimeType = 'video/VP8'): Requests['produce']['data'] {
  return {
    transportId: transportId(joined, 'send'),
    kind: mimeType.startsWith('audio') ? 'audio' : 'video',
    source: mimeType.startsWith('audio') ? 'microphone' : 'camera',
    rtpParameters: { ...videoParameters, codecs: [{ ...videoParameters.codecs[0], mimeType }] },
    paused: false,
  };
}

export const dtlsParameters = testFakeParameters.generateLocalDtlsParameters();
