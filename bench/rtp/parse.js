/**
 * What is read of every received packet, and written for every receiver: `node bench/rtp/parse.js`.
 * Header, header extensions, payload descriptors, RTCP.
 */
import { Av1AggregationHeader } from '../../dist/rtp/codecs/av1.js';
import { DependencyDescriptor } from '../../dist/rtp/codecs/dependency-descriptor.js';
import { DependencyStructure } from '../../dist/rtp/codecs/dependency-structure.js';
import { H264Payload } from '../../dist/rtp/codecs/h264.js';
import { Vp8Descriptor } from '../../dist/rtp/codecs/vp8.js';
import { Vp9Descriptor } from '../../dist/rtp/codecs/vp9.js';
import { classifyDatagram } from '../../dist/rtp/demux.js';
import { AudioLevel, readAudioLevel, readTransportSequence } from '../../dist/rtp/header-extensions.js';
import { RtcpReader } from '../../dist/rtp/rtcp/rtcp-reader.js';
import { RtpPacket } from '../../dist/rtp/rtp-packet.js';
import { EXTENSION_IDS } from '../load/traffic/media-source.js';
import { pictureLoss, receiverReport } from '../load/traffic/rtcp.js';
import { microBench } from '../support/micro-bench.js';
import {
  audioPackets,
  av1Payload,
  h264Payload,
  l1t3Descriptor,
  L1T3_KEY_DESCRIPTOR,
  videoPackets,
  vp9Payload,
} from '../support/sample-packets.js';

const COUNT = 64;
const video = videoPackets(COUNT);
const audio = audioPackets(COUNT);
const packet = new RtpPacket();
/** Results go here: a turn without effect would be optimised away. */
let sum = 0;

/** A turn over many inputs, each of which is one packet. */
const each = (inputs, use) => () => () => {
  for (let n = 0; n < inputs.length; n++) sum += use(inputs[n]);
  return inputs.length;
};
const parses = (parser) => (payload) => Number(parser.parse(payload, 0, payload.length));
const payloadOf = (bytes) => {
  packet.parse(bytes, 0, bytes.length);
  return bytes.slice(packet.payloadOffset);
};
const pictures = (make) => Array.from({ length: COUNT }, (_, n) => make(n));

const level = new AudioLevel();
const structure = new DependencyStructure();
const descriptor = new DependencyDescriptor();
descriptor.parse(L1T3_KEY_DESCRIPTOR, 0, L1T3_KEY_DESCRIPTOR.length, structure);
const parseDescriptor = (bytes) => Number(descriptor.parse(bytes, 0, bytes.length, structure));
const reader = new RtcpReader();
const streams = Array.from({ length: 4 }, (_, n) => ({ ssrc: 1000 + n, highest: n }));
const compound = Buffer.concat([receiverReport(1, streams), pictureLoss(1, 1000)]);

microBench({
  title: 'Reading RTP and RTCP',
  cases: {
    'datagram, RTP or STUN or DTLS': each(video, (bytes) => classifyDatagram(bytes, 0, bytes.length)),
    'RTP header': each(video, (bytes) => packet.parse(bytes, 0, bytes.length)),
    'RTP header, transport-wide number': each(video, (bytes) => {
      packet.parse(bytes, 0, bytes.length);
      const at = packet.findExtension(EXTENSION_IDS.transportWide);
      return readTransportSequence(bytes, at, packet.extensionDataLength);
    }),
    'RTP header, audio level': each(audio, (bytes) => {
      packet.parse(bytes, 0, bytes.length);
      const at = packet.findExtension(EXTENSION_IDS.audioLevel);
      readAudioLevel(bytes, at, packet.extensionDataLength, level);
      return level.level;
    }),
    'VP8 descriptor': each(video.map(payloadOf), parses(new Vp8Descriptor())),
    'VP9 descriptor': each(pictures(vp9Payload), parses(new Vp9Descriptor())),
    'H.264 payload': each(
      pictures(() => h264Payload()),
      parses(new H264Payload()),
    ),
    'AV1 aggregation header': each(
      pictures(() => av1Payload()),
      parses(new Av1AggregationHeader()),
    ),
    'dependency descriptor': each(pictures(l1t3Descriptor), parseDescriptor),
    'dependency descriptor, key frame': each([L1T3_KEY_DESCRIPTOR], parseDescriptor),
    'RTCP compound, walked': each([compound], (bytes) => {
      reader.begin(bytes, 0, bytes.length);
      let packets = 0;
      while (reader.next()) packets++;
      return packets;
    }),
  },
});
if (sum === 0) throw new Error('nothing was read');
