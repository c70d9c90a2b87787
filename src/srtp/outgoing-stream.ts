/**
 * Which packet indices of one SSRC were used (RFC 3711 3.3.1). Hot path: allocates nothing.
 *
 * With AES in counter mode a packet may be protected again as long as it is the same. With GCM that is not so: what differs
 * may be no more than the header, and two tags under one nonce already give the authentication key away (RFC 7714 8.4, RFC
 * 5116 5.1.1). There no index is ever given out twice.
 */
import { estimateIndex, RTP_INDEX_LIMIT } from './packet-index.js';
import { ReplayVerdict, ReplayWindow } from './replay-window.js';
import { SrtpError } from './srtp-error.js';

/**
 * How far behind the highest index a packet may be sent when each may only once: as far back as a reordered packet finds its
 * place in what is forwarded. Of older ones it is not known whether they were sent.
 */
export const SEND_WINDOW_SIZE = 1024;

export class OutgoingStream {
  /** The highest index used; -1 before the first. */
  highest = -1;
  private readonly sent: ReplayWindow | null;

  /**
   * @param ssrc as a signed or an unsigned number
   * @param once no index may be used twice
   */
  constructor(
    readonly ssrc: number,
    once: boolean,
  ) {
    this.sent = once ? new ReplayWindow(SEND_WINDOW_SIZE) : null;
  }

  /**
   * The index of a packet that is sent now. The rollover counter starts at 0; a number within 2^15 of the highest so far
   * belongs to the cycle that is nearest.
   * @returns a negative {@link SrtpError} when there is no index left, or this one must not be used any more
   */
  advance(sequenceNumber: number): number {
    const { highest, sent } = this;
    const index = highest < 0 ? sequenceNumber : estimateIndex(highest, sequenceNumber);
    if (index >= RTP_INDEX_LIMIT) return SrtpError.RtpIndexExhausted;
    if (sent !== null) {
      const verdict = sent.check(index);
      if (verdict === ReplayVerdict.Seen) return SrtpError.RtpReplay;
      if (verdict === ReplayVerdict.Stale) return SrtpError.RtpStale;
      // Before it is encrypted: should that fail half way, the index counts as used.
      sent.accept(index);
    }
    if (index > highest) this.highest = index;
    return index;
  }
}
