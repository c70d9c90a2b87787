// Hot path: has() runs once per packet and receiver. It allocates nothing.

/** Some of the 128 RTP payload types. A bit for each in plain fields: every receiver has one of these. */
export class PayloadTypeSet {
  private from0 = 0;
  private from32 = 0;
  private from64 = 0;
  private from96 = 0;

  /** @param payloadType 0 to 127 */
  add(payloadType: number): void {
    const bit = 1 << payloadType;
    if (payloadType < 32) this.from0 |= bit;
    else if (payloadType < 64) this.from32 |= bit;
    else if (payloadType < 96) this.from64 |= bit;
    else this.from96 |= bit;
  }

  has(payloadType: number): boolean {
    // Shifts take the lower five bits.
    return ((this.wordOf(payloadType) >>> payloadType) & 1) === 1;
  }

  /** In rising order. */
  list(): number[] {
    return Array.from({ length: 128 }, (_, payloadType) => payloadType).filter((payloadType) =>
      this.has(payloadType),
    );
  }

  private wordOf(payloadType: number): number {
    // Dynamic payload types are the common ones.
    if (payloadType >= 96) return this.from96;
    if (payloadType >= 64) return this.from64;
    return payloadType >= 32 ? this.from32 : this.from0;
  }
}
