import { type RtpPacket, RtpParseError } from '../rtp/rtp-packet.js';
import { type ReceiveStream } from '../stream/receive-stream.js';
import { restoreFromRtx } from '../stream/rtx.js';
import { type RtpDrops } from './drop-reasons.js';
import { type ProducerCodec, type ProducerCodecs } from './producer-codecs.js';

/**
 * Turns a retransmission into the packet that it repairs, in place; one that repairs nothing is dropped and counted.
 * @returns the codec of the original, null when it was dropped
 */
export function takeRetransmission(
  stream: ReceiveStream,
  packet: RtpPacket,
  codecs: ProducerCodecs,
  drops: RtpDrops,
): ProducerCodec | null {
  const apt = codecs.get(packet.payloadType)?.apt;
  const codec = apt === undefined ? undefined : codecs.get(apt);
  if (apt === undefined || codec === undefined) {
    drops.count('rtp-unknown-payload-type');
    return null;
  }
  const length = restoreFromRtx(packet, apt, stream.ssrc);
  if (length < 0) {
    drops.count('rtx-empty');
    return null;
  }
  if (packet.parse(packet.bytes, packet.offset, length) !== RtpParseError.Ok) {
    drops.count('rtp-malformed');
    return null;
  }
  const present = stream.ring.find(packet.sequenceNumber) >= 0;
  if (!present && stream.mayRepair(packet.sequenceNumber)) return codec;
  stream.rtxPacketsDiscarded += 1;
  drops.count(present ? 'rtp-duplicate' : 'rtx-out-of-window');
  return null;
}
