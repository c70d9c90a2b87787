/** H.264 byte streams (ITU-T H.264 annex B): where the picture begins, and bytes that cannot be taken for a start code. */
import type { Bytes } from './bytes.js';

const SLICE = 1;
const IDR = 5;

/**
 * Where the header of the first slice stands; -1: there is none. Before it come parameter sets and the like, which stay
 * clear: browsers rewrite them on the way.
 */
export function firstSlice(frame: Uint8Array): number {
  for (let at = 2; at + 1 < frame.length; at++) {
    if (frame[at] !== 1 || frame[at - 1] !== 0 || frame[at - 2] !== 0) continue;
    const type = frame[at + 1] & 0x1f;
    if (type >= SLICE && type <= IDR) return at + 1;
  }
  return -1;
}

/** `body` with a 3 between two zeros and what must not follow them (7.4.1.1). `before`: the bytes that it will follow. */
export function preventEmulation(before: Uint8Array, body: Uint8Array): Bytes {
  const escaped = new Uint8Array(body.length + (body.length >> 1) + 2);
  let length = 0;
  let zeros = trailingZeros(before);
  for (const byte of body) {
    if (zeros >= 2 && byte <= 3) {
      escaped[length++] = 3;
      zeros = 0;
    }
    escaped[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return escaped.slice(0, length);
}

/** Undoes `preventEmulation`. */
export function undoPrevention(before: Uint8Array, body: Uint8Array): Bytes {
  const plain = new Uint8Array(body.length);
  let length = 0;
  let zeros = trailingZeros(before);
  for (const byte of body) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    plain[length++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return plain.slice(0, length);
}

function trailingZeros(bytes: Uint8Array): number {
  let zeros = 0;
  while (zeros < 2 && zeros < bytes.length && bytes[bytes.length - 1 - zeros] === 0) zeros++;
  return zeros;
}
