/**
 * AV1 aggregation header (AV1 RTP specification 4.4). Hot path: allocates nothing.
 * Layers are not here: they come from the dependency descriptor.
 */

export class Av1AggregationHeader {
  /** Z: the first OBU element continues one from the packet before. */
  continuesObu = false;
  /** Y: the last OBU element goes on in the next packet. */
  obuContinues = false;
  /** W: OBU elements in the packet, 0 when each one is preceded by its length. */
  elementCount = 0;
  /** N: first packet of a coded video sequence, which starts with a key frame. */
  newSequence = false;

  /** False for an empty payload, and when N and Z are both set, which the specification forbids. */
  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    this.continuesObu = false;
    this.obuContinues = false;
    this.elementCount = 0;
    this.newSequence = false;
    if (length < 2 || offset < 0 || offset + length > bytes.length) return false;
    const header = bytes[offset];
    if ((header & 0x88) === 0x88) return false;
    this.continuesObu = (header & 0x80) !== 0;
    this.obuContinues = (header & 0x40) !== 0;
    this.elementCount = (header >> 4) & 0x03;
    this.newSequence = (header & 0x08) !== 0;
    return true;
  }
}
