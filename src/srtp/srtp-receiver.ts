/**
 * Verifies and decrypts the packets of one direction of a session, in place. Hot path: allocates only what
 * node:crypto needs. Nothing that has not been authenticated changes any state, and nothing makes it throw.
 */
import { readU16, readU32 } from '../rtp/bytes.js';
import { RTCP_CLEAR_HEADER, RTP_FIXED_HEADER, rtpHeaderLength } from './clear-header.js';
import { createSrtpTransform } from './create-transform.js';
import { estimateIndex, rolloverCounter, RTP_INDEX_LIMIT } from './packet-index.js';
import { ReplayVerdict } from './replay-window.js';
import { SourceTable } from './source-table.js';
import { SrtpError } from './srtp-error.js';
import type { SrtpKeying } from './srtp-keying.js';
import type { SrtpProfile } from './srtp-profiles.js';
import type { SrtpTransform } from './srtp-transform.js';

/** SSRCs with state, for RTP and for RTCP each: far above what a browser sends, about 200 KiB at most. */
const DEFAULT_MAX_SOURCES = 1024;
const MAX_PACKET = 65535;

export class SrtpReceiver {
  readonly profile: SrtpProfile;
  private readonly transform: SrtpTransform;
  private readonly rtpSources: SourceTable;
  private readonly rtcpSources: SourceTable;

  /**
   * @param maxSources SSRCs that are remembered at a time (RTP and RTCP each); beyond it the one that has been
   *   silent for longest is forgotten. Raise it for a pipe that carries more streams than that at once.
   * @throws TypeError when the keying has not the lengths of its profile.
   */
  constructor(keying: SrtpKeying, maxSources = DEFAULT_MAX_SOURCES) {
    this.profile = keying.profile;
    this.transform = createSrtpTransform(keying);
    this.rtpSources = new SourceTable(maxSources);
    this.rtcpSources = new SourceTable(maxSources);
  }

  /**
   * @returns the length of the RTP packet, or a negative {@link SrtpError}; then the bytes are as they came.
   */
  unprotectRtp(bytes: Uint8Array, offset: number, length: number): number {
    const plainLength = length - this.transform.rtpTrailerLength;
    if (plainLength < RTP_FIXED_HEADER) return SrtpError.RtpTooShort;
    if (length > MAX_PACKET) return SrtpError.RtpMalformed;
    const headerLength = rtpHeaderLength(bytes, offset, plainLength);
    if (headerLength < 0) return SrtpError.RtpMalformed;

    const sequenceNumber = readU16(bytes, offset + 2);
    const ssrc = readU32(bytes, offset + 8) | 0;
    const known = this.rtpSources.find(ssrc);
    // A first packet is in the first cycle, however high its number.
    const index = known === undefined ? sequenceNumber : estimateIndex(known.highest, sequenceNumber);
    if (index >= RTP_INDEX_LIMIT) return SrtpError.RtpIndexExhausted;
    if (known !== undefined) {
      const verdict = known.check(index);
      if (verdict === ReplayVerdict.Seen) return SrtpError.RtpReplay;
      if (verdict === ReplayVerdict.Stale) return SrtpError.RtpStale;
    }

    if (!this.transform.unprotectRtp(bytes, offset, length, headerLength, rolloverCounter(index)))
      return SrtpError.RtpAuthentication;
    this.rtpSources.accept(ssrc, known, index);
    return plainLength;
  }

  /**
   * Takes packets with and without the E bit: both are authenticated.
   * @returns the length of the compound RTCP packet, or a negative {@link SrtpError}; then the bytes are as they
   *   came.
   */
  unprotectRtcp(bytes: Uint8Array, offset: number, length: number): number {
    const plainLength = length - this.transform.rtcpTrailerLength;
    if (plainLength < RTCP_CLEAR_HEADER) return SrtpError.RtcpTooShort;
    if (length > MAX_PACKET || bytes[offset] >> 6 !== 2) return SrtpError.RtcpMalformed;

    const ssrc = readU32(bytes, offset + 4) | 0;
    const known = this.rtcpSources.find(ssrc);
    const index = readU32(bytes, offset + length - this.transform.rtcpIndexFromEnd) & 0x7fffffff;
    if (known !== undefined) {
      const verdict = known.check(index);
      if (verdict === ReplayVerdict.Seen) return SrtpError.RtcpReplay;
      if (verdict === ReplayVerdict.Stale) return SrtpError.RtcpStale;
    }

    if (!this.transform.unprotectRtcp(bytes, offset, length)) return SrtpError.RtcpAuthentication;
    this.rtcpSources.accept(ssrc, known, index);
    return plainLength;
  }
}
