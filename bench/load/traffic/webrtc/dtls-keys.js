// @ts-check
/** Key schedule and record protection of DTLS 1.2 with AES-128-GCM and SHA-256 (RFC 5246, 5288, 5764, 7627). */
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';

const VERSION = 0xfefd;
const TAG_LENGTH = 16;
const EXPLICIT_NONCE_LENGTH = 8;
const SRTP_EXPORTER = 'EXTRACTOR-dtls_srtp';

/**
 * P_SHA256(secret, label + seed).
 * @param {Buffer} secret
 * @param {string} label
 * @param {Buffer} seed
 * @param {number} length
 */
export function prf(secret, label, seed, length) {
  const full = Buffer.concat([Buffer.from(label), seed]);
  const blocks = [];
  let a = full;
  for (let got = 0; got < length; got += 32) {
    a = createHmac('sha256', secret).update(a).digest();
    blocks.push(createHmac('sha256', secret).update(a).update(full).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** @param {Buffer[]} messages */
export function transcriptHash(messages) {
  const hash = createHash('sha256');
  for (const message of messages) hash.update(message);
  return hash.digest();
}

/**
 * @param {Buffer} masterSecret
 * @param {Buffer} clientRandom
 * @param {Buffer} serverRandom
 * @returns {{ send: Buffer, receive: Buffer }} key and salt of SRTP in the form of SrtpContext, 30 bytes each
 */
export function exportSrtp(masterSecret, clientRandom, serverRandom) {
  const block = prf(masterSecret, SRTP_EXPORTER, Buffer.concat([clientRandom, serverRandom]), 60);
  return {
    send: Buffer.concat([block.subarray(0, 16), block.subarray(32, 46)]),
    receive: Buffer.concat([block.subarray(16, 32), block.subarray(46, 60)]),
  };
}

/** Records of epoch 1, both directions, seen from the client. */
export class RecordProtection {
  /**
   * @param {Buffer} masterSecret
   * @param {Buffer} clientRandom
   * @param {Buffer} serverRandom
   */
  constructor(masterSecret, clientRandom, serverRandom) {
    const block = prf(masterSecret, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 40);
    this.sendKey = block.subarray(0, 16);
    this.receiveKey = block.subarray(16, 32);
    this.sendSalt = block.subarray(32, 36);
    this.receiveSalt = block.subarray(36, 40);
  }

  /**
   * @param {number} type
   * @param {Buffer} sequence epoch and sequence number, 8 bytes
   * @param {Buffer} plaintext
   */
  seal(type, sequence, plaintext) {
    const cipher = createCipheriv('aes-128-gcm', this.sendKey, Buffer.concat([this.sendSalt, sequence]));
    cipher.setAAD(additionalData(type, sequence, plaintext.length));
    const body = cipher.update(plaintext);
    cipher.final();
    return Buffer.concat([sequence, body, cipher.getAuthTag()]);
  }

  /**
   * @param {number} type
   * @param {Buffer} sequence
   * @param {Buffer} fragment
   * @returns {Buffer | undefined} undefined when it is not authentic
   */
  open(type, sequence, fragment) {
    const length = fragment.length - EXPLICIT_NONCE_LENGTH - TAG_LENGTH;
    if (length < 0) return undefined;
    const nonce = Buffer.concat([this.receiveSalt, fragment.subarray(0, EXPLICIT_NONCE_LENGTH)]);
    const decipher = createDecipheriv('aes-128-gcm', this.receiveKey, nonce);
    decipher.setAAD(additionalData(type, sequence, length));
    decipher.setAuthTag(fragment.subarray(fragment.length - TAG_LENGTH));
    const plaintext = decipher.update(
      fragment.subarray(EXPLICIT_NONCE_LENGTH, EXPLICIT_NONCE_LENGTH + length),
    );
    try {
      decipher.final();
      return plaintext;
    } catch {
      return undefined;
    }
  }
}

/**
 * @param {number} type
 * @param {Buffer} sequence
 * @param {number} length
 */
function additionalData(type, sequence, length) {
  const data = Buffer.alloc(13);
  sequence.copy(data);
  data[8] = type;
  data.writeUInt16BE(VERSION, 9);
  data.writeUInt16BE(length, 11);
  return data;
}
