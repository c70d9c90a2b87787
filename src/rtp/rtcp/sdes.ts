/**
 * Source description (RFC 3550 6.5), of which only the CNAME is read and written.
 * A few packets per second and receiver: walking and writing allocate nothing, `cname` makes a string.
 */
import { readU32, writeU32 } from '../bytes.js';
import { isPacket, MAX_COUNT, writeHeader } from './packet-header.js';
import { RtcpType } from './rtcp-reader.js';

const HEADER_LENGTH = 4;
const CNAME_ITEM = 1;
const MAX_ITEM_LENGTH = 255;
const NO_BYTES = new Uint8Array(0);
const decoder = new TextDecoder();

export interface SdesChunk {
  ssrc: number;
  /** At most 255 bytes of UTF-8. */
  cname: Uint8Array;
}

/** `parse`, then `next` for each chunk until it is false. */
export class Sdes {
  chunkCount = 0;
  /** Of the current chunk. */
  ssrc = 0;
  cnameOffset = 0;
  /** 0 when the chunk has no CNAME. */
  cnameLength = 0;
  private bytes: Uint8Array = NO_BYTES;
  private at = 0;
  private end = 0;
  private left = 0;

  /** Checks every chunk and item. */
  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.chunkCount = 0;
    this.left = 0;
    if (!isPacket(bytes, offset, length, RtcpType.SDES, HEADER_LENGTH)) return false;
    this.bytes = bytes;
    this.end = offset + length;
    const count = bytes[offset] & 0x1f;
    this.at = offset + HEADER_LENGTH;
    for (let i = 0; i < count; i++) if (!this.readChunk()) return false;
    this.at = offset + HEADER_LENGTH;
    this.chunkCount = count;
    this.left = count;
    return true;
  }

  next(): boolean {
    if (this.left === 0) return false;
    this.left--;
    return this.readChunk();
  }

  get cname(): string {
    return decoder.decode(this.bytes.subarray(this.cnameOffset, this.cnameOffset + this.cnameLength));
  }

  private readChunk(): boolean {
    const bytes = this.bytes;
    const start = this.at;
    // The SSRC and at least one zero byte, padded to a word.
    if (start + 8 > this.end) return false;
    this.ssrc = readU32(bytes, start);
    this.cnameOffset = start + 4;
    this.cnameLength = 0;
    let at = start + 4;
    while (at < this.end && bytes[at] !== 0) {
      if (at + 2 > this.end) return false;
      const itemLength = bytes[at + 1];
      if (at + 2 + itemLength > this.end) return false;
      if (bytes[at] === CNAME_ITEM) {
        this.cnameOffset = at + 2;
        this.cnameLength = itemLength;
      }
      at += 2 + itemLength;
    }
    // The list ends with one to four zero bytes, up to the next word counted from the chunk.
    this.at = start + ((at - start + 4) & ~3);
    return this.at <= this.end;
  }
}

/** One chunk each, at most 31. The new end offset, or -1 when it does not fit or a CNAME is too long. */
export function writeSdes(out: Uint8Array, offset: number, chunks: readonly Readonly<SdesChunk>[]): number {
  if (chunks.length > MAX_COUNT) return -1;
  let at = offset + HEADER_LENGTH;
  for (const chunk of chunks) {
    const { cname } = chunk;
    const end = at + ((4 + 2 + cname.length + 4) & ~3);
    if (cname.length > MAX_ITEM_LENGTH || end > out.length) return -1;
    writeU32(out, at, chunk.ssrc);
    out[at + 4] = CNAME_ITEM;
    out[at + 5] = cname.length;
    out.set(cname, at + 6);
    out.fill(0, at + 6 + cname.length, end);
    at = end;
  }
  if (at > out.length) return -1;
  writeHeader(out, offset, RtcpType.SDES, chunks.length, at - offset);
  return at;
}
