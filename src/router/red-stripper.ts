// Hot path: accepts() and copy() run once per packet and receiver that lacks RED. They allocate nothing.
import { isRed, NO_PAYLOAD_TYPE, RedPayload } from '../rtp/codecs/red.js';
import { type RtpMapping, type RtpParameters } from '../rtp/rtp-parameters.js';

/** Where the payload type lies in an RTP header. */
const PAYLOAD_TYPE_OFFSET = 1;
const MARKER = 0x80;

/**
 * For the producer's side: the router's payload types by the sender's, for the blocks inside its RED packets (see
 * `mapRedPayloadTypes`). A block may hold what the producer negotiated, but no RED.
 *
 * @returns null when the producer has no RED
 */
export function redBlockMapping(rtpParameters: RtpParameters, rtpMapping: RtpMapping): Uint8Array | null {
  if (!rtpParameters.codecs.some(isRed)) return null;
  const mapping = new Uint8Array(128).fill(NO_PAYLOAD_TYPE);
  for (const codec of rtpParameters.codecs) {
    const mapped = rtpMapping.codecs.find(({ payloadType }) => payloadType === codec.payloadType);
    if (mapped !== undefined && !isRed(codec)) mapping[codec.payloadType] = mapped.mappedPayloadType;
  }
  return mapping;
}

/**
 * For a receiver that has Opus but no RED, of a sender that has both: what to send instead of a RED packet, which is
 * the primary block alone. Nothing is lost by it but the redundancy; sequence numbers and timestamps stay. The packet is
 * stripped anew each time that it is sent, so a retransmission is what the first transmission was.
 */
export class RedStripper {
  private readonly payload = new RedPayload();

  /**
   * @param payloadType the router's of RED
   * @param accepted 128 flags: payload types of the router that the receiver takes
   */
  private constructor(
    readonly payloadType: number,
    private readonly accepted: Uint8Array,
  ) {}

  /**
   * @param producer what the sender sends
   * @param rtpMapping the sender's payload types and the router's
   * @param consumer what the receiver takes, by the router's payload types
   * @returns null when there is nothing to strip: the sender has no RED, or the receiver has it too
   */
  static create(
    producer: RtpParameters,
    rtpMapping: RtpMapping,
    consumer: RtpParameters,
  ): RedStripper | null {
    const red = producer.codecs.find(isRed);
    if (red === undefined || consumer.codecs.some(isRed)) return null;
    const mapped = rtpMapping.codecs.find(({ payloadType }) => payloadType === red.payloadType);
    if (mapped === undefined) return null;
    const accepted = new Uint8Array(128);
    for (const { payloadType } of consumer.codecs) accepted[payloadType & 0x7f] = 1;
    return new RedStripper(mapped.mappedPayloadType, accepted);
  }

  /** The payload type under which the last packet that `accepts()` or `copy()` took is sent: tells its RTX. */
  get primaryPayloadType(): number {
    return this.payload.primaryPayloadType;
  }

  /** Length of the primary block of the last packet that `accepts()` or `copy()` took. */
  get primaryLength(): number {
    return this.payload.primaryLength;
  }

  /**
   * Looks into a canonical packet of the RED payload type.
   *
   * @returns false when there is no primary block that this receiver takes: the packet is not for it
   */
  accepts(bytes: Uint8Array, source: number, length: number, headerLength: number): boolean {
    const { payload } = this;
    if (!payload.parse(bytes, source + headerLength, length - headerLength)) return false;
    return this.accepted[payload.primaryPayloadType] === 1;
  }

  /**
   * Writes a canonical packet of the RED payload type as one of its primary block alone, elsewhere in the same array.
   *
   * @param gap bytes to leave free between header and payload: 0, or 2 for the original sequence number of RTX
   * @returns the length of what was written, the gap included; 0 when `accepts()` would refuse it
   */
  copy(
    bytes: Uint8Array,
    target: number,
    source: number,
    length: number,
    headerLength: number,
    gap: 0 | 2,
  ): number {
    if (!this.accepts(bytes, source, length, headerLength)) return 0;
    const { primaryOffset, primaryLength, primaryPayloadType } = this.payload;
    bytes.copyWithin(target, source, source + headerLength);
    bytes[target + PAYLOAD_TYPE_OFFSET] = (bytes[source + PAYLOAD_TYPE_OFFSET] & MARKER) | primaryPayloadType;
    bytes.copyWithin(target + headerLength + gap, primaryOffset, primaryOffset + primaryLength);
    return headerLength + gap + primaryLength;
  }
}
