import t from 'tap';
import { Vp8Descriptor } from '#src/rtp/codecs/vp8.js';
import { shiftVp8Descriptor, Vp8Munger } from '#src/stream/vp8-munger.js';
import { vp8Payload } from '../support/rtp-builder.js';

t.test('picture ids continue across sources, modulo 15 and 8 bits', (t) => {
  const munger = new Vp8Munger();
  munger.sync(32767, 255);
  t.equal(munger.pictureIdOffset, 0, 'the first source is left alone');
  munger.sent(32767, 255);
  munger.sync(5000, 40);
  const payload = vp8Payload({ pictureId: 5000, tl0PicIdx: 40, keyFrame: true });
  shiftVp8Descriptor(payload, 0, munger.pictureIdOffset, munger.tl0PicIdxOffset);
  const descriptor = new Vp8Descriptor();
  t.ok(descriptor.parse(payload, 0, payload.length));
  t.equal(descriptor.pictureId, 0);
  t.equal(descriptor.tl0PicIdx, 0);
  t.ok(descriptor.keyFrame, 'nothing else was touched');
  t.end();
});

t.test('a late packet of an older picture does not pull the reference back', (t) => {
  const munger = new Vp8Munger();
  munger.sync(10, 1);
  munger.sent(12, 3);
  munger.sent(10, 1);
  munger.sync(500, 50);
  t.equal((500 + munger.pictureIdOffset) & 0x7fff, 13);
  t.equal((50 + munger.tl0PicIdxOffset) & 0xff, 4);
  t.end();
});
