/**
 * Extended reports (RFC 3611), the two blocks with which a receiver that sends no media measures its round
 * trip: receiver reference time (RRTR) and its answer (DLRR). Hot path: allocates nothing.
 */
import { readU16, readU32, writeU16, writeU32 } from '../bytes.js';
import { isPacket, writeHeader } from './packet-header.js';
import { RtcpType } from './rtcp-reader.js';

export const XrBlockType = { Rrtr: 4, Dlrr: 5 } as const;

const FIXED_LENGTH = 8;
const BLOCK_HEADER_LENGTH = 4;
const RRTR_LENGTH = BLOCK_HEADER_LENGTH + 8;
const DLRR_ITEM_LENGTH = 12;
const NO_BYTES = new Uint8Array(0);

/** RFC 3611 4.5. */
export class DlrrItem {
  /** The receiver that is answered. */
  ssrc = 0;
  /** Middle 32 bits of the NTP time of its last RRTR, 0 if none came. */
  lastReceiverReport = 0;
  /** In 1/65536 s. */
  delaySinceLastReceiverReport = 0;
}

/** `parse`, then `next` for each block until it is false. */
export class ExtendedReport {
  /** Of the sender of the packet. */
  ssrc = 0;
  /** Of the current block. */
  blockType = 0;
  /** RRTR: NTP time of the sender. */
  ntpSeconds = 0;
  ntpFraction = 0;
  /** DLRR: items for `readDlrrItem`; 0 in any other block. */
  dlrrItemCount = 0;
  private bytes: Uint8Array = NO_BYTES;
  private block = 0;
  private at = 0;
  private end = 0;

  /** Checks the length of every block. */
  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.at = this.end = 0;
    this.dlrrItemCount = 0;
    if (!isPacket(bytes, offset, length, RtcpType.XR, FIXED_LENGTH)) return false;
    const end = offset + length;
    for (let at = offset + FIXED_LENGTH; at < end;) {
      if (at + BLOCK_HEADER_LENGTH > end) return false;
      const blockEnd = at + BLOCK_HEADER_LENGTH + readU16(bytes, at + 2) * 4;
      if (blockEnd > end) return false;
      if (bytes[at] === XrBlockType.Rrtr && blockEnd - at < RRTR_LENGTH) return false;
      at = blockEnd;
    }
    this.ssrc = readU32(bytes, offset + 4);
    this.bytes = bytes;
    this.at = offset + FIXED_LENGTH;
    this.end = end;
    return true;
  }

  next(): boolean {
    this.dlrrItemCount = 0;
    if (this.at >= this.end) return false;
    const bytes = this.bytes;
    const length = readU16(bytes, this.at + 2) * 4;
    this.blockType = bytes[this.at];
    this.block = this.at + BLOCK_HEADER_LENGTH;
    this.at = this.block + length;
    if (this.blockType === XrBlockType.Rrtr) {
      this.ntpSeconds = readU32(bytes, this.block);
      this.ntpFraction = readU32(bytes, this.block + 4);
    } else if (this.blockType === XrBlockType.Dlrr) {
      this.dlrrItemCount = Math.floor(length / DLRR_ITEM_LENGTH);
    }
    return true;
  }

  /** False when there is no item `index` in the current block. */
  readDlrrItem(index: number, into: DlrrItem): boolean {
    if (index < 0 || index >= this.dlrrItemCount) return false;
    const at = this.block + index * DLRR_ITEM_LENGTH;
    into.ssrc = readU32(this.bytes, at);
    into.lastReceiverReport = readU32(this.bytes, at + 4);
    into.delaySinceLastReceiverReport = readU32(this.bytes, at + 8);
    return true;
  }
}

/** The new end offset, or -1 when it does not fit. */
export function writeReceiverReferenceTime(
  out: Uint8Array,
  offset: number,
  ssrc: number,
  ntpSeconds: number,
  ntpFraction: number,
): number {
  const length = FIXED_LENGTH + RRTR_LENGTH;
  if (offset + length > out.length) return -1;
  writeHeader(out, offset, RtcpType.XR, 0, length);
  writeU32(out, offset + 4, ssrc);
  writeBlockHeader(out, offset + FIXED_LENGTH, XrBlockType.Rrtr, RRTR_LENGTH);
  writeU32(out, offset + 12, ntpSeconds);
  writeU32(out, offset + 16, ntpFraction);
  return offset + length;
}

/** The new end offset, or -1 when it does not fit. */
export function writeDlrr(
  out: Uint8Array,
  offset: number,
  ssrc: number,
  items: readonly Readonly<DlrrItem>[],
  itemCount = items.length,
): number {
  const blockLength = BLOCK_HEADER_LENGTH + itemCount * DLRR_ITEM_LENGTH;
  const length = FIXED_LENGTH + blockLength;
  if (offset + length > out.length) return -1;
  writeHeader(out, offset, RtcpType.XR, 0, length);
  writeU32(out, offset + 4, ssrc);
  writeBlockHeader(out, offset + FIXED_LENGTH, XrBlockType.Dlrr, blockLength);
  let at = offset + FIXED_LENGTH + BLOCK_HEADER_LENGTH;
  for (let i = 0; i < itemCount; i++, at += DLRR_ITEM_LENGTH) {
    writeU32(out, at, items[i].ssrc);
    writeU32(out, at + 4, items[i].lastReceiverReport);
    writeU32(out, at + 8, items[i].delaySinceLastReceiverReport);
  }
  return at;
}

function writeBlockHeader(out: Uint8Array, offset: number, blockType: number, length: number): void {
  out[offset] = blockType;
  out[offset + 1] = 0;
  writeU16(out, offset + 2, (length >> 2) - 1);
}
