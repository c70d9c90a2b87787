import fc from 'fast-check';
import t from 'tap';
import { ExtensionIterator, ExtensionWriter } from '#src/rtp/header-extensions.js';
import { ONE_BYTE_PROFILE, RtpPacket, RtpParseError, TWO_BYTE_PROFILE } from '#src/rtp/rtp-packet.js';
import { fromHex, toHex, withstands } from './hostile.js';

const FIXED = fromHex('90 60 0001 00000000 00000001');

function packetWithBlock(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(FIXED);
  return bytes;
}

t.test('one-byte form, byte by byte', async (t) => {
  const bytes = packetWithBlock(40);
  const writer = new ExtensionWriter();
  writer.begin(bytes, 12, ONE_BYTE_PROFILE);
  t.equal(writer.add(3, fromHex('00aabb'), 1, 2), 17);
  t.equal(writer.reserve(14, 1), 20);
  bytes[20] = 0xcc;
  t.equal(writer.finish(), 12);
  t.equal(toHex(bytes.subarray(12, 24)), 'bede0002' + '31aabb' + 'e0cc' + '000000');
});

t.test('two-byte form, byte by byte', async (t) => {
  const bytes = packetWithBlock(40);
  const writer = new ExtensionWriter();
  writer.begin(bytes, 12, TWO_BYTE_PROFILE);
  t.equal(writer.add(200, fromHex('aabb'), 0, 2), 18);
  t.equal(writer.add(1, fromHex(''), 0, 0), 22);
  t.equal(writer.finish(), 12);
  t.equal(toHex(bytes.subarray(12, 24)), '10000002' + 'c802aabb' + '0100' + '0000');
});

t.test('an empty block is a header of no words', async (t) => {
  const bytes = packetWithBlock(16);
  const writer = new ExtensionWriter();
  writer.begin(bytes, 12, ONE_BYTE_PROFILE);
  t.equal(writer.finish(), 4);
  t.equal(toHex(bytes.subarray(12)), 'bede0000');
});

t.test('what a form or the buffer cannot hold is refused', async (t) => {
  const bytes = packetWithBlock(12 + 4 + 20);
  const writer = new ExtensionWriter();
  writer.begin(bytes, 12, ONE_BYTE_PROFILE);
  for (const [id, length] of [
    [0, 1],
    [15, 1],
    [1, 0],
    [1, 17],
  ]) {
    t.equal(writer.reserve(id, length), -1, `one-byte id ${id} length ${length}`);
  }
  t.equal(writer.reserve(1, 16), 17, '17 bytes of 20');
  t.equal(writer.reserve(2, 3), -1, 'no room for 4 more');
  t.equal(writer.reserve(2, 2), 34);
  t.equal(writer.finish(), 24);
  writer.begin(bytes, 12, TWO_BYTE_PROFILE);
  for (const [id, length] of [
    [0, 1],
    [256, 1],
    [1, 256],
    [1, 19],
  ]) {
    t.equal(writer.reserve(id, length), -1, `two-byte id ${id} length ${length}`);
  }
  t.equal(writer.reserve(255, 18), 18);
});

const element = (maxId: number, minLength: number, maxLength: number) =>
  fc.record({
    id: fc.integer({ min: 1, max: maxId }),
    data: fc.uint8Array({ minLength, maxLength }),
  });

for (const [name, profile, arbitrary] of [
  ['one-byte', ONE_BYTE_PROFILE, element(14, 1, 16)],
  ['two-byte', TWO_BYTE_PROFILE, element(255, 0, 60)],
] as const) {
  t.test(`${name} elements survive the round trip`, async () => {
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 12 }), (elements) => {
        const bytes = packetWithBlock(1200).fill(0xee, 12);
        const writer = new ExtensionWriter();
        writer.begin(bytes, 12, profile);
        const offsets = elements.map(({ id, data }) => writer.add(id, data, 0, data.length));
        const total = writer.finish();
        const packet = new RtpPacket();
        if (packet.parse(bytes, 0, 12 + total) !== RtpParseError.Ok) return false;
        if (total % 4 !== 0 || packet.payloadLength !== 0 || bytes[12 + total] !== 0xee) return false;

        const iterator = new ExtensionIterator();
        iterator.begin(packet);
        for (const [i, { id, data }] of elements.entries()) {
          if (!iterator.next() || iterator.id !== id || iterator.dataOffset !== offsets[i]) return false;
          const read = bytes.subarray(iterator.dataOffset, iterator.dataOffset + iterator.dataLength);
          if (toHex(read) !== toHex(data)) return false;
          const first = elements.findIndex((other) => other.id === id);
          if (packet.findExtension(id) !== offsets[first]) return false;
          if (packet.extensionDataLength !== elements[first].data.length) return false;
        }
        return !iterator.next() && !iterator.next();
      }),
    );
  });
}

t.test('hostile bytes: the walk stays in the block and agrees with findExtension', async () => {
  const packet = new RtpPacket();
  const iterator = new ExtensionIterator();
  withstands(
    (bytes, offset, length) => {
      if (packet.parse(bytes, offset, length) !== RtpParseError.Ok) return { facts: 'refused' };
      const ranges = [];
      const ids: number[] = [];
      iterator.begin(packet);
      while (iterator.next()) {
        if (!ids.includes(iterator.id)) {
          const found = packet.findExtension(iterator.id);
          if (found !== iterator.dataOffset || packet.extensionDataLength !== iterator.dataLength) {
            throw new Error(`element ${iterator.id}: walk at ${iterator.dataOffset}, search at ${found}`);
          }
        }
        ids.push(iterator.id);
        ranges.push({ offset: iterator.dataOffset, length: iterator.dataLength });
      }
      for (let id = 1; id <= 255; id++) {
        if (packet.findExtension(id) >= 0 !== ids.includes(id))
          throw new Error(`only one of both found ${id}`);
      }
      return { facts: ids, ranges };
    },
    [
      fromHex('90 60 0001 00000000 00000001 bede0004 10aa 00 2211bbcc 33dd000000 00000000'),
      fromHex('90 60 0001 00000000 00000001 10000004 0100 00 2203bbccdd 33010000 00000000'),
    ],
  );
});
