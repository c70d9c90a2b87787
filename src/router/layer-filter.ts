import { type ForwardedPacket } from './forwarded-packet.js';
import { type FollowedPacket } from './stream-log.js';

/**
 * Which packets of one stream a receiver gets, when the stream holds several temporal or spatial layers in one.
 * One filter per receiver; it is given every packet of the stream being forwarded, in order of arrival.
 * Hot path: `admits` allocates nothing. Which stream (simulcast encoding) is forwarded is not its business.
 */
export interface LayerFilter {
  /** What is being forwarded: the highest layers admitted at present. */
  readonly spatialLayer: number;
  readonly temporalLayer: number;
  /** The target can only be reached by a key frame; who owns the filter asks for one. */
  readonly needsKeyFrame: boolean;
  /** The layers wished for; reached at once when lower, at the next legal point when higher. */
  setTarget(spatialLayer: number, temporalLayer: number): void;
  /** The stream begins (again) with this packet, a key frame where the codec has them: the target holds at once. */
  begin(packet: ForwardedPacket): void;
  /** True when the packet goes to this receiver. Must be called once for each packet of the stream. */
  admits(packet: ForwardedPacket): boolean;
  /** For an admitted packet: the last one of its picture, as this receiver sees it; the marker bit to write. */
  marker(packet: ForwardedPacket): boolean;
  /**
   * Itself while nothing is pending: of packets that each continue the one before (see InStep), all up to `temporalLayer` are
   * admitted, and admits() may be told of them later. Else null.
   */
  readonly steady: SteadyFilter | null;
  /** The bitmask of decode targets that this receiver still gets, -1 when the stream has no dependency descriptor. */
  readonly decodeTargets: number;
}

/** A filter that needs no more of a packet than what is left of it after its fan-out. */
export interface SteadyFilter {
  readonly temporalLayer: number;
  /** See LayerFilter. A property, as of a method the compiler would not see that it reads more of a packet. */
  readonly admits: (packet: FollowedPacket) => boolean;
}
