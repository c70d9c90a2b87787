/** A packet on its way through the fan-out: where it lies in the arena and what is known of it. One object, reused. */
export class ForwardedPacket {
  /** In the arena, in canonical form. */
  offset = 0;
  length = 0;
  headerLength = 0;
  encodingIndex = 0;
  /** As received. */
  sequenceNumber = 0;
  timestamp = 0;
  marker = false;
  /** The router's. */
  payloadType = 0;
  keyFrame = false;
  /** VP8, -1 when absent. */
  pictureId = -1;
  tl0PicIdx = -1;
  /** Opus in DTX: says only that there is nothing to hear. */
  silence = false;
}
