import fc from 'fast-check';
import t from 'tap';
import { Vp9Descriptor } from '#src/rtp/codecs/vp9.js';
import { fromHex, u8, withstands } from '../hostile.js';

/**
 * Non-flexible key frame: I L B V; picture id 0x1234; T0 S0; TL0PICIDX 7; structure of 2 spatial layers with
 * sizes and a group of 2 pictures, the second of which refers to one.
 */
const KEY_FRAME = fromHex('aa 9234 00 07 38 0140 00b4 0280 0168 02 00 34 01 ff');
/** Flexible, predicted: I P L F B E; picture id 5; T2 U S1 D; two references. */
const FLEXIBLE = fromHex('fc 05 53 03 04 ff');

function parse(hex: string): Vp9Descriptor | null {
  const bytes = fromHex(hex);
  const descriptor = new Vp9Descriptor();
  return descriptor.parse(bytes, 0, bytes.length) ? descriptor : null;
}

t.test('a key frame with its scalability structure', async (t) => {
  const descriptor = new Vp9Descriptor();
  t.ok(descriptor.parse(KEY_FRAME, 0, KEY_FRAME.length));
  t.match(descriptor, {
    descriptorLength: 18,
    interPicturePredicted: false,
    flexibleMode: false,
    startOfFrame: true,
    endOfFrame: false,
    pictureId: 0x1234,
    pictureIdLength: 15,
    pictureIdOffset: 1,
    hasLayers: true,
    temporalLayer: 0,
    spatialLayer: 0,
    switchingUp: false,
    interLayerDependency: false,
    tl0PicIdx: 7,
    tl0PicIdxOffset: 4,
    keyFrame: true,
    hasStructure: true,
    spatialLayerCount: 2,
    hasResolutions: true,
    pictureGroupSize: 2,
  });
  t.same([...descriptor.widths.subarray(0, 2)], [320, 640]);
  t.same([...descriptor.heights.subarray(0, 2)], [180, 360]);
});

t.test('flexible mode', async (t) => {
  const descriptor = new Vp9Descriptor();
  t.ok(descriptor.parse(FLEXIBLE, 0, FLEXIBLE.length));
  t.match(descriptor, {
    descriptorLength: 5,
    interPicturePredicted: true,
    flexibleMode: true,
    startOfFrame: true,
    endOfFrame: true,
    pictureId: 5,
    pictureIdLength: 7,
    temporalLayer: 2,
    switchingUp: true,
    spatialLayer: 1,
    interLayerDependency: true,
    tl0PicIdx: -1,
    keyFrame: false,
    hasStructure: false,
  });
  t.equal(parse('54 03 03 03 ff'), null, 'a fourth reference');
  t.match(parse('54 03 03 02 ff'), { descriptorLength: 4 }, 'three references');
});

t.test('what a key frame is', async (t) => {
  t.match(parse('08 ff'), { keyFrame: true, hasLayers: false, spatialLayer: 0, temporalLayer: 0 });
  t.match(parse('00 ff'), { keyFrame: false }, 'not its start');
  t.match(parse('48 ff'), { keyFrame: false }, 'predicted');
  t.match(parse('28 02 00 ff'), { keyFrame: false, spatialLayer: 1 }, 'an upper spatial layer');
  t.match(parse('28 01 00 ff'), { keyFrame: false, interLayerDependency: true });
  t.match(parse('09 ff'), { notReferenceForUpperLayers: true });
});

t.test('cut short', async (t) => {
  for (const bytes of [KEY_FRAME, FLEXIBLE]) {
    for (let length = 0; length < bytes.length; length++) {
      const descriptor = new Vp9Descriptor();
      t.notOk(descriptor.parse(bytes, 0, length), `${length} bytes`);
      t.notOk(descriptor.keyFrame);
    }
  }
  t.notOk(new Vp9Descriptor().parse(FLEXIBLE, 3, 6), 'window beyond the buffer');
});

