/**
 * Changes dependency descriptors on their way (AV1 RTP specification A.8). Hot path: allocates nothing.
 * Once per received packet room is made for the bitmask of active decode targets; per receiver it is overwritten.
 * The scratch objects are shared by all streams: each function uses them up before it returns.
 */
import { readU16, writeU16 } from '../bytes.js';
import { BitReader } from './bit-reader.js';
import { DependencyStructure } from './dependency-structure.js';

/** Most bytes that `withActiveDecodeTargets` adds: five flags and 32 bits of mask. */
export const ACTIVE_DECODE_TARGETS_GROWTH = 5;

const MANDATORY_LENGTH = 3;
const MAX_ELEMENT_LENGTH = 255;
const FLAG_COUNT = 5;
const STRUCTURE_PRESENT = 0x80;
const ACTIVE_PRESENT = 0x40;
const START_OF_FRAME = 0x80;

const reader = new BitReader();
const scratch = new DependencyStructure();

/**
 * Copies the data of a descriptor element into `out`; in the first packet of a frame with the bitmask of active decode
 * targets added when it has none, at the value in force. What cannot be read is copied as it is.
 *
 * @param structure that of the stream, after this descriptor was parsed with it; null when it could not be parsed
 * @param out with room for `length + ACTIVE_DECODE_TARGETS_GROWTH` bytes from `outOffset` on
 * @returns the length written
 */
export function withActiveDecodeTargets(
  bytes: Uint8Array,
  offset: number,
  length: number,
  structure: DependencyStructure | null,
  out: Uint8Array,
  outOffset: number,
): number {
  for (let index = 0; index < length; index++) out[outOffset + index] = bytes[offset + index];
  if (structure === null || length < MANDATORY_LENGTH || (bytes[offset] & START_OF_FRAME) === 0)
    return length;
  if (length + ACTIVE_DECODE_TARGETS_GROWTH > MAX_ELEMENT_LENGTH || structure.templateCount === 0)
    return length;
  const flagsAt = outOffset + MANDATORY_LENGTH;
  if (length === MANDATORY_LENGTH) {
    const bits = FLAG_COUNT + structure.decodeTargetCount;
    const added = (bits + 7) >> 3;
    for (let index = 0; index < added; index++) out[flagsAt + index] = 0;
    out[flagsAt] = ACTIVE_PRESENT;
    writeBits(out, flagsAt * 8 + FLAG_COUNT, structure.decodeTargetCount, structure.activeDecodeTargets);
    return length + added;
  }
  if ((bytes[offset + MANDATORY_LENGTH] & ACTIVE_PRESENT) !== 0) return length;
  const found = maskPosition(bytes, offset, length);
  if (found < 0) return length;
  const own = (bytes[offset + MANDATORY_LENGTH] & STRUCTURE_PRESENT) !== 0;
  const count = own ? scratch.decodeTargetCount : structure.decodeTargetCount;
  const active = own ? scratch.activeDecodeTargets : structure.activeDecodeTargets;
  const added = (count + 7) >> 3;
  insertBits(bytes, offset, length, found - offset * 8, count, out, outOffset, added);
  out[flagsAt] |= ACTIVE_PRESENT;
  writeBits(out, outOffset * 8 + (found - offset * 8), count, active);
  return length + added;
}

/**
 * Overwrites the bitmask of active decode targets where there is one.
 *
 * @param mask bit i for decode target i
 * @param decodeTargetCount of the structure that the packet refers to, when it does not bring its own
 * @returns false when the descriptor has no bitmask
 */
export function writeActiveDecodeTargets(
  bytes: Uint8Array,
  elementDataOffset: number,
  elementLength: number,
  mask: number,
  decodeTargetCount: number,
): boolean {
  if (elementLength <= MANDATORY_LENGTH) return false;
  const flags = bytes[elementDataOffset + MANDATORY_LENGTH];
  if ((flags & ACTIVE_PRESENT) === 0) return false;
  const found = maskPosition(bytes, elementDataOffset, elementLength);
  if (found < 0) return false;
  const count = (flags & STRUCTURE_PRESENT) !== 0 ? scratch.decodeTargetCount : decodeTargetCount;
  if (found + count > (elementDataOffset + elementLength) * 8) return false;
  writeBits(bytes, found, count, mask);
  return true;
}

/** Adds to the frame number, modulo 2^16. The element is at least three bytes long, as it is once it was parsed. */
export function shiftFrameNumber(bytes: Uint8Array, elementDataOffset: number, offset: number): void {
  writeU16(bytes, elementDataOffset + 1, (readU16(bytes, elementDataOffset + 1) + offset) & 0xffff);
}

/** Bit at which the mask stands or would stand: behind the flags and the structure, which is then in `scratch`; or -1. */
function maskPosition(bytes: Uint8Array, offset: number, length: number): number {
  const flagsAt = offset + MANDATORY_LENGTH;
  if ((bytes[flagsAt] & STRUCTURE_PRESENT) === 0) return flagsAt * 8 + FLAG_COUNT;
  reader.begin(bytes, flagsAt, length - MANDATORY_LENGTH);
  reader.bits(FLAG_COUNT);
  return scratch.parse(reader) ? reader.position : -1;
}

/** Puts what stands from bit `at` on `count` bits later; `added` bytes are enough for it. */
function insertBits(
  bytes: Uint8Array,
  offset: number,
  length: number,
  at: number,
  count: number,
  out: Uint8Array,
  outOffset: number,
  added: number,
): void {
  for (let index = 0; index < added; index++) out[outOffset + length + index] = 0;
  const start = outOffset * 8 + at + count;
  const end = (outOffset + length + added) * 8;
  reader.begin(bytes, offset, length);
  for (let skipped = 0; skipped < at; skipped += 8) reader.bits(at - skipped < 8 ? at - skipped : 8);
  let left = length * 8 - at;
  let to = start;
  while (left > 0) {
    const take = left < 8 ? left : 8;
    writeBits(out, to, take, reader.bits(take));
    to += take;
    left -= take;
  }
  while (to < end) writeBits(out, to++, 1, 0);
}

/** An unsigned number of `count` bits, most significant bit first. */
function writeBits(bytes: Uint8Array, position: number, count: number, value: number): void {
  for (let index = 0; index < count; index++) {
    const at = position + index;
    const bit = (value >>> (count - 1 - index)) & 1;
    const mask = 0x80 >> (at & 7);
    bytes[at >> 3] = bit === 1 ? bytes[at >> 3] | mask : bytes[at >> 3] & ~mask;
  }
}
