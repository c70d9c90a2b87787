import fc from 'fast-check';
import t from 'tap';
import {
  DlrrItem,
  ExtendedReport,
  writeDlrr,
  writeReceiverReferenceTime,
  XrBlockType,
} from '#src/rtp/rtcp/extended-report.js';
import { fromHex, toHex, u32, withstands } from '../hostile.js';

/** RRTR, an unknown block of one word, DLRR with one item. */
const XR_HEX =
  '80cf000a 00000001 04000002 e0000000 80000000 63000001 aaaaaaaa 05000003 00000002 11112222 00008000';

function readAll(report: ExtendedReport): DlrrItem[] {
  const items: DlrrItem[] = [];
  for (let item = new DlrrItem(); report.readDlrrItem(items.length, item); item = new DlrrItem())
    items.push(item);
  return items;
}

t.test('byte by byte', async (t) => {
  const bytes = fromHex(XR_HEX);
  const report = new ExtendedReport();
  t.ok(report.parse(bytes, 0, bytes.length));
  t.equal(report.ssrc, 1);
  t.ok(report.next());
  t.match(report, {
    blockType: XrBlockType.Rrtr,
    ntpSeconds: 0xe0000000,
    ntpFraction: 0x80000000,
    dlrrItemCount: 0,
  });
  t.ok(report.next());
  t.equal(report.blockType, 0x63, 'an unknown block is walked over');
  t.ok(report.next());
  t.match(report, { blockType: XrBlockType.Dlrr, dlrrItemCount: 1 });
  t.same(
    readAll(report).map((item) => ({ ...item })),
    [{ ssrc: 2, lastReceiverReport: 0x11112222, delaySinceLastReceiverReport: 32768 }],
  );
  t.notOk(report.next());
  t.same(readAll(report), [], 'no items behind the end');
});

t.test('malformed blocks', async (t) => {
  const report = new ExtendedReport();
  const parse = (hex: string) => {
    const bytes = fromHex(hex);
    const ok = report.parse(bytes, 0, bytes.length);
    return ok || report.next();
  };
  t.ok(parse('80cf0001 00000001'), 'no block is legal');
  t.notOk(parse('80cf0003 00000001 63000002 00000000'), 'beyond the end');
  t.notOk(parse('80cf0003 00000001 04000001 00000000'), 'an RRTR without its time');
  t.notOk(parse('80cf0001 00000001 0000'), 'cut in a block header');
});

t.test('both blocks survive the round trip', async (t) => {
  const out = new Uint8Array(1000);
  const report = new ExtendedReport();
  fc.assert(
    fc.property(u32, u32, u32, (ssrc, seconds, fraction) => {
      const end = writeReceiverReferenceTime(out, 4, ssrc, seconds, fraction);
      return (
        end === 24 &&
        report.parse(out, 4, 20) &&
        report.ssrc === ssrc &&
        report.next() &&
        report.blockType === XrBlockType.Rrtr &&
        report.ntpSeconds === seconds &&
        report.ntpFraction === fraction &&
        !report.next()
      );
    }),
  );
  const item = fc.record({ ssrc: u32, lastReceiverReport: u32, delaySinceLastReceiverReport: u32 });
  fc.assert(
    fc.property(u32, fc.array(item, { maxLength: 50, size: 'max' }), (ssrc, items) => {
      const end = writeDlrr(out, 4, ssrc, items);
      return (
        report.parse(out, 4, end - 4) &&
        report.ssrc === ssrc &&
        report.next() &&
        report.blockType === XrBlockType.Dlrr &&
        JSON.stringify(readAll(report)) === JSON.stringify(items)
      );
    }),
  );
  t.equal(writeReceiverReferenceTime(new Uint8Array(19), 0, 1, 2, 3), -1);
  t.equal(writeDlrr(new Uint8Array(23), 0, 1, [new DlrrItem()]), -1);
  t.equal(writeDlrr(out, 0, 1, [new DlrrItem(), new DlrrItem()], 1), 24);
  t.equal(toHex(out.subarray(0, 12)), '80cf0005' + '00000001' + '05000003');
});

t.test('hostile bytes', async () => {
  const report = new ExtendedReport();
  withstands(
    (bytes, offset, length) => {
      const facts: unknown[] = [report.parse(bytes, offset, length)];
      while (report.next()) {
        facts.push(report.blockType, readAll(report));
        if (report.blockType === XrBlockType.Rrtr) facts.push(report.ntpSeconds, report.ntpFraction);
      }
      return { facts };
    },
    [fromHex(XR_HEX)],
  );
});
