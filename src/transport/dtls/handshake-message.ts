/** Handshake messages as the transcript hashes them: one header, as if never fragmented (RFC 6347 section 4.2.6). */

export const HandshakeType = {
  ClientHello: 1,
  ServerHello: 2,
  HelloVerifyRequest: 3,
  Certificate: 11,
  ServerKeyExchange: 12,
  CertificateRequest: 13,
  ServerHelloDone: 14,
  CertificateVerify: 15,
  ClientKeyExchange: 16,
  Finished: 20,
} as const;

export const HANDSHAKE_HEADER_LENGTH = 12;

export interface HandshakeMessage {
  type: number;
  /** message_seq */
  sequence: number;
  /** header of 12 bytes with fragment_offset 0 and fragment_length = length, then the body */
  bytes: Uint8Array;
}

export function buildHandshake(type: number, sequence: number, body: Uint8Array): HandshakeMessage {
  const bytes = new Uint8Array(HANDSHAKE_HEADER_LENGTH + body.length);
  writeHandshakeHeader(bytes, type, sequence, body.length);
  bytes.set(body, HANDSHAKE_HEADER_LENGTH);
  return { type, sequence, bytes };
}

export function writeHandshakeHeader(
  bytes: Uint8Array,
  type: number,
  sequence: number,
  length: number,
): void {
  bytes[0] = type;
  bytes[1] = length >>> 16;
  bytes[2] = length >>> 8;
  bytes[3] = length;
  bytes[4] = sequence >>> 8;
  bytes[5] = sequence;
  bytes[6] = bytes[7] = bytes[8] = 0;
  bytes[9] = length >>> 16;
  bytes[10] = length >>> 8;
  bytes[11] = length;
}

export function handshakeBody(message: HandshakeMessage): Uint8Array {
  return message.bytes.subarray(HANDSHAKE_HEADER_LENGTH);
}

/** Cursor over the handshake fragments of one record. */
export class FragmentReader {
  type = 0;
  /** length of the whole message */
  messageLength = 0;
  sequence = 0;
  fragmentOffset = 0;
  fragmentLength = 0;
  /** absolute offset of the fragment's bytes */
  dataOffset = 0;
  malformed = false;

  private bytes: Uint8Array = new Uint8Array(0);
  private position = 0;
  private end = 0;

  begin(bytes: Uint8Array, offset: number, length: number): void {
    this.bytes = bytes;
    this.position = offset;
    this.end = offset + length;
    this.malformed = false;
  }

  next(): boolean {
    const { bytes, position, end } = this;
    if (this.malformed || position === end) return false;
    if (end - position < HANDSHAKE_HEADER_LENGTH) return this.fail();
    this.type = bytes[position];
    this.messageLength = readU24(bytes, position + 1);
    this.sequence = (bytes[position + 4] << 8) | bytes[position + 5];
    this.fragmentOffset = readU24(bytes, position + 6);
    this.fragmentLength = readU24(bytes, position + 9);
    this.dataOffset = position + HANDSHAKE_HEADER_LENGTH;
    if (this.fragmentLength > end - this.dataOffset) return this.fail();
    if (this.fragmentOffset + this.fragmentLength > this.messageLength) return this.fail();
    if (this.fragmentLength === 0 && this.messageLength > 0) return this.fail();
    this.position = this.dataOffset + this.fragmentLength;
    return true;
  }

  private fail(): false {
    this.malformed = true;
    return false;
  }
}

/** What a client sends in plaintext ; its Finished is encrypted. */
export function isClientMessage(type: number): boolean {
  return (
    type === HandshakeType.ClientHello ||
    type === HandshakeType.Certificate ||
    type === HandshakeType.ClientKeyExchange ||
    type === HandshakeType.CertificateVerify
  );
}

/** The Finished that is all of an encrypted handshake record. Nothing else has business there. */
export function readFinished(plaintext: Uint8Array): HandshakeMessage | null {
  const fragment = new FragmentReader();
  fragment.begin(plaintext, 0, plaintext.length);
  if (!fragment.next() || fragment.type !== HandshakeType.Finished) return null;
  if (fragment.fragmentLength !== fragment.messageLength) return null;
  if (fragment.dataOffset + fragment.fragmentLength !== plaintext.length) return null;
  return { type: fragment.type, sequence: fragment.sequence, bytes: plaintext };
}

function readU24(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] << 16) | (bytes[offset + 1] << 8) | bytes[offset + 2];
}
