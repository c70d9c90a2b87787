import type { ShownTrack } from './participant.js';

/**
 * A User Timing entry, seen in the browser's performance panel: from the call of consume() to the first picture on the
 * screen, the connection of the transport included.
 */
export const FIRST_FRAME = 'meeting:first-frame';

export function measureFirstFrame({ id, consumedAt }: Pick<ShownTrack, 'id' | 'consumedAt'>): void {
  performance.measure(FIRST_FRAME, { start: consumedAt, detail: { trackId: id } });
}
