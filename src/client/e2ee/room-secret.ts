/**
 * What is derived from one room key: a key for every purpose and sender, so that no two senders share nonces.
 * The room key itself is an HKDF key that WebCrypto does not give out again.
 */
import { type Bytes, concat, fields, readU32, utf8 } from './bytes.js';

export const ROOM_KEY_LENGTH = 32;

/** Of everything: frames, messages, documents and wrapped keys. */
export const AES = { name: 'AES-GCM', length: 256 } as const;

/** GCM's authentication tag, bytes. */
export const TAG_LENGTH = 16;

/** Who is in an epoch. */
export interface Member {
  peerId: string;
  /** ECDH P-256, uncompressed point (65 bytes). */
  publicKey: Bytes;
}

export type Purpose = 'frame' | 'message';

/** A fresh room key, and its bytes for those who it is wrapped for. Overwrite them after that. */
export async function createRoomKey(): Promise<{ key: CryptoKey; raw: Bytes }> {
  const raw = crypto.getRandomValues(new Uint8Array(ROOM_KEY_LENGTH));
  return { raw, key: await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveBits', 'deriveKey']) };
}

/** A name for the room key that tells nothing of it: 32 bits, of all 2^32 values. */
export async function keyIdOf(roomKey: CryptoKey): Promise<number> {
  const bits = await crypto.subtle.deriveBits(hkdf(utf8('sluss e2ee 1 key id')), roomKey, 32);
  return readU32(new Uint8Array(bits), 0);
}

/**
 * The key with which one member sends. Its public key is part of it: a page that begins anew, with another key pair and
 * with counters at 0, cannot repeat a nonce.
 */
export function senderKey(
  roomKey: CryptoKey,
  purpose: Purpose,
  { peerId, publicKey }: Member,
): Promise<CryptoKey> {
  const info = concat(utf8(`sluss e2ee 1 ${purpose}`), fields(peerId, publicKey));
  return crypto.subtle.deriveKey(hkdf(info), roomKey, AES, false, ['encrypt', 'decrypt']);
}

function hkdf(info: Bytes): HkdfParams {
  return { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
}
