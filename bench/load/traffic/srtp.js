// @ts-check
/**
 * SRTP and SRTCP with AES_CM_128_HMAC_SHA1_80 (RFC 3711) for load clients: written plainly on node:crypto and
 * independent of every server under test, so it also proves that what they send is right.
 */
import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';

export const TAG_LENGTH = 10;
const LABEL_RTP = 0;
const LABEL_RTCP = 3;

/** Both directions of one session's RTP and RTCP in one direction of travel. */
export class SrtpContext {
  /** @param {Uint8Array} keySalt master key (16 bytes) and master salt (14 bytes) */
  constructor(keySalt) {
    if (keySalt.length !== 30) throw new Error(`SRTP keying is 30 bytes, got ${keySalt.length}`);
    const key = keySalt.subarray(0, 16);
    const salt = keySalt.subarray(16);
    this.rtp = deriveKeys(key, salt, LABEL_RTP);
    this.rtcp = deriveKeys(key, salt, LABEL_RTCP);
    /** @type {Map<number, { roll: number, highest: number }>} rollover counters by SSRC */
    this.streams = new Map();
    this.rtcpIndex = 0;
  }

  /**
   * @param {Buffer} packet plain RTP, of any one stream in order
   * @returns {Buffer} the SRTP packet
   */
  protectRtp(packet) {
    const index = this.#indexOf(packet);
    const header = headerLength(packet);
    const payload = counterMode(
      this.rtp,
      packet.readUInt32BE(8),
      index.sequence,
      index.roll,
      packet.subarray(header),
    );
    const body = Buffer.concat([packet.subarray(0, header), payload]);
    return Buffer.concat([body, this.#rtpTag(body, index.roll)]);
  }

  /**
   * @param {Buffer} packet SRTP
   * @returns {Buffer | undefined} plain RTP; undefined when the tag is wrong
   */
  unprotectRtp(packet) {
    const end = packet.length - TAG_LENGTH;
    if (end < 12) return undefined;
    const index = this.#indexOf(packet);
    const body = packet.subarray(0, end);
    if (!timingSafeEqual(this.#rtpTag(body, index.roll), packet.subarray(end))) return undefined;
    const header = headerLength(body);
    const payload = counterMode(
      this.rtp,
      body.readUInt32BE(8),
      index.sequence,
      index.roll,
      body.subarray(header),
    );
    return Buffer.concat([body.subarray(0, header), payload]);
  }

  /**
   * @param {Buffer} packet plain RTCP, compound or not
   * @returns {Buffer}
   */
  protectRtcp(packet) {
    const index = this.rtcpIndex++;
    const ssrc = packet.readUInt32BE(4);
    const payload = counterMode(this.rtcp, ssrc, index & 0xffff, index >>> 16, packet.subarray(8));
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32BE((index | 0x80000000) >>> 0);
    const body = Buffer.concat([packet.subarray(0, 8), payload, trailer]);
    return Buffer.concat([body, hmac(this.rtcp.auth, body)]);
  }

  /**
   * @param {Buffer} packet SRTCP
   * @returns {Buffer | undefined}
   */
  unprotectRtcp(packet) {
    const end = packet.length - TAG_LENGTH;
    if (end < 12) return undefined;
    if (!timingSafeEqual(hmac(this.rtcp.auth, packet.subarray(0, end)), packet.subarray(end)))
      return undefined;
    const word = packet.readUInt32BE(end - 4);
    const body = packet.subarray(8, end - 4);
    if (word < 0x80000000) return Buffer.concat([packet.subarray(0, 8), body]);
    const index = word & 0x7fffffff;
    const payload = counterMode(this.rtcp, packet.readUInt32BE(4), index & 0xffff, index >>> 16, body);
    return Buffer.concat([packet.subarray(0, 8), payload]);
  }

  /** @param {Buffer} packet RFC 3711, 3.3.1 @returns {{ sequence: number, roll: number }} */
  #indexOf(packet) {
    const ssrc = packet.readUInt32BE(8);
    const sequence = packet.readUInt16BE(2);
    let stream = this.streams.get(ssrc);
    if (!stream) this.streams.set(ssrc, (stream = { roll: 0, highest: sequence }));
    let roll = stream.roll;
    if (stream.highest < 0x8000 && sequence - stream.highest > 0x8000) roll--;
    else if (stream.highest >= 0x8000 && stream.highest - 0x8000 > sequence) roll++;
    if (roll > stream.roll || (roll === stream.roll && sequence > stream.highest)) {
      stream.roll = roll;
      stream.highest = sequence;
    }
    return { sequence, roll: roll >>> 0 };
  }

  /**
   * @param {Buffer} body
   * @param {number} roll
   */
  #rtpTag(body, roll) {
    const rolled = Buffer.alloc(4);
    rolled.writeUInt32BE(roll);
    return hmac(this.rtp.auth, body, rolled);
  }
}

/** @param {Uint8Array} packet length of the RTP header with CSRC list and extension */
export function headerLength(packet) {
  const fixed = 12 + (packet[0] & 0x0f) * 4;
  if ((packet[0] & 0x10) === 0) return fixed;
  return fixed + 4 + ((packet[fixed + 2] << 8) | packet[fixed + 3]) * 4;
}

/** @typedef {{ cipher: Buffer, auth: Buffer, salt: Buffer }} SessionKeys */

/**
 * @param {Uint8Array} key
 * @param {Uint8Array} salt
 * @param {number} label of the encryption key; the next two are authentication and salt
 * @returns {SessionKeys}
 */
function deriveKeys(key, salt, label) {
  /**
   * @param {number} use
   * @param {number} length
   */
  const derive = (use, length) => {
    const iv = Buffer.alloc(16);
    Buffer.from(salt).copy(iv);
    iv[7] ^= use;
    return createCipheriv('aes-128-ctr', key, iv).update(Buffer.alloc(length));
  };
  return { cipher: derive(label, 16), auth: derive(label + 1, 20), salt: derive(label + 2, 14) };
}

/**
 * @param {SessionKeys} keys
 * @param {number} ssrc
 * @param {number} low lower 16 bits of the 48-bit index
 * @param {number} high upper 32 bits
 * @param {Uint8Array} bytes
 */
function counterMode(keys, ssrc, low, high, bytes) {
  const iv = Buffer.alloc(16);
  keys.salt.copy(iv);
  iv.writeUInt32BE((iv.readUInt32BE(4) ^ ssrc) >>> 0, 4);
  iv.writeUInt32BE((iv.readUInt32BE(8) ^ high) >>> 0, 8);
  iv.writeUInt16BE(iv.readUInt16BE(12) ^ low, 12);
  return createCipheriv('aes-128-ctr', keys.cipher, iv).update(bytes);
}

/**
 * @param {Buffer} key
 * @param {...Uint8Array} parts
 */
function hmac(key, ...parts) {
  const mac = createHmac('sha1', key);
  for (const part of parts) mac.update(part);
  return mac.digest().subarray(0, TAG_LENGTH);
}
