import fc from 'fast-check';
import t from 'tap';
import { Vp8Descriptor, writeVp8PictureId, writeVp8Tl0PicIdx } from '#src/rtp/codecs/vp8.js';
import { fromHex, toHex, u8, withstands } from '../hostile.js';

/** All fields, 15-bit picture id 0x1234, then a key frame of 1280 x 720. */
const KEY_FRAME = fromHex('90 f0 9234 56 69 10020c 9d012a 0005 d002');

function parse(hex: string): Vp8Descriptor | null {
  const bytes = fromHex(hex);
  const descriptor = new Vp8Descriptor();
  return descriptor.parse(bytes, 0, bytes.length) ? descriptor : null;
}

t.test('a key frame with every field', async (t) => {
  const descriptor = new Vp8Descriptor();
  t.ok(descriptor.parse(KEY_FRAME, 0, KEY_FRAME.length));
  t.match(descriptor, {
    descriptorLength: 6,
    nonReference: false,
    startOfPartition: true,
    partitionId: 0,
    pictureId: 0x1234,
    pictureIdLength: 15,
    pictureIdOffset: 2,
    tl0PicIdx: 0x56,
    tl0PicIdxOffset: 4,
    temporalLayer: 1,
    layerSync: true,
    keyIdx: 9,
    keyFrame: true,
    width: 1280,
    height: 720,
  });
});

t.test('optional fields one by one', async (t) => {
  t.match(parse('10 01'), {
    descriptorLength: 1,
    pictureId: -1,
    pictureIdLength: 0,
    tl0PicIdx: -1,
    temporalLayer: -1,
    layerSync: false,
    keyIdx: -1,
    keyFrame: false,
  });
  t.match(parse('80 80 7f 00'), { descriptorLength: 3, pictureId: 127, pictureIdLength: 7, keyFrame: false });
  t.match(parse('80 40 ff 00'), { descriptorLength: 3, tl0PicIdx: 255, tl0PicIdxOffset: 2, pictureId: -1 });
  t.match(parse('80 20 ff 00'), { temporalLayer: 3, layerSync: true, keyIdx: -1 }, 'T without K');
  t.match(parse('80 10 ff 00'), { temporalLayer: -1, layerSync: false, keyIdx: 31 }, 'K without T');
  t.match(parse('a0 00 00'), { nonReference: true, descriptorLength: 2 });
});

t.test('what a key frame is', async (t) => {
  t.match(parse('10 00'), { keyFrame: true, width: 0, height: 0 }, 'cut short: no size');
  t.match(parse('10 01'), { keyFrame: false }, 'an inter frame');
  t.match(parse('00 00'), { keyFrame: false }, 'not its start');
  t.match(parse('11 00'), { keyFrame: false }, 'a later partition');
  t.match(
    parse('10 10020c 9d012b 0005 d002'),
    { keyFrame: true, width: 0 },
    'scrambled behind the frame tag',
  );
  t.match(parse('10 10020c 9d012a 0045 d082'), { width: 1280, height: 720 }, 'the scaling bits are left out');
});

t.test('cut short', async (t) => {
  for (let length = 0; length <= 6; length++) {
    const descriptor = new Vp8Descriptor();
    t.notOk(descriptor.parse(KEY_FRAME, 0, length), `${length} bytes: nothing behind the descriptor`);
    t.notOk(descriptor.keyFrame);
  }
  t.notOk(new Vp8Descriptor().parse(KEY_FRAME, 12, 5), 'window beyond the buffer');
});

t.test('every descriptor survives the round trip, and rewriting changes only its field', async () => {
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const fields = fc.record({
    pictureId: optional(fc.record({ long: fc.boolean(), value: fc.nat(0x7fff) })),
    tl0PicIdx: optional(u8),
    layer: optional(fc.record({ tid: fc.nat(3), sync: fc.boolean() })),
    keyIdx: optional(fc.nat(31)),
    newPictureId: fc.nat(0x1ffff),
    newTl0PicIdx: u8,
  });
  const descriptor = new Vp8Descriptor();
  fc.assert(
    fc.property(fields, ({ pictureId, tl0PicIdx, layer, keyIdx, newPictureId, newTl0PicIdx }) => {
      const flags =
        (pictureId ? 0x80 : 0) |
        (tl0PicIdx !== null ? 0x40 : 0) |
        (layer ? 0x20 : 0) |
        (keyIdx !== null ? 0x10 : 0);
      const bytes = [0x90, flags];
      if (pictureId?.long) bytes.push(0x80 | (pictureId.value >> 8), pictureId.value & 0xff);
      else if (pictureId) bytes.push(pictureId.value & 0x7f);
      if (tl0PicIdx !== null) bytes.push(tl0PicIdx);
      if (layer || keyIdx !== null) {
        bytes.push(((layer?.tid ?? 0) << 6) | (layer?.sync ? 0x20 : 0) | (keyIdx ?? 0));
      }
      const length = bytes.length;
      const packet = Uint8Array.from([...bytes, 0x01]);
      const id = pictureId === null ? -1 : pictureId.value & (pictureId.long ? 0x7fff : 0x7f);
      const same = () =>
        descriptor.parse(packet, 0, packet.length) &&
        descriptor.descriptorLength === length &&
        descriptor.temporalLayer === (layer?.tid ?? -1) &&
        descriptor.layerSync === (layer?.sync ?? false) &&
        descriptor.keyIdx === (keyIdx ?? -1);
      if (!same() || descriptor.pictureId !== id || descriptor.tl0PicIdx !== (tl0PicIdx ?? -1)) return false;

      if (pictureId) {
        const { pictureIdOffset, pictureIdLength } = descriptor;
        writeVp8PictureId(packet, pictureIdOffset, pictureIdLength, newPictureId);
        const expected = newPictureId & (pictureId.long ? 0x7fff : 0x7f);
        if (!same() || descriptor.pictureId !== expected || descriptor.tl0PicIdx !== (tl0PicIdx ?? -1))
          return false;
      }
      if (tl0PicIdx !== null) {
        writeVp8Tl0PicIdx(packet, descriptor.tl0PicIdxOffset, newTl0PicIdx);
        if (!same() || descriptor.tl0PicIdx !== newTl0PicIdx) return false;
      }
      return packet[length] === 0x01;
    }),
  );
});

t.test('the picture id wraps in its own form', async (t) => {
  const bytes = fromHex('ffff7f');
  writeVp8PictureId(bytes, 0, 15, 0x8000);
  writeVp8PictureId(bytes, 2, 7, 0x80);
  t.equal(toHex(bytes), '800000');
});

t.test('hostile bytes', async () => {
  const descriptor = new Vp8Descriptor();
  withstands(
    (bytes, offset, length) => {
      if (!descriptor.parse(bytes, offset, length)) return { facts: descriptor.keyFrame };
      const ranges = [{ offset, length: descriptor.descriptorLength + 1 }];
      const { pictureIdOffset, pictureIdLength, tl0PicIdxOffset } = descriptor;
      if (pictureIdOffset >= 0)
        ranges.push({ offset: pictureIdOffset, length: pictureIdLength === 15 ? 2 : 1 });
      if (tl0PicIdxOffset >= 0) ranges.push({ offset: tl0PicIdxOffset, length: 1 });
      return { facts: { ...descriptor }, ranges };
    },
    [KEY_FRAME],
  );
});
