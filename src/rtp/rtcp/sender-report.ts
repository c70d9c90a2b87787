/**
 * Sender report (RFC 3550 6.4.1). Hot path: allocates nothing.
 */
import { readU32, writeU32 } from '../bytes.js';
import { isPacket, MAX_COUNT, writeHeader } from './packet-header.js';
import {
  readReportBlockAt,
  REPORT_BLOCK_LENGTH,
  type ReportBlock,
  writeReportBlockAt,
} from './report-block.js';
import { RtcpType } from './rtcp-reader.js';

const FIXED_LENGTH = 28;
const NO_BYTES = new Uint8Array(0);
const NO_BLOCKS: readonly ReportBlock[] = [];

export interface SenderInfo {
  ssrc: number;
  /** Seconds since 1900. */
  ntpSeconds: number;
  /** In 2^-32 s. */
  ntpFraction: number;
  /** The same moment on the stream's clock. */
  rtpTimestamp: number;
  packetCount: number;
  /** Payload bytes, without headers and padding. */
  octetCount: number;
}

export class SenderReport implements SenderInfo {
  ssrc = 0;
  ntpSeconds = 0;
  ntpFraction = 0;
  rtpTimestamp = 0;
  packetCount = 0;
  octetCount = 0;
  reportBlockCount = 0;
  private bytes: Uint8Array = NO_BYTES;
  private blocks = 0;

  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.reportBlockCount = 0;
    if (!isPacket(bytes, offset, length, RtcpType.SR, FIXED_LENGTH)) return false;
    const count = bytes[offset] & 0x1f;
    if (FIXED_LENGTH + count * REPORT_BLOCK_LENGTH > length) return false;
    this.ssrc = readU32(bytes, offset + 4);
    this.ntpSeconds = readU32(bytes, offset + 8);
    this.ntpFraction = readU32(bytes, offset + 12);
    this.rtpTimestamp = readU32(bytes, offset + 16);
    this.packetCount = readU32(bytes, offset + 20);
    this.octetCount = readU32(bytes, offset + 24);
    this.reportBlockCount = count;
    this.bytes = bytes;
    this.blocks = offset + FIXED_LENGTH;
    return true;
  }

  /** False when there is no block `index`. */
  readReportBlock(index: number, into: ReportBlock): boolean {
    if (index < 0 || index >= this.reportBlockCount) return false;
    readReportBlockAt(this.bytes, this.blocks + index * REPORT_BLOCK_LENGTH, into);
    return true;
  }
}

/** At most 31 blocks. The new end offset, or -1 when it does not fit. */
export function writeSenderReport(
  out: Uint8Array,
  offset: number,
  info: Readonly<SenderInfo>,
  blocks: readonly ReportBlock[] = NO_BLOCKS,
  blockCount = blocks.length,
): number {
  const length = FIXED_LENGTH + blockCount * REPORT_BLOCK_LENGTH;
  if (blockCount > MAX_COUNT || offset + length > out.length) return -1;
  writeHeader(out, offset, RtcpType.SR, blockCount, length);
  writeU32(out, offset + 4, info.ssrc);
  writeU32(out, offset + 8, info.ntpSeconds);
  writeU32(out, offset + 12, info.ntpFraction);
  writeU32(out, offset + 16, info.rtpTimestamp);
  writeU32(out, offset + 20, info.packetCount);
  writeU32(out, offset + 24, info.octetCount);
  let end = offset + FIXED_LENGTH;
  for (let i = 0; i < blockCount; i++) end = writeReportBlockAt(out, end, blocks[i]);
  return end;
}
