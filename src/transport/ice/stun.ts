/**
 * Reading STUN (RFC 8489) as ICE uses it (RFC 8445). One linear pass over the attributes into a reusable view, no
 * allocation and no cryptography, so that a flood of forged messages costs next to nothing; the two `verify` functions
 * come after the cheap checks.
 *
 * werift's parser is not used for what comes from the network: it computes a checksum over the message for every
 * FINGERPRINT attribute found (quadratic, before authentication), honours attributes behind MESSAGE-INTEGRITY, which
 * anybody on the path can append, and does not compare the HMAC in constant time.
 */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { readU16, readU32 } from '../../rtp/bytes.js';
import { crc32 } from './crc32.js';

export const STUN_HEADER_LENGTH = 20;
export const STUN_MAGIC_COOKIE = 0x2112a442;
/** A Binding message fits any path's MTU (RFC 8489 6.1); longer ones are not read. */
export const STUN_MAX_LENGTH = 1500;
export const STUN_INTEGRITY_LENGTH = 20;
export const STUN_FINGERPRINT_XOR = 0x5354554e;

export const StunClass = { Request: 0x000, Indication: 0x010, Success: 0x100, Error: 0x110 } as const;
export type StunClass = (typeof StunClass)[keyof typeof StunClass];

export const StunMethod = { Binding: 0x001 } as const;

export const StunAttribute = {
  Username: 0x0006,
  MessageIntegrity: 0x0008,
  ErrorCode: 0x0009,
  XorMappedAddress: 0x0020,
  Priority: 0x0024,
  UseCandidate: 0x0025,
  Software: 0x8022,
  Fingerprint: 0x8028,
  IceControlled: 0x8029,
  IceControlling: 0x802a,
  /** draft-thatcher-ice-renomination, as libwebrtc sends it. */
  Nomination: 0xc001,
} as const;

/** Offsets are absolute in the bytes given to parse(); -1 where the attribute is missing. */
export class StunMessage {
  messageClass: StunClass = StunClass.Request;
  method = 0;
  offset = 0;
  length = 0;
  usernameOffset = -1;
  usernameLength = 0;
  /** Of the attribute's header: the HMAC covers everything before it. */
  integrityOffset = -1;
  fingerprintOffset = -1;
  /** 0 when missing. */
  priority = 0;
  useCandidate = false;
  iceControlled = false;
  iceControlling = false;
  /** Value of the nomination attribute, -1 when missing. */
  nomination = -1;

  /** False when this is no well-formed STUN message; the fields then mean nothing. */
  parse(bytes: Uint8Array, offset: number, length: number): boolean {
    if (length < STUN_HEADER_LENGTH || length > STUN_MAX_LENGTH || length % 4 !== 0) return false;
    if (offset < 0 || offset + length > bytes.length) return false;
    const type = readU16(bytes, offset);
    if (type >= 0x4000) return false;
    if (readU16(bytes, offset + 2) !== length - STUN_HEADER_LENGTH) return false;
    if (readU32(bytes, offset + 4) !== STUN_MAGIC_COOKIE) return false;

    this.messageClass = (type & 0x0110) as StunClass;
    this.method = type & 0x3eef;
    this.offset = offset;
    this.length = length;
    this.usernameOffset = -1;
    this.usernameLength = 0;
    this.integrityOffset = -1;
    this.fingerprintOffset = -1;
    this.priority = 0;
    this.useCandidate = false;
    this.iceControlled = false;
    this.iceControlling = false;
    this.nomination = -1;
    return this.#readAttributes(bytes, offset + STUN_HEADER_LENGTH, offset + length);
  }

  /** Of a repeated attribute the first counts; behind MESSAGE-INTEGRITY only FINGERPRINT does (RFC 8489 14.5). */
  #readAttributes(bytes: Uint8Array, start: number, end: number): boolean {
    for (let at = start; at < end;) {
      // FINGERPRINT is the last attribute, whatever it is.
      if (this.fingerprintOffset !== -1 || at + 4 > end) return false;
      const type = readU16(bytes, at);
      const length = readU16(bytes, at + 2);
      const value = at + 4;
      const next = value + ((length + 3) & ~3);
      if (next > end) return false;
      if (type === StunAttribute.Fingerprint) {
        if (length !== 4) return false;
        this.fingerprintOffset = at;
      } else if (this.integrityOffset === -1 && !this.#readAttribute(bytes, type, value, length)) {
        return false;
      }
      at = next;
    }
    return true;
  }

  #readAttribute(bytes: Uint8Array, type: number, value: number, length: number): boolean {
    switch (type) {
      case StunAttribute.Username:
        if (this.usernameOffset === -1) {
          this.usernameOffset = value;
          this.usernameLength = length;
        }
        return true;
      case StunAttribute.MessageIntegrity:
        this.integrityOffset = value - 4;
        return length === STUN_INTEGRITY_LENGTH;
      case StunAttribute.Priority:
        if (length === 4 && this.priority === 0) this.priority = readU32(bytes, value);
        return length === 4;
      case StunAttribute.UseCandidate:
        this.useCandidate = true;
        return length === 0;
      case StunAttribute.IceControlled:
        this.iceControlled = true;
        return length === 8;
      case StunAttribute.IceControlling:
        this.iceControlling = true;
        return length === 8;
      case StunAttribute.Nomination:
        if (length === 4 && this.nomination === -1) this.nomination = readU32(bytes, value);
        return length === 4;
      default:
        return true;
    }
  }

  /**
   * Length of the receiver's user name fragment: what stands before the first colon of USERNAME (RFC 8445 7.2.2).
   * -1 without USERNAME or colon.
   */
  usernameFragmentLength(bytes: Uint8Array): number {
    for (let i = 0; i < this.usernameLength; i++) {
      if (bytes[this.usernameOffset + i] === 0x3a) return i;
    }
    return -1;
  }
}

/** True when MESSAGE-INTEGRITY is there and was made with the key; the comparison takes constant time. */
export function verifyIntegrity(bytes: Uint8Array, message: StunMessage, key: KeyObject): boolean {
  const { offset, integrityOffset } = message;
  if (integrityOffset === -1) return false;
  const value = integrityOffset + 4;
  const expected = stunHmac(bytes, offset, integrityOffset, key);
  return timingSafeEqual(expected, bytes.subarray(value, value + STUN_INTEGRITY_LENGTH));
}

/** True when FINGERPRINT is there and right. */
export function verifyFingerprint(bytes: Uint8Array, message: StunMessage): boolean {
  const at = message.fingerprintOffset;
  return at !== -1 && readU32(bytes, at + 4) === stunFingerprint(bytes, message.offset, at);
}

/**
 * HMAC-SHA1 over the message before `end`, its length field counted as if the message ended behind MESSAGE-INTEGRITY:
 * so the header is hashed from a copy.
 */
export function stunHmac(bytes: Uint8Array, offset: number, end: number, key: KeyObject): Buffer {
  const header = Buffer.from(bytes.subarray(offset, offset + STUN_HEADER_LENGTH));
  header.writeUInt16BE(end - offset - STUN_HEADER_LENGTH + 4 + STUN_INTEGRITY_LENGTH, 2);
  return createHmac('sha1', key)
    .update(header)
    .update(bytes.subarray(offset + STUN_HEADER_LENGTH, end))
    .digest();
}

/** FINGERPRINT's value for a message whose bytes before `end` are final, length field included. */
export function stunFingerprint(bytes: Uint8Array, offset: number, end: number): number {
  return (crc32(bytes, offset, end) ^ STUN_FINGERPRINT_XOR) >>> 0;
}
