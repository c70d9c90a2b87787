/** Frames to plain values and back, for both subprotocols. */
import { Packr } from 'msgpackr';
import { isPlainMsgpack } from './msgpack-scan.js';
import { type Subprotocol, SUBPROTOCOL_MSGPACK } from './protocol.js';

export interface DecodeLimits {
  maxDepth: number;
  maxValues: number;
}

/** What a server accepts: the largest honest message is `produce` or `join` with some 600 values, 7 deep. */
export const SERVER_DECODE_LIMITS: DecodeLimits = { maxDepth: 12, maxValues: 8_000 };
/** What a client accepts: one `newConsumers` may describe many streams. */
export const CLIENT_DECODE_LIMITS: DecodeLimits = { maxDepth: 16, maxValues: 400_000 };

export type Decoded = { ok: true; value: unknown } | { ok: false; message: string };

/** `undefined` fields are left out in both encodings. */
export function encodeFrame(protocol: Subprotocol, message: object): Uint8Array | string {
  return protocol === SUBPROTOCOL_MSGPACK ? packr.pack(message) : JSON.stringify(message);
}

/** Never throws. A binary frame is bytes, a text frame a string; each subprotocol allows only its own form. */
export function decodeFrame(
  protocol: Subprotocol,
  frame: Uint8Array | string,
  limits: DecodeLimits,
): Decoded {
  if (protocol === SUBPROTOCOL_MSGPACK) {
    if (typeof frame === 'string') return refuse(`${protocol} messages must be binary frames`);
    return decodeMsgpack(frame, limits);
  }
  if (typeof frame !== 'string') return refuse(`${protocol} messages must be text frames`);
  return decodeJson(frame, limits);
}

function decodeMsgpack(bytes: Uint8Array, limits: DecodeLimits): Decoded {
  if (!isPlainMsgpack(bytes, limits)) {
    return refuse(
      'not one plain MessagePack value (maps with string keys, arrays, strings, numbers, booleans, nil)',
    );
  }
  try {
    return { ok: true, value: packr.unpack(bytes) as unknown };
  } catch {
    return refuse('not valid MessagePack');
  }
}

function decodeJson(text: string, limits: DecodeLimits): Decoded {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse('not valid JSON');
  }
  const budget = { values: limits.maxValues };
  return fits(value, limits.maxDepth, budget)
    ? { ok: true, value }
    : refuse('nested too deep or too many values');
}

function fits(value: unknown, depth: number, budget: { values: number }): boolean {
  if (budget.values-- <= 0) return false;
  if (typeof value !== 'object' || value === null) return true;
  if (depth === 0) return false;
  for (const entry of Object.values(value)) {
    if (!fits(entry, depth - 1, budget)) return false;
  }
  return true;
}

function refuse(message: string): Decoded {
  return { ok: false, message };
}

const options = {
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  encodeUndefinedAsNil: true,
  skipValues: [undefined],
  int64AsType: 'number' as const,
};
const packr = new Packr(options);
