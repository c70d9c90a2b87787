/** Looking for what must be nowhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A personal number in all the ways in which people and programs write it. */
export function waysToWrite(number: string): string[] {
  const [birthday, last] = [number.slice(0, 8), number.slice(8)];
  // The ten digits are found in the twelve, too.
  return [number.slice(2), `${birthday.slice(2)}-${last}`, `${birthday.slice(2)}+${last}`];
}

/** Where any of these words stands, as `place: word`; words are looked for byte by byte. */
export function findWords(places: ReadonlyMap<string, Buffer>, words: readonly string[]): string[] {
  return [...places].flatMap(([place, bytes]) =>
    words.filter((word) => bytes.includes(word)).map((word) => `${place}: ${word}`),
  );
}

/** Every file below a folder. */
export function filesBelow(folder: string): Map<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name))]),
  );
}
