import t from 'tap';
import { DropCounters } from '#src/stream/drop-counters.js';

t.test('every reason is there from the start, and counts', async (t) => {
  const drops = new DropCounters<'a' | 'b'>(['a', 'b']);
  t.same(drops.snapshot(), { a: 0, b: 0 });
  drops.count('a');
  drops.count('a');
  drops.count('b');
  t.equal(drops.get('a'), 2);
  t.equal(drops.total, 3);
  const snapshot = drops.snapshot();
  drops.count('b');
  t.same(snapshot, { a: 2, b: 1 }, 'a snapshot is a copy');
});
