import t from 'tap';
import { DependencyDescriptor } from '#src/rtp/codecs/dependency-descriptor.js';
import { describeFrame } from '#src/rtp/codecs/dependency-frame.js';
import { DependencyStructure } from '#src/rtp/codecs/dependency-structure.js';
import { FrameFacts } from '#src/rtp/codecs/frame-facts.js';
import { createPayloadInspector } from '#src/rtp/codecs/key-frame.js';
import { fromHex } from '../hostile.js';
import { descriptorBytes, type FrameSpec, L3T3 } from './dependency-bits.js';

function inspect(mimeType: string, hex: string, marker = false): object {
  const inspector = createPayloadInspector(mimeType);
  const bytes = fromHex(hex);
  t.ok(inspector.inspect(bytes, 0, bytes.length, marker));
  return inspector;
}

t.test('VP8', async (t) => {
  const first = { startOfFrame: true, endOfFrame: false, keyFrame: true, interPicture: false };
  t.match(inspect('video/VP8', '90 e0 8005 07 00 10'), { ...first, pictureId: 5, tl0PicIdx: 7 });
  t.match(inspect('video/VP8', '80 20 80 00', true), { startOfFrame: false, endOfFrame: true });
  t.match(inspect('video/VP8', '90 20 80 01'), { temporalLayer: 2, switchingPoint: false });
  t.match(inspect('video/VP8', '90 20 a0 01'), { temporalLayer: 2, switchingPoint: true }, 'Y');
  t.match(inspect('video/VP8', '90 20 00 01'), {
    temporalLayer: 0,
    switchingPoint: true,
    interPicture: true,
  });
});

t.test('VP9', async (t) => {
  t.match(inspect('video/VP9', '28 42 01 ff'), {
    startOfFrame: true,
    endOfFrame: false,
    temporalLayer: 2,
    spatialLayer: 1,
    switchingPoint: false,
    interPicture: false,
    interLayer: false,
    tl0PicIdx: 1,
  });
  t.match(inspect('video/VP9', '65 53 01 ff'), {
    startOfFrame: false,
    endOfFrame: true,
    switchingPoint: true,
    interPicture: true,
    interLayer: true,
    notForUpper: true,
  });
});

t.test('H264 and AV1, as far as the first bytes tell', async (t) => {
  t.match(inspect('video/H264', '67 42'), { startOfFrame: true, keyFrame: true, endOfFrame: false });
  t.match(inspect('video/H264', '41 9a', true), { startOfFrame: true, endOfFrame: true, keyFrame: false });
  t.match(inspect('video/H264', '41 1a'), { startOfFrame: false }, 'a slice further down');
  t.match(inspect('video/H264', '7c 81 9a'), { startOfFrame: true });
  t.match(inspect('video/H264', '7c 01 9a'), { startOfFrame: false });
  t.match(inspect('video/H264', '78 0002 0910 0002 419a'), { startOfFrame: true });
  t.match(inspect('video/AV1', '10 0a'), { startOfFrame: true, interPicture: true });
  t.match(inspect('video/AV1', '90 0a', true), { startOfFrame: false, endOfFrame: true });
  t.match(inspect('audio/opus', 'ff'), { startOfFrame: true, endOfFrame: true, switchingPoint: true });
});

t.test('the dependency descriptor says it for every codec', async (t) => {
  const structure = new DependencyStructure();
  const descriptor = new DependencyDescriptor();
  const describe = (frame: FrameSpec): FrameFacts => {
    const bytes = descriptorBytes(frame);
    t.ok(descriptor.parse(bytes, 0, bytes.length, structure));
    const facts = new FrameFacts();
    describeFrame(descriptor, structure, facts);
    return facts;
  };
  t.match(describe({ templateId: 60, frameNumber: 1, structure: L3T3 }), {
    keyFrame: true,
    interPicture: false,
    interLayer: false,
    notForUpper: false,
  });
  t.match(describe({ templateId: 0, frameNumber: 2, end: false }), {
    keyFrame: false,
    endOfFrame: false,
    spatialLayer: 1,
    interLayer: true,
    interPicture: false,
    switchingPoint: true,
  });
  t.match(describe({ templateId: 7, frameNumber: 12, start: false }), {
    startOfFrame: false,
    spatialLayer: 2,
    temporalLayer: 2,
    switchingPoint: false,
    interPicture: true,
    interLayer: true,
    notForUpper: true,
  });
  const again = describe({ templateId: 60, frameNumber: 20, structure: L3T3, fdiffs: [3] });
  t.equal(again.keyFrame, false, 'a structure that is sent again with a frame that needs others');
  t.equal(describe({ templateId: 60, frameNumber: 21, structure: L3T3, start: false }).keyFrame, false);
});
