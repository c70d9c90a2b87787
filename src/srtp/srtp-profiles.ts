/**
 * The SRTP protection profiles and their sizes (RFC 3711, RFC 5764 4.1.2, RFC 7714 12 and 14.2).
 */
import type { SrtpCryptoSuite } from '../rtp/rtp-parameters.js';

/** Named as in SDP and in mediasoup: the crypto suite is the profile. */
export type SrtpProfile = SrtpCryptoSuite;

/** All lengths in bytes. */
export interface SrtpProfileInfo {
  profile: SrtpProfile;
  /** The value in the DTLS `use_srtp` extension. */
  dtlsId: number;
  keyLength: number;
  saltLength: number;
  rtpTagLength: number;
  rtcpTagLength: number;
  /** AES-GCM authenticates by itself; the others carry an HMAC-SHA1 tag. */
  aead: boolean;
}

/** What protection may add behind a packet, at most: a 16-byte GCM tag and the SRTCP index word. */
export const SRTP_MAX_TRAILER = 20;

const profiles: Record<SrtpProfile, SrtpProfileInfo> = {
  AES_CM_128_HMAC_SHA1_80: {
    profile: 'AES_CM_128_HMAC_SHA1_80',
    dtlsId: 0x0001,
    keyLength: 16,
    saltLength: 14,
    rtpTagLength: 10,
    rtcpTagLength: 10,
    aead: false,
  },
  // The short tag is for RTP only: SRTCP keeps 80 bits (RFC 5764 4.1.2).
  AES_CM_128_HMAC_SHA1_32: {
    profile: 'AES_CM_128_HMAC_SHA1_32',
    dtlsId: 0x0002,
    keyLength: 16,
    saltLength: 14,
    rtpTagLength: 4,
    rtcpTagLength: 10,
    aead: false,
  },
  AEAD_AES_128_GCM: {
    profile: 'AEAD_AES_128_GCM',
    dtlsId: 0x0007,
    keyLength: 16,
    saltLength: 12,
    rtpTagLength: 16,
    rtcpTagLength: 16,
    aead: true,
  },
  AEAD_AES_256_GCM: {
    profile: 'AEAD_AES_256_GCM',
    dtlsId: 0x0008,
    keyLength: 32,
    saltLength: 12,
    rtpTagLength: 16,
    rtcpTagLength: 16,
    aead: true,
  },
};

/** Every supported profile. */
export const srtpProfileNames = Object.keys(profiles) as readonly SrtpProfile[];

export function isSrtpProfile(name: unknown): name is SrtpProfile {
  return typeof name === 'string' && Object.hasOwn(profiles, name);
}

export function srtpProfileInfo(profile: SrtpProfile): SrtpProfileInfo {
  return profiles[profile];
}

/** The profile of a DTLS `use_srtp` value, or undefined when it is not supported. */
export function srtpProfileFromDtlsId(dtlsId: number): SrtpProfile | undefined {
  return srtpProfileNames.find((name) => profiles[name].dtlsId === dtlsId);
}
