/**
 * AES_CM_128_HMAC_SHA1_80 and _32 (RFC 3711 4.1.1 and 4.2): AES counter mode, then an HMAC-SHA1 tag.
 *
 *     SRTP   header | encrypted payload | tag                  tag over all before it and the ROC
 *     SRTCP  8 bytes | encrypted rest | E + index | tag        tag over all before it, always 80 bits
 *
 * Hot path: one HMAC object, two small views and the keystream buffer are made per packet.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readU32, writeU32 } from '../rtp/bytes.js';
import { AesCounterKeystream } from './aes-counter-keystream.js';
import type { SessionKeySet, SrtpSessionKeys } from './key-derivation.js';
import type { SrtpTransform } from './srtp-transform.js';

const RTCP_HEADER = 8;
const RTCP_TAG = 10;
const INDEX_WORD = 4;

export class AesCmTransform implements SrtpTransform {
  readonly rtpTrailerLength: number;
  readonly rtcpTrailerLength = INDEX_WORD + RTCP_TAG;
  readonly rtcpIndexFromEnd = INDEX_WORD + RTCP_TAG;
  private readonly rtpKeystream: AesCounterKeystream;
  private readonly rtcpKeystream: AesCounterKeystream;
  private readonly rtp: SessionKeySet;
  private readonly rtcp: SessionKeySet;
  private readonly rocBytes = new Uint8Array(4);
  private readonly rtpTag: TagComparison;
  private readonly rtcpTag = new TagComparison(RTCP_TAG);

  /** @param rtpTagLength 10 or 4 bytes. */
  constructor(keys: SrtpSessionKeys, rtpTagLength: number) {
    this.rtp = keys.rtp;
    this.rtcp = keys.rtcp;
    this.rtpKeystream = new AesCounterKeystream(keys.rtp.encryptionKey);
    this.rtcpKeystream = new AesCounterKeystream(keys.rtcp.encryptionKey);
    this.rtpTrailerLength = rtpTagLength;
    this.rtpTag = new TagComparison(rtpTagLength);
  }

  protectRtp(bytes: Uint8Array, offset: number, length: number, headerLength: number, roc: number): number {
    this.applyRtpKeystream(bytes, offset, length, headerLength, roc);
    const digest = this.rtpDigest(bytes, offset, length, roc);
    return appendTag(bytes, offset, length, digest, this.rtpTrailerLength);
  }

  unprotectRtp(
    bytes: Uint8Array,
    offset: number,
    length: number,
    headerLength: number,
    roc: number,
  ): boolean {
    const end = length - this.rtpTrailerLength;
    if (!this.rtpTag.matches(this.rtpDigest(bytes, offset, end, roc), bytes, offset + end)) return false;
    this.applyRtpKeystream(bytes, offset, end, headerLength, roc);
    return true;
  }

  protectRtcp(bytes: Uint8Array, offset: number, length: number, index: number): number {
    this.applyRtcpKeystream(bytes, offset, length, index);
    writeU32(bytes, offset + length, (index | 0x80000000) >>> 0);
    const end = length + INDEX_WORD;
    return appendTag(bytes, offset, end, this.rtcpDigest(bytes, offset, end), RTCP_TAG);
  }

  unprotectRtcp(bytes: Uint8Array, offset: number, length: number): boolean {
    const end = length - RTCP_TAG;
    if (!this.rtcpTag.matches(this.rtcpDigest(bytes, offset, end), bytes, offset + end)) return false;
    const indexWord = readU32(bytes, offset + end - INDEX_WORD);
    if (indexWord >= 0x80000000)
      this.applyRtcpKeystream(bytes, offset, end - INDEX_WORD, indexWord & 0x7fffffff);
    return true;
  }

  /** IV: SSRC in bytes 4-7, ROC in 8-11, sequence number in 12-13, all XOR the salt. */
  private applyRtpKeystream(
    bytes: Uint8Array,
    offset: number,
    length: number,
    headerLength: number,
    roc: number,
  ) {
    const iv = this.rtpKeystream.iv;
    iv.set(this.rtp.salt);
    for (let i = 0; i < 4; i++) iv[4 + i] ^= bytes[offset + 8 + i];
    iv[8] ^= roc >>> 24;
    iv[9] ^= roc >>> 16;
    iv[10] ^= roc >>> 8;
    iv[11] ^= roc;
    iv[12] ^= bytes[offset + 2];
    iv[13] ^= bytes[offset + 3];
    this.rtpKeystream.apply(bytes, offset + headerLength, length - headerLength);
  }

  /** IV: SSRC in bytes 4-7, the index in 10-13. */
  private applyRtcpKeystream(bytes: Uint8Array, offset: number, length: number, index: number) {
    const iv = this.rtcpKeystream.iv;
    iv.set(this.rtcp.salt);
    for (let i = 0; i < 4; i++) iv[4 + i] ^= bytes[offset + 4 + i];
    iv[10] ^= index >>> 24;
    iv[11] ^= index >>> 16;
    iv[12] ^= index >>> 8;
    iv[13] ^= index;
    this.rtcpKeystream.apply(bytes, offset + RTCP_HEADER, length - RTCP_HEADER);
  }

  private rtpDigest(bytes: Uint8Array, offset: number, length: number, roc: number): Uint8Array {
    writeU32(this.rocBytes, 0, roc);
    return createHmac('sha1', this.rtp.authenticationKey)
      .update(bytes.subarray(offset, offset + length))
      .update(this.rocBytes)
      .digest();
  }

  private rtcpDigest(bytes: Uint8Array, offset: number, length: number): Uint8Array {
    return createHmac('sha1', this.rtcp.authenticationKey)
      .update(bytes.subarray(offset, offset + length))
      .digest();
  }
}

function appendTag(bytes: Uint8Array, offset: number, length: number, digest: Uint8Array, tagLength: number) {
  for (let i = 0; i < tagLength; i++) bytes[offset + length + i] = digest[i];
  return length + tagLength;
}

/** Compares a truncated digest with the tag of a packet in constant time, without a view per packet. */
class TagComparison {
  private readonly expected: Uint8Array;
  private readonly received: Uint8Array;

  constructor(length: number) {
    this.expected = new Uint8Array(length);
    this.received = new Uint8Array(length);
  }

  matches(digest: Uint8Array, bytes: Uint8Array, offset: number): boolean {
    for (let i = 0; i < this.expected.length; i++) {
      this.expected[i] = digest[i];
      this.received[i] = bytes[offset + i];
    }
    return timingSafeEqual(this.expected, this.received);
  }
}
