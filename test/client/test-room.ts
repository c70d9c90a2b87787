/** Room clients on mediasoup-client's fake handler, against a real gateway over fake media. */
import { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { Device, FakeHandler, testFakeParameters } from 'mediasoup-client';
import type { Test } from 'tap';
import { WebSocket as NodeWebSocket } from 'ws';
import { RoomClient, type RoomClientEvents, type RoomClientOptions } from '#src/client/index.js';

/** Every socket that the client opens, so that a test may cut it. */
export class Sockets {
  readonly opened: NodeWebSocket[] = [];
  /** While set, connections go nowhere. */
  blocked = false;

  readonly WebSocket = ((sockets: Sockets) =>
    class extends NodeWebSocket {
      constructor(url: string, protocols: string[]) {
        super(sockets.blocked ? 'ws://127.0.0.1:1/' : url, protocols);
        sockets.opened.push(this);
      }
    })(this) as unknown as typeof WebSocket;

  /** As when the network goes away: no close frame. */
  cut(): void {
    for (const socket of this.opened) socket.terminate();
  }
}

export interface TestPeer {
  client: RoomClient;
  sockets: Sockets;
  handlers: FakeHandler[];
}

export function createPeer(t: Test, url: string, options: Partial<RoomClientOptions> = {}): TestPeer {
  const sockets = new Sockets();
  const handlers: FakeHandler[] = [];
  const factory = FakeHandler.createFactory(testFakeParameters);
  const device = new Device({
    handlerFactory: {
      ...factory,
      factory: (handlerOptions) => {
        const handler = factory.factory(handlerOptions) as FakeHandler;
        handlers.push(handler);
        return handler;
      },
    },
  });
  const client = new RoomClient({
    url,
    room: 'lobby',
    displayName: 'Anna',
    reconnect: { minDelayMs: 10, maxDelayMs: 40 },
    WebSocket: sockets.WebSocket,
    device,
    ...options,
  });
  t.teardown(() => client.leave());
  return { client, sockets, handlers };
}

export async function joinPeer(
  t: Test,
  url: string,
  options: Partial<RoomClientOptions> = {},
): Promise<TestPeer> {
  const peer = createPeer(t, url, options);
  await peer.client.join();
  return peer;
}

export function fakeTrack(kind: 'audio' | 'video'): MediaStreamTrack & { stopped?: boolean } {
  return new FakeMediaStreamTrack({ kind });
}

/** The arguments of the next such event. */
export function next<K extends keyof RoomClientEvents>(
  client: RoomClient,
  event: K,
): Promise<RoomClientEvents[K]> {
  return new Promise((resolve) => client.once(event, (...args) => resolve(args)));
}

/** Waits for a state that may already be there. */
export async function untilState(client: RoomClient, state: RoomClient['state']): Promise<void> {
  while (client.state !== state) await next(client, 'state');
}

/** Asks again at every turn of the event loop; tap's timeout ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
