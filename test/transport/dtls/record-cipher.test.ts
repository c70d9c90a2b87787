import t from 'tap';
import { createDecipheriv } from 'node:crypto';
import { RecordCipher } from '#src/transport/dtls/record-cipher.js';

const bytes = (length: number, first: number) => Uint8Array.from({ length }, (_, i) => first + i);
const keys = {
  clientKey: bytes(16, 0),
  serverKey: bytes(16, 100),
  clientSalt: bytes(4, 20),
  serverSalt: bytes(4, 120),
};
/** The same keys from the other end. */
const swapped = {
  clientKey: keys.serverKey,
  serverKey: keys.clientKey,
  clientSalt: keys.serverSalt,
  serverSalt: keys.clientSalt,
};

t.test('a record is what RFC 5288 says', (t) => {
  const cipher = new RecordCipher(keys);
  cipher.seal(22, bytes(5, 0));
  const record = Buffer.from(cipher.seal(23, bytes(9, 60)));
  t.equal(record.toString('hex', 0, 13), '17fefd00010000000000010021');
  const explicit = record.subarray(13, 21);
  t.equal(explicit.toString('hex'), '0001000000000001', 'epoch and sequence number');
  const nonce = Buffer.concat([keys.serverSalt, explicit]);
  const decipher = createDecipheriv('aes-128-gcm', keys.serverKey, nonce);
  decipher.setAAD(Buffer.from('000100000000000117fefd0009', 'hex'));
  decipher.setAuthTag(record.subarray(-16));
  t.same([...decipher.update(record.subarray(21, -16)), ...decipher.final()], [...bytes(9, 60)]);
  t.end();
});

t.test('opens what the peer sealed, whole and unchanged only', (t) => {
  const cipher = new RecordCipher(keys);
  const fragment = new RecordCipher(swapped).seal(22, bytes(30, 1)).subarray(13);
  t.same([...cipher.open(22, 0, fragment)!], [...bytes(30, 1)]);
  t.equal(cipher.open(22, 1, fragment), null, 'under another number');
  t.equal(cipher.open(23, 0, fragment), null, 'as another type');
  for (let length = 0; length < fragment.length; length++) {
    t.equal(cipher.open(22, 0, fragment.subarray(0, length)), null, `cut to ${length} bytes`);
  }
  for (let at = 0; at < fragment.length; at++) {
    const changed = fragment.slice();
    changed[at] ^= 0x10;
    t.equal(cipher.open(22, 0, changed), null, `changed at ${at}`);
  }
  t.end();
});
