import t from 'tap';
import { Vp9Descriptor } from '#src/rtp/codecs/vp9.js';
import { Vp9Munger } from '#src/stream/vp9-munger.js';
import { withstands } from '../rtp/hostile.js';

interface Ids {
  pictureId: number;
  long?: boolean;
  tl0PicIdx?: number;
}

/** Non-flexible mode when there is a TL0PICIDX, else flexible. */
function payload({ pictureId, long = true, tl0PicIdx }: Ids): Uint8Array {
  const id = long ? [0x80 | (pictureId >> 8), pictureId & 0xff] : [pictureId];
  return Uint8Array.from([
    0xac | (tl0PicIdx === undefined ? 0x10 : 0),
    ...id,
    0,
    ...(tl0PicIdx === undefined ? [] : [tl0PicIdx]),
    0xee,
  ]);
}

function send(munger: Vp9Munger, era: number, ids: Ids): [number, number] {
  const bytes = payload(ids);
  munger.admit(bytes, 0, bytes.length);
  return rewrite(munger, era, ids);
}

function rewrite(munger: Vp9Munger, era: number, ids: Ids): [number, number] {
  const bytes = payload(ids);
  munger.rewrite(bytes, 0, bytes.length, era);
  const descriptor = new Vp9Descriptor();
  t.ok(descriptor.parse(bytes, 0, bytes.length));
  t.equal(bytes.at(-1), 0xee);
  return [descriptor.pictureId, descriptor.tl0PicIdx];
}

t.test('ids continue across sources; what is left out stays a gap', async (t) => {
  const munger = new Vp9Munger();
  munger.sync(0);
  t.same(send(munger, 0, { pictureId: 32766, tl0PicIdx: 255 }), [32766, 255]);
  munger.drop();
  t.same(send(munger, 0, { pictureId: 0, tl0PicIdx: 0 }), [0, 0], 'references count pictures by their ids');
  munger.sync(1);
  t.same(send(munger, 1, { pictureId: 9000, tl0PicIdx: 100 }), [1, 1]);
  t.same(send(munger, 1, { pictureId: 9003, tl0PicIdx: 101 }), [4, 2]);
  t.same(send(munger, 1, { pictureId: 9001, tl0PicIdx: 100 }), [2, 1], 'a late one');
  munger.sync(2);
  t.same(send(munger, 2, { pictureId: 40, tl0PicIdx: 7 }), [5, 3], 'did not pull the reference back');
  t.same(rewrite(munger, 1, { pictureId: 9000, tl0PicIdx: 100 }), [1, 1], 'a retransmission');
});

t.test('seven bits, and the flexible mode', async (t) => {
  const munger = new Vp9Munger();
  munger.sync(0);
  t.same(send(munger, 0, { pictureId: 127, long: false }), [127, -1]);
  t.same(send(munger, 0, { pictureId: 0, long: false }), [0, -1]);
  munger.sync(1);
  t.same(send(munger, 1, { pictureId: 64, long: false }), [1, -1]);
});

t.test('hostile bytes: only inside the window', async () => {
  withstands(
    (bytes, offset, length) => {
      const munger = new Vp9Munger();
      munger.sync(0);
      send(munger, 0, { pictureId: 77, tl0PicIdx: 3 });
      munger.sync(1);
      const copy = bytes.slice();
      if (offset + length <= copy.length) {
        munger.admit(copy, offset, length);
        munger.rewrite(copy, offset, length, 1);
        for (let at = 0; at < copy.length; at++) {
          const inside = at >= offset && at < offset + length;
          if (!inside && copy[at] !== bytes[at]) throw new Error(`byte ${at} was written`);
        }
      }
      return { facts: [...copy.subarray(offset, offset + length)] };
    },
    [payload({ pictureId: 5, tl0PicIdx: 9 }), payload({ pictureId: 5, long: false })],
    300,
  );
});
