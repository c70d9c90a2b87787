// @ts-check
/**
 * RTP packets as a browser sends them, as to headers and sizes: pictures in bursts of packets with a marker at their
 * end, key frames when asked for, header extensions. What stands in the payload is noise, but for the VP8 descriptor
 * and, at the very end, the time of sending.
 */

export const VIDEO = { kind: 'video', payloadType: 96, rtxPayloadType: 97, clockRate: 90_000 };
export const AUDIO = { kind: 'audio', payloadType: 111, clockRate: 48_000 };

export const EXTENSION_IDS = { mid: 1, absSendTime: 2, transportWide: 3, rid: 4, audioLevel: 10 };

/** Marker of ours before the time stamp at the end of each payload. */
const MAGIC = 0x5c1055ed;
const TRAILER = 16;

/**
 * @typedef {object} SourceOptions
 * @property {'audio' | 'video'} kind
 * @property {number} ssrc
 * @property {string} mid
 * @property {string} [rid] simulcast layer
 * @property {number} size of the whole RTP packet, bytes
 * @property {number} packetsPerFrame for video; audio has one
 * @property {number} frameRate pictures or sound packets per second
 * @property {boolean} [temporalLayers] every other picture of video is of a second layer; default false
 */

export class MediaSource {
  /** @param {SourceOptions} options */
  constructor(options) {
    this.options = options;
    this.sequence = 1;
    this.frame = 0;
    this.packetInFrame = 0;
    this.packets = 0;
    this.octets = 0;
    this.timestamp = 1000;
    this.keyFrameWanted = true;
    this.transportWide = 0;
    const { kind, size } = options;
    const codec = kind === 'video' ? VIDEO : AUDIO;
    const extensions = extensionBlock(options);
    this.packet = Buffer.alloc(size, 0xab);
    this.header = 12 + extensions.length;
    if (size < this.header + 10 + TRAILER)
      throw new Error(`packets need ${this.header + 26} bytes at least, got ${size}`);
    this.packet[0] = 0x90;
    this.packet[1] = codec.payloadType;
    this.packet.writeUInt32BE(options.ssrc, 8);
    extensions.copy(this.packet, 12);
    this.tick = Math.round(codec.clockRate / options.frameRate);
    this.clockRate = codec.clockRate;
  }

  get packetsPerSecond() {
    return this.options.frameRate * this.options.packetsPerFrame;
  }

  /** The next picture shall be a key frame. */
  requestKeyFrame() {
    this.keyFrameWanted = true;
  }

  /**
   * The next packet, in a buffer of its own.
   * @param {number} now milliseconds of performance.now()
   * @param {number} [level] of sound, 0 (loud) to 127 (silence)
   */
  next(now, level = 30) {
    const { kind, packetsPerFrame } = this.options;
    const first = this.packetInFrame === 0;
    const last = this.packetInFrame === packetsPerFrame - 1;
    if (first) {
      this.timestamp = (this.timestamp + this.tick) >>> 0;
      this.frame++;
      this.keyFrame = this.keyFrameWanted;
      this.keyFrameWanted = false;
    }
    const packet = Buffer.from(this.packet);
    packet[1] |= (kind === 'video' ? last : this.packets === 0) ? 0x80 : 0;
    packet.writeUInt16BE(this.sequence, 2);
    packet.writeUInt32BE(this.timestamp, 4);
    this.#writeExtensions(packet, now, level);
    if (kind === 'video') this.#writeDescriptor(packet, first);
    writeSendTime(packet, now, this.packets);
    this.sequence = (this.sequence + 1) & 0xffff;
    this.packetInFrame = last ? 0 : this.packetInFrame + 1;
    this.packets++;
    this.octets += packet.length - this.header;
    return packet;
  }

  /**
   * @param {Buffer} packet
   * @param {number} now
   * @param {number} level
   */
  #writeExtensions(packet, now, level) {
    // Every element has a fixed place, see extensionBlock(): abs-send-time first, then the transport-wide number.
    packet.writeUIntBE(Math.floor((now / 1000) * 2 ** 18) & 0xffffff, 17, 3);
    if (this.options.kind === 'video') packet.writeUInt16BE(this.transportWide++ & 0xffff, 21);
    else packet[21] = 0x80 | level;
  }

  /**
   * VP8, RFC 7741: 15-bit picture id; with layers also TL0PICIDX and the layer.
   * @param {Buffer} packet
   * @param {boolean} first of its picture
   */
  #writeDescriptor(packet, first) {
    const at = this.header;
    const upper = this.options.temporalLayers && !this.keyFrame && this.frame % 2 === 1;
    packet[at] = 0x80 | (upper ? 0x20 : 0) | (first ? 0x10 : 0);
    packet[at + 1] = this.options.temporalLayers ? 0xe0 : 0x80;
    packet.writeUInt16BE(0x8000 | (this.frame & 0x7fff), at + 2);
    let frame = at + 4;
    if (this.options.temporalLayers) {
      packet[frame++] = (this.frame >> 1) & 0xff;
      packet[frame++] = upper ? 0x60 : 0;
    }
    // The frame tag's lowest bit is 0 for a key frame; then start code and 640x360.
    packet[frame] = this.keyFrame ? 0x10 : 0x11;
    if (first && this.keyFrame) packet.set([0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01], frame + 1);
  }
}

/**
 * RFC 8285, one-byte form. abs-send-time at 16, transport-wide number or audio level behind it, then MID and RID.
 * @param {SourceOptions} options
 */
function extensionBlock({ kind, mid, rid }) {
  const elements = [
    element(EXTENSION_IDS.absSendTime, Buffer.alloc(3)),
    kind === 'video'
      ? element(EXTENSION_IDS.transportWide, Buffer.alloc(2))
      : element(EXTENSION_IDS.audioLevel, Buffer.alloc(1)),
    element(EXTENSION_IDS.mid, Buffer.from(mid)),
  ];
  if (rid !== undefined) elements.push(element(EXTENSION_IDS.rid, Buffer.from(rid)));
  const body = Buffer.concat(elements);
  const words = Math.ceil(body.length / 4);
  const block = Buffer.alloc(4 + words * 4);
  block.writeUInt16BE(0xbede, 0);
  block.writeUInt16BE(words, 2);
  body.copy(block, 4);
  return block;
}

/**
 * @param {number} id
 * @param {Buffer} data
 */
function element(id, data) {
  return Buffer.concat([Buffer.from([(id << 4) | (data.length - 1)]), data]);
}

/**
 * @param {Buffer} packet
 * @param {number} now
 * @param {number} number
 */
function writeSendTime(packet, now, number) {
  const at = packet.length - TRAILER;
  packet.writeUInt32BE(MAGIC, at);
  packet.writeUInt32BE(number >>> 0, at + 4);
  packet.writeDoubleBE(now, at + 8);
}

/**
 * @param {Buffer} packet plain RTP as a receiver has it
 * @returns {{ number: number, sentAt: number } | undefined} undefined when it is no packet of a MediaSource
 */
export function readSendTime(packet) {
  const at = packet.length - TRAILER;
  if (at < 12 || packet.readUInt32BE(at) !== MAGIC) return undefined;
  return { number: packet.readUInt32BE(at + 4), sentAt: packet.readDoubleBE(at + 8) };
}
