// Hot path: take() runs once per received packet. It allocates nothing.
import { mapRedPayloadTypes } from '../rtp/codecs/red.js';
import { redBlockMapping } from './red-stripper.js';
import { type RtpPacket } from '../rtp/rtp-packet.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { CANONICAL_GROWTH, CanonicalWriter } from './canonical-packet.js';
import { type CoreEnvironment } from './environment.js';
import { ForwardedPacket } from './forwarded-packet.js';
import { FrameInspection } from './frame-inspection.js';
import { type ProducerCodec } from './producer-codecs.js';
import { type ProducerEncoding } from './producer-encoding.js';
import { OrientationWatch } from './producer-orientation.js';
import { type ProducerTransport } from './producer-ports.js';
import { type ProducerRepair } from './producer-repair.js';
import { type ProducerTrace } from './producer-trace.js';
import { type ProducerSettings } from './settings.js';

/** What becomes of a received packet before anybody gets it: it is written in the router's form, kept, read and counted. */
export class ProducerIntake {
  /** The packet that take() was given last. One object, reused. */
  readonly forwarded = new ForwardedPacket();
  private readonly writer: CanonicalWriter;
  private readonly inspection: FrameInspection;
  private readonly orientation: OrientationWatch;
  private readonly redBlocks: Uint8Array | null;

  constructor(
    { id, rtpParameters, rtpMapping }: ProducerSettings,
    mimeType: string,
    private readonly repair: ProducerRepair,
    private readonly traces: ProducerTrace,
    private readonly transport: ProducerTransport,
    private readonly environment: CoreEnvironment,
  ) {
    const extensions = rtpParameters.headerExtensions ?? [];
    this.writer = new CanonicalWriter(extensions);
    this.redBlocks = redBlockMapping(rtpParameters, rtpMapping);
    this.inspection = new FrameInspection(extensions, mimeType);
    this.orientation = new OrientationWatch(extensions, (orientation) =>
      environment.notify(id, 'videoorientationchange', orientation),
    );
  }

  /**
   * Fills `forwarded`, whose bytes then lie in the arena.
   * @param intact false when more was lost before this packet than can be asked for
   * @returns false for a packet without content: only its number counts
   */
  take(
    now: number,
    encoding: ProducerEncoding,
    stream: ReceiveStream,
    packet: RtpPacket,
    codec: ProducerCodec,
    intact: boolean,
  ): boolean {
    const forwarded = this.forwarded;
    forwarded.encodingIndex = encoding.index;
    forwarded.sequenceNumber = packet.sequenceNumber;
    if (packet.payloadLength === 0) {
      // A bandwidth probe in the media stream: nobody needs it, and it must leave no gap.
      this.transport.drops.count('rtp-padding-only');
      if (!intact) this.repair.broken(now, encoding);
      return false;
    }
    if (
      codec.red &&
      this.redBlocks !== null &&
      !mapRedPayloadTypes(packet.bytes, packet.payloadOffset, packet.payloadLength, this.redBlocks)
    ) {
      this.transport.drops.count('red-malformed');
      return false;
    }
    forwarded.timestamp = packet.timestamp;
    forwarded.marker = packet.marker;
    forwarded.payloadType = codec.mappedPayloadType;
    this.inspection.inspect(forwarded, encoding, packet);
    this.keep(now, stream, packet);
    this.account(now, encoding, stream, packet, intact);
    return true;
  }

  private keep(now: number, stream: ReceiveStream, packet: RtpPacket): void {
    const { arena, scratch } = this.environment;
    const forwarded = this.forwarded;
    const kept = stream.ring.reserve(now, packet.length + CANONICAL_GROWTH);
    const target = kept < 0 ? scratch : kept;
    const length = this.writer.write(packet, forwarded.payloadType, arena.bytes, target, forwarded.structure);
    if (kept < 0) this.transport.drops.count('rtp-not-kept');
    else stream.ring.store(now, packet.sequenceNumber, target, length);
    forwarded.kept = kept >= 0;
    forwarded.offset = target;
    forwarded.length = length;
    forwarded.headerLength = length - packet.payloadLength;
  }

  /** What the packet changes for its encoding, whoever watches it. */
  private account(
    now: number,
    encoding: ProducerEncoding,
    stream: ReceiveStream,
    packet: RtpPacket,
    intact: boolean,
  ): void {
    const { keyFrame, spatialLayer, temporalLayer } = this.forwarded;
    if (keyFrame) {
      encoding.requester.received();
      stream.nack?.keyFrame(packet.sequenceNumber);
      if (packet.timestamp !== encoding.keyFrameTimestamp) encoding.keyFramesReceived += 1;
      encoding.keyFrameTimestamp = packet.timestamp;
    } else if (!intact) {
      this.repair.broken(now, encoding);
    }
    const ofKeyFrame = packet.timestamp === encoding.keyFrameTimestamp;
    encoding.rates.add(now, spatialLayer, temporalLayer, packet.length, ofKeyFrame);
    this.traces.packet(now, packet, keyFrame);
    this.orientation.receive(packet);
  }
}
