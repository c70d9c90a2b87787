// Hot path: isOn() runs once per packet and receiver. It allocates nothing.
import { type ConsumerLayers } from '../rtp/rtp-parameters.js';
import { tsAdd } from '../rtp/sequence.js';
import { type PacketRing } from '../stream/packet-ring.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { type RtpMunger } from '../stream/rtp-munger.js';
import { createLayerFilter } from './create-layer-filter.js';
import { type ForwardedPacket } from './forwarded-packet.js';
import { LayerAnnouncer } from './layer-announcer.js';
import { type LayerChoice } from './layer-choice.js';
import { type LayerFilter } from './layer-filter.js';
import { type Producer } from './producer.js';
import { type ConsumerSettings } from './settings.js';

/** More encodings than any producer has. */
const MAX_ENCODINGS = 64;

/** What it needs of the consumer whose stream it leads. */
export interface FollowingConsumer {
  readonly settings: ConsumerSettings;
  readonly producer: Producer;
  readonly munger: RtpMunger;
  /** Packets go to the receiver: nobody has paused it and there is bitrate for it. */
  readonly flowing: boolean;
  requestKeyFrame(now: number): void;
}

/**
 * Leads one receiver from encoding to encoding: which one it is on, which it waits for, where a switch is possible, and
 * where on the receiver's timeline the new one goes on.
 */
export class LayerFollower {
  /** The encoding being forwarded, -1 when none is yet. */
  encoding = -1;
  /** The encoding that is waited for, at its next key frame; equals `encoding` when settled. */
  target = -1;
  /** Which packets of it are for this receiver; null before the first. */
  filter: LayerFilter | null = null;
  private syncRequired = true;
  private readonly announcer: LayerAnnouncer;

  /** @param announce told of the layers that are forwarded from now on; undefined: of none */
  constructor(
    private readonly consumer: FollowingConsumer,
    private readonly choice: LayerChoice,
    announce: (layers: ConsumerLayers | undefined) => void,
  ) {
    this.announcer = new LayerAnnouncer(announce);
  }

  /** The layers that are forwarded; undefined while none are. */
  get layers(): ConsumerLayers | undefined {
    return this.announcer.layers;
  }

  /** The encoding whose key frame would help, -1 when none arrives. */
  get awaited(): number {
    return this.target >= 0 ? this.target : this.choice.target(this.consumer.producer);
  }

  /** The packet is of the stream that is forwarded. */
  isOn(packet: ForwardedPacket): boolean {
    return packet.encodingIndex === this.encoding && !this.syncRequired;
  }

  /** And nothing else is waited for. */
  isSettledOn(packet: ForwardedPacket): boolean {
    return this.isOn(packet) && this.target === this.encoding;
  }

  /** A packet outside the settled course: is this where a stream begins or a switch happens? @returns forward it */
  settle(now: number, packet: ForwardedPacket, stream: ReceiveStream): boolean {
    if (this.target < 0 || this.syncRequired) this.retarget(now);
    if (this.isOn(packet)) return true;
    if (packet.encodingIndex !== this.target) return false;
    const { producer } = this.consumer;
    if (producer.startsAtKeyFrames && !(packet.keyFrame && stream.isNewest(packet.sequenceNumber))) {
      // A key frame whose beginning came late has lost the packets that went by meanwhile: the next one is whole.
      this.consumer.requestKeyFrame(now);
      return false;
    }
    this.begin(now, packet, stream);
    return true;
  }

  /** Streams of the producer came or went, or other layers are wanted. */
  reconsider(now: number): void {
    if (!this.consumer.flowing) return;
    this.retarget(now);
    if (this.filter === null || this.syncRequired) return;
    this.aim(this.filter);
    if (this.filter.needsKeyFrame) this.consumer.requestKeyFrame(now);
  }

  /** The flow begins (again). */
  restart(now: number): void {
    this.syncRequired = true;
    this.consumer.producer.want(now, this.choice.desiredEncoding);
    this.retarget(now);
    this.consumer.requestKeyFrame(now);
  }

  /** The flow has ended. */
  stop(): void {
    this.announcer.announce(-1, -1);
    this.syncRequired = true;
    this.target = -1;
  }

  /** What follows is a new beginning: it waits for a key frame. */
  startOver(): void {
    this.syncRequired = true;
  }

  /** Tells of the layers that the filter lets through; costs nothing while they stay the same. */
  announce(filter: LayerFilter): void {
    const { spatialLayers, temporalLayers } = this.choice.counts;
    const inStream = Math.min(filter.spatialLayer, spatialLayers - 1);
    const spatialLayer = this.consumer.settings.type === 'simulcast' ? this.encoding : inStream;
    // A filter may be open for more layers than there are.
    this.announcer.announce(spatialLayer, Math.min(filter.temporalLayer, temporalLayers - 1));
  }

  /** The packets kept of a source (see RtpMunger.sourceOf); null when that stream is gone. */
  ringOf(source: number): PacketRing | null {
    return this.streamOf(source)?.ring ?? null;
  }

  /** The stream that a source stands for; null when it is gone. */
  streamOf(source: number): ReceiveStream | null {
    const encoding = this.consumer.producer.encodings[source % MAX_ENCODINGS];
    return this.sourceKey(encoding.index) === source ? encoding.stream : null;
  }

  private begin(now: number, packet: ForwardedPacket, stream: ReceiveStream): void {
    const { munger, producer } = this.consumer;
    const wanted = this.expectedTimestamp(packet, stream);
    munger.sync(now, this.sourceKey(packet.encodingIndex), packet.timestamp, wanted);
    this.encoding = packet.encodingIndex;
    this.syncRequired = false;
    this.filter ??= createLayerFilter(stream.mimeType, producer.describesDependencies);
    this.aim(this.filter);
    this.filter.begin(packet);
  }

  /** Where the first packet of another layer belongs on the timeline so far, by both layers' sender reports; or NaN. */
  private expectedTimestamp(packet: ForwardedPacket, stream: ReceiveStream): number {
    const { munger } = this.consumer;
    const { era } = munger;
    if (era < 0) return Number.NaN;
    const offset = munger.timestampOffsetOf(era);
    const previous = this.streamOf(munger.sourceOf(era));
    if (previous === stream) return tsAdd(packet.timestamp, offset);
    if (previous === null || !previous.mapping.known || !stream.mapping.known) return Number.NaN;
    const captured = stream.mapping.captureTime(packet.timestamp);
    return tsAdd(previous.mapping.timestampOf(captured), offset);
  }

  /** Tells one stream of one encoding from every other, also from the one under the same encoding before it. */
  private sourceKey(encodingIndex: number): number {
    return this.consumer.producer.encodings[encodingIndex].generation * MAX_ENCODINGS + encodingIndex;
  }

  private aim(filter: LayerFilter): void {
    filter.setTarget(this.choice.spatialInStream, this.choice.temporalOf(this.encoding));
  }

  private retarget(now: number): void {
    const target = this.choice.target(this.consumer.producer);
    if (target === this.target) return;
    this.target = target;
    if (target >= 0 && (this.syncRequired || target !== this.encoding)) this.consumer.requestKeyFrame(now);
  }
}
