// Hot path: once per turn of the forwarding loop, and in it once per outgoing packet.
import { type PacketBatch } from '../srtp/packet-batch.js';
import { protectBatch } from '../srtp/protect-batch.js';
import { type PacketDestination } from '../router/environment.js';
import { type RemoteTuple } from './remote-tuple.js';

/** Encrypts all packets of the batch in place and hands them to their sockets. */
export function flushBatch(batch: PacketBatch<PacketDestination>): void {
  if (batch.count === 0) return;
  try {
    protectBatch(batch);
    for (let index = 0; index < batch.count; index++) {
      if (batch.lengths[index] === 0) continue;
      const remote = batch.destinations[index] as RemoteTuple;
      remote.localPort.sendSlot(batch, index, remote);
    }
  } finally {
    // Also when something threw: encrypted once more, the same packets would leave in clear.
    batch.clear();
  }
}
