/** The messages of the key agreement, as JSON in the payload of a relayed message. Written here, parsed here. */
import { type Bytes, fromBase64, toBase64 } from './bytes.js';
import { PUBLIC_KEY_LENGTH, SALT_LENGTH, WRAPPED_KEY_LENGTH } from './key-exchange.js';
import type { Member } from './room-secret.js';

/** `topic` of what keys are agreed upon with. */
export const KEY_TOPIC = 'e2ee.keys';

/** All that a message to the whole room has place for. */
export const MAX_MEMBERS = 150;

export type KeyMessage =
  /** Who I am, and the greatest epoch number that I heard of. `reply`: tell me who you are, too. */
  | { type: 'hello'; publicKey: Bytes; reply: boolean; number: number }
  /** A new room key, wrapped for each of the others. */
  | { type: 'epoch'; number: number; salt: Bytes; members: Member[]; wrapped: Map<string, Bytes> }
  /** I cannot read somebody: this is the newest epoch that I have (0, 0: none), and who I am. */
  | { type: 'ask'; publicKey: Bytes; number: number; keyId: number };

const VERSION = 1;

export function writeKeyMessage(message: KeyMessage): string {
  if (message.type === 'epoch') {
    const { type, number, salt, members, wrapped } = message;
    return JSON.stringify({
      ...{ v: VERSION, type, number, salt: toBase64(salt) },
      members: members.map(({ peerId, publicKey }) => [peerId, toBase64(publicKey)]),
      wrapped: [...wrapped].map(([peerId, bytes]) => [peerId, toBase64(bytes)]),
    });
  }
  return JSON.stringify({ v: VERSION, ...message, publicKey: toBase64(message.publicKey) });
}

/** Null: malformed, or of another version. Never throws. */
export function parseKeyMessage(payload: string): KeyMessage | null {
  let raw: Record<string, unknown> | null;
  try {
    raw = JSON.parse(payload) as Record<string, unknown> | null;
  } catch {
    return null;
  }
  if (typeof raw !== 'object' || raw === null || raw.v !== VERSION) return null;
  if (raw.type === 'epoch') return parseEpoch(raw);
  const publicKey = bytesOf(raw.publicKey, PUBLIC_KEY_LENGTH);
  if (!publicKey) return null;
  const { number, keyId } = raw;
  if (!isU32(number)) return null;
  if (raw.type === 'hello') return { type: 'hello', publicKey, reply: raw.reply === true, number };
  if (raw.type !== 'ask' || !isU32(keyId)) return null;
  return { type: 'ask', publicKey, number, keyId };
}

function parseEpoch(raw: Record<string, unknown>): KeyMessage | null {
  const { number } = raw;
  const salt = bytesOf(raw.salt, SALT_LENGTH);
  const keys = parsePairs(raw.members, PUBLIC_KEY_LENGTH);
  const wrapped = parsePairs(raw.wrapped, WRAPPED_KEY_LENGTH);
  if (!isU32(number) || number === 0 || !salt || !keys || !wrapped) return null;
  const members = [...keys].map(([peerId, publicKey]) => ({ peerId, publicKey }));
  return { type: 'epoch', number, salt, members, wrapped };
}

/** Null also when a name comes twice. */
function parsePairs(raw: unknown, length: number): Map<string, Bytes> | null {
  if (!Array.isArray(raw) || raw.length > MAX_MEMBERS) return null;
  const pairs = new Map<string, Bytes>();
  for (const pair of raw as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) return null;
    const [peerId, text] = pair as unknown[];
    const bytes = bytesOf(text, length);
    if (typeof peerId !== 'string' || peerId.length > 128 || !bytes || pairs.has(peerId)) return null;
    pairs.set(peerId, bytes);
  }
  return pairs;
}

function bytesOf(text: unknown, length: number): Bytes | null {
  const bytes = fromBase64(text);
  return bytes?.length === length ? bytes : null;
}

function isU32(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}
