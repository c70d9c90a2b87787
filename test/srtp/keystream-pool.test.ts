import t from 'tap';
import { type ChunkHolder, KeystreamPool, LARGE_CHUNK, SMALL_CHUNK } from '#src/srtp/keystream-pool.js';

t.test('chunks do not overlap, end with the memory and come back by size', (t) => {
  const start = 4096;
  const pool = new KeystreamPool(start, start + 2 * LARGE_CHUNK + SMALL_CHUNK + 100);
  const large = pool.lend(LARGE_CHUNK);
  const small = pool.lend(SMALL_CHUNK);
  t.equal(large, start);
  t.equal(small, start + LARGE_CHUNK);
  const second = pool.lend(LARGE_CHUNK);
  t.equal(second, start + LARGE_CHUNK + SMALL_CHUNK);
  t.equal(pool.lend(LARGE_CHUNK), 0);
  t.equal(pool.lend(SMALL_CHUNK), 0);
  t.equal(pool.lent, 2 * LARGE_CHUNK + SMALL_CHUNK);
  pool.takeBack(large, LARGE_CHUNK);
  t.equal(pool.lent, LARGE_CHUNK + SMALL_CHUNK);
  t.equal(pool.lend(SMALL_CHUNK), 0, 'a small one is not cut from a large one');
  t.equal(pool.lend(LARGE_CHUNK), large);
  t.end();
});

t.test('a sweep takes from those that did nothing since the last', (t) => {
  const pool = new KeystreamPool(0, 1 << 20);
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
