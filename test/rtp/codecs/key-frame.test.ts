import t from 'tap';
import { canBeKeyFrame, createPayloadInspector } from '#src/rtp/codecs/key-frame.js';
import { isOpusDtx } from '#src/rtp/codecs/opus.js';
import { fromHex, withstands } from '../hostile.js';

function inspect(mimeType: string, hex: string): [boolean, boolean, number, number] {
  const inspector = createPayloadInspector(mimeType);
  const bytes = fromHex(hex);
  const ok = inspector.inspect(bytes, 0, bytes.length, false);
  return [ok, inspector.keyFrame, inspector.spatialLayer, inspector.temporalLayer];
}

t.test('each codec answers the same three questions', async (t) => {
  t.same(inspect('video/VP8', '10 00'), [true, true, 0, 0]);
  t.same(inspect('video/vp8', '80 20 80 00'), [true, false, 0, 2]);
  t.same(inspect('video/VP9', '28 00 00 ff'), [true, true, 0, 0]);
  t.same(inspect('video/VP9', '28 44 00 ff'), [true, false, 2, 2]);
  t.same(inspect('video/H264', '65'), [true, true, 0, 0]);
  t.same(inspect('video/H264', '41'), [true, false, 0, 0]);
  t.same(inspect('video/AV1', '18 0a'), [true, true, 0, 0]);
  t.same(inspect('video/AV1', '10 0a'), [true, false, 0, 0]);
  t.same(inspect('audio/opus', 'ff'), [true, false, 0, 0]);
});

t.test('a malformed payload after a good one leaves no answer behind', async (t) => {
  for (const [mimeType, good] of [
    ['video/VP8', '90 20 80 00'],
    ['video/VP9', '28 20 00 ff'],
    ['video/H264', '65'],
    ['video/AV1', '18 0a'],
  ]) {
    const inspector = createPayloadInspector(mimeType);
    const bytes = fromHex(good);
    t.ok(inspector.inspect(bytes, 0, bytes.length, true));
    t.ok(inspector.keyFrame, mimeType);
    t.notOk(inspector.inspect(bytes, 0, 0, true));
    t.match(inspector, { keyFrame: false, spatialLayer: 0, temporalLayer: 0 });
  }
});

t.test('codecs that start at a key frame', async (t) => {
  for (const mimeType of ['video/VP8', 'video/vp9', 'video/H264', 'video/AV1']) t.ok(canBeKeyFrame(mimeType));
  for (const mimeType of ['audio/opus', 'video/rtx', 'video/other']) t.notOk(canBeKeyFrame(mimeType));
});

t.test('Opus DTX', async (t) => {
  t.same([0, 1, 2, 3].map(isOpusDtx), [false, true, true, false]);
});

for (const mimeType of ['video/VP8', 'video/VP9', 'video/H264', 'video/AV1', 'audio/opus']) {
  t.test(`hostile bytes, ${mimeType}`, async () => {
    const inspector = createPayloadInspector(mimeType);
    withstands(
      (bytes, offset, length) => {
        const ok = inspector.inspect(bytes, offset, length, false);
        const { keyFrame, spatialLayer, temporalLayer } = inspector;
        if (!ok && keyFrame) throw new Error('a malformed payload cannot be a key frame');
        return { facts: [ok, keyFrame, spatialLayer, temporalLayer] };
      },
      [
        fromHex('90 f0 9234 56 69 10020c 9d012a 0005 d002'),
        fromHex('78 0002 6742 0001 68'),
        fromHex('18 0a'),
      ],
      200,
    );
  });
}
