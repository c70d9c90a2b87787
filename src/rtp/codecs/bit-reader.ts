/**
 * Reads bits, most significant first, within a window. Hot path: allocates nothing.
 * Reading beyond the end gives zeros and sets `overrun`, so that a parser asks once at its end.
 */
const NO_BYTES = new Uint8Array(0);

export class BitReader {
  overrun = false;
  private bytes: Uint8Array = NO_BYTES;
  /** In bits from the start of `bytes`. */
  private at = 0;
  private end = 0;

  begin(bytes: Uint8Array, offset: number, length: number): void {
    this.bytes = bytes;
    this.at = offset * 8;
    this.end = (offset + length) * 8;
    this.overrun = false;
  }

  /** Where the next bit stands, in bits from the start of the array. */
  get position(): number {
    return this.at;
  }

  /** `f(n)` of the AV1 RTP specification: unsigned, 0 to 32 bits. */
  bits(count: number): number {
    if (this.at + count > this.end) {
      this.overrun = true;
      this.at = this.end;
      return 0;
    }
    let value = 0;
    let left = count;
    while (left > 0) {
      const byteLeft = 8 - (this.at & 7);
      const take = left < byteLeft ? left : byteLeft;
      const part = (this.bytes[this.at >>> 3] >> (byteLeft - take)) & ((1 << take) - 1);
      // Multiplied, because a shift would go wrong at 32 bits.
      value = value * (1 << take) + part;
      this.at += take;
      left -= take;
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** `ns(n)`: one of `range` values (1-65536) in as few bits as possible. */
  nonSymmetric(range: number): number {
    const width = 32 - Math.clz32(range);
    const shortCodes = 2 ** width - range;
    const value = this.bits(width - 1);
    if (value < shortCodes) return value;
    return value * 2 - shortCodes + this.bits(1);
  }
}
