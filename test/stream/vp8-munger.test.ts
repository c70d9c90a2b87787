import fc from 'fast-check';
import t from 'tap';
import { Vp8Munger } from '#src/stream/vp8-munger.js';
import { withstands } from '../rtp/hostile.js';

/** A descriptor with a picture id of 7 or 15 bits and TL0PICIDX, and one byte of frame. */
function payload(pictureId: number, long: boolean, tl0PicIdx = 0): Uint8Array {
  const id = long ? [0x80 | (pictureId >> 8), pictureId & 0xff] : [pictureId];
  return Uint8Array.from([0x90, 0xc0, ...id, tl0PicIdx, 0x11]);
}

function pictureIdOf(bytes: Uint8Array): number {
  return (bytes[2] & 0x80) === 0 ? bytes[2] : ((bytes[2] & 0x7f) << 8) | bytes[3];
}

/** Admits and writes one picture. */
function send(munger: Vp8Munger, era: number, pictureId: number, long = true, tl0PicIdx = 0): number {
  const bytes = payload(pictureId, long, tl0PicIdx);
  munger.admit(bytes, 0, bytes.length);
  munger.rewrite(bytes, 0, bytes.length, era);
  return pictureIdOf(bytes);
}

function rewrite(munger: Vp8Munger, era: number, pictureId: number, long = true): number {
  const bytes = payload(pictureId, long);
  munger.rewrite(bytes, 0, bytes.length, era);
  return pictureIdOf(bytes);
}

t.test('ids continue across sources, modulo 15 and 8 bits', async (t) => {
  const munger = new Vp8Munger();
  munger.sync(0);
  t.equal(send(munger, 0, 32767, true, 255), 32767, 'the first source is left alone');
  munger.sync(1);
  const bytes = payload(5000, true, 40);
  munger.admit(bytes, 0, bytes.length);
  munger.rewrite(bytes, 0, bytes.length, 1);
  t.same([...bytes], [0x90, 0xc0, 0x80, 0, 0, 0x11], 'picture 0, TL0PICIDX 0, and nothing else was touched');
});

t.test('pictures left out on purpose close up, also when packets are written later', async (t) => {
  const munger = new Vp8Munger();
  munger.sync(0);
  t.equal(send(munger, 0, 10), 10);
  munger.drop(11);
  munger.drop(11);
  t.equal(send(munger, 0, 12), 11);
  const late = payload(13, true);
  munger.admit(late, 0, late.length);
  munger.drop(14);
  t.equal(send(munger, 0, 15), 13);
  munger.rewrite(late, 0, late.length, 0);
  t.equal(pictureIdOf(late), 12, 'as decided, not as of now');
});

t.test('a picture lost on its way to us keeps its number, and is found when it comes late', async (t) => {
  const munger = new Vp8Munger();
  munger.sync(0);
  send(munger, 0, 10);
  munger.drop(11);
  t.equal(send(munger, 0, 14), 13, '12 and 13 are missing');
  t.equal(send(munger, 0, 12), 11);
  munger.drop(13);
  t.equal(send(munger, 0, 15), 14, 'one that is dropped late leaves its gap: what follows has been sent');
});

t.test('seven bits', async (t) => {
  const munger = new Vp8Munger();
  munger.sync(0);
  t.equal(send(munger, 0, 126, false), 126);
  t.equal(send(munger, 0, 127, false), 127);
  munger.drop(0);
  t.equal(send(munger, 0, 1, false), 0, 'after 127 comes 0: one was left out');
  t.equal(send(munger, 0, 2, false), 1);
  munger.sync(1);
  t.equal(send(munger, 1, 90, false), 2);
  t.equal(send(munger, 1, 92, false), 4, '91 is missing');
  t.equal(rewrite(munger, 0, 2, false), 1, 'the era before');
});

t.test('a retransmission is written as it was sent', async (t) => {
  const munger = new Vp8Munger();
  munger.sync(0);
  send(munger, 0, 100);
  munger.drop(101);
  send(munger, 0, 102);
  munger.sync(1);
  send(munger, 1, 100);
  t.equal(rewrite(munger, 0, 102), 101);
  t.equal(rewrite(munger, 1, 100), 102, 'the same id of another source');
});

t.test('a sender that counts anew goes on', async (t) => {
  const munger = new Vp8Munger();
  munger.sync(0);
  t.equal(send(munger, 0, 20_000), 20_000);
  t.equal(send(munger, 0, 5_000), 20_001);
  t.equal(send(munger, 0, 5_001), 20_002);
});

t.test('property: numbers follow the pictures forwarded, whatever is lost, left out or late', async () => {
  const fate = fc.constantFrom('sent', 'sent', 'dropped', 'lost', 'late');
  fc.assert(
    fc.property(fc.nat(32767), fc.boolean(), fc.array(fate, { maxLength: 200 }), (start, long, fates) => {
      const munger = new Vp8Munger();
      const modulus = long ? 0x8000 : 0x80;
      munger.sync(3);
      let expected = start % modulus;
      if (send(munger, 3, expected, long) !== expected) return false;
      let late = -1;
      for (const [index, one] of fates.entries()) {
        const input = (start + 1 + index) % modulus;
        if (one === 'dropped') munger.drop(input);
        else expected = (expected + 1) % modulus;
        if (one === 'late') late = input;
        if (one !== 'sent') continue;
        if (send(munger, 3, input, long) !== expected) return false;
        // A missing picture directly before finds its place.
        if (late === (input - 1 + modulus) % modulus) {
          if (send(munger, 3, late, long) !== (expected - 1 + modulus) % modulus) return false;
        }
      }
      return true;
    }),
  );
});

t.test('hostile bytes: only a whole descriptor is written to, and only inside the window', async () => {
  withstands(
    (bytes, offset, length) => {
      const munger = new Vp8Munger();
      munger.sync(0);
      send(munger, 0, 77);
      munger.sync(1);
      const copy = bytes.slice();
      if (offset + length <= copy.length) {
        munger.admit(copy, offset, length);
        munger.rewrite(copy, offset, length, 1);
        for (let at = 0; at < copy.length; at++) {
          const inside = at >= offset && at < offset + length;
          if (!inside && copy[at] !== bytes[at]) throw new Error(`byte ${at} was written`);
        }
        if (length < 4 && copy.some((byte, at) => byte !== bytes[at]))
          throw new Error('a fragment was written');
      }
      return { facts: [...copy.subarray(offset, offset + length)] };
    },
    [payload(5, true), payload(5, false)],
  );
});
