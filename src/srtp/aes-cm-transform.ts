/**
 * AES_CM_128_HMAC_SHA1_80 and _32 (RFC 3711 4.1.1 and 4.2): AES counter mode, then an HMAC-SHA1 tag.
 *
 *     SRTP   header | encrypted payload | tag                  tag over all before it and the ROC
 *     SRTCP  8 bytes | encrypted rest | E + index | tag        tag over all before it, always 80 bits
 *
 * Hot path: the keystream and what hmac-sha1 needs are allocated per packet; nothing by `stageRtp`, which leaves the tag to
 * the kernel.
 */
import { timingSafeEqual } from 'node:crypto';
import { readU16, readU32, writeU32 } from '../rtp/bytes.js';
import { AesCounterKeystream } from './aes-counter-keystream.js';
import { HmacSha1 } from './hmac-sha1.js';
import type { SessionKeySet, SrtpSessionKeys } from './key-derivation.js';
import type { RtpCipher } from './keystream-ahead.js';
import { writeRtpIv } from './rtp-iv.js';
import type { SrtpKernel } from './srtp-kernel.js';
import type { SrtpTransform } from './srtp-transform.js';

const RTCP_HEADER = 8;
const RTCP_TAG = 10;
const INDEX_WORD = 4;

export class AesCmTransform implements SrtpTransform, RtpCipher {
  // What every packet to be sent needs stands together.
  readonly rtpTrailerLength: number;
  /** What the kernel's HMAC starts from for RTP; made when it is first needed. */
  private hmacStates: Int32Array | null = null;
  private rtpMac: HmacSha1 | null = null;
  readonly rtcpTrailerLength = INDEX_WORD + RTCP_TAG;
  readonly rtcpIndexFromEnd = INDEX_WORD + RTCP_TAG;
  private readonly rtp: SessionKeySet;
  private readonly rtcp: SessionKeySet;
  /*
   * Made when they are first needed: whoever only watches never sends us RTP. A cipher of node:crypto is memory of OpenSSL,
   * too.
   */
  private rtpCipher: AesCounterKeystream | null = null;
  private rtcpCipher: AesCounterKeystream | null = null;
  private rtcpMac: HmacSha1 | null = null;
  private readonly rtpTag: TagComparison;
  private readonly rtcpTag = TagComparison.of(RTCP_TAG);

  /** @param rtpTagLength 10 or 4 bytes. */
  constructor(keys: SrtpSessionKeys, rtpTagLength: number) {
    this.rtp = keys.rtp;
    this.rtcp = keys.rtcp;
    this.rtpTrailerLength = rtpTagLength;
    this.rtpTag = TagComparison.of(rtpTagLength);
  }

  /** See touch-ahead. */
  touch(): number {
    return this.hmacStates === null ? 0 : this.hmacStates[0];
  }

  /**
   * The same with `kernel`, in whose memory the packet lies: encrypts, and puts it among those that wait for their tag.
   * @param keystream where that of this packet lies, 0: nowhere yet
   */
  stageRtp(
    kernel: SrtpKernel,
    keystream: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    headerLength: number,
    roc: number,
  ): number {
    const address = bytes.byteOffset + offset;
    if (keystream === 0) this.applyRtpKeystream(bytes, offset, length, headerLength, roc);
    else kernel.applyKeystream(address + headerLength, keystream, length - headerLength);
    this.hmacStates ??= kernel.hmacStates(this.rtp.authenticationKey);
    kernel.lanes.add(address, length, roc, this.rtpTrailerLength, this.hmacStates, this.rtpHmac);
    return length + this.rtpTrailerLength;
  }

  protectRtp(bytes: Uint8Array, offset: number, length: number, headerLength: number, roc: number): number {
    this.applyRtpKeystream(bytes, offset, length, headerLength, roc);
    const digest = this.rtpHmac.digestWithRoc(bytes, offset, length, roc);
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
    const digest = this.rtpHmac.digestWithRoc(bytes, offset, end, roc);
    if (!this.rtpTag.matches(digest, bytes, offset + end)) return false;
    this.applyRtpKeystream(bytes, offset, end, headerLength, roc);
    return true;
  }

  protectRtcp(bytes: Uint8Array, offset: number, length: number, index: number): number {
    this.applyRtcpKeystream(bytes, offset, length, index);
    writeU32(bytes, offset + length, (index | 0x80000000) >>> 0);
    const end = length + INDEX_WORD;
    return appendTag(bytes, offset, end, this.rtcpHmac.digest(bytes, offset, end), RTCP_TAG);
  }

  unprotectRtcp(bytes: Uint8Array, offset: number, length: number): boolean {
    const end = length - RTCP_TAG;
    if (!this.rtcpTag.matches(this.rtcpHmac.digest(bytes, offset, end), bytes, offset + end)) return false;
    const indexWord = readU32(bytes, offset + end - INDEX_WORD);
    if (indexWord >= 0x80000000)
      this.applyRtcpKeystream(bytes, offset, end - INDEX_WORD, indexWord & 0x7fffffff);
    return true;
  }

  get rtpSalt(): Uint8Array {
    return this.rtp.salt;
  }

  get rtpKeystream(): AesCounterKeystream {
    return (this.rtpCipher ??= new AesCounterKeystream(this.rtp.encryptionKey));
  }

  private get rtcpKeystream(): AesCounterKeystream {
    return (this.rtcpCipher ??= new AesCounterKeystream(this.rtcp.encryptionKey));
  }

  private get rtpHmac(): HmacSha1 {
    return (this.rtpMac ??= new HmacSha1(this.rtp.authenticationKey));
  }

  private get rtcpHmac(): HmacSha1 {
    return (this.rtcpMac ??= new HmacSha1(this.rtcp.authenticationKey));
  }

  private applyRtpKeystream(
    bytes: Uint8Array,
    offset: number,
    length: number,
    headerLength: number,
    roc: number,
  ) {
    const ssrc = readU32(bytes, offset + 8);
    writeRtpIv(this.rtpKeystream.iv, 0, this.rtp.salt, ssrc, roc, readU16(bytes, offset + 2));
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
}

function appendTag(bytes: Uint8Array, offset: number, length: number, digest: Uint8Array, tagLength: number) {
  for (let i = 0; i < tagLength; i++) bytes[offset + length + i] = digest[i];
  return length + tagLength;
}

/** By length: 10 and 4 bytes. */
const comparisons = new Map<number, TagComparison>();

/** Compares a truncated digest with the tag of a packet in constant time, without a view per packet. */
class TagComparison {
  private readonly expected: Uint8Array;
  private readonly received: Uint8Array;

  /** They hold nothing from one comparison to the next: one serves all keys of the thread. */
  static of(length: number): TagComparison {
    let comparison = comparisons.get(length);
    if (comparison === undefined) comparisons.set(length, (comparison = new TagComparison(length)));
    return comparison;
  }

  private constructor(length: number) {
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
