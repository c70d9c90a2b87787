// Hot path: admits() runs once per packet and receiver. It allocates nothing.
import { type ForwardedPacket } from './forwarded-packet.js';
import { type LayerFilter } from './layer-filter.js';

/** For streams in which there is nothing to choose: everything is forwarded as it came. */
export class PassThroughFilter implements LayerFilter {
  readonly spatialLayer = 0;
  readonly temporalLayer = 0;
  readonly needsKeyFrame = false;
  readonly decodeTargets = -1;
  readonly steady = this;

  setTarget(): void {
    // All there is.
  }

  begin(): void {
    // Nothing to remember.
  }

  admits(): boolean {
    return true;
  }

  marker(packet: ForwardedPacket): boolean {
    return packet.marker;
  }
}
