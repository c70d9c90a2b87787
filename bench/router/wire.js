/**
 * One stream as it comes from a socket: each packet is written into the same buffer, so that nothing of it shows up in a
 * profile of what forwards it.
 */
import { MediaSource } from '../load/traffic/media-source.js';

const PACKETS_PER_PICTURE = 20;
const PICTURE_TICKS = 3000;
const SOUND_TICKS = 960;

class Wire {
  #sequence = 1;
  #timestamp = 1000;

  /** @param {MediaSource} source of the first packet */
  constructor(source) {
    this.header = source.header;
    this.bytes = new Uint8Array(source.next(0));
    this.length = this.bytes.length;
  }

  /** @param {number} ticks since the packet before */
  number(ticks) {
    const { bytes } = this;
    const sequence = this.#sequence++ & 0xffff;
    const timestamp = (this.#timestamp = (this.#timestamp + ticks) >>> 0);
    bytes[2] = sequence >> 8;
    bytes[3] = sequence;
    bytes[4] = timestamp >>> 24;
    bytes[5] = timestamp >>> 16;
    bytes[6] = timestamp >>> 8;
    bytes[7] = timestamp;
  }
}

/** VP8 in pictures of 20 packets; the first is a key frame. */
export class VideoWire extends Wire {
  #packet = 0;

  constructor(ssrc = 1111, size = 1142) {
    super(
      new MediaSource({
        kind: 'video',
        ssrc,
        mid: '0',
        size,
        packetsPerFrame: PACKETS_PER_PICTURE,
        frameRate: 30,
      }),
    );
  }

  next() {
    const { bytes, header } = this;
    const index = this.#packet % PACKETS_PER_PICTURE;
    const picture = (this.#packet - index) / PACKETS_PER_PICTURE;
    const last = index === PACKETS_PER_PICTURE - 1;
    this.number(index === 0 ? PICTURE_TICKS : 0);
    bytes[1] = (bytes[1] & 0x7f) | (last ? 0x80 : 0);
    // RFC 7741: start of the picture, 15-bit picture id; the lowest bit of the frame tag is 0 in a key frame.
    bytes[header] = 0x80 | (index === 0 ? 0x10 : 0);
    bytes[header + 2] = 0x80 | ((picture >> 8) & 0x7f);
    bytes[header + 3] = picture & 0xff;
    bytes[header + 4] = picture === 0 ? 0x10 : 0x11;
    this.#packet++;
    return bytes;
  }
}

/** Opus, 20 ms in each packet. */
export class AudioWire extends Wire {
  constructor(ssrc, size = 112) {
    super(new MediaSource({ kind: 'audio', ssrc, mid: '0', size, packetsPerFrame: 1, frameRate: 50 }));
  }

  next() {
    this.number(SOUND_TICKS);
    this.bytes[1] &= 0x7f;
    return this.bytes;
  }
}
