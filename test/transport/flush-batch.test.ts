import t from 'tap';
import { PacketBatch } from '#src/srtp/packet-batch.js';
import { flushBatch } from '#src/transport/flush-batch.js';
import type { RemoteTuple } from '#src/transport/remote-tuple.js';

t.test('after a send that throws the batch is empty: nothing in it is encrypted or sent again', (t) => {
  const batch = new PacketBatch<RemoteTuple>(4);
  const sent: number[] = [];
  const localPort = {
    touch: () => 0,
    sendSlot: (_batch: unknown, index: number): boolean => {
      if (index === 1) throw new Error('not today');
      sent.push(index);
      return true;
    },
  };
  for (let packet = 0; packet < 3; packet++) {
    batch.acquire();
    batch.commit(100, null, { localPort } as unknown as RemoteTuple);
  }
  t.throws(() => flushBatch(batch), { message: 'not today' });
  t.same(sent, [0]);
  t.equal(batch.count, 0);
  flushBatch(batch);
  t.same(sent, [0]);
  t.end();
});
