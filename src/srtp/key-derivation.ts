/**
 * SRTP session keys from the master key and salt (RFC 3711 4.3), with a key derivation rate of zero: one set of
 * keys for the life of the session. AES-256 uses the same function with a longer key (RFC 6188 3, RFC 7714 11).
 */
import { createCipheriv, type Cipher } from 'node:crypto';
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
const BLOCK = 16;

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
  const random = keyGenerator(masterKey);
  const keySet = (encryption: number, authentication: number, salt: number): SessionKeySet => ({
    encryptionKey: deriveSessionKey(random, masterSalt, encryption, keyLength),
    salt: deriveSessionKey(random, masterSalt, salt, saltLength),
    authenticationKey: aead
      ? new Uint8Array(0)
      : deriveSessionKey(random, masterSalt, authentication, HMAC_SHA1_KEY_LENGTH),
  });
  return {
    rtp: keySet(SrtpKeyLabel.RtpEncryption, SrtpKeyLabel.RtpAuthentication, SrtpKeyLabel.RtpSalt),
    rtcp: keySet(SrtpKeyLabel.RtcpEncryption, SrtpKeyLabel.RtcpAuthentication, SrtpKeyLabel.RtcpSalt),
  };
}

/** AES under the master key, of which `deriveSessionKey` makes all session keys: making it costs more than any of them. */
export function keyGenerator(masterKey: Uint8Array): Cipher {
  return createCipheriv(masterKey.length === 32 ? 'aes-256-ecb' : 'aes-128-ecb', masterKey, null);
}

/** The AES-CM pseudo-random function: the keystream of the master key at (label || 0) XOR salt. */
export function deriveSessionKey(
  generator: Cipher,
  masterSalt: Uint8Array,
  label: number,
  length: number,
): Uint8Array {
  const counters = new Uint8Array(Math.ceil(length / BLOCK) * BLOCK);
  for (let block = 0; block < counters.length; block += BLOCK) {
    // A 12-byte GCM salt stands left-aligned in the 14 bytes of AES-CM's (RFC 7714 11).
    counters.set(masterSalt, block);
    counters[block + 7] ^= label;
    counters[block + BLOCK - 1] = block / BLOCK;
  }
  return new Uint8Array(generator.update(counters).subarray(0, length));
}
