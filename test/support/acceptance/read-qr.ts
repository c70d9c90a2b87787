/**
 * Reads a QR code (ISO/IEC 18004) as a phone does once its camera has found the modules: undamaged, so without error
 * correction. Versions 1 to 40, segments of digits, capitals and bytes.
 */
import { createRequire } from 'node:module';

/** From the top left module of the code; true is dark. */
export type Modules = readonly (readonly boolean[])[];

const require = createRequire(import.meta.url);
const { getPositions } = require('qrcode/lib/core/alignment-pattern.js') as {
  getPositions: (version: number) => [row: number, column: number][];
};
const { getSymbolTotalCodewords } = require('qrcode/lib/core/utils.js') as {
  getSymbolTotalCodewords: (version: number) => number;
};
interface Level {
  bit: number;
}
const levels = require('qrcode/lib/core/error-correction-level.js') as Record<'L' | 'M' | 'Q' | 'H', Level>;
const blocks = require('qrcode/lib/core/error-correction-code.js') as {
  getBlocksCount(version: number, level: Level): number;
  getTotalCodewordsCount(version: number, level: Level): number;
};

const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];
const CAPITALS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** Throws when the picture holds no code. */
export function readQr(modules: Modules): string {
  const size = modules.length;
  const version = (size - 17) / 4;
  if (!Number.isInteger(version) || version < 1 || version > 40)
    throw new Error(`no QR code: ${size} modules`);
  const { level, mask } = readFormat(modules);
  const codewords = readCodewords(modules, version, MASKS[mask]);
  return readSegments(withoutCorrection(codewords, version, level), version);
}

/** Beside the first finder: two bits for the level, three for the mask, ten that protect them. */
function readFormat(modules: Modules): { level: Level; mask: number } {
  let bits = 0;
  for (const column of [0, 1, 2, 3, 4, 5, 7, 8]) bits = (bits << 1) | Number(modules[8][column]);
  for (const row of [7, 5, 4, 3, 2, 1, 0]) bits = (bits << 1) | Number(modules[row][8]);
  const format = (bits ^ 0b101010000010010) >> 10;
  const level = [levels.M, levels.L, levels.H, levels.Q][format >> 3];
  return { level, mask: format & 7 };
}

/** From the right in columns of two, up and down by turns, round everything that is no data. */
function readCodewords(
  modules: Modules,
  version: number,
  isInverted: (row: number, column: number) => boolean,
): number[] {
  const size = modules.length;
  const isReserved = reserved(version, size);
  const bits: boolean[] = [];
  let upwards = true;
  for (let right = size - 1; right > 0; right -= 2) {
    // The timing column is passed over.
    if (right === 6) right--;
    for (let step = 0; step < size; step++) {
      const row = upwards ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (!isReserved(row, column)) bits.push(modules[row][column] !== isInverted(row, column));
      }
    }
    upwards = !upwards;
  }
  return Array.from({ length: getSymbolTotalCodewords(version) }, (_, index) =>
    bits.slice(8 * index, 8 * index + 8).reduce((byte, bit) => (byte << 1) | Number(bit), 0),
  );
}

function reserved(version: number, size: number): (row: number, column: number) => boolean {
  const alignments = getPositions(version);
  return (row, column) => {
    const nearTop = row < 9;
    const nearLeft = column < 9;
    if ((nearTop && nearLeft) || (nearTop && column >= size - 8) || (row >= size - 8 && nearLeft))
      return true;
    if (row === 6 || column === 6) return true;
    if (version >= 7 && ((row < 6 && column >= size - 11) || (column < 6 && row >= size - 11))) return true;
    return alignments.some(([y, x]) => Math.abs(row - y) <= 2 && Math.abs(column - x) <= 2);
  };
}

/** The data stands first, a codeword of each block by turns; the last blocks may be one longer. */
function withoutCorrection(codewords: readonly number[], version: number, level: Level): number[] {
  const count = blocks.getBlocksCount(version, level);
  const total = codewords.length - blocks.getTotalCodewordsCount(version, level);
  const short = Math.floor(total / count);
  const longer = total % count;
  const data: number[][] = Array.from({ length: count }, () => []);
  let at = 0;
  for (let index = 0; index <= short; index++) {
    for (let block = 0; block < count; block++) {
      if (index < short || block >= count - longer) data[block].push(codewords[at++]);
    }
  }
  return data.flat();
}

function readSegments(data: readonly number[], version: number): string {
  let at = 0;
  const take = (count: number): number => {
    let value = 0;
    for (; count > 0; count--, at++) value = (value << 1) | ((data[at >> 3] >> (7 - (at & 7))) & 1);
    return value;
  };
  const size = version < 10 ? 0 : version < 27 ? 1 : 2;
  const bytes: number[] = [];
  const push = (text: string): void => void bytes.push(...Buffer.from(text));
  while (at + 4 <= 8 * data.length) {
    const mode = take(4);
    if (mode === 0) break;
    if (mode === 1) {
      for (let left = take([10, 12, 14][size]); left > 0; left -= 3) {
        const digits = Math.min(3, left);
        push(String(take([0, 4, 7, 10][digits])).padStart(digits, '0'));
      }
    } else if (mode === 2) {
      let left = take([9, 11, 13][size]);
      for (; left > 1; left -= 2) {
        const pair = take(11);
        push(CAPITALS[Math.floor(pair / 45)] + CAPITALS[pair % 45]);
      }
      if (left === 1) push(CAPITALS[take(6)]);
    } else if (mode === 4) {
      for (let left = take([8, 16, 16][size]); left > 0; left--) bytes.push(take(8));
    } else throw new Error(`a QR code with a segment of mode ${mode}`);
  }
  return Buffer.from(bytes).toString();
}
