import t from 'tap';
import { RtcpReader, RtcpType } from '#src/rtp/rtcp/rtcp-reader.js';
import { fromHex, withstands } from '../hostile.js';

const RR = '80c90001 00000001';
const PLI = '81ce0002 00000001 00000002';
/** A BYE with four bytes of padding. */
const PADDED = 'a1cb0002 00000001 00000004';

t.test('a compound packet', async (t) => {
  const bytes = fromHex(`ffff${RR}${PLI}${PADDED}`);
  const reader = new RtcpReader();
  t.ok(reader.begin(bytes, 2, bytes.length - 2));
  const seen = [];
  while (reader.next()) {
    const { packetType, count, packetOffset, packetLength } = reader;
    seen.push([packetType, count, packetOffset, packetLength]);
  }
  t.same(seen, [
    [RtcpType.RR, 0, 2, 8],
    [RtcpType.PSFB, 1, 10, 12],
    [RtcpType.BYE, 1, 22, 8],
  ]);
  t.notOk(reader.next(), 'stays at the end');
});

t.test('one bad packet refuses the compound', async (t) => {
  const reader = new RtcpReader();
  const begin = (hex: string) => {
    const bytes = fromHex(hex);
    const ok = reader.begin(bytes, 0, bytes.length);
    t.equal(reader.next(), ok, 'a refused compound is not walked');
    return ok;
  };
  t.notOk(begin(''), 'empty');
  t.notOk(begin(`${RR}41c90001 00000001`), 'version 1');
  t.notOk(begin(`${RR}80c90002 00000001`), 'length beyond the end');
  t.notOk(begin(`${RR}80c9`), 'cut in a header');
  t.notOk(begin('a1cb0001 00000000'), 'padding of zero');
  t.notOk(begin('a1cb0001 00000005'), 'padding reaches into the header');
  t.ok(begin('a1cb0001 00000004'), 'all but the header is padding');
  t.notOk(reader.begin(new Uint8Array(8), 4, 8), 'window beyond the buffer');
});

t.test('hostile bytes', async () => {
  const reader = new RtcpReader();
  withstands(
    (bytes, offset, length) => {
      if (!reader.begin(bytes, offset, length)) return { facts: 'refused' };
      const ranges = [];
      while (reader.next()) ranges.push({ offset: reader.packetOffset, length: reader.packetLength });
      return { facts: ranges, ranges };
    },
    [fromHex(RR + PLI + PADDED)],
  );
});
