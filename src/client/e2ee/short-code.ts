/**
 * A code that people read to each other: it is the same for all exactly when they hold the same public keys. Made slow,
 * so that nobody finds keys of his own with the same code while a meeting lasts (docs/e2ee.md counts it out).
 */
import { type Bytes, compareBytes, concat, fields, utf8 } from './bytes.js';

export const CODE_GROUPS = 6;
export const CODE_GROUP_DIGITS = 5;
const DIGITS = CODE_GROUPS * CODE_GROUP_DIGITS;

/** Of PBKDF2 with SHA-256: about a tenth of a second. */
export const CODE_ITERATIONS = 200_000;

/** Six groups of five digits, 99.6 bits. In any order; who is there twice counts once. */
export async function shortCode(
  room: string,
  publicKeys: readonly Bytes[],
  iterations = CODE_ITERATIONS,
): Promise<string[]> {
  const sorted = [...publicKeys].sort(compareBytes);
  const unique = sorted.filter((key, index) => index === 0 || compareBytes(key, sorted[index - 1]) !== 0);
  const secret = await crypto.subtle.importKey('raw', fields(...unique), 'PBKDF2', false, ['deriveBits']);
  const salt = concat(utf8('sluss e2ee 1 code'), fields(room));
  const bits = await crypto.subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations },
    secret,
    256,
  );
  // Of 256 bits, the remainder is as good as even.
  const number = new Uint8Array(bits).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const digits = (number % 10n ** BigInt(DIGITS)).toString().padStart(DIGITS, '0');
  return Array.from({ length: CODE_GROUPS }, (_, group) =>
    digits.slice(group * CODE_GROUP_DIGITS, (group + 1) * CODE_GROUP_DIGITS),
  );
}
