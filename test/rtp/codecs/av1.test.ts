import t from 'tap';
import { Av1AggregationHeader } from '#src/rtp/codecs/av1.js';
import { fromHex, withstands } from '../hostile.js';

t.test('the aggregation header', async (t) => {
  const header = new Av1AggregationHeader();
  t.ok(header.parse(fromHex('0018 0a'), 1, 2));
  t.same({ ...header }, { continuesObu: false, obuContinues: false, elementCount: 1, newSequence: true });
  t.ok(header.parse(fromHex('f0 0a'), 0, 2));
  t.same({ ...header }, { continuesObu: true, obuContinues: true, elementCount: 3, newSequence: false });
  t.notOk(header.parse(fromHex('18'), 0, 1), 'nothing behind it');
  t.notOk(header.parse(fromHex('88 0a'), 0, 2), 'a new sequence cannot continue an OBU');
  t.notOk(header.newSequence);
});

t.test('hostile bytes', async () => {
  const header = new Av1AggregationHeader();
  withstands(
    (bytes, offset, length) => ({ facts: [header.parse(bytes, offset, length), { ...header }] }),
    [fromHex('18 0a')],
  );
});
