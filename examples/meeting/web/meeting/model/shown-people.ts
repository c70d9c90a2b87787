import type { Participant } from './participant.js';

/** Tiles that still are large enough to make out a face; the same as the grid is tested for. */
export const MAX_TILES = 25;

/**
 * Who gets a tile beside one's own: everybody while there is room. Of more people those whom the server sends, which are
 * the last speakers, and those who are pinned.
 */
export function shownPeople(
  people: readonly Participant[],
  pinned: readonly string[],
): readonly Participant[] {
  if (people.length < MAX_TILES) return people;
  return people
    .filter((person) => person.received.value || pinned.includes(person.key))
    .slice(0, MAX_TILES - 1);
}
