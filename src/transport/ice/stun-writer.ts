/**
 * Writing STUN messages (RFC 8489). Attributes go out in the order of the calls: everything else, then `integrity`,
 * then `fingerprint`.
 */
import { type KeyObject } from 'node:crypto';
import { writeU16, writeU32 } from '../../rtp/bytes.js';
import { ipAddressBytes } from './ip-address.js';
import {
  STUN_HEADER_LENGTH,
  STUN_INTEGRITY_LENGTH,
  STUN_MAGIC_COOKIE,
  STUN_MAX_LENGTH,
  StunAttribute,
  type StunClass,
  stunFingerprint,
  stunHmac,
} from './stun.js';

const textEncoder = new TextEncoder();

export class StunWriter {
  readonly #bytes = new Uint8Array(STUN_MAX_LENGTH);
  #end = STUN_HEADER_LENGTH;

  /** The 12 bytes of the transaction id are read from `source` at `offset`. */
  constructor(messageClass: StunClass, method: number, source: Uint8Array, offset = 0) {
    writeU16(this.#bytes, 0, messageClass | method);
    writeU32(this.#bytes, 4, STUN_MAGIC_COOKIE);
    this.#bytes.set(source.subarray(offset, offset + 12), 8);
  }

  attribute(type: number, value: Uint8Array): this {
    const next = this.#end + 4 + ((value.length + 3) & ~3);
    if (next > STUN_MAX_LENGTH) throw new RangeError(`a STUN message holds at most ${STUN_MAX_LENGTH} bytes`);
    writeU16(this.#bytes, this.#end, type);
    writeU16(this.#bytes, this.#end + 2, value.length);
    this.#bytes.set(value, this.#end + 4);
    this.#end = next;
    writeU16(this.#bytes, 2, next - STUN_HEADER_LENGTH);
    return this;
  }

  string(type: number, value: string): this {
    return this.attribute(type, textEncoder.encode(value));
  }

  u32(type: number, value: number): this {
    const bytes = new Uint8Array(4);
    writeU32(bytes, 0, value);
    return this.attribute(type, bytes);
  }

  /** Address and port XORed with cookie and transaction id (RFC 8489 14.2). */
  xorMappedAddress(address: string, port: number): this {
    const ip = ipAddressBytes(address);
    const value = new Uint8Array(4 + ip.length);
    value[1] = ip.length === 4 ? 1 : 2;
    writeU16(value, 2, port ^ (STUN_MAGIC_COOKIE >>> 16));
    for (let i = 0; i < ip.length; i++) value[4 + i] = ip[i] ^ this.#bytes[4 + i];
    return this.attribute(StunAttribute.XorMappedAddress, value);
  }

  /** `code` is 300-699. */
  errorCode(code: number, reason: string): this {
    const phrase = textEncoder.encode(reason);
    const value = new Uint8Array(4 + phrase.length);
    value[2] = Math.floor(code / 100);
    value[3] = code % 100;
    value.set(phrase, 4);
    return this.attribute(StunAttribute.ErrorCode, value);
  }

  integrity(key: KeyObject): this {
    const hmac = stunHmac(this.#bytes, 0, this.#end, key);
    return this.attribute(StunAttribute.MessageIntegrity, hmac.subarray(0, STUN_INTEGRITY_LENGTH));
  }

  fingerprint(): this {
    // The checksum covers the length field with this attribute counted, so the attribute is placed first.
    const at = this.#end;
    this.u32(StunAttribute.Fingerprint, 0);
    writeU32(this.#bytes, at + 4, stunFingerprint(this.#bytes, 0, at));
    return this;
  }

  /** A view of the message: final once no method is called any more. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#end);
  }
}
