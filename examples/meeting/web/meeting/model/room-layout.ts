import { fitGrid } from './grid-layout.js';

/** CSS pixels, whole, from the upper left corner of the room. */
export interface Place {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface RoomWish {
  width: number;
  height: number;
  /** Somebody shares a screen. */
  screen: boolean;
  /** How many are to be large. */
  large: number;
  /** How many there are besides. */
  small: number;
}

export interface RoomLayout {
  screen: Place | null;
  large: Place[];
  /** Fewer than wished for when there is no room for more. */
  small: Place[];
}

const GAP = 8;
/** A face narrower than this tells nothing. */
const SMALLEST = 104;
/** Above this a picture beside a large one takes the large one's room. */
const LARGEST_BESIDE = 240;
/** Of the large place, for the shared screen when somebody is pinned beside it: an interpreter must stay readable. */
const SCREEN_SHARE = 0.64;
const WIDE = 16 / 9;
/** On tall screens squarer tiles leave less of the room empty. */
const TALL = 4 / 3;

/** Where everything goes: equal tiles, or what is large with the others in a row beside or below it. */
export function layRoom(wish: RoomWish): RoomLayout {
  const { width, height, screen, large, small } = wish;
  const room: Place = { left: 0, top: 0, width, height };
  if (width <= 0 || height <= 0) {
    const nothing = { left: 0, top: 0, width: 0, height: 0 };
    return { screen: screen ? nothing : null, large: Array<Place>(large).fill(nothing), small: [] };
  }
  if (!screen && large === 0) return { screen: null, large: [], small: grid(room, mostTiles(room, small)) };
  const { stage, row } = split(room, small);
  const { shared, people } = divide(stage, screen, large);
  return { screen: shared, large: people === null ? [] : grid(people, large), small: row };
}

function ratioOf({ width, height }: Place): number {
  return width < 600 && height > width ? TALL : WIDE;
}

/** Of so many those that are still large enough. */
function mostTiles(room: Place, count: number): number {
  let most = count;
  while (most > 1 && fitGrid(most, room.width, room.height, GAP, ratioOf(room)).tileWidth < SMALLEST) most--;
  return most;
}

/** Equal tiles in rows, each row in the middle. */
function grid(room: Place, count: number): Place[] {
  const { columns, tileWidth, tileHeight } = fitGrid(count, room.width, room.height, GAP, ratioOf(room));
  const rows = Math.ceil(count / columns);
  const top = room.top + Math.floor((room.height - rows * tileHeight - (rows - 1) * GAP) / 2);
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = room.left + Math.floor((room.width - inRow * tileWidth - (inRow - 1) * GAP) / 2);
    return {
      left: left + (index % columns) * (tileWidth + GAP),
      top: top + row * (tileHeight + GAP),
      width: tileWidth,
      height: tileHeight,
    };
  });
}

/** A large place, and a row of small tiles beside it (wide rooms) or below it (tall ones). */
function split(room: Place, count: number): { stage: Place; row: Place[] } {
  if (count === 0) return { stage: room, row: [] };
  const beside = room.width > room.height * 1.1;
  const along = beside ? room.height : room.width;
  const wanted = beside ? Math.round(room.width * 0.2) : Math.round(room.width * 0.31);
  const width = Math.min(LARGEST_BESIDE, Math.max(SMALLEST, wanted));
  const height = Math.round(width / WIDE);
  const step = (beside ? height : width) + GAP;
  const fitting = Math.max(1, Math.min(count, Math.floor((along + GAP) / step)));
  const start = Math.max(0, Math.floor((along - fitting * step + GAP) / 2));
  const row = Array.from({ length: fitting }, (_, index) => ({
    left: beside ? room.width - width : start + index * step,
    top: beside ? start + index * step : room.height - height,
    width,
    height,
  }));
  const stage = beside
    ? { ...room, width: Math.max(0, room.width - width - GAP) }
    : { ...room, height: Math.max(0, room.height - height - GAP) };
  return { stage, row };
}

function divide(
  stage: Place,
  screen: boolean,
  large: number,
): { shared: Place | null; people: Place | null } {
  if (!screen) return { shared: null, people: stage };
  if (large === 0) return { shared: stage, people: null };
  const { left, top, width, height } = stage;
  if (width > height * 1.1) {
    const part = Math.floor((width - GAP) * SCREEN_SHARE);
    return {
      shared: { left, top, width: part, height },
      people: { left: left + part + GAP, top, width: width - part - GAP, height },
    };
  }
  const part = Math.floor((height - GAP) * SCREEN_SHARE);
  return {
    shared: { left, top, width, height: part },
    people: { left, top: top + part + GAP, width, height: height - part - GAP },
  };
}

/** Which of `count` get the `places`, in order: the first ones, and in the last place whoever must be seen. */
export function fillPlaces(count: number, places: number, wanted: number): number[] {
  const first = Array.from({ length: Math.min(count, places) }, (_, index) => index);
  if (wanted >= first.length && wanted < count && first.length > 0) first[first.length - 1] = wanted;
  return first;
}

/** For an element's style. */
export function styleOf({ left, top, width, height }: Place): Record<string, string> {
  return { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` };
}
