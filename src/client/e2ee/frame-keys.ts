/** The worker's book: keys by epoch and sender, own counters, and the counters of others. No browser API but WebCrypto. */
import type { Bytes } from './bytes.js';
import type { EncryptedCodec } from './clear-bytes.js';
import { MAX_COUNTER, openFrame, sealFrame, splitFrame } from './frame-crypto.js';
import { ReplayWindow } from './replay-window.js';
import { type Member, senderKey } from './room-secret.js';
import type { DropReason, KeysMessage } from './worker-messages.js';

interface Epoch {
  roomKey: CryptoKey;
  members: Member[];
  /** By peer id. */
  keys: Map<string, Promise<CryptoKey>>;
  /** By peer id and source. */
  windows: Map<string, ReplayWindow>;
}

export type Outcome = { data: Bytes } | { dropped: DropReason; keyId?: number };

export class FrameKeys {
  readonly #epochs = new Map<number, Epoch>();
  #sending: KeysMessage['sending'] = null;
  /** By key id, peer id and source. Never forgotten: a counter used twice would give the plaintexts away. */
  readonly #counters = new Map<string, number>();

  update({ epochs, sending }: KeysMessage): void {
    const kept = new Set(epochs.map(({ keyId }) => keyId));
    for (const keyId of this.#epochs.keys()) if (!kept.has(keyId)) this.#epochs.delete(keyId);
    for (const { keyId, roomKey, members } of epochs) {
      if (this.#epochs.has(keyId)) continue;
      this.#epochs.set(keyId, { roomKey, members, keys: new Map(), windows: new Map() });
    }
    this.#sending = sending;
  }

  async seal(codec: EncryptedCodec, source: number, frame: Uint8Array): Promise<Outcome> {
    const sending = this.#sending;
    if (!sending) return { dropped: 'no-key' };
    const { keyId, peerId } = sending;
    const key = this.#keyOf(keyId, peerId);
    if (!key) return { dropped: 'no-key' };
    const name = `${keyId} ${peerId} ${source}`;
    const counter = this.#counters.get(name) ?? 0;
    if (counter > MAX_COUNTER) return { dropped: 'used-up' };
    // Taken before anything is waited for, so that no other frame gets it.
    this.#counters.set(name, counter + 1);
    try {
      return { data: await sealFrame(await key, codec, frame, { source, counter, keyId }) };
    } catch {
      return { dropped: 'unsupported-codec' };
    }
  }

  async open(peerId: string, source: number, frame: Uint8Array): Promise<Outcome> {
    const sealed = splitFrame(frame);
    if (!sealed) return { dropped: 'unencrypted' };
    const { keyId, counter } = sealed;
    const key = this.#keyOf(keyId, peerId);
    if (!key) return { dropped: 'unknown-key', keyId };
    if (sealed.source !== source) return { dropped: 'forged' };
    const window = this.#window(keyId, peerId, source);
    if (!window.isFresh(counter)) return { dropped: 'replayed' };
    let data: Bytes;
    try {
      data = await openFrame(await key, sealed);
    } catch {
      return { dropped: 'forged' };
    }
    return window.take(counter) ? { data } : { dropped: 'replayed' };
  }

  /** Undefined: no such epoch, or nobody of that name in it. */
  #keyOf(keyId: number, peerId: string): Promise<CryptoKey> | undefined {
    const epoch = this.#epochs.get(keyId);
    const member = epoch?.members.find((one) => one.peerId === peerId);
    if (!epoch || !member) return undefined;
    let key = epoch.keys.get(peerId);
    if (!key) epoch.keys.set(peerId, (key = senderKey(epoch.roomKey, 'frame', member)));
    return key;
  }

  #window(keyId: number, peerId: string, source: number): ReplayWindow {
    const { windows } = this.#epochs.get(keyId)!;
    const name = `${peerId} ${source}`;
    let window = windows.get(name);
    if (!window) windows.set(name, (window = new ReplayWindow()));
    return window;
  }
}
