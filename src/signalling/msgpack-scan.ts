/**
 * Walks MessagePack bytes without building anything and accepts only what the protocol uses: nil, booleans,
 * numbers, strings, arrays and maps with string keys, within bounds, one value and no byte more.
 * It runs before msgpackr, whose extension types (classes, regular expressions, cyclic references) and
 * preallocation for announced lengths are then out of a sender's reach.
 */
export interface ScanLimits {
  /** Nesting of maps and arrays. */
  maxDepth: number;
  /** Values in all, map keys included. */
  maxValues: number;
}

export function isPlainMsgpack(bytes: Uint8Array, limits: ScanLimits): boolean {
  const end = bytes.length;
  let position = 0;
  let budget = limits.maxValues;
  // Values still to come in each open container, and whether it is a map (then keys and values alternate).
  const remaining: number[] = [1];
  const isMap: boolean[] = [false];

  while (remaining.length > 0) {
    const top = remaining.length - 1;
    if (remaining[top] === 0) {
      remaining.pop();
      isMap.pop();
      continue;
    }
    if (position >= end || budget-- <= 0) return false;
    const expectKey = isMap[top] && remaining[top] % 2 === 0;
    remaining[top]--;

    const type = bytes[position++];
    const lengthBytes = lengthFieldSize(type);
    if (lengthBytes < 0 || position + lengthBytes > end) return false;
    let length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + bytes[position++];

    const isString = (type >= 0xa0 && type <= 0xbf) || (type >= 0xd9 && type <= 0xdb);
    if (expectKey && !isString) return false;
    if (isString) {
      position += type <= 0xbf ? type & 0x1f : length;
    } else if (type >= 0x80 && type <= 0x9f) {
      open(type & 0x0f, type < 0x90);
    } else if (type >= 0xdc && type <= 0xdf) {
      open(length, type >= 0xde);
    } else {
      position += scalarSize(type);
    }
    // Every entry takes at least one byte, so an announced length beyond the bytes left is a lie.
    if (position > end || remaining[remaining.length - 1] > end - position) return false;
    if (remaining.length - 1 > limits.maxDepth) return false;
  }
  return position === end;

  function open(entries: number, map: boolean): void {
    remaining.push(map ? entries * 2 : entries);
    isMap.push(map);
  }
}

/** Bytes of the length field behind the type byte, or -1 for types that the protocol does not use. */
function lengthFieldSize(type: number): number {
  if (type <= 0xc0 || type >= 0xe0) return 0; // fixints, fixmap, fixarray, fixstr, nil
  if (type === 0xc2 || type === 0xc3) return 0; // booleans
  if (type >= 0xca && type <= 0xd3) return 0; // floats and integers
  if (type === 0xd9) return 1;
  if (type === 0xda || type === 0xdc || type === 0xde) return 2;
  if (type === 0xdb || type === 0xdd || type === 0xdf) return 4;
  return -1; // reserved, bin, ext, fixext
}

const SCALAR_SIZES = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8]; // 0xca (float 32) to 0xd3 (int 64)

function scalarSize(type: number): number {
  return type >= 0xca && type <= 0xd3 ? SCALAR_SIZES[type - 0xca] : 0;
}