t.test('every descriptor survives the round trip', async () => {
  const fields = fc.record({
    pictureId: fc.option(fc.record({ long: fc.boolean(), value: fc.nat(0x7fff) }), { nil: null }),
    layers: fc.option(fc.record({ tid: fc.nat(7), u: fc.boolean(), sid: fc.nat(7), d: fc.boolean() }), {
      nil: null,
    }),
    tl0PicIdx: u8,
    predicted: fc.boolean(),
    flexible: fc.boolean(),
    begin: fc.boolean(),
    end: fc.boolean(),
    references: fc.array(fc.nat(127), { minLength: 1, maxLength: 3 }),
    structure: fc.option(
      fc.record({
        sizes: fc.array(fc.tuple(fc.nat(0xffff), fc.nat(0xffff)), { minLength: 1, maxLength: 8 }),
        withSizes: fc.boolean(),
        group: fc.option(fc.array(fc.array(u8, { maxLength: 3 }), { maxLength: 255 }), { nil: null }),
      }),
      { nil: null },
    ),
  });
  const descriptor = new Vp9Descriptor();
  fc.assert(
    fc.property(fields, (f) => {
      const bytes = [
        (f.pictureId ? 0x80 : 0) |
          (f.predicted ? 0x40 : 0) |
          (f.layers ? 0x20 : 0) |
          (f.flexible ? 0x10 : 0) |
          (f.begin ? 0x08 : 0) |
          (f.end ? 0x04 : 0) |
          (f.structure ? 0x02 : 0),
      ];
      if (f.pictureId?.long) bytes.push(0x80 | (f.pictureId.value >> 8), f.pictureId.value & 0xff);
      else if (f.pictureId) bytes.push(f.pictureId.value & 0x7f);
      if (f.layers) {
        const { tid, u, sid, d } = f.layers;
        bytes.push((tid << 5) | (u ? 0x10 : 0) | (sid << 1) | (d ? 1 : 0));
        if (!f.flexible) bytes.push(f.tl0PicIdx);
      }
      if (f.flexible && f.predicted) {
        f.references.forEach((diff, i) => bytes.push((diff << 1) | (i < f.references.length - 1 ? 1 : 0)));
      }
      if (f.structure) {
        const { sizes, withSizes, group } = f.structure;
        bytes.push(((sizes.length - 1) << 5) | (withSizes ? 0x10 : 0) | (group ? 0x08 : 0));
        if (withSizes) for (const [w, h] of sizes) bytes.push(w >> 8, w & 0xff, h >> 8, h & 0xff);
        if (group) {
          bytes.push(group.length);
          for (const references of group) bytes.push(references.length << 2, ...references);
        }
      }
      const length = bytes.length;
      if (!descriptor.parse(Uint8Array.from([...bytes, 0xff]), 0, length + 1)) return false;
      const sizesRead = f.structure?.sizes.every(
        ([w, h], i) => !f.structure?.withSizes || (descriptor.widths[i] === w && descriptor.heights[i] === h),
      );
      return (
        descriptor.descriptorLength === length &&
        descriptor.pictureId ===
          (f.pictureId ? f.pictureId.value & (f.pictureId.long ? 0x7fff : 0x7f) : -1) &&
        descriptor.temporalLayer === (f.layers?.tid ?? 0) &&
        descriptor.spatialLayer === (f.layers?.sid ?? 0) &&
        descriptor.switchingUp === (f.layers?.u ?? false) &&
        descriptor.interLayerDependency === (f.layers?.d ?? false) &&
        descriptor.tl0PicIdx === (f.layers && !f.flexible ? f.tl0PicIdx : -1) &&
        descriptor.startOfFrame === f.begin &&
        descriptor.endOfFrame === f.end &&
        descriptor.spatialLayerCount === (f.structure?.sizes.length ?? 0) &&
        descriptor.pictureGroupSize === (f.structure?.group?.length ?? 0) &&
        sizesRead !== false
      );
    }),
  );
});

t.test('hostile bytes', async () => {
  const descriptor = new Vp9Descriptor();
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
    [KEY_FRAME, FLEXIBLE],
  );
});
