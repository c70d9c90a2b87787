/**
 * One person's key pair for one meeting, and the room key wrapped from one person to another. Whoever opens a wrapped key
 * knows who made it: only those two can compute the key around it, and everything that it is about is bound into it.
 */
import { type Bytes, concat, fields, u32, utf8 } from './bytes.js';
import { AES, type Member, ROOM_KEY_LENGTH, TAG_LENGTH } from './room-secret.js';

const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const;

/** An uncompressed point (SEC 1 2.3.3). */
export const PUBLIC_KEY_LENGTH = 65;
export const WRAPPED_KEY_LENGTH = ROOM_KEY_LENGTH + TAG_LENGTH;
export const SALT_LENGTH = 32;

/** What one epoch is about; the same for all who are in it. */
export interface EpochHeader {
  room: string;
  number: number;
  /** 32 random bytes. */
  salt: Bytes;
  maker: Member;
  /** The maker too; in any order. */
  members: readonly Member[];
}

export class Identity {
  readonly #shared = new Map<string, Promise<CryptoKey>>();

  private constructor(
    readonly publicKey: Bytes,
    private readonly privateKey: CryptoKey,
  ) {}

  /** The private key never leaves WebCrypto. */
  static async create(): Promise<Identity> {
    const { publicKey, privateKey } = await crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
    return new Identity(new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)), privateKey);
  }

  /** Of this maker's room key, for one of the members. */
  async wrap(rawRoomKey: Bytes, header: EpochHeader, to: Member): Promise<Bytes> {
    const { key, parameters } = await this.#wrapping(header, to, to.publicKey);
    return new Uint8Array(await crypto.subtle.encrypt(parameters, key, rawRoomKey));
  }

  /** What `header.maker` wrapped for us (`self`). Rejects when any of it was changed, or somebody else made it. */
  async unwrap(wrapped: Bytes, header: EpochHeader, self: Member): Promise<CryptoKey> {
    const { key, parameters } = await this.#wrapping(header, self, header.maker.publicKey);
    const usages: KeyUsage[] = ['deriveBits', 'deriveKey'];
    return crypto.subtle.unwrapKey('raw', wrapped, key, parameters, 'HKDF', false, usages);
  }

  async #wrapping(header: EpochHeader, to: Member, theirs: Bytes) {
    const about = await hashHeader(header);
    const info = concat(utf8('sluss e2ee 1 wrap'), fields(about, to.peerId, to.publicKey));
    const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: header.salt, info };
    const usages: KeyUsage[] = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
    const key = await crypto.subtle.deriveKey(hkdf, await this.#sharedWith(theirs), AES, false, usages);
    // The key serves this one message, by its salt: a nonce of zeros is used once.
    return { key, parameters: { name: 'AES-GCM', iv: new Uint8Array(12), additionalData: about } };
  }

  #sharedWith(publicKey: Bytes): Promise<CryptoKey> {
    const name = publicKey.join();
    let shared = this.#shared.get(name);
    if (!shared) this.#shared.set(name, (shared = this.#agree(publicKey)));
    return shared;
  }

  async #agree(publicKey: Bytes): Promise<CryptoKey> {
    const theirs = await importPublicKey(publicKey);
    const bits = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, this.privateKey, 256);
    const key = await crypto.subtle.importKey('raw', bits, 'HKDF', false, ['deriveKey']);
    new Uint8Array(bits).fill(0);
    return key;
  }
}

/** Rejects what is no point of the curve. */
export function importPublicKey(publicKey: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', publicKey, CURVE, true, []);
}

async function hashHeader({ room, number, salt, maker, members }: EpochHeader): Promise<Bytes> {
  const sorted = [...members].sort((a, b) => (a.peerId < b.peerId ? -1 : 1));
  const all = fields(
    ...['sluss e2ee 1 epoch', room, u32(number), salt, maker.peerId, maker.publicKey],
    ...sorted.flatMap(({ peerId, publicKey }) => [peerId, publicKey]),
  );
  return new Uint8Array(await crypto.subtle.digest('SHA-256', all));
}
