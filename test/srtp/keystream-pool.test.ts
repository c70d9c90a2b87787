import fc from 'fast-check';
import t from 'tap';
import {
  type ChunkHolder,
  KEYSTREAM_PAGE,
  KeystreamPool,
  LARGE_CHUNK,
  SMALL_CHUNK,
} from '#src/srtp/keystream-pool.js';

const START = 4096;

function poolOf(pages: number) {
  const bytes = new Uint8Array(START + pages * KEYSTREAM_PAGE + 100);
  return { bytes, pool: new KeystreamPool(bytes, START, bytes.length) };
}

t.test('memory goes from one size of chunks to the other, once a page of them has come back', (t) => {
  const { pool } = poolOf(2);
  const small = Array.from({ length: 10 }, () => pool.lend(SMALL_CHUNK));
  t.notOk(small.includes(0), 'five to a page');
  t.equal(pool.lent, 2 * KEYSTREAM_PAGE);
  t.equal(pool.lend(LARGE_CHUNK), 0);
  t.equal(pool.lend(SMALL_CHUNK), 0);
  t.equal(pool.refused, 2);

  pool.takeBack(small[0], SMALL_CHUNK);
  pool.takeBack(small[9], SMALL_CHUNK);
  t.equal(pool.lend(LARGE_CHUNK), 0, 'in each page somebody has a chunk');
  for (const address of small.slice(1, 5)) pool.takeBack(address, SMALL_CHUNK);
  t.equal(pool.lend(LARGE_CHUNK), START);
  t.equal(pool.lend(LARGE_CHUNK), START + LARGE_CHUNK);
  t.equal(pool.lend(LARGE_CHUNK), 0);
  t.equal(pool.lend(SMALL_CHUNK), small[9], 'the other page stays one of small ones');
  t.equal(pool.lent, KEYSTREAM_PAGE + 5 * SMALL_CHUNK);
  t.end();
});

t.test('where there is no room for a page there is none', (t) => {
  const { pool } = poolOf(0);
  t.equal(pool.lend(SMALL_CHUNK), 0);
  t.equal(new KeystreamPool(new Uint8Array(10), 8, 4).lend(SMALL_CHUNK), 0);
  t.end();
});

t.test('whatever is lent and taken back: chunks do not overlap, are zero, and nothing gets lost', (t) => {
  const holds = (bytes: Uint8Array, from: number, to: number, value: number) =>
    Buffer.alloc(to - from, value).equals(bytes.subarray(from, to));
  const anySteps = fc.array(fc.record({ lend: fc.boolean(), large: fc.boolean(), which: fc.nat(1000) }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(anySteps, (steps) => {
      const { bytes, pool } = poolOf(4);
      const end = START + 4 * KEYSTREAM_PAGE;
      bytes.fill(0xee, 0, START);
      bytes.fill(0xee, end);
      const lent: { address: number; size: number }[] = [];
      let refused = 0;
      const giveBack = (which: number) => {
        const [{ address, size }] = lent.splice(which % lent.length, 1);
        if (!holds(bytes, address, address + size, 1)) throw new Error('written over');
        pool.takeBack(address, size);
        if (!holds(bytes, address, address + size, 0)) throw new Error('not zeroed');
      };
      for (const { lend, large, which } of steps) {
        const size = large ? LARGE_CHUNK : SMALL_CHUNK;
        if (!lend && lent.length > 0) giveBack(which);
        const address = lend ? pool.lend(size) : 0;
        if (lend && address === 0) refused++;
        if (address === 0) continue;
        if (!holds(bytes, address, address + size, 0)) throw new Error('it is somebody else’s');
        bytes.fill(1, address, address + size);
        lent.push({ address, size });
        if (pool.lent !== lent.reduce((sum, chunk) => sum + chunk.size, 0)) throw new Error('miscounted');
      }
      if (pool.refused !== refused) return false;
      while (lent.length > 0) giveBack(0);
      for (let i = 0; i < 8; i++) if (pool.lend(LARGE_CHUNK) === 0) throw new Error('memory was lost');
      return holds(bytes, 0, START, 0xee) && holds(bytes, end, bytes.length, 0xee);
    }),
    { numRuns: 150 },
  );
  t.pass('in every run');
  t.end();
});

t.test('a sweep takes from those that did nothing since the last', (t) => {
  const { pool } = poolOf(1);
  const released: string[] = [];
  const holder = (name: string): ChunkHolder => ({ used: true, release: () => released.push(name) });
  const a = holder('a');
  const b = holder('b');
  pool.watch(a);
  pool.watch(b);
  pool.sweep();
  t.same(released, []);
  b.used = true;
  pool.sweep();
  t.same(released, ['a']);
  pool.sweep();
  t.same(released, ['a', 'b']);
  pool.sweep();
  t.same(released, ['a', 'b'], 'once');
  t.end();
});
