/**
 * Messages between pages (chat, offers of documents), under the room key: each sender seals with a key of its own and
 * counts. A receiver takes each number once and in rising order, so the server can neither repeat nor reorder.
 */
import { concat, fields, fromBase64, toBase64, u32, u64, utf8 } from './bytes.js';
import { type Member, senderKey } from './room-secret.js';

/** Of a relayed message; the rest of its 48 KiB is for base64 and the fields around. */
export const MAX_TEXT_BYTES = 32 * 1024;

const VERSION = 1;

export interface MessageEpoch {
  keyId: number;
  roomKey: CryptoKey;
  members: readonly Member[];
}

export type OpenedMessage =
  | { text: string; id: string }
  /** Under a key that is not here (yet). */
  | { unknownKey: number }
  | { refused: 'malformed' | 'stranger' | 'forged' | 'replayed' };

export class MessageCrypto {
  readonly #keys = new WeakMap<CryptoKey, Map<string, Promise<CryptoKey>>>();
  /** Next number by key id and own peer id; never forgotten, as in FrameKeys. */
  readonly #sent = new Map<string, number>();
  /** Last number by key id and sender. */
  readonly #taken = new Map<string, number>();

  constructor(private readonly room: string) {}

  /** `id` is the same for all who get it. */
  async seal(
    epoch: MessageEpoch,
    selfId: string,
    topic: string,
    text: string,
  ): Promise<{ payload: string; id: string }> {
    const self = epoch.members.find(({ peerId }) => peerId === selfId);
    if (!self) throw new Error('not in this epoch');
    const plain = utf8(text);
    if (plain.length > MAX_TEXT_BYTES) {
      throw new RangeError(
        `a message of ${plain.length} bytes: at most ${MAX_TEXT_BYTES} can be sent, send less`,
      );
    }
    const name = `${epoch.keyId} ${selfId}`;
    const number = this.#sent.get(name) ?? 0;
    this.#sent.set(name, number + 1);
    const key = await this.#keyOf(epoch, self);
    const sealed = await crypto.subtle.encrypt(this.#parameters(epoch, selfId, topic, number), key, plain);
    const payload = JSON.stringify({
      v: VERSION,
      k: epoch.keyId,
      n: number,
      c: toBase64(new Uint8Array(sealed)),
    });
    return { payload, id: idOf(epoch.keyId, selfId, number) };
  }

  /** Never rejects. Messages of one sender must be opened one after the other. */
  async open(
    epochs: readonly MessageEpoch[],
    from: string,
    topic: string,
    payload: string,
  ): Promise<OpenedMessage> {
    const parsed = parse(payload);
    if (!parsed) return { refused: 'malformed' };
    const { keyId, number, sealed } = parsed;
    const epoch = epochs.find((one) => one.keyId === keyId);
    if (!epoch) return { unknownKey: keyId };
    const sender = epoch.members.find(({ peerId }) => peerId === from);
    if (!sender) return { refused: 'stranger' };
    const name = `${keyId} ${from}`;
    if (number <= (this.#taken.get(name) ?? -1)) return { refused: 'replayed' };
    try {
      const key = await this.#keyOf(epoch, sender);
      const plain = await crypto.subtle.decrypt(this.#parameters(epoch, from, topic, number), key, sealed);
      if (number <= (this.#taken.get(name) ?? -1)) return { refused: 'replayed' };
      this.#taken.set(name, number);
      return { text: new TextDecoder().decode(plain), id: idOf(keyId, from, number) };
    } catch {
      return { refused: 'forged' };
    }
  }

  #parameters({ keyId }: MessageEpoch, from: string, topic: string, number: number): AesGcmParams {
    const about = concat(utf8('sluss e2ee 1 message'), fields(this.room, u32(keyId), from, topic));
    return { name: 'AES-GCM', iv: concat(u32(0), u64(number)), additionalData: about };
  }

  #keyOf({ roomKey }: MessageEpoch, member: Member): Promise<CryptoKey> {
    let keys = this.#keys.get(roomKey);
    if (!keys) this.#keys.set(roomKey, (keys = new Map<string, Promise<CryptoKey>>()));
    let key = keys.get(member.peerId);
    if (!key) keys.set(member.peerId, (key = senderKey(roomKey, 'message', member)));
    return key;
  }
}

function idOf(keyId: number, from: string, number: number): string {
  return `${keyId.toString(16)}-${from}-${number}`;
}

function parse(payload: string): { keyId: number; number: number; sealed: Uint8Array<ArrayBuffer> } | null {
  try {
    const raw = JSON.parse(payload) as { v?: unknown; k?: unknown; n?: unknown; c?: unknown } | null;
    const sealed = fromBase64(raw?.c);
    const { v, k, n } = raw ?? {};
    if (v !== VERSION || !sealed || !Number.isSafeInteger(k) || !Number.isSafeInteger(n)) return null;
    return (n as number) < 0 ? null : { keyId: k as number, number: n as number, sealed };
  } catch {
    return null;
  }
}
