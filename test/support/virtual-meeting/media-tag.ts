import { readU32, writeU32 } from '#src/rtp/bytes.js';

/** What each payload of a simulated stream says of itself in its last bytes, so that a viewer knows what it was given. */
export interface MediaTag {
  /** Encoding of simulcast, spatial layer of SVC. */
  layer: number;
  /** Of this layer, counted from 0 since it was published. */
  frame: number;
  index: number;
  count: number;
}

export const TAG_BYTES = 7;

export function writeTag(payload: Uint8Array, { layer, frame, index, count }: MediaTag): void {
  const at = payload.length - TAG_BYTES;
  payload[at] = layer;
  writeU32(payload, at + 1, frame);
  payload[at + 5] = index;
  payload[at + 6] = count;
}

export function readTag(payload: Uint8Array): MediaTag {
  const at = payload.length - TAG_BYTES;
  return {
    layer: payload[at],
    frame: readU32(payload, at + 1),
    index: payload[at + 5],
    count: payload[at + 6],
  };
}
