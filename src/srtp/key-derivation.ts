/**
 * SRTP session keys from the master key and salt (RFC 3711 4.3), with a key derivation rate of zero: one set of
 * keys for the life of the session. AES-256 uses the same function with a longer key (RFC 6188 3, RFC 7714 11).
 */
import { createCipheriv } from 'node:crypto';
import type { SrtpKeying } from './srtp-keying.js';
import { srtpProfileInfo } from './srtp-profiles.js';

/** RFC 3711 4.3.1 and 4.3.2. */
export const SrtpKeyLabel = {
  RtpEncryption: 0,
  RtpAuthentication: 1,
  RtpSalt: 2,
  RtcpEncryption: 3,
  RtcpAuthentication: 4,
  RtcpSalt: 5,
} as const;

/** The session keys of RTP, or those of RTCP. */
export interface SessionKeySet {
  encryptionKey: Uint8Array;
  salt: Uint8Array;
  /** 20 bytes for HMAC-SHA1; empty for AES-GCM, which has no separate one. */
  authenticationKey: Uint8Array;
}

export interface SrtpSessionKeys {
  rtp: SessionKeySet;
  rtcp: SessionKeySet;
}

const HMAC_SHA1_KEY_LENGTH = 20;

/**
 * All session keys of one direction.
 * @throws TypeError when the master key or salt has not the length of its profile.
 */
export function deriveSessionKeys(keying: SrtpKeying): SrtpSessionKeys {
  const { profile, masterKey, masterSalt } = keying;
  const { keyLength, saltLength, aead } = srtpProfileInfo(profile);
  if (masterKey.length !== keyLength || masterSalt.length !== saltLength)
    throw new TypeError(
      `SRTP master key and salt have ${masterKey.length} and ${masterSalt.length} bytes, ` +
        `${profile} needs ${keyLength} and ${saltLength}`,
    );
  const keySet = (encryption: number, authentication: number, salt: number): SessionKeySet => ({
    encryptionKey: deriveSessionKey(masterKey, masterSalt, encryption, keyLength),
    salt: deriveSessionKey(masterKey, masterSalt, salt, saltLength),
    authenticationKey: aead
      ? new Uint8Array(0)
      : deriveSessionKey(masterKey, masterSalt, authentication, HMAC_SHA1_KEY_LENGTH),
  });
  return {
    rtp: keySet(SrtpKeyLabel.RtpEncryption, SrtpKeyLabel.RtpAuthentication, SrtpKeyLabel.RtpSalt),
    rtcp: keySet(SrtpKeyLabel.RtcpEncryption, SrtpKeyLabel.RtcpAuthentication, SrtpKeyLabel.RtcpSalt),
  };
}

/** The AES-CM pseudo-random function: the keystream of the master key at (label || 0) XOR salt. */
export function deriveSessionKey(
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  label: number,
  length: number,
): Uint8Array {
  // A 12-byte GCM salt stands left-aligned in the 14 bytes of AES-CM's (RFC 7714 11).
  const iv = new Uint8Array(16);
  iv.set(masterSalt);
  iv[7] ^= label;
  const cipher = createCipheriv(masterKey.length === 32 ? 'aes-256-ctr' : 'aes-128-ctr', masterKey, iv);
  return new Uint8Array(cipher.update(new Uint8Array(length)));
}
