/** Packets and keys that the SRTP tests share. */
import fc from 'fast-check';
import type { SrtpKeying } from '#src/srtp/srtp-keying.js';
import {
  SRTP_MAX_TRAILER,
  srtpProfileInfo,
  srtpProfileNames,
  type SrtpProfile,
} from '#src/srtp/srtp-profiles.js';

export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A keying whose bytes follow from `seed`. */
export function keyingOf(profile: SrtpProfile, seed = 1): SrtpKeying {
  const { keyLength, saltLength } = srtpProfileInfo(profile);
  return {
    profile,
    masterKey: Uint8Array.from({ length: keyLength }, (_, i) => seed * 31 + i * 7),
    masterSalt: Uint8Array.from({ length: saltLength }, (_, i) => seed * 17 + i * 5),
  };
}

export interface RtpFields {
  sequenceNumber: number;
  ssrc?: number;
  timestamp?: number;
  payload?: Uint8Array;
  csrcs?: number;
  /** Words of header extension, absent: no extension. */
  extensionWords?: number;
}

export function rtpPacket(fields: RtpFields): Uint8Array {
  const {
    sequenceNumber,
    ssrc = 0xcafebabe,
    timestamp = 1000,
    payload = new Uint8Array([1, 2, 3, 4]),
  } = fields;
  const { csrcs = 0, extensionWords } = fields;
  const extensionBytes = extensionWords === undefined ? 0 : 4 + extensionWords * 4;
  const header = Buffer.alloc(12 + csrcs * 4 + extensionBytes, 0x5a);
  header[0] = 0x80 | csrcs | (extensionWords === undefined ? 0 : 0x10);
  header[1] = 96;
  header.writeUInt16BE(sequenceNumber, 2);
  header.writeUInt32BE(timestamp, 4);
  header.writeUInt32BE(ssrc, 8);
  if (extensionWords !== undefined) {
    // Two-byte header extensions (RFC 8285), empty: peers that parse them find only padding.
    header.writeUInt16BE(0x1000, 12 + csrcs * 4);
    header.writeUInt16BE(extensionWords, 14 + csrcs * 4);
    header.fill(0, 16 + csrcs * 4);
  }
  return new Uint8Array(Buffer.concat([header, payload]));
}

/** A receiver report of one SSRC, with `rest` behind its first 8 bytes (whole words). */
export function rtcpPacket(ssrc: number, rest: Uint8Array = new Uint8Array(24).fill(7)): Uint8Array {
  const header = Buffer.alloc(8);
  header[0] = 0x81;
  header[1] = 201;
  header.writeUInt16BE(1 + rest.length / 4, 2);
  header.writeUInt32BE(ssrc, 4);
  return new Uint8Array(Buffer.concat([header, rest]));
}

interface InPlace {
  (bytes: Uint8Array, offset: number, length: number): number;
}

/** Runs an in-place function on a copy that lies at `offset` of a larger buffer, and checks the surroundings. */
export function inPlace(call: InPlace, packet: Uint8Array, offset = 16): { code: number; bytes: Uint8Array } {
  const arena = new Uint8Array(offset + packet.length + SRTP_MAX_TRAILER + 16).fill(0xee);
  arena.set(packet, offset);
  const code = call(arena, offset, packet.length);
  const used = offset + Math.max(packet.length, code);
  for (let i = 0; i < arena.length; i++)
    if ((i < offset || i >= used) && arena[i] !== 0xee)
      throw new Error(`byte ${i - offset} beside the packet was changed`);
  return { code, bytes: arena.slice(offset, offset + (code < 0 ? packet.length : code)) };
}

/** The changed packet; throws when the result is an error code. */
export function succeed(call: InPlace, packet: Uint8Array, offset?: number): Uint8Array {
  const { code, bytes } = inPlace(call, packet, offset);
  if (code < 0) throw new Error(`expected a length, got the error code ${code}`);
  return bytes;
}

export const anyProfile: fc.Arbitrary<SrtpProfile> = fc.constantFrom(...srtpProfileNames);

export const anyRtp: fc.Arbitrary<Uint8Array> = fc
  .record(
    {
      sequenceNumber: fc.integer({ min: 0, max: 0xffff }),
      ssrc: fc.integer({ min: 0, max: 0xffffffff }),
      timestamp: fc.integer({ min: 0, max: 0xffffffff }),
      payload: fc.uint8Array({ maxLength: 1400 }),
      csrcs: fc.integer({ min: 0, max: 15 }),
      extensionWords: fc.integer({ min: 0, max: 20 }),
    },
    { requiredKeys: ['sequenceNumber', 'ssrc', 'payload'] },
  )
  .map(rtpPacket);

export const anyRtcp: fc.Arbitrary<Uint8Array> = fc
  .record({
    ssrc: fc.integer({ min: 0, max: 0xffffffff }),
    words: fc.integer({ min: 0, max: 300 }),
    fill: fc.nat(255),
  })
  .map(({ ssrc, words, fill }) => rtcpPacket(ssrc, new Uint8Array(words * 4).fill(fill)));
