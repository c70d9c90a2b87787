/** Where the page is: the start page, or one room under /m/<room>. */
export type Route = { page: 'start' } | { page: 'room'; room: string };

const ROOM_PREFIX = '/m/';
const MAX_ROOM_LENGTH = 64;

/** Reads the room from the path; a room after `#` works as well, for links typed by hand. */
export function parseRoute(path: string, hash: string): Route {
  const encoded = path.startsWith(ROOM_PREFIX) ? path.slice(ROOM_PREFIX.length) : hash.replace(/^#/, '');
  const room = normalizeRoom(decode(encoded));
  return room === '' ? { page: 'start' } : { page: 'room', room };
}

export function roomPath(room: string): string {
  return ROOM_PREFIX + encodeURIComponent(room);
}

/** Makes what a person typed (or pasted as a link) into a room name; '' when nothing usable is left. */
export function normalizeRoom(typed: string): string {
  const afterPrefix = typed.includes(ROOM_PREFIX)
    ? typed.slice(typed.indexOf(ROOM_PREFIX) + ROOM_PREFIX.length)
    : typed;
  return afterPrefix
    .trim()
    .toLowerCase()
    .replace(/\s+/g, '-')
    .replace(/[^\p{L}\p{N}._-]/gu, '')
    .slice(0, MAX_ROOM_LENGTH);
}

/** A room name nobody guesses: 12 letters of an alphabet of 32, 60 bits. */
export function randomRoom(random: Uint8Array = crypto.getRandomValues(new Uint8Array(12))): string {
  // No l, o, 0 and 1: the name is also read out on the telephone.
  const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
  const letters = Array.from(random, (byte) => alphabet[byte & 31]);
  return [letters.slice(0, 4), letters.slice(4, 8), letters.slice(8, 12)]
    .map((part) => part.join(''))
    .join('-');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
