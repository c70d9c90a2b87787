// Hot path: inspect() runs once per received packet. It allocates nothing.
import { DependencyDescriptor } from '../rtp/codecs/dependency-descriptor.js';
import { describeFrame } from '../rtp/codecs/dependency-frame.js';
import { isOpusDtx } from '../rtp/codecs/opus.js';
import { type RtpHeaderExtensionParameters, type RtpHeaderExtensionUri } from '../rtp/rtp-parameters.js';
import { type RtpPacket } from '../rtp/rtp-packet.js';
import { type ForwardedPacket } from './forwarded-packet.js';
import { type ProducerEncoding } from './producer-encoding.js';

export const DEPENDENCY_DESCRIPTOR: RtpHeaderExtensionUri =
  'https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension';

/**
 * What is known of a packet's frame. The dependency descriptor says it for every codec, also when the payload is encrypted
 * from end to end; without one, the clear bytes of the codec do. A payload that cannot be read is an ordinary delta frame.
 */
export class FrameInspection {
  private readonly descriptor = new DependencyDescriptor();
  private readonly descriptorId: number;
  private readonly opus: boolean;

  constructor(extensions: readonly RtpHeaderExtensionParameters[], mimeType: string) {
    this.descriptorId = extensions.find((extension) => extension.uri === DEPENDENCY_DESCRIPTOR)?.id ?? 0;
    this.opus = /\/opus$/i.test(mimeType);
  }

  inspect(forwarded: ForwardedPacket, encoding: ProducerEncoding, packet: RtpPacket): void {
    this.inspectPayload(forwarded, encoding, packet);
    forwarded.dependency = null;
    forwarded.structure = null;
    if (this.descriptorId !== 0) this.inspectDescriptor(forwarded, encoding, packet);
  }

  private inspectPayload(forwarded: ForwardedPacket, encoding: ProducerEncoding, packet: RtpPacket): void {
    const { inspector } = encoding;
    inspector.inspect(packet.bytes, packet.payloadOffset, packet.payloadLength, packet.marker);
    forwarded.silence = this.opus && isOpusDtx(packet.payloadLength);
    forwarded.keyFrame = inspector.keyFrame;
    forwarded.startOfFrame = inspector.startOfFrame;
    forwarded.endOfFrame = inspector.endOfFrame;
    forwarded.spatialLayer = inspector.spatialLayer;
    forwarded.temporalLayer = inspector.temporalLayer;
    forwarded.switchingPoint = inspector.switchingPoint;
    forwarded.interPicture = inspector.interPicture;
    forwarded.interLayer = inspector.interLayer;
    forwarded.notForUpper = inspector.notForUpper;
    forwarded.pictureId = inspector.pictureId;
    forwarded.tl0PicIdx = inspector.tl0PicIdx;
  }

  private inspectDescriptor(forwarded: ForwardedPacket, encoding: ProducerEncoding, packet: RtpPacket): void {
    const at = packet.findExtension(this.descriptorId);
    if (at < 0) return;
    const { descriptor } = this;
    if (!descriptor.parse(packet.bytes, at, packet.extensionDataLength, encoding.structure)) return;
    forwarded.dependency = descriptor;
    forwarded.structure = encoding.structure;
    describeFrame(descriptor, encoding.structure, forwarded);
  }
}
