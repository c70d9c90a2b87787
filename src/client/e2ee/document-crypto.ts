/**
 * A document, sealed in pieces under a key of its own (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizar,
 * 2015): no piece can be changed, moved, left out or added, and the end cannot be cut off.
 *   version (1) | prefix (7) | pieces of 64 KiB, the last one shorter, each with its GCM tag (16)
 *   nonce of a piece: prefix (7) | index (4) | 1 for the last piece, else 0 (1)
 */
import { SignallingError } from '../signalling-error.js';
import { type Bytes, concat, fromBase64, toBase64, u32, utf8 } from './bytes.js';
import { AES, TAG_LENGTH } from './room-secret.js';

export const PIECE_LENGTH = 64 * 1024;

const VERSION = 1;
const PREFIX_LENGTH = 7;
const HEADER_LENGTH = 1 + PREFIX_LENGTH;

/** Of plain bytes done, and all of them. */
export type Progress = (done: number, total: number) => void;

/** 32 bytes in base64, to be sent in an encrypted message. A new one for each document. */
export function createDocumentKey(): string {
  return toBase64(crypto.getRandomValues(new Uint8Array(AES.length / 8)));
}

export function sealedLength(plainLength: number): number {
  return HEADER_LENGTH + plainLength + pieces(plainLength) * TAG_LENGTH;
}

export async function sealDocument(
  document: Blob,
  key: string,
  progress: Progress = () => {},
): Promise<Blob> {
  const aes = await importKey(key, 'encrypt');
  const prefix = crypto.getRandomValues(new Uint8Array(PREFIX_LENGTH));
  const parts: Bytes[] = [concat(Uint8Array.of(VERSION), prefix)];
  const count = pieces(document.size);
  for (let index = 0; index < count; index++) {
    const plain = await document.slice(index * PIECE_LENGTH, (index + 1) * PIECE_LENGTH).arrayBuffer();
    const sealed = await crypto.subtle.encrypt(parameters(prefix, index, index === count - 1), aes, plain);
    parts.push(new Uint8Array(sealed));
    progress(Math.min(document.size, (index + 1) * PIECE_LENGTH), document.size);
  }
  return new Blob(parts);
}

/** Rejects with `document-damaged` when any of it was changed, is missing, or was sealed with another key. `type`: MIME type of the result. */
export async function openDocument(
  sealed: Blob,
  key: string,
  { type = 'application/octet-stream', progress = () => {} }: { type?: string; progress?: Progress } = {},
): Promise<Blob> {
  const aes = await importKey(key, 'decrypt');
  const header = new Uint8Array(await sealed.slice(0, HEADER_LENGTH).arrayBuffer());
  const length = sealed.size - HEADER_LENGTH;
  if (header[0] !== VERSION || length < TAG_LENGTH) throw damaged('it is no sealed document');
  const step = PIECE_LENGTH + TAG_LENGTH;
  const count = Math.ceil(length / step);
  const total = length - count * TAG_LENGTH;
  const parts: ArrayBuffer[] = [];
  for (let index = 0; index < count; index++) {
    const at = HEADER_LENGTH + index * step;
    const piece = await sealed.slice(at, at + step).arrayBuffer();
    const gcm = parameters(header.subarray(1), index, index === count - 1);
    try {
      parts.push(await crypto.subtle.decrypt(gcm, aes, piece));
    } catch {
      throw damaged(`its piece ${index + 1} of ${count} does not open`);
    }
    progress(Math.min(total, (index + 1) * PIECE_LENGTH), total);
  }
  return new Blob(parts, { type });
}

function damaged(why: string): SignallingError {
  return new SignallingError('document-damaged', `the document cannot be opened: ${why}`);
}

/** An empty document is one empty piece. */
function pieces(plainLength: number): number {
  return Math.max(1, Math.ceil(plainLength / PIECE_LENGTH));
}

function parameters(prefix: Uint8Array, index: number, last: boolean): AesGcmParams {
  return {
    name: 'AES-GCM',
    iv: concat(prefix, u32(index), Uint8Array.of(last ? 1 : 0)),
    additionalData: utf8('sluss e2ee 1 document'),
  };
}

async function importKey(key: string, usage: KeyUsage): Promise<CryptoKey> {
  const raw = fromBase64(key);
  if (raw?.length !== AES.length / 8) throw damaged('this is not the key of a document');
  return crypto.subtle.importKey('raw', raw, AES.name, false, [usage]);
}
