/**
 * HMAC-SHA1 (RFC 2104) of one packet under a long-lived key, by node:crypto.
 *
 * Hot path. An `Hmac` object costs 2 us whatever its message; hashing the padded key and the message in one call, twice, as
 * RFC 2104 writes it down, is done in less than half of that for a packet of audio. It allocates a view, a short string and,
 * where the message lies, another view.
 */
import * as crypto from 'node:crypto';

export const SHA1_LENGTH = 20;
/** HMAC works on blocks of 64 bytes (RFC 2104 2). */
const BLOCK = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;
/** The longest packet, and the rollover counter behind it. */
const MAX_MESSAGE = 65536 + 4;

/** Shared by all keys of the thread: padded key || message, and padded key || digest. */
const innerMessage = new Uint8Array(BLOCK + MAX_MESSAGE);
const outerMessage = new Uint8Array(BLOCK + SHA1_LENGTH);
const digest = new Uint8Array(SHA1_LENGTH);
/** Node has it since 20.12. */
const oneShot = typeof crypto.hash === 'function';

export class HmacSha1 {
  private readonly innerKey = new Uint8Array(BLOCK);
  private readonly outerKey = new Uint8Array(BLOCK);

  /**
   * @param key at most 64 bytes
   * @param hashAtOnce whether node:crypto has `hash()`
   */
  constructor(
    readonly key: Uint8Array,
    private readonly hashAtOnce = oneShot,
  ) {
    if (key.length > BLOCK)
      throw new RangeError(`an HMAC key of ${key.length} bytes: expected ${BLOCK} at most`);
    for (let i = 0; i < BLOCK; i++) {
      this.innerKey[i] = INNER_PAD ^ (i < key.length ? key[i] : 0);
      this.outerKey[i] = OUTER_PAD ^ (i < key.length ? key[i] : 0);
    }
  }

  /** @returns 20 bytes, valid until the next call for any key */
  digest(bytes: Uint8Array, offset: number, length: number): Uint8Array {
    innerMessage.set(bytes.subarray(offset, offset + length), BLOCK);
    return this.finish(length);
  }

  /** The same of the message and the rollover counter behind it (RFC 3711 4.2). */
  digestWithRoc(bytes: Uint8Array, offset: number, length: number, roc: number): Uint8Array {
    innerMessage.set(bytes.subarray(offset, offset + length), BLOCK);
    const end = BLOCK + length;
    innerMessage[end] = roc >>> 24;
    innerMessage[end + 1] = roc >>> 16;
    innerMessage[end + 2] = roc >>> 8;
    innerMessage[end + 3] = roc;
    return this.finish(length + 4);
  }

  private finish(length: number): Uint8Array {
    if (!this.hashAtOnce) {
      const message = innerMessage.subarray(BLOCK, BLOCK + length);
      digest.set(crypto.createHmac('sha1', this.key).update(message).digest());
      return digest;
    }
    innerMessage.set(this.innerKey);
    outerMessage.set(this.outerKey);
    // A string of bytes is what Node makes fastest: a Buffer would take three times as long.
    copyString(crypto.hash('sha1', innerMessage.subarray(0, BLOCK + length), 'binary'), outerMessage, BLOCK);
    copyString(crypto.hash('sha1', outerMessage, 'binary'), digest, 0);
    return digest;
  }
}

function copyString(text: string, target: Uint8Array, at: number): void {
  for (let i = 0; i < SHA1_LENGTH; i++) target[at + i] = text.charCodeAt(i);
}
