/**
 * One encoded frame, sealed and opened. docs/e2ee.md has the format byte by byte:
 *   clear bytes | ciphertext | GCM tag (16) | trailer (11)
 * and in the trailer: clear length (1), source (1), counter (4), key id (4), format (1). Everything clear is
 * authenticated, but for what stands before the first slice of H.264.
 */
import { type Bytes, concat, readU32, u32 } from './bytes.js';
import { clearLength, type EncryptedCodec } from './clear-bytes.js';
import { firstSlice, preventEmulation, undoPrevention } from './nal-units.js';
import { TAG_LENGTH } from './room-secret.js';

export const TRAILER_LENGTH = 11;

/** Bytes that a sealed frame has more, before emulation prevention. */
export const FRAME_OVERHEAD = TAG_LENGTH + TRAILER_LENGTH;

/** The last byte; never 0, which H.264 parsers cut off. */
const PLAIN = 1;
const NAL_UNITS = 2;

const NOTHING = new Uint8Array();

/** Frames under one key and source; then a new epoch is due. */
export const MAX_COUNTER = 2 ** 32 - 1;

export interface FrameTrailer {
  clear: number;
  /** Which of its sender's streams: 0-255. All encodings of a simulcast stream share it, and its counter. */
  source: number;
  counter: number;
  keyId: number;
  format: number;
}

/** What a sealed frame is split into before it is opened. */
export interface SealedFrame extends FrameTrailer {
  /** Before the first slice of H.264; else empty. */
  head: Uint8Array;
  clearBytes: Uint8Array;
  ciphertext: Bytes;
}

/** No counter may be used twice with one key and source. */
export async function sealFrame(
  key: CryptoKey,
  codec: EncryptedCodec,
  frame: Uint8Array,
  { source, counter, keyId }: Pick<FrameTrailer, 'source' | 'counter' | 'keyId'>,
): Promise<Bytes> {
  if (counter > MAX_COUNTER) throw new Error('the counter of this key is used up');
  const structured = codec === 'video/h264';
  const start = structured ? firstSlice(frame) : 0;
  if (start < 0) throw new Error('an H.264 frame without a slice');
  const body = frame.subarray(start);
  const clear = clearLength(codec, body);
  const trailer = { clear, source, counter, keyId, format: structured ? NAL_UNITS : PLAIN };
  const clearBytes = body.subarray(0, clear);
  const ciphertext = await crypto.subtle.encrypt(
    parameters(trailer, clearBytes),
    key,
    body.subarray(clear) as Bytes,
  );
  const sealed = concat(new Uint8Array(ciphertext), writeTrailer(trailer));
  const head = frame.subarray(0, start + clear);
  return concat(head, structured ? preventEmulation(clearBytes, sealed) : sealed);
}

/** Null: no frame of ours. Nothing of it is proven yet. */
export function splitFrame(frame: Uint8Array): SealedFrame | null {
  const format = frame[frame.length - 1];
  if (format !== PLAIN && format !== NAL_UNITS) return null;
  const start = format === NAL_UNITS ? firstSlice(frame) : 0;
  if (start < 0) return null;
  const raw = frame.subarray(start);
  let body = format === NAL_UNITS ? undoPrevention(NOTHING, raw) : raw;
  if (body.length < FRAME_OVERHEAD) return null;
  const clear = body[body.length - TRAILER_LENGTH];
  // The clear bytes were not escaped by us: they stay as they came.
  if (format === NAL_UNITS) {
    const clearBytes = raw.subarray(0, clear);
    body = concat(clearBytes, undoPrevention(clearBytes, raw.subarray(clear)));
  }
  const at = body.length - TRAILER_LENGTH;
  if (clear > body.length - FRAME_OVERHEAD) return null;
  return {
    clear,
    source: body[at + 1],
    counter: readU32(body, at + 2),
    keyId: readU32(body, at + 6),
    format,
    head: frame.subarray(0, start),
    clearBytes: body.subarray(0, clear),
    ciphertext: body.subarray(clear, at) as Bytes,
  };
}

/** Rejects when anything in it was changed, or the key is another. */
export async function openFrame(key: CryptoKey, sealed: SealedFrame): Promise<Bytes> {
  const plain = await crypto.subtle.decrypt(parameters(sealed, sealed.clearBytes), key, sealed.ciphertext);
  return concat(sealed.head, sealed.clearBytes, new Uint8Array(plain));
}

function parameters(trailer: FrameTrailer, clearBytes: Uint8Array): AesGcmParams {
  return {
    name: 'AES-GCM',
    iv: concat(u32(trailer.source), u32(0), u32(trailer.counter)),
    additionalData: concat(writeTrailer(trailer), clearBytes),
    tagLength: 8 * TAG_LENGTH,
  };
}

function writeTrailer({ clear, source, counter, keyId, format }: FrameTrailer): Bytes {
  return concat(Uint8Array.of(clear, source), u32(counter), u32(keyId), Uint8Array.of(format));
}
