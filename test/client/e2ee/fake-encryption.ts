/** Encrypted rooms without a browser: real clients and a real gateway; worker and transforms only stand there. */
import type { Test } from 'tap';
import {
  EncryptedRoom,
  type EncryptedRoomEvents,
  type EncryptedRoomOptions,
} from '#src/client/e2ee/index.js';
import type {
  KeysMessage,
  PageMessage,
  TransformOptions,
  WorkerMessage,
} from '#src/client/e2ee/worker-messages.js';
import type { RoomClientOptions } from '#src/client/index.js';
import { createPeer, type TestPeer } from '../test-room.js';

export class FakeTransform {
  constructor(
    readonly worker: FakeWorker,
    readonly options: TransformOptions,
  ) {}
}

export class FakeWorker {
  onmessage: ((event: { data: WorkerMessage }) => void) | null = null;
  onerror: ((event: { message: string }) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  keys: KeysMessage | null = null;
  /** Whether it answers when it is asked for a sign of life. */
  alive = true;
  terminated = false;

  postMessage(message: PageMessage): void {
    if (message.type === 'keys') this.keys = message;
    else if (this.alive) queueMicrotask(() => this.say({ type: 'alive' }));
  }

  say(data: WorkerMessage): void {
    this.onmessage?.({ data });
  }

  terminate(): void {
    this.terminated = true;
  }
}

/** What a browser has that can encrypt; gone after the test. */
export function pretendBrowser(t: Test): void {
  const scope = globalThis as unknown as Record<string, unknown>;
  Object.assign(scope, { RTCRtpScriptTransform: FakeTransform, Worker: FakeWorker });
  t.teardown(() => {
    delete scope.RTCRtpScriptTransform;
    delete scope.Worker;
  });
}

export interface EncryptedPeer extends TestPeer {
  room: EncryptedRoom;
  worker: FakeWorker;
}

export async function createEncryptedPeer(
  t: Test,
  url: string,
  options: Partial<RoomClientOptions> & Pick<EncryptedRoomOptions, 'host'> = {},
  worker = new FakeWorker(),
): Promise<EncryptedPeer> {
  const { host, ...clientOptions } = options;
  const peer = createPeer(t, url, { requireEncryption: true, ...clientOptions });
  const room = await EncryptedRoom.create(peer.client, {
    ...{ room: 'lobby', host },
    worker: worker as unknown as Worker,
  });
  t.teardown(() => room.close());
  return { ...peer, room, worker };
}

export async function joinEncrypted(
  ...[t, url, options]: Parameters<typeof createEncryptedPeer>
): Promise<EncryptedPeer> {
  const peer = await createEncryptedPeer(t, url, options);
  await peer.client.join();
  return peer;
}

/** The arguments of the next such event that will do. */
export function nextOf<K extends keyof EncryptedRoomEvents>(
  room: EncryptedRoom,
  event: K,
  willDo: (...args: EncryptedRoomEvents[K]) => boolean = () => true,
): Promise<EncryptedRoomEvents[K]> {
  return new Promise((resolve) => {
    const listener = (...args: EncryptedRoomEvents[K]): void => {
      if (!willDo(...args)) return;
      room.off(event, listener);
      resolve(args);
    };
    room.on(event, listener);
  });
}

/** Until all of them send with one key that is for exactly them. */
export async function untilAgreed(...peers: readonly EncryptedPeer[]): Promise<number> {
  for (;;) {
    const keyIds = new Set(peers.map(({ worker }) => worker.keys?.sending?.keyId));
    const [keyId] = keyIds;
    const epoch = peers[0].worker.keys?.epochs.find((one) => one.keyId === keyId);
    const ids = peers.map(({ client }) => client.peerId).sort();
    const members = epoch?.members.map(({ peerId }) => peerId).sort() ?? [];
    if (keyIds.size === 1 && keyId !== undefined && members.join() === ids.join()) return keyId;
    await Promise.race(peers.map(({ worker }) => nextKeys(worker)));
  }
}

function nextKeys(worker: FakeWorker): Promise<void> {
  return new Promise((resolve) => {
    const post = worker.postMessage.bind(worker);
    worker.postMessage = (message) => {
      post(message);
      if (message.type === 'keys') resolve();
    };
  });
}
