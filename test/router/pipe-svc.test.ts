import t from 'tap';
import { DependencyDescriptor } from '#src/rtp/codecs/dependency-descriptor.js';
import { DependencyStructure } from '#src/rtp/codecs/dependency-structure.js';
import { CANONICAL_EXTENSION_ID } from '#src/rtp/header-extension-ids.js';
import type { RtpParameters } from '#src/rtp/rtp-parameters.js';
import { type LayeredPacket, LayeredStream } from '../support/layered-stream.js';
import { buildRtp } from '../support/rtp-builder.js';
import { VirtualPipe } from '../support/virtual-pipe.js';
import { type SentRtp } from '../support/virtual-room.js';

const DESCRIPTOR_URI =
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';
const DESCRIPTOR_ID = CANONICAL_EXTENSION_ID[DESCRIPTOR_URI];

function parameters(
  mimeType: string,
  payloadType: number,
  ssrc: number,
  descriptorId: number,
): RtpParameters {
  return {
    codecs: [{ mimeType, payloadType, clockRate: 90000, rtcpFeedback: [{ type: 'nack', parameter: 'pli' }] }],
    headerExtensions: [{ uri: DESCRIPTOR_URI, id: descriptorId }],
    encodings: [{ ssrc, scalabilityMode: 'L3T3' }],
    rtcp: { cname: 'cname' },
  };
}

/** By the dependency descriptors. */
function frameNumbers(sent: SentRtp[]): number[] {
  const structure = new DependencyStructure();
  const descriptor = new DependencyDescriptor();
  return sent.map(({ packet }) => {
    const at = packet.findExtension(DESCRIPTOR_ID);
    if (!descriptor.parse(packet.bytes, at, packet.extensionDataLength, structure))
      throw new Error('unreadable');
    return descriptor.frameNumber;
  });
}

for (const coding of ['vp9', 'av1'] as const) {
  t.test(`${coding}: all layers of the one stream go through, and are chosen from behind the pipe`, (t) => {
    const source = new LayeredStream({ coding, spatialLayers: 3 });
    const pipe = new VirtualPipe();
    const camera = pipe.near.transport('camera');
    camera.produce({ type: 'svc', rtpParameters: parameters(source.mimeType, 96, 1, 12) });
    const piped = parameters(source.mimeType, 97, 7001, DESCRIPTOR_ID);
    pipe.consume(piped);
    pipe.produce(piped, { type: 'svc' });
    const viewer = pipe.far.transport('viewer');
    const consumer = viewer.consume({
      type: 'svc',
      producerId: 'piped',
      rtpParameters: parameters(source.mimeType, 97, 5000, DESCRIPTOR_ID),
      preferredLayers: { spatialLayer: 2 },
    });

    const packets: LayeredPacket[] = [];
    const run = (pictures: number): void => {
      for (let picture = 0; picture < pictures; picture++) {
        for (const packet of source.picture(packets.length === 0)) {
          packets.push(packet);
          const { sequenceNumber, marker, payload, descriptor } = packet;
          const { timestamp } = packet.frame;
          const extensions = descriptor === null ? [] : [{ id: 12, data: descriptor }];
          camera.receive(
            buildRtp({
              payloadType: 96,
              sequenceNumber,
              timestamp,
              ssrc: 1,
              marker,
              payload,
              extensions,
              twoByteExtensions: true,
            }),
          );
        }
        pipe.advance(33);
      }
    };
    run(30);
    t.same(consumer.currentLayers, { spatialLayer: 2, temporalLayer: 2 });
    consumer.setPreferredLayers(pipe.far.now, { spatialLayer: 1 });
    run(30);
    t.match(consumer.currentLayers, { spatialLayer: 1 });
    consumer.setPreferredLayers(pipe.far.now, { spatialLayer: 0, temporalLayer: 0 });
    run(30);
    t.same(consumer.currentLayers, { spatialLayer: 0, temporalLayer: 0 });

    const sent = pipe.sent(7001);
    t.equal(sent.length, packets.length);
    t.same(
      sent.map(({ payload, marker, timestamp }) => [[...payload], marker, timestamp]),
      packets.map(({ payload, marker, frame }) => [[...payload], marker, frame.timestamp]),
    );
    if (coding === 'av1')
      t.same(
        frameNumbers(sent),
        packets.map(({ frame }) => (65_500 + frame.id) & 0xffff),
      );
    t.end();
  });
}
