import t from 'tap';
import { type PacketDestination } from '#src/router/environment.js';
import { protectBatch } from '#src/srtp/protect-batch.js';
import { SMALL_CHUNK } from '#src/srtp/keystream-pool.js';
import { SrtpKernel } from '#src/srtp/srtp-kernel.js';
import { SrtpSender } from '#src/srtp/srtp-sender.js';
import { type ContextOptions, createContext } from '#src/transport/create-context.js';
import { loadSrtpKernel } from '#src/transport/load-srtp-kernel.js';

const ARENA = 4 << 20;

function contextOf(options: Partial<ContextOptions>) {
  return createContext({
    now: () => 0,
    wallClockOffset: 0,
    notify: () => undefined,
    turnEnded: () => undefined,
    arenaSize: ARENA,
    ...options,
  });
}

/** The bytes of packets that go out over it, in turns of `receivers` packets. */
function sent(context: ReturnType<typeof contextOf>, turns: number, receivers: number): string {
  const { batch } = context.core;
  const senders = Array.from(
    { length: receivers },
    (_, n) =>
      new SrtpSender({
        profile: 'AES_CM_128_HMAC_SHA1_80',
        masterKey: new Uint8Array(16).fill(n),
        masterSalt: new Uint8Array(14),
      }),
  );
  let result = '';
  for (let turn = 0; turn < turns; turn++) {
    for (const sender of senders) {
      const slot = batch.acquire();
      batch.bytes.fill(turn, slot, slot + 400);
      batch.bytes.set([0x80, 96, 0, turn, 0, 0, 0, 0, 0, 0, 0, 1], slot);
      batch.commit(400, sender, {} satisfies PacketDestination);
    }
    protectBatch(batch);
    for (let i = 0; i < batch.count; i++)
      result += Buffer.from(batch.bytes.subarray(batch.offsets[i], batch.offsets[i] + 410)).toString('hex');
    batch.clear();
  }
  return result;
}

t.test('packets lie in the memory of the kernel; without one, the same packets go out', (t) => {
  const withKernel = contextOf({});
  const kernel = withKernel.core.batch.kernel;
  t.not(kernel, null);
  t.equal(withKernel.core.arena.bytes.buffer, kernel!.bytes.buffer);
  t.equal(withKernel.core.arena.bytes.length, ARENA);
  t.equal(withKernel.core.batch.bytes, withKernel.core.arena.bytes);

  const without = contextOf({ srtpKernel: () => null });
  t.equal(without.core.batch.kernel, null);
  t.equal(without.core.arena.bytes.length, ARENA);
  t.equal(sent(withKernel, 20, 5), sent(without, 20, 5));
  t.end();
});

t.test('keystream of streams that stopped comes back while others go on', (t) => {
  let now = 0;
  const context = contextOf({ now: () => now });
  context.endTurn();
  sent(context, 5, 3);
  const { keystreams } = context.core.batch.kernel!;
  t.equal(keystreams.lent, 3 * SMALL_CHUNK);
  now = 4999;
  context.endTurn();
  t.equal(keystreams.lent, 3 * SMALL_CHUNK);
  for (now = 5000; now <= 10000; now += 1000) context.endTurn();
  t.equal(keystreams.lent, 0);
  t.end();
});

t.test('where the kernel cannot run, that is said', async (t) => {
  t.ok(loadSrtpKernel(ARENA) instanceof SrtpKernel);
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
  t.equal(loadSrtpKernel(2 ** 40), null, 'no such memory');
  t.match(await warned, { code: 'SLUSS_NO_SRTP_KERNEL', message: /node:crypto/ });
});
