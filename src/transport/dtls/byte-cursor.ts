/** Bounded reader for TLS structures: after any overrun every read yields zero or empty and `failed` is true. */
export class ByteCursor {
  failed = false;
  private position = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.position === this.bytes.length;
  }

  u8(): number {
    return this.number(1);
  }

  u16(): number {
    return this.number(2);
  }

  u24(): number {
    return this.number(3);
  }

  take(length: number): Uint8Array {
    if (this.failed || length > this.bytes.length - this.position) {
      this.failed = true;
      return new Uint8Array(0);
    }
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** A vector of 16-bit numbers, given its length in bytes. */
  u16List(byteLength: number): number[] {
    const bytes = this.take(byteLength);
    if (byteLength % 2 === 1) this.failed = true;
    const list: number[] = [];
    for (let i = 0; i + 1 < bytes.length; i += 2) list.push((bytes[i] << 8) | bytes[i + 1]);
    return list;
  }

  private number(size: number): number {
    if (this.failed || size > this.bytes.length - this.position) {
      this.failed = true;
      return 0;
    }
    let value = 0;
    for (let i = 0; i < size; i++) value = (value << 8) | this.bytes[this.position++];
    return value;
  }
}
