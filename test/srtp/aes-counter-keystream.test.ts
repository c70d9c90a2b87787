import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { AesCounterKeystream } from '#src/srtp/aes-counter-keystream.js';
import { hex, toHex } from './support.js';

t.test('RFC 3711 B.2', (t) => {
  const keystream = new AesCounterKeystream(hex('2B7E151628AED2A6ABF7158809CF4F3C'));
  keystream.iv.set(hex('F0F1F2F3F4F5F6F7F8F9FAFBFCFD'));
  const bytes = new Uint8Array(48);
  keystream.apply(bytes, 0, 48);
  t.equal(
    toHex(bytes),
    toHex(
      hex(
        'E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0',
      ),
    ),
  );
  t.end();
});

t.test('equals aes-128-ctr at any length and alignment, and touches nothing beside', (t) => {
  const key = new Uint8Array(16).fill(9);
  const keystream = new AesCounterKeystream(key);
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 14, maxLength: 14 }),
      fc.nat(9),
      fc.oneof(fc.nat(100), fc.nat(5000)),
      (iv, offset, length) => {
        const arena = Uint8Array.from({ length: offset + length + 8 }, (_, i) => i * 3);
        const expected = arena.slice();
        const cipher = createCipheriv('aes-128-ctr', key, Buffer.concat([iv, Buffer.alloc(2)]));
        expected.set(cipher.update(arena.subarray(offset, offset + length)), offset);
        keystream.iv.set(iv);
        keystream.apply(arena, offset, length);
        return Buffer.compare(arena, expected) === 0;
      },
    ),
  );
  t.end();
});

t.test('the longest datagram and one byte more', (t) => {
  const key = new Uint8Array(16);
  const keystream = new AesCounterKeystream(key);
  const bytes = new Uint8Array(65537);
  keystream.apply(bytes, 0, 65536);
  const expected = createCipheriv('aes-128-ctr', key, new Uint8Array(16)).update(new Uint8Array(65536));
  t.equal(Buffer.compare(bytes.subarray(0, 65536), expected), 0);
  t.throws(() => keystream.apply(bytes, 0, 65537), RangeError);
  t.end();
});
