import fc from 'fast-check';
import t from 'tap';
import { Fir, writeFir } from '#src/rtp/rtcp/fir.js';
import { Pli, writePli } from '#src/rtp/rtcp/pli.js';
import { Remb, writeRemb } from '#src/rtp/rtcp/remb.js';
import { fromHex, toHex, u32, u8, withstands } from '../hostile.js';

const PLI_HEX = '81ce0002 0a0b0c0d 01020304';
const FIR_HEX = '84ce0006 00000001 00000000 00000005 07000000 00000006 08000000';
/** 1 Mbps = 250000 x 4. */
const REMB_HEX = '8fce0006 00000001 00000000 52454d42 020bd090 00000005 00000006';

function rembSsrcs(remb: Remb): number[] {
  return Array.from({ length: remb.ssrcCount }, (_, i) => remb.ssrc(i));
}

t.test('PLI', async (t) => {
  const bytes = fromHex(PLI_HEX);
  const pli = new Pli();
  t.ok(pli.parse(bytes, 0, bytes.length));
  t.match(pli, { senderSsrc: 0x0a0b0c0d, mediaSsrc: 0x01020304 });
  const out = new Uint8Array(12);
  t.equal(writePli(out, 0, pli.senderSsrc, pli.mediaSsrc), 12);
  t.equal(toHex(out), toHex(bytes));
  t.equal(writePli(out, 1, 1, 2), -1);
  fc.assert(
    fc.property(u32, u32, (senderSsrc, mediaSsrc) => {
      writePli(out, 0, senderSsrc, mediaSsrc);
      return pli.parse(out, 0, 12) && pli.senderSsrc === senderSsrc && pli.mediaSsrc === mediaSsrc;
    }),
  );
});

t.test('FIR', async (t) => {
  const bytes = fromHex(FIR_HEX);
  const fir = new Fir();
  t.ok(fir.parse(bytes, 0, bytes.length));
  t.equal(fir.entryCount, 2);
  t.same([fir.ssrc(0), fir.sequenceNumber(0), fir.ssrc(1), fir.sequenceNumber(1)], [5, 7, 6, 8]);
  t.same([fir.ssrc(2), fir.sequenceNumber(2), fir.ssrc(-1)], [-1, -1, -1]);
  t.notOk(fir.parse(bytes, 0, 16), 'an entry cut short');
  const out = new Uint8Array(20);
  t.equal(writeFir(out, 1, 1, 2, 3), -1);
  fc.assert(
    fc.property(u32, u32, u8, (senderSsrc, ssrc, sequence) => {
      return (
        writeFir(out, 0, senderSsrc, ssrc, sequence) === 20 &&
        fir.parse(out, 0, 20) &&
        fir.senderSsrc === senderSsrc &&
        fir.entryCount === 1 &&
        fir.ssrc(0) === ssrc &&
        fir.sequenceNumber(0) === sequence
      );
    }),
  );
});

t.test('REMB', async (t) => {
  const bytes = fromHex(REMB_HEX);
  const remb = new Remb();
  t.ok(remb.parse(bytes, 0, bytes.length));
  t.equal(remb.bitrate, 1_000_000);
  t.same(rembSsrcs(remb), [5, 6]);
  t.equal(remb.ssrc(2), -1);
  const out = new Uint8Array(bytes.length);
  t.equal(writeRemb(out, 0, 1, 1_000_000, [5, 6]), bytes.length);
  t.equal(toHex(out), toHex(bytes));
  bytes[17] = 0xff;
  t.ok(remb.parse(bytes, 0, bytes.length));
  t.equal(remb.bitrate, Number.MAX_SAFE_INTEGER, 'a bitrate out of this world is held');
  bytes[15] = 0x43;
  t.notOk(remb.parse(bytes, 0, bytes.length), 'another application message');
  t.equal(writeRemb(out, 0, 1, 1, [5, 6, 7]), -1);
});

t.test('a bitrate loses less than 2^-17 of itself', async () => {
  const out = new Uint8Array(20 + 255 * 4);
  const remb = new Remb();
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.array(u32, { maxLength: 255, size: 'max' }), (bitrate, ssrcs) => {
      const end = writeRemb(out, 0, 9, bitrate, ssrcs);
      return (
        remb.parse(out, 0, end) &&
        remb.senderSsrc === 9 &&
        remb.bitrate <= bitrate &&
        bitrate - remb.bitrate <= bitrate / 2 ** 17 &&
        JSON.stringify(rembSsrcs(remb)) === JSON.stringify(ssrcs)
      );
    }),
  );
});

t.test('hostile bytes', async () => {
  const pli = new Pli();
  const fir = new Fir();
  const remb = new Remb();
  withstands(
    (bytes, offset, length) => {
      const facts: unknown[] = [];
      if (pli.parse(bytes, offset, length)) facts.push({ ...pli });
      if (fir.parse(bytes, offset, length)) {
        for (let i = 0; i < fir.entryCount; i++) facts.push(fir.ssrc(i), fir.sequenceNumber(i));
      }
      if (remb.parse(bytes, offset, length)) facts.push(remb.bitrate, rembSsrcs(remb));
      return { facts };
    },
    [fromHex(PLI_HEX), fromHex(FIR_HEX), fromHex(REMB_HEX)],
  );
});
