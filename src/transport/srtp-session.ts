import { type SrtpKeying } from '../srtp/srtp-keying.js';
import { SRTP_MAX_TRAILER } from '../srtp/srtp-profiles.js';
import { SrtpReceiver } from '../srtp/srtp-receiver.js';
import { SrtpSender } from '../srtp/srtp-sender.js';

/** Longest RTCP packet that we send, with room for its trailer. */
const MAX_RTCP = 1500;

/** Both directions of SRTP on one transport. */
export class SrtpSession {
  readonly sender: SrtpSender;
  readonly receiver: SrtpReceiver;
  private readonly scratch = new Uint8Array(MAX_RTCP + SRTP_MAX_TRAILER);

  /** @param maxSources see SrtpReceiver */
  constructor(local: SrtpKeying, remote: SrtpKeying, maxSources?: number) {
    this.sender = new SrtpSender(local);
    this.receiver = new SrtpReceiver(remote, maxSources);
  }

  /**
   * Encrypts a compound RTCP packet into a buffer of its own and gives it to `send`.
   * @returns false when it is too long or the keys are used up
   */
  sendRtcp(
    bytes: Uint8Array,
    offset: number,
    length: number,
    send: (bytes: Uint8Array, offset: number, length: number) => void,
  ): boolean {
    if (length > MAX_RTCP) return false;
    for (let index = 0; index < length; index++) this.scratch[index] = bytes[offset + index];
    const protectedLength = this.sender.protectRtcp(this.scratch, 0, length);
    if (protectedLength < 0) return false;
    send(this.scratch, 0, protectedLength);
    return true;
  }
}
