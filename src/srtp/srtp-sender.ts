/**
 * Protects the packets of one direction of a session, in place. Hot path: allocates only what node:crypto needs.
 *
 * **The caller must never give packets with different payloads the same SSRC and index** (sequence number and rollover):
 * both would be encrypted with the same keystream, which reveals them. With AES_CM the same payload again, as a
 * retransmission without RTX has it, is harmless. With GCM it is not, once anything in the header differs: the
 * authentication key would be revealed too. There an index that was used is refused, whatever the packet.
 */
import { readU16, readU32 } from '../rtp/bytes.js';
import { AesCmTransform } from './aes-cm-transform.js';
import { RTCP_CLEAR_HEADER, RTP_FIXED_HEADER, rtpHeaderLength } from './clear-header.js';
import { createSrtpTransform } from './create-transform.js';
import { KeystreamAhead } from './keystream-ahead.js';
import { rolloverCounter, RTCP_INDEX_LIMIT } from './packet-index.js';
import type { SrtpKernel } from './srtp-kernel.js';
import { SrtpError } from './srtp-error.js';
import type { SrtpKeying } from './srtp-keying.js';
import { SRTP_MAX_TRAILER, srtpProfileInfo, type SrtpProfile } from './srtp-profiles.js';
import type { SrtpTransform } from './srtp-transform.js';

export class SrtpSender {
  /** The stream of the packet before: most senders have few streams, and packets of one come in rows. */
  private last: KeystreamAhead | null = null;
  /** The transform when the kernel can work for it. */
  private readonly cm: AesCmTransform | null;
  private readonly transform: SrtpTransform;
  readonly profile: SrtpProfile;
  private readonly aead: boolean;
  /*
   * Keyed by the SSRC as a signed number, which V8 keeps out of the heap. Entries stay for the life of the keys:
   * a forgotten rollover counter would start again at zero and use a keystream twice. SSRCs are our own choice,
   * so no peer can fill the maps.
   */
  private readonly rtpStreams = new Map<number, KeystreamAhead>();
  /** The last index of each. */
  private readonly rtcpIndices = new Map<number, number>();

  /** @throws TypeError when the keying has not the lengths of its profile. */
  constructor(keying: SrtpKeying) {
    this.profile = keying.profile;
    this.aead = srtpProfileInfo(keying.profile).aead;
    this.transform = createSrtpTransform(keying);
    this.cm = this.transform instanceof AesCmTransform ? this.transform : null;
  }

  /**
   * Encrypts an RTP packet and appends its tag. `SRTP_MAX_TRAILER` bytes behind it must be free.
   *
   * The rollover counter of an SSRC starts at 0. Sequence numbers may come in any order as long as each is within
   * 2^15 of the highest so far: older ones around a wrap get the rollover counter that they had. With GCM each may come
   * once, and within SEND_WINDOW_SIZE of the highest.
   * @returns the new length, or a negative {@link SrtpError} for something that is not an RTP packet or must not be sent;
   * then the bytes are as they came.
   */
  protectRtp(bytes: Uint8Array, offset: number, length: number): number {
    const headerLength = checkRtp(bytes, offset, length);
    if (headerLength < 0) return headerLength;
    const index = this.rtpStream(bytes, offset).advance(readU16(bytes, offset + 2));
    if (index < 0) return index;
    return this.transform.protectRtp(bytes, offset, length, headerLength, rolloverCounter(index));
  }

  /** Reads what `stageRtp` will need (see touch-ahead). */
  touch(): number {
    const { last, cm } = this;
    return last === null || cm === null ? 0 : last.touch() + cm.touch();
  }

  /**
   * `protectRtp` for a packet in the memory of `kernel`, with the same result once `kernel.lanes.sign()` has been called:
   * tags are computed for several packets at once. Nothing may change the packet before that.
   */
  stageRtp(kernel: SrtpKernel, bytes: Uint8Array, offset: number, length: number): number {
    const headerLength = checkRtp(bytes, offset, length);
    if (headerLength < 0) return headerLength;
    const stream = this.rtpStream(bytes, offset);
    const index = stream.advance(readU16(bytes, offset + 2));
    if (index < 0) return index;
    const roc = rolloverCounter(index);
    const { cm } = this;
    if (cm === null) return this.transform.protectRtp(bytes, offset, length, headerLength, roc);
    const keystream = stream.take(kernel, cm, index, length - headerLength);
    return cm.stageRtp(kernel, keystream, bytes, offset, length, headerLength, roc);
  }

  /**
   * Encrypts a compound RTCP packet behind its first 8 bytes and appends index and tag. `SRTP_MAX_TRAILER` bytes
   * behind it must be free. The index counts per SSRC of the first packet and starts at 1, as in libsrtp.
   * @returns the new length, or a negative {@link SrtpError} for something that is not an RTCP packet.
   */
  protectRtcp(bytes: Uint8Array, offset: number, length: number): number {
    if (length < RTCP_CLEAR_HEADER) return SrtpError.RtcpTooShort;
    if (bytes[offset] >> 6 !== 2) return SrtpError.RtcpMalformed;
    requireRoom(bytes, offset, length);
    const ssrc = readU32(bytes, offset + 4) | 0;
    const index = (this.rtcpIndices.get(ssrc) ?? 0) + 1;
    if (index >= RTCP_INDEX_LIMIT) return SrtpError.RtcpIndexExhausted;
    this.rtcpIndices.set(ssrc, index);
    return this.transform.protectRtcp(bytes, offset, length, index);
  }

  private rtpStream(bytes: Uint8Array, offset: number): KeystreamAhead {
    const ssrc = readU32(bytes, offset + 8) | 0;
    const { last } = this;
    return last !== null && last.ssrc === ssrc ? last : this.findStream(ssrc);
  }

  private findStream(ssrc: number): KeystreamAhead {
    let stream = this.rtpStreams.get(ssrc);
    if (stream === undefined) {
      stream = new KeystreamAhead(ssrc, this.aead);
      this.rtpStreams.set(ssrc, stream);
    }
    return (this.last = stream);
  }
}

/** The header's length, or why it is none. */
function checkRtp(bytes: Uint8Array, offset: number, length: number): number {
  if (length < RTP_FIXED_HEADER) return SrtpError.RtpTooShort;
  const headerLength = rtpHeaderLength(bytes, offset, length);
  if (headerLength < 0) return SrtpError.RtpMalformed;
  requireRoom(bytes, offset, length);
  return headerLength;
}

/** Writes behind the end of an array vanish without a word: a packet would go out without its tag. */
function requireRoom(bytes: Uint8Array, offset: number, length: number): void {
  if (offset + length + SRTP_MAX_TRAILER > bytes.length)
    throw new RangeError(
      `no room to protect a packet: ${bytes.length - offset - length} bytes behind it, ${SRTP_MAX_TRAILER} needed`,
    );
}
