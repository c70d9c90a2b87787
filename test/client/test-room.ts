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
  /** While set, connections go there. */
  redirect: string | undefined;

  readonly WebSocket = ((sockets: Sockets) =>
    class extends NodeWebSocket {
      constructor(url: string, protocols: string[]) {
        super(sockets.blocked ? 'ws://127.0.0.1:1/' : (sockets.redirect ?? url), protocols);
        sockets.opened.push(this);
      }
    })(this) as unknown as typeof WebSocket;

  /** As when the network goes away: no close frame. */
  cut(): void {
    for (const socket of this.opened) socket.terminate();
  }
}

/** What the browser gives to `onRtpSender` and `onRtpReceiver`, the little of it that the client uses. */
export interface FakeEnd {
  kind: string;
  track: MediaStreamTrack | null;
  transform: unknown;
}

export interface TestPeer {
  client: RoomClient;
  sockets: Sockets;
  handlers: FakeHandler[];
  /** Of all sessions, in the order in which they were made. */
  senders: FakeEnd[];
  receivers: FakeEnd[];
}

export function createPeer(t: Test, url: string, options: Partial<RoomClientOptions> = {}): TestPeer {
  const sockets = new Sockets();
  const handlers: FakeHandler[] = [];
  const senders: FakeEnd[] = [];
  const receivers: FakeEnd[] = [];
  const factory = FakeHandler.createFactory(testFakeParameters);
  const device = new Device({
    handlerFactory: {
      ...factory,
      factory: (handlerOptions) => {
        const handler = factory.factory(handlerOptions) as FakeHandler;
        handlers.push(handler);
        giveEnds(handler, senders, receivers);
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
  return { client, sockets, handlers, senders, receivers };
}

/** The fake handler has no senders and receivers, and calls nobody back. */
function giveEnds(handler: FakeHandler, senders: FakeEnd[], receivers: FakeEnd[]): void {
  const send = handler.send.bind(handler);
  const receive = handler.receive.bind(handler);
  handler.send = (options) => {
    const sender = {
      ...{ kind: options.track.kind, track: options.track as MediaStreamTrack | null, transform: null },
      replaceTrack: (track: MediaStreamTrack | null) => {
        sender.track = track;
        return Promise.resolve();
      },
    };
    senders.push(sender);
    options.onRtpSender?.(sender as unknown as RTCRtpSender);
    return send(options);
  };
  handler.receive = async (list) => {
    const results = await receive(list);
    results.forEach(({ track }, index) => {
      // The device's own, for probing.
      if (!list[index].onRtpReceiver) return;
      const receiver = { kind: track.kind, track, transform: null };
      receivers.push(receiver);
      list[index].onRtpReceiver(receiver as unknown as RTCRtpReceiver);
    });
    return results;
  };
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
