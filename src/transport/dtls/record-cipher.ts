/** AEAD_AES_128_GCM protection of epoch 1 (RFC 5288), seen from the server, by node:crypto. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { ReplayWindow } from '../../srtp/replay-window.js';
import { buildRecord } from './dtls-record.js';
import { type RecordKeys } from './key-material.js';

const EXPLICIT_NONCE = 8;
const TAG = 16;
const NONCE = 12;
const ADDITIONAL_DATA = 13;

export class RecordCipher {
  /** sequence numbers of the peer's records */
  readonly replay = new ReplayWindow();
  private nextSequenceNumber = 0;

  constructor(private readonly keys: RecordKeys) {}

  /** A whole record of epoch 1. Every record takes a new number: a number used twice would break GCM. */
  seal(contentType: number, plaintext: Uint8Array): Uint8Array {
    const sequenceNumber = this.nextSequenceNumber++;
    const { serverKey, serverSalt } = this.keys;
    const data = additionalData(contentType, sequenceNumber, plaintext.length);
    // The explicit part is epoch and sequence number, which is what additional data begin with.
    const explicit = data.subarray(0, EXPLICIT_NONCE);
    const cipher = createCipheriv('aes-128-gcm', serverKey, nonceOf(serverSalt, explicit));
    cipher.setAAD(data);
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    const fragment = Buffer.concat([explicit, ciphertext, cipher.getAuthTag()]);
    return buildRecord(contentType, 1, sequenceNumber, fragment);
  }

  /** The plaintext of a record of epoch 1, or null when it was not written by the holder of the keys. */
  open(contentType: number, sequenceNumber: number, fragment: Uint8Array): Uint8Array | null {
    const length = fragment.length - EXPLICIT_NONCE - TAG;
    if (length < 0) return null;
    const { clientKey, clientSalt } = this.keys;
    const end = EXPLICIT_NONCE + length;
    const nonce = nonceOf(clientSalt, fragment.subarray(0, EXPLICIT_NONCE));
    const decipher = createDecipheriv('aes-128-gcm', clientKey, nonce, { authTagLength: TAG });
    decipher.setAAD(additionalData(contentType, sequenceNumber, length));
    decipher.setAuthTag(fragment.subarray(end));
    const plaintext = decipher.update(fragment.subarray(EXPLICIT_NONCE, end));
    try {
      decipher.final();
      return plaintext;
    } catch {
      return null;
    }
  }
}

function nonceOf(salt: Uint8Array, explicit: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE);
  nonce.set(salt);
  nonce.set(explicit, NONCE - EXPLICIT_NONCE);
  return nonce;
}

/** RFC 5246 section 6.2.3.3, with the epoch as the upper part of the sequence number (RFC 6347 section 4.1.2.1). */
function additionalData(contentType: number, sequenceNumber: number, length: number): Buffer {
  const data = Buffer.alloc(ADDITIONAL_DATA);
  data.writeUInt16BE(1, 0);
  data.writeUIntBE(sequenceNumber, 2, 6);
  data[8] = contentType;
  data.writeUInt16BE(0xfefd, 9);
  data.writeUInt16BE(length, 11);
  return data;
}
