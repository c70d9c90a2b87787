/**
 * Which packets of a layered stream a receiver gets, and with what marker; per packet and receiver: `node bench/router/layers.js`.
 * The filters, with the descriptor where they need it.
 */
import { DependencyDescriptor } from '../../dist/rtp/codecs/dependency-descriptor.js';
import { describeFrame } from '../../dist/rtp/codecs/dependency-frame.js';
import { DependencyStructure } from '../../dist/rtp/codecs/dependency-structure.js';
import { createPayloadInspector } from '../../dist/rtp/codecs/key-frame.js';
import { createLayerFilter } from '../../dist/router/create-layer-filter.js';
import { ForwardedPacket } from '../../dist/router/forwarded-packet.js';
import { microBench } from '../support/micro-bench.js';
import { l1t3Descriptor, L1T3_KEY_DESCRIPTOR, vp9Payload } from '../support/sample-packets.js';

const TEMPORAL = [0, 2, 1, 2];
const PICTURE_TICKS = 3000;
const PER_TURN = 100;
let admitted = 0;

microBench({
  title: 'Layers',
  cases: {
    'VP8, all three temporal layers': () => filtering('video/VP8', 2, vp8Picture),
    'VP8, the lowest temporal layer': () => filtering('video/VP8', 0, vp8Picture),
    'VP9, read and filtered': () => filtering('video/VP9', 1, vp9Picture()),
    'AV1 by dependency descriptor, read and filtered': () =>
      filtering('video/AV1', 1, dependencyPicture(), true),
  },
});
if (admitted === 0) throw new Error('nothing was admitted');

/**
 * @param picture fills in what is known of picture n
 */
function filtering(mimeType, temporalLayer, picture, withDescriptor = false) {
  const filter = createLayerFilter(mimeType, withDescriptor);
  const packet = new ForwardedPacket();
  packet.length = 1142;
  packet.marker = true;
  let number = 0;
  const next = () => {
    packet.timestamp = (number * PICTURE_TICKS) >>> 0;
    packet.sequenceNumber = number & 0xffff;
    packet.keyFrame = number === 0;
    picture(packet, number++);
  };
  next();
  filter.setTarget(0, temporalLayer);
  filter.begin(packet);
  filter.admits(packet);
  return () => {
    for (let n = 0; n < PER_TURN; n++) {
      next();
      if (filter.admits(packet) && filter.marker(packet)) admitted++;
    }
    return PER_TURN;
  };
}

function vp8Picture(packet, n) {
  packet.temporalLayer = TEMPORAL[n % 4];
  packet.switchingPoint = packet.temporalLayer < 2;
  packet.interPicture = n > 0;
  packet.tl0PicIdx = (n >> 2) & 0xff;
  packet.pictureId = n & 0x7fff;
}

function vp9Picture() {
  const inspector = createPayloadInspector('video/VP9');
  const payloads = Array.from({ length: 512 }, (_, n) => vp9Payload(n));
  return (packet, n) => {
    const payload = payloads[n % payloads.length];
    inspector.inspect(payload, 0, payload.length, true);
    packet.startOfFrame = inspector.startOfFrame;
    packet.endOfFrame = inspector.endOfFrame;
    packet.temporalLayer = inspector.temporalLayer;
    packet.spatialLayer = inspector.spatialLayer;
    packet.switchingPoint = inspector.switchingPoint;
    packet.interPicture = inspector.interPicture;
    packet.tl0PicIdx = inspector.tl0PicIdx;
    packet.pictureId = inspector.pictureId;
  };
}

function dependencyPicture() {
  const structure = new DependencyStructure();
  const descriptor = new DependencyDescriptor();
  const bytes = new Uint8Array(L1T3_KEY_DESCRIPTOR);
  return (packet, n) => {
    bytes.set(n === 0 ? L1T3_KEY_DESCRIPTOR : l1t3Descriptor(n));
    // The key frame is frame 1.
    const frame = (n + 1) & 0xffff;
    bytes[1] = frame >> 8;
    bytes[2] = frame;
    if (!descriptor.parse(bytes, 0, n === 0 ? bytes.length : 3, structure))
      throw new Error('a descriptor that cannot be read');
    packet.dependency = descriptor;
    packet.structure = structure;
    describeFrame(descriptor, structure, packet);
  };
}
