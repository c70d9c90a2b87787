import fc from 'fast-check';
import t from 'tap';
import { readS24, readU16, readU24, readU32, writeU16, writeU24, writeU32 } from '#src/rtp/bytes.js';
import { u16, u32 } from './hostile.js';

t.test('integers agree with DataView, at any alignment', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.nat(4), (bytes, at) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const u24 = view.getUint8(at) * 65536 + view.getUint16(at + 1);
      return (
        readU16(bytes, at) === view.getUint16(at) &&
        readU32(bytes, at) === view.getUint32(at) &&
        readU24(bytes, at) === u24 &&
        readS24(bytes, at) === (u24 >= 0x800000 ? u24 - 0x1000000 : u24)
      );
    }),
  );
});

t.test('what is written is read, and no byte beside it changes', async () => {
  fc.assert(
    fc.property(u16, u32, fc.integer({ min: -0x800000, max: 0x7fffff }), (a, b, c) => {
      const bytes = new Uint8Array(15).fill(0xee);
      writeU16(bytes, 1, a);
      writeU32(bytes, 4, b);
      writeU24(bytes, 10, c);
      return (
        readU16(bytes, 1) === a &&
        readU32(bytes, 4) === b &&
        readS24(bytes, 10) === c &&
        [0, 3, 8, 9, 13, 14].every((i) => bytes[i] === 0xee)
      );
    }),
  );
});
