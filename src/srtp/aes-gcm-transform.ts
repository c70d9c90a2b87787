/**
 * AEAD_AES_128_GCM and AEAD_AES_256_GCM (RFC 7714).
 *
 *     SRTP   header | encrypted payload | tag                associated data: the header
 *     SRTCP  8 bytes | encrypted rest | tag | E + index      associated data: the 8 bytes and the index word,
 *                                                            or the whole packet when it is not encrypted
 *
 * Hot path: GCM has no long-lived context in node:crypto, so one cipher object is made per packet.
 */
import { createCipheriv, createDecipheriv, type CipherGCMTypes, type DecipherGCM } from 'node:crypto';
import { readU32, writeU32 } from '../rtp/bytes.js';
import type { SessionKeySet, SrtpSessionKeys } from './key-derivation.js';
import type { SrtpTransform } from './srtp-transform.js';

const RTCP_HEADER = 8;
const TAG = 16;
const INDEX_WORD = 4;
const cipherOptions = { authTagLength: TAG };

export class AesGcmTransform implements SrtpTransform {
  readonly rtpTrailerLength = TAG;
  readonly rtcpTrailerLength = TAG + INDEX_WORD;
  readonly rtcpIndexFromEnd = INDEX_WORD;
  private readonly algorithm: CipherGCMTypes;
  private readonly rtp: SessionKeySet;
  private readonly rtcp: SessionKeySet;
  private readonly iv = new Uint8Array(12);
  private readonly rtcpAssociatedData = new Uint8Array(RTCP_HEADER + INDEX_WORD);

  constructor(keys: SrtpSessionKeys) {
    this.rtp = keys.rtp;
    this.rtcp = keys.rtcp;
    this.algorithm = keys.rtp.encryptionKey.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
  }

  protectRtp(bytes: Uint8Array, offset: number, length: number, headerLength: number, roc: number): number {
    this.setRtpIv(bytes, offset, roc);
    const header = bytes.subarray(offset, offset + headerLength);
    return this.seal(this.rtp, header, bytes, offset, headerLength, length);
  }

  unprotectRtp(
    bytes: Uint8Array,
    offset: number,
    length: number,
    headerLength: number,
    roc: number,
  ): boolean {
    this.setRtpIv(bytes, offset, roc);
    const end = length - TAG;
    const decipher = this.createDecipher(this.rtp, bytes, offset + end);
    decipher.setAAD(bytes.subarray(offset, offset + headerLength));
    return open(decipher, bytes, offset + headerLength, offset + end);
  }

  protectRtcp(bytes: Uint8Array, offset: number, length: number, index: number): number {
    this.setRtcpIv(bytes, offset, index);
    const indexWord = (index | 0x80000000) >>> 0;
    const associated = this.associateRtcp(bytes, offset, indexWord);
    const end = this.seal(this.rtcp, associated, bytes, offset, RTCP_HEADER, length);
    writeU32(bytes, offset + end, indexWord);
    return end + INDEX_WORD;
  }

  unprotectRtcp(bytes: Uint8Array, offset: number, length: number): boolean {
    const indexWord = readU32(bytes, offset + length - INDEX_WORD);
    const end = length - INDEX_WORD - TAG;
    this.setRtcpIv(bytes, offset, indexWord & 0x7fffffff);
    const decipher = this.createDecipher(this.rtcp, bytes, offset + end);
    if (indexWord >= 0x80000000) {
      decipher.setAAD(this.associateRtcp(bytes, offset, indexWord));
      return open(decipher, bytes, offset + RTCP_HEADER, offset + end);
    }
    decipher.setAAD(bytes.subarray(offset, offset + end));
    decipher.setAAD(bytes.subarray(offset + length - INDEX_WORD, offset + length));
    return open(decipher, bytes, offset + end, offset + end);
  }

  /** Encrypts `[from, to)` of the packet in place and writes the tag behind it; returns the new length. */
  private seal(
    keys: SessionKeySet,
    associated: Uint8Array,
    bytes: Uint8Array,
    offset: number,
    from: number,
    to: number,
  ): number {
    const cipher = createCipheriv(this.algorithm, keys.encryptionKey, this.iv, cipherOptions);
    cipher.setAAD(associated);
    bytes.set(cipher.update(bytes.subarray(offset + from, offset + to)), offset + from);
    cipher.final();
    bytes.set(cipher.getAuthTag(), offset + to);
    return to + TAG;
  }

  private createDecipher(keys: SessionKeySet, bytes: Uint8Array, tagOffset: number): DecipherGCM {
    const decipher = createDecipheriv(this.algorithm, keys.encryptionKey, this.iv, cipherOptions);
    return decipher.setAuthTag(bytes.subarray(tagOffset, tagOffset + TAG));
  }

  /** RFC 7714 8.1: two zero bytes, SSRC, ROC, sequence number, XOR the salt. */
  private setRtpIv(bytes: Uint8Array, offset: number, roc: number): void {
    const iv = this.iv;
    iv.set(this.rtp.salt);
    for (let i = 0; i < 4; i++) iv[2 + i] ^= bytes[offset + 8 + i];
    iv[6] ^= roc >>> 24;
    iv[7] ^= roc >>> 16;
    iv[8] ^= roc >>> 8;
    iv[9] ^= roc;
    iv[10] ^= bytes[offset + 2];
    iv[11] ^= bytes[offset + 3];
  }

  /** RFC 7714 9.1: two zero bytes, SSRC, two zero bytes, index, XOR the salt. */
  private setRtcpIv(bytes: Uint8Array, offset: number, index: number): void {
    const iv = this.iv;
    iv.set(this.rtcp.salt);
    for (let i = 0; i < 4; i++) iv[2 + i] ^= bytes[offset + 4 + i];
    iv[8] ^= index >>> 24;
    iv[9] ^= index >>> 16;
    iv[10] ^= index >>> 8;
    iv[11] ^= index;
  }

  private associateRtcp(bytes: Uint8Array, offset: number, indexWord: number): Uint8Array {
    for (let i = 0; i < RTCP_HEADER; i++) this.rtcpAssociatedData[i] = bytes[offset + i];
    writeU32(this.rtcpAssociatedData, RTCP_HEADER, indexWord);
    return this.rtcpAssociatedData;
  }
}

/** Decrypts `bytes[from, to)` in place, but writes only what was authentic. */
function open(decipher: DecipherGCM, bytes: Uint8Array, from: number, to: number): boolean {
  const plain = decipher.update(bytes.subarray(from, to));
  try {
    // node:crypto compares the tag in constant time and says no by throwing.
    decipher.final();
  } catch {
    return false;
  }
  bytes.set(plain, from);
  return true;
}
