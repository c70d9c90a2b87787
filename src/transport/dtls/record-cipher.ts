/** Protection of epoch 1 with werift's AEAD cipher, and with record sequence numbers of our own. */
import { type CipherContext } from 'werift';
import { ReplayWindow } from '../../srtp/replay-window.js';
import { buildRecord } from './dtls-record.js';

type AeadCipher = CipherContext['cipher'];

const VERSION_1_2 = 0xfefd;
const SERVER = 2;
/** explicit nonce of 8 bytes and tag of 16 (RFC 5288) */
const OVERHEAD = 24;

export class RecordCipher {
  /** sequence numbers of the peer's records */
  readonly replay = new ReplayWindow();
  private nextSequenceNumber = 0;

  constructor(private readonly aead: AeadCipher) {}

  /** A whole record of epoch 1. Every record takes a new number: a number used twice would break GCM. */
  seal(contentType: number, plaintext: Uint8Array): Uint8Array {
    const sequenceNumber = this.nextSequenceNumber++;
    const header = { type: contentType, version: VERSION_1_2, epoch: 1, sequenceNumber };
    const fragment = this.aead.encrypt(SERVER, Buffer.from(plaintext), header);
    return buildRecord(contentType, 1, sequenceNumber, fragment);
  }

  /** The plaintext of a record of epoch 1, or null when it was not written by the holder of the keys. */
  open(contentType: number, sequenceNumber: number, fragment: Uint8Array): Uint8Array | null {
    if (fragment.length < OVERHEAD) return null;
    const header = { type: contentType, version: VERSION_1_2, epoch: 1, sequenceNumber };
    try {
      return this.aead.decrypt(SERVER, Buffer.from(fragment), header);
    } catch {
      return null;
    }
  }
}
