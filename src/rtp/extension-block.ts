/**
 * Walks and writes the extension block of an RTP header (RFC 8285), one- and two-byte form.
 * Hot path: allocates nothing.
 */
import { writeU16 } from './bytes.js';
import { ONE_BYTE_PROFILE, TWO_BYTE_PROFILE, type RtpPacket } from './rtp-packet.js';

const NO_BYTES = new Uint8Array(0);

/** `begin`, then `next` until it is false. A broken element ends the walk. */
export class ExtensionIterator {
  id = 0;
  /** Absolute. */
  dataOffset = 0;
  dataLength = 0;
  private bytes: Uint8Array = NO_BYTES;
  private at = 0;
  private end = 0;
  private oneByte = false;

  /** `packet` must have been parsed with the result `Ok`. */
  begin(packet: RtpPacket): void {
    this.oneByte = packet.extensionProfile === ONE_BYTE_PROFILE;
    const readable = this.oneByte || (packet.extensionProfile & 0xfff0) === TWO_BYTE_PROFILE;
    this.bytes = packet.bytes;
    this.at = packet.extensionOffset;
    this.end = readable ? packet.extensionOffset + packet.extensionLength : packet.extensionOffset;
  }

  next(): boolean {
    while (this.at < this.end && this.bytes[this.at] === 0) this.at++;
    if (this.at >= this.end) return false;
    const head = this.bytes[this.at++];
    if (this.oneByte) {
      this.id = head >> 4;
      this.dataLength = (head & 0x0f) + 1;
      if (this.id === 0 || this.id === 15) return this.stop();
    } else {
      if (this.at === this.end) return this.stop();
      this.id = head;
      this.dataLength = this.bytes[this.at++];
    }
    this.dataOffset = this.at;
    this.at += this.dataLength;
    return this.at <= this.end || this.stop();
  }

  private stop(): false {
    this.at = this.end;
    return false;
  }
}

/**
 * Builds an extension block in place: `begin`, any number of `add`/`reserve`, `finish`.
 * One-byte elements: id 1-14, 1-16 bytes. Two-byte elements: id 1-255, 0-255 bytes.
 */
export class ExtensionWriter {
  private bytes: Uint8Array = NO_BYTES;
  private start = 0;
  private at = 0;
  private oneByte = true;

  /** `offset` is where the four-byte block header goes: right behind the CSRC list. */
  begin(bytes: Uint8Array, offset: number, profile: number): void {
    this.bytes = bytes;
    this.start = offset;
    this.at = offset + 4;
    this.oneByte = profile === ONE_BYTE_PROFILE;
    writeU16(bytes, offset, profile);
  }

  /** Copies one element in. Absolute offset of its data, or -1 when the form or the buffer cannot hold it. */
  add(id: number, source: Uint8Array, sourceOffset: number, length: number): number {
    const offset = this.reserve(id, length);
    if (offset >= 0) {
      for (let i = 0; i < length; i++) this.bytes[offset + i] = source[sourceOffset + i];
    }
    return offset;
  }

  /** As `add`, for data that the caller writes itself. */
  reserve(id: number, length: number): number {
    const headLength = this.oneByte ? 1 : 2;
    const fits = this.oneByte
      ? id >= 1 && id <= 14 && length >= 1 && length <= 16
      : id >= 1 && id <= 255 && length >= 0 && length <= 255;
    if (!fits || this.paddedLength(this.at + headLength + length) > this.bytes.length - this.start) return -1;
    if (this.oneByte) {
      this.bytes[this.at] = (id << 4) | (length - 1);
    } else {
      this.bytes[this.at] = id;
      this.bytes[this.at + 1] = length;
    }
    const dataOffset = this.at + headLength;
    this.at = dataOffset + length;
    return dataOffset;
  }

  /** Pads and closes the block. Its whole length: four-byte header, elements and padding. */
  finish(): number {
    const total = this.paddedLength(this.at);
    while (this.at < this.start + total) this.bytes[this.at++] = 0;
    writeU16(this.bytes, this.start + 2, (total - 4) >> 2);
    return total;
  }

  private paddedLength(end: number): number {
    return (end - this.start + 3) & ~3;
  }
}
