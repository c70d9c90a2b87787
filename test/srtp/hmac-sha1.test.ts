import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { HmacSha1 } from '#src/srtp/hmac-sha1.js';
import { hex, toHex } from './support.js';
import { rfc2202 } from './rfc2202.js';

for (const hashAtOnce of [true, false])
  t.test(`with ${hashAtOnce ? 'hash()' : 'Hmac objects, as before Node 20.12'}`, (t) => {
    for (const { key, message, digest } of rfc2202)
      t.equal(toHex(new HmacSha1(key, hashAtOnce).digest(message, 0, message.length)), toHex(digest));

    t.test('the rollover counter is a part of the message', (t) => {
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 20, maxLength: 20 }),
          fc.uint8Array({ maxLength: 1400 }),
          fc.nat(20),
          fc.integer({ min: 0, max: 0xffffffff }),
          (key, message, offset, roc) => {
            const bytes = new Uint8Array(offset + message.length + 10).fill(0xee);
            bytes.set(message, offset);
            const rocBytes = Buffer.alloc(4);
            rocBytes.writeUInt32BE(roc);
            const expected = createHmac('sha1', key).update(message).update(rocBytes).digest('hex');
            const hmac = new HmacSha1(key, hashAtOnce);
            return toHex(hmac.digestWithRoc(bytes, offset, message.length, roc)) === expected;
          },
        ),
      );
      t.pass('in every run');
      t.end();
    });

    t.test('keys do not get into each other’s way', (t) => {
      const keys = [hex('0b'.repeat(20)), hex('aa'.repeat(20))];
      const hmacs = keys.map((key) => new HmacSha1(key, hashAtOnce));
      const message = new Uint8Array(65535).fill(5);
      for (const length of [65535, 0, 64, 63, 1])
        for (const i of [0, 1])
          t.equal(
            toHex(hmacs[i].digest(message, 0, length)),
            createHmac('sha1', keys[i]).update(message.subarray(0, length)).digest('hex'),
          );
      t.end();
    });
    t.end();
  });

t.test('a key of more than a block would have to be hashed first', (t) => {
  t.throws(() => new HmacSha1(new Uint8Array(65)), RangeError);
  t.end();
});
