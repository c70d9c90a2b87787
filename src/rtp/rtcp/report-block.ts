/**
 * Report block of a sender or receiver report (RFC 3550 6.4.1). Hot path: allocates nothing.
 */
import { readS24, readU32, writeU24, writeU32 } from '../bytes.js';

export const REPORT_BLOCK_LENGTH = 24;

export class ReportBlock {
  /** The stream that the block is about. */
  ssrc = 0;
  /** Since the last report, in 1/256. */
  fractionLost = 0;
  /** Signed 24-bit: duplicates make it negative. */
  cumulativeLost = 0;
  /** Extended: wrap count in the high half. */
  highestSequence = 0;
  /** In units of the stream's clock. */
  jitter = 0;
  /** Middle 32 bits of the NTP time of the last sender report, 0 if none came. */
  lastSenderReport = 0;
  /** In 1/65536 s. */
  delaySinceLastSenderReport = 0;
}

/** The caller has checked that 24 bytes are there. */
export function readReportBlockAt(bytes: Uint8Array, offset: number, into: ReportBlock): void {
  into.ssrc = readU32(bytes, offset);
  into.fractionLost = bytes[offset + 4];
  into.cumulativeLost = readS24(bytes, offset + 5);
  into.highestSequence = readU32(bytes, offset + 8);
  into.jitter = readU32(bytes, offset + 12);
  into.lastSenderReport = readU32(bytes, offset + 16);
  into.delaySinceLastSenderReport = readU32(bytes, offset + 20);
}

/** Values beyond the range of cumulative loss are held at its ends, as RFC 3550 A.3 asks. */
export function writeReportBlockAt(out: Uint8Array, offset: number, block: Readonly<ReportBlock>): number {
  writeU32(out, offset, block.ssrc);
  out[offset + 4] = block.fractionLost;
  writeU24(out, offset + 5, Math.max(-0x800000, Math.min(0x7fffff, block.cumulativeLost)));
  writeU32(out, offset + 8, block.highestSequence);
  writeU32(out, offset + 12, block.jitter);
  writeU32(out, offset + 16, block.lastSenderReport);
  writeU32(out, offset + 20, block.delaySinceLastSenderReport);
  return offset + REPORT_BLOCK_LENGTH;
}
