import fc from 'fast-check';
import t from 'tap';
import { Bye, writeBye } from '#src/rtp/rtcp/bye.js';
import { Sdes, writeSdes } from '#src/rtp/rtcp/sdes.js';
import { fromHex, toHex, u32, withstands } from '../hostile.js';

const SDES_HEX = '82ca0006 00000001 0202 6e6e 0102 6869 00000000 00000002 0101 61 00';
const BYE_HEX = '82cb0004 00000001 00000002 05 6c65617665 0000';

const utf8 = (cname: string): Uint8Array => new TextEncoder().encode(cname);

function readAll(sdes: Sdes): { ssrc: number; cname: string }[] {
  const chunks = [];
  while (sdes.next()) chunks.push({ ssrc: sdes.ssrc, cname: sdes.cname });
  return chunks;
}

t.test('a source description, byte by byte', async (t) => {
  const bytes = fromHex(SDES_HEX);
  const sdes = new Sdes();
  t.ok(sdes.parse(bytes, 0, bytes.length));
  t.equal(sdes.chunkCount, 2);
  t.same(readAll(sdes), [
    { ssrc: 1, cname: 'hi' },
    { ssrc: 2, cname: 'a' },
  ]);
  const out = new Uint8Array(12);
  t.equal(writeSdes(out, 0, [{ ssrc: 2, cname: utf8('a') }]), 12);
  t.equal(toHex(out), '81ca00020000000201016100');
});

t.test('a chunk without a CNAME, and malformed ones', async (t) => {
  const sdes = new Sdes();
  const parse = (hex: string) => {
    const bytes = fromHex(hex);
    return sdes.parse(bytes, 0, bytes.length);
  };
  t.ok(parse('81ca0002 00000009 00000000'));
  t.same(readAll(sdes), [{ ssrc: 9, cname: '' }]);
  t.ok(parse('80ca0000'), 'no chunk at all');
  t.notOk(parse('81ca0001 00000009'), 'no end of the list');
  t.notOk(parse('81ca0002 00000009 01030000'), 'item beyond the end');
  t.notOk(parse('81ca0002 00000009 01026869'), 'no zero byte behind the items');
  t.notOk(sdes.next(), 'a refused packet is not walked');
});

t.test('source descriptions survive the round trip', async (t) => {
  const chunk = fc.record({ ssrc: u32, cname: fc.string({ unit: 'grapheme', maxLength: 20 }) });
  const out = new Uint8Array(31 * 300);
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 31, size: 'max' }), (chunks) => {
      out.fill(0xee);
      const encoded = chunks.map(({ ssrc, cname }) => ({ ssrc, cname: utf8(cname) }));
      const end = writeSdes(out, 4, encoded);
      const sdes = new Sdes();
      return (
        end % 4 === 0 &&
        sdes.parse(out, 4, end - 4) &&
        JSON.stringify(readAll(sdes)) === JSON.stringify(chunks)
      );
    }),
  );
  t.equal(writeSdes(out, 0, [{ ssrc: 1, cname: utf8('x'.repeat(255)) }]), 4 + 264);
  t.equal(writeSdes(out, 0, [{ ssrc: 1, cname: utf8('x'.repeat(256)) }]), -1);
  t.equal(writeSdes(out, 0, new Array(32).fill({ ssrc: 1, cname: utf8('') })), -1);
  t.equal(writeSdes(new Uint8Array(11), 0, [{ ssrc: 1, cname: utf8('a') }]), -1);
  t.equal(writeSdes(new Uint8Array(3), 0, []), -1);
});

t.test('a goodbye, byte by byte', async (t) => {
  const bytes = fromHex(BYE_HEX);
  const bye = new Bye();
  t.ok(bye.parse(bytes, 0, bytes.length));
  t.equal(bye.ssrcCount, 2);
  t.equal(bye.ssrc(1), 2);
  t.equal(bye.ssrc(2), -1);
  t.equal(bye.reason, 'leave');
  const out = new Uint8Array(bytes.length);
  t.equal(writeBye(out, 0, [1, 2], 'leave'), bytes.length);
  t.equal(toHex(out), toHex(bytes));
  bytes[0] = 0x9f;
  t.notOk(bye.parse(bytes, 0, bytes.length), 'more sources announced than there are');
  const cut = fromHex('81cb0002 00000001 05616161');
  t.notOk(bye.parse(cut, 0, cut.length), 'the reason is cut short');
});

t.test('goodbyes survive the round trip', async (t) => {
  const out = new Uint8Array(400);
  const reason = fc.string({ unit: 'grapheme', maxLength: 20 });
  fc.assert(
    fc.property(fc.array(u32, { maxLength: 31, size: 'max' }), reason, (ssrcs, text) => {
      out.fill(0xee);
      const end = writeBye(out, 4, ssrcs, text);
      const bye = new Bye();
      return (
        end % 4 === 0 &&
        bye.parse(out, 4, end - 4) &&
        bye.ssrcCount === ssrcs.length &&
        ssrcs.every((ssrc, i) => bye.ssrc(i) === ssrc) &&
        bye.reason === text
      );
    }),
  );
  t.equal(writeBye(out, 0, new Array<number>(32).fill(1)), -1);
  t.equal(writeBye(out, 0, [1], 'x'.repeat(256)), -1);
  t.equal(writeBye(new Uint8Array(7), 0, [1]), -1);
});

t.test('hostile bytes', async () => {
  const sdes = new Sdes();
  const bye = new Bye();
  withstands(
    (bytes, offset, length) => {
      const facts: unknown[] = [];
      const ranges = [];
      if (sdes.parse(bytes, offset, length)) {
        let chunks = 0;
        while (sdes.next()) {
          chunks++;
          facts.push(sdes.ssrc, sdes.cname);
          ranges.push({ offset: sdes.cnameOffset, length: sdes.cnameLength });
        }
        if (chunks !== sdes.chunkCount) throw new Error(`${chunks} chunks walked of ${sdes.chunkCount}`);
      }
      if (bye.parse(bytes, offset, length)) facts.push(bye.ssrc(0), bye.ssrc(bye.ssrcCount - 1), bye.reason);
      return { facts, ranges };
    },
    [fromHex(SDES_HEX), fromHex(BYE_HEX)],
  );
});
