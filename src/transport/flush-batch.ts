// Hot path: once per turn of the forwarding loop, and in it once per outgoing packet.
import { type PacketBatch } from '../srtp/packet-batch.js';
import { TOUCH_AHEAD } from '../rtp/touch-ahead.js';
import { protectBatch } from '../srtp/protect-batch.js';
import { type PacketDestination } from '../router/environment.js';
import { type RemoteTuple } from './remote-tuple.js';

/** Encrypts all packets of the batch in place and hands them to their sockets. */
export function flushBatch(batch: PacketBatch<PacketDestination>): void {
  if (batch.count === 0) return;
  try {
    protectBatch(batch);
    for (let from = 0; from < batch.count; from += TOUCH_AHEAD) {
      const end = Math.min(batch.count, from + TOUCH_AHEAD);
      for (let index = from; index < end; index++)
        batch.touched = (batch.touched + (batch.destinations[index] as RemoteTuple).localPort.touch()) | 0;
      for (let index = from; index < end; index++) {
        if (batch.lengths[index] === 0) continue;
        const remote = batch.destinations[index] as RemoteTuple;
        remote.localPort.sendSlot(batch, index, remote);
      }
    }
  } finally {
    // Also when something threw: encrypted once more, the same packets would leave in clear.
    batch.clear();
  }
}
