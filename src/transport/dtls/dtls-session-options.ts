import { type SrtpProfile } from '../../srtp/srtp-profiles.js';
import { type DtlsCertificate, type DtlsFingerprint } from './dtls-certificate.js';
import { type DtlsDropReason, type DtlsFailure } from './dtls-reasons.js';
import { type DtlsConnection } from './server-handshake.js';

export interface DtlsServerSessionOptions extends Partial<DtlsLimits> {
  certificate: DtlsCertificate;
  /** from signalling; the peer's certificate has to match one of them */
  remoteFingerprints: readonly DtlsFingerprint[];
  /** in order of preference */
  srtpProfiles: readonly SrtpProfile[];
  /** Takes one datagram for the peer; the bytes are not touched again. Must not call `receive` before it returns. */
  send(this: void, datagram: Uint8Array): void;
  /** Once, when the peer is verified and not before. */
  onConnected(this: void, connection: DtlsConnection): void;
  /** Once; the session is dead. */
  onFailed(this: void, reason: DtlsFailure): void;
  /** The peer ended the session with an authenticated close_notify or fatal alert. */
  onClosed(this: void): void;
  /** Something was ignored: to be counted. */
  onDrop(this: void, reason: DtlsDropReason): void;
}

/** What one peer may cost. */
export interface DtlsLimits {
  /** from the first ClientHello on; default 15000 */
  handshakeTimeoutMs: number;
  /** delay before flight 4 is repeated unasked; doubles each time; default 500 */
  retransmissionTimeoutMs: number;
  /** flights sent until the session is connected, and again from then on; repetitions included; default 32 */
  maxFlights: number;
  /** largest datagram looked at, in bytes; default 2048 */
  maxDatagramBytes: number;
  /** bytes of handshake messages taken before the session is connected; default 32768 */
  maxHandshakeBytes: number;
  /** datagrams that added to a handshake message before the session is connected; default 256 */
  maxHandshakeDatagrams: number;
}

export function resolveLimits(options: Partial<DtlsLimits>): DtlsLimits {
  return {
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 15000,
    retransmissionTimeoutMs: options.retransmissionTimeoutMs ?? 500,
    maxFlights: options.maxFlights ?? 32,
    maxDatagramBytes: options.maxDatagramBytes ?? 2048,
    maxHandshakeBytes: options.maxHandshakeBytes ?? 32768,
    maxHandshakeDatagrams: options.maxHandshakeDatagrams ?? 256,
  };
}
