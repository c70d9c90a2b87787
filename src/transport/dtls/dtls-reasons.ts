/** Every named outcome of the DTLS layer, in one place, so that counters and logs agree on the words. */

/** Why a handshake was given up. Terminal: the session is `failed` and answers nothing any more. */
export type DtlsFailure =
  /** the handshake did not complete within `handshakeTimeoutMs` */
  | 'handshake-timeout'
  /** the peer sent more handshake bytes or datagrams than a handshake can need */
  | 'handshake-limit'
  /** the peer does not offer DTLS 1.2 */
  | 'unsupported-version'
  | 'no-common-cipher-suite'
  | 'no-common-curve'
  | 'no-common-signature-algorithm'
  | 'no-common-srtp-profile'
  /** the peer presented no certificate (RFC 8827 requires one from both sides) */
  | 'no-certificate'
  /** not an X.509 certificate, or a key that is too weak or of a kind that cannot sign what we offered */
  | 'bad-certificate'
  /** the certificate is not the one that signalling announced */
  | 'fingerprint-mismatch'
  /** the peer does not hold the private key of its certificate, or signed with an algorithm not offered */
  | 'bad-certificate-verify'
  /** the public key of the peer's key exchange is not a valid point */
  | 'bad-key-exchange'
  /** the peer saw another handshake than we did (RFC 5246 section 7.4.9) */
  | 'bad-finished'
  /** werift could not build our flight from a ClientHello that we found acceptable */
  | 'engine-failure';

/** Why a datagram, record or message was ignored. Never terminal. */
export type DtlsDropReason =
  | 'datagram-too-large'
  | 'malformed-record'
  | 'malformed-handshake'
  /** a handshake message that does not belong where the handshake stands */
  | 'unexpected-message'
  /** a fragment beyond the window of messages that a flight can hold */
  | 'message-sequence'
  /** a message larger than any that a client sends, or too many incomplete ones */
  | 'reassembly-limit'
  /** a fragment of a message that was handled before */
  | 'duplicate-handshake'
  | 'bad-cookie'
  /** we answered retransmissions as often as we are willing to */
  | 'retransmission-limit'
  /** any alert outside the encrypted epoch: anybody could have written it */
  | 'plaintext-alert'
  | 'plaintext-application-data'
  /** anything but the one byte 1 (RFC 5246 section 7.1) */
  | 'bad-change-cipher-spec'
  /** an encrypted alert from a peer that has not proved who it is */
  | 'early-alert'
  /** an authenticated warning alert other than close_notify */
  | 'warning-alert'
  | 'bad-epoch'
  | 'bad-record-mac'
  | 'replayed-record'
  /** encrypted records that came before the key exchange, more than we keep */
  | 'early-record'
  /** a handshake attempt on an established session */
  | 'renegotiation'
  | 'application-data';
