/**
 * Protects all packets of a batch in place. Hot path: allocates nothing but keystream, once for many packets. Packets that
 * were made from the same source packet lie beside each other and have equal lengths, so several are worked on at once.
 * Watched by bench/srtp/protect.js.
 */
import { TOUCH_AHEAD } from '../rtp/touch-ahead.js';
import type { PacketBatch } from './packet-batch.js';

/**
 * Protects every entry that has a sender, as RTP, and updates its length. An entry that cannot be protected gets
 * length 0 and is counted in `batch.protectionFailures`. To be called once per filled batch: a second call would
 * protect again.
 */
export function protectBatch(batch: PacketBatch<unknown>): void {
  const { bytes, offsets, lengths, senders, count, kernel } = batch;
  kernel?.lanes.clear();
  for (let from = 0; from < count; from += TOUCH_AHEAD) {
    const end = Math.min(count, from + TOUCH_AHEAD);
    for (let i = from; i < end; i++) batch.touched = (batch.touched + (senders[i]?.touch() ?? 0)) | 0;
    for (let i = from; i < end; i++) {
      const sender = senders[i];
      if (sender === null) continue;
      const length =
        kernel === null
          ? sender.protectRtp(bytes, offsets[i], lengths[i])
          : sender.stageRtp(kernel, bytes, offsets[i], lengths[i]);
      if (length < 0) batch.protectionFailures++;
      lengths[i] = length < 0 ? 0 : length;
    }
  }
  kernel?.lanes.sign();
}
